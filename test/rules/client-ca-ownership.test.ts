import type { FileEvidence } from '../../lambda/kubelet/evidence.ts';
import { clientCaOwnership } from '../../lambda/rules/client-ca-ownership.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

const PATH = '/etc/kubernetes/pki/ca.crt';
const ROLE = 'client-ca';
const missing: FileEvidence = { path: PATH, role: ROLE, state: 'missing' };
const unreadable: FileEvidence = { path: PATH, role: ROLE, state: 'unreadable' };

function file(seen: Partial<FileEvidence>, path = PATH): FileEvidence {
  return { path, role: ROLE, state: 'file', mode: '600', ...seen };
}

table(clientCaOwnership, {
  'root:root passes': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [file({ uid: 0, gid: 0 })] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/etc\/kubernetes\/pki\/ca\.crt has owner root:root\.$/,
    remediation: false,
  },
  'another user fails': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [file({ uid: 1000, gid: 0 })] },
    status: 'fail',
    audit: 'fail',
    reason: /has owner 1000:root; the benchmark allows root:root only\.$/,
    remediation: /^Run `chown root:root \/etc\/kubernetes\/pki\/ca\.crt`/,
  },
  'another group fails': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [file({ uid: 0, gid: 4 })] },
    status: 'fail',
    audit: 'fail',
    reason: /owner root:4;/,
  },
  'an owner that was not seen is no evidence': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [{ path: PATH, role: ROLE, state: 'file', uid: 0 }] },
    status: 'error',
    reason: /has no attributes in the evidence/,
  },
  'a file that could not be looked at is an error, never a pass': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [unreadable] },
    status: 'error',
    reason: /could not be looked at/,
  },
  'a missing file is an error, never a pass': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [missing] },
    status: 'error',
    reason: /does not exist/,
  },
  'a directory in its place is an error': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [{ ...missing, state: 'directory' }] },
    status: 'error',
    reason: /is a directory/,
  },
  // kube-bench looks at the first existing path of a list where no flag names the file.
  'the file of the effective setting is judged, not one that a flag replaced': {
    settings: {
      'authentication.x509.clientCAFile': {
        ...byFlag('/etc/pki/own.crt', '--client-ca-file=/etc/pki/own.crt'),
        overrode: [inFile('/etc/kubernetes/pki/ca.crt')],
      },
    },
    kubelet: { files: [file({ uid: 0, gid: 0 }), file({ uid: 1000, gid: 0 }, '/etc/pki/own.crt')] },
    status: 'fail',
    audit: 'fail',
    reason: /^\/etc\/pki\/own\.crt has owner 1000:root;/,
  },
  'no client CA: nothing to check here, client-ca-file fails': {
    kubelet: { files: [] },
    status: 'not-applicable',
    reason: /clientCAFile is not set/,
  },
  'unknown where the inputs start no kubelet and no file was seen': {
    error: 'unknown flag: --x',
    kubelet: { files: [] },
    status: 'error',
    reason: /Which client CA file this kubelet uses is unknown/,
  },
});

import type { FileEvidence } from '../../lambda/kubelet/evidence.ts';
import { clientCaPermissions } from '../../lambda/rules/client-ca-permissions.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

const PATH = '/etc/kubernetes/pki/ca.crt';
const ROLE = 'client-ca';
const missing: FileEvidence = { path: PATH, role: ROLE, state: 'missing' };
const unreadable: FileEvidence = { path: PATH, role: ROLE, state: 'unreadable' };

function file(seen: Partial<FileEvidence>, path = PATH): FileEvidence {
  return { path, role: ROLE, state: 'file', uid: 0, gid: 0, ...seen };
}

table(clientCaPermissions, {
  '600 passes a maximum of 600': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [file({ mode: '600' })] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/etc\/kubernetes\/pki\/ca\.crt has mode 600\.$/,
    remediation: false,
    parameters: { maximumMode: '600' },
  },
  '644 passes a maximum of 644': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [file({ mode: '644' })] },
    status: 'pass',
    audit: 'pass',
    reason: /has mode 644/,
    remediation: false,
    parameters: { maximumMode: '644' },
  },
  '644 fails a maximum of 600': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [file({ mode: '644' })] },
    status: 'fail',
    audit: 'fail',
    reason: /has mode 644; the benchmark allows at most 600\.$/,
    remediation: /^Run `chmod 600 \/etc\/kubernetes\/pki\/ca\.crt`/,
    parameters: { maximumMode: '600' },
  },
  '444 and 400 are more restrictive than 644': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [file({ mode: '444' })] },
    status: 'pass',
    audit: 'pass',
    reason: /mode 444/,
    parameters: { maximumMode: '644' },
  },
  // kube-bench once compared modes as numbers.
  'a larger number is not a looser mode: 066 fails 600': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [file({ mode: '66' })] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 66;/,
    parameters: { maximumMode: '600' },
  },
  'setuid and sticky bits are bits beyond the maximum': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [file({ mode: '4600' })] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 4600;/,
    parameters: { maximumMode: '600' },
  },
  'a mode that is no octal number is no evidence': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [file({ mode: 'rw-' })] },
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
  'Bottlerocket writes the file itself: no command is advised': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    evidence: { os: { id: 'bottlerocket' } },
    kubelet: { files: [file({ mode: '666' })] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 666/,
    remediation: /Bottlerocket writes/,
    never: /chmod/,
  },
  // kube-bench looks at the first existing path of a list where no flag names the file.
  'the file of the effective setting is judged, not one that a flag replaced': {
    settings: {
      'authentication.x509.clientCAFile': {
        ...byFlag('/etc/pki/own.crt', '--client-ca-file=/etc/pki/own.crt'),
        overrode: [inFile('/etc/kubernetes/pki/ca.crt')],
      },
    },
    kubelet: { files: [file({ mode: '600' }), file({ mode: '666' }, '/etc/pki/own.crt')] },
    status: 'fail',
    audit: 'fail',
    reason: /^\/etc\/pki\/own\.crt has mode 666;/,
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

import type { FileEvidence } from '../../lambda/kubelet/evidence.ts';
import { kubeletConfigOwnership } from '../../lambda/rules/kubelet-config-ownership.ts';
import { inFile } from './node.ts';
import { table } from './table.ts';

const PATH = '/var/lib/kubelet/config.yaml';
const ROLE = 'config';
const missing: FileEvidence = { path: PATH, role: ROLE, state: 'missing' };
const unreadable: FileEvidence = { path: PATH, role: ROLE, state: 'unreadable' };

function file(seen: Partial<FileEvidence>, path = PATH): FileEvidence {
  return { path, role: ROLE, state: 'file', mode: '600', ...seen };
}

table(kubeletConfigOwnership, {
  'root:root passes': {
    kubelet: { files: [file({ uid: 0, gid: 0 })] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/var\/lib\/kubelet\/config\.yaml has owner root:root\.$/,
    remediation: false,
  },
  'another user fails': {
    kubelet: { files: [file({ uid: 1000, gid: 0 })] },
    status: 'fail',
    audit: 'fail',
    reason: /has owner 1000:root; the benchmark allows root:root only\.$/,
    remediation: /^Run `chown root:root \/var\/lib\/kubelet\/config\.yaml`/,
  },
  'another group fails': {
    kubelet: { files: [file({ uid: 0, gid: 4 })] },
    status: 'fail',
    audit: 'fail',
    reason: /owner root:4;/,
  },
  'an owner that was not seen is no evidence': {
    kubelet: { files: [{ path: PATH, role: ROLE, state: 'file', uid: 0 }] },
    status: 'error',
    reason: /has no attributes in the evidence/,
  },
  'a file that could not be looked at is an error, never a pass': {
    kubelet: { files: [unreadable] },
    status: 'error',
    reason: /could not be looked at/,
  },
  'a missing file is an error, never a pass': {
    kubelet: { files: [missing] },
    status: 'error',
    reason: /does not exist/,
  },
  'a directory in its place is an error': {
    kubelet: { files: [{ ...missing, state: 'directory' }] },
    status: 'error',
    reason: /is a directory/,
  },
  'a drop-in configures the kubelet as well; the audit looks at the named file alone': {
    kubelet: {
      files: [
        file({ uid: 0, gid: 0 }),
        { ...file({ uid: 1000, gid: 0 }, '/etc/kubernetes/kubelet.d/9.conf'), role: 'drop-in' },
      ],
    },
    status: 'fail',
    audit: 'pass',
    reason: /^\/etc\/kubernetes\/kubelet\.d\/9\.conf has owner 1000:root;/,
  },
  // kube-bench looks at the first existing path of a list, even where the kubelet uses none of them.
  'a kubelet without --config has no config file': {
    legacy: true,
    status: 'not-applicable',
    reason: /runs without --config/,
  },
  'a candidate that does not exist is not the file in use': {
    configFile: PATH,
    kubelet: { files: [{ ...missing, path: '/config.yaml' }, file({ uid: 0, gid: 0 })] },
    status: 'pass',
    audit: 'pass',
    reason: /owner root:root/,
  },
  'a config file that was not read is an error': {
    settings: { readOnlyPort: inFile(0) },
    kubelet: { files: [] },
    status: 'error',
    reason: /config file \/var\/lib\/kubelet\/config\.yaml was not among the files/,
  },
});

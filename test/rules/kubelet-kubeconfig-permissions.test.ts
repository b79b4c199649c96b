import type { FileEvidence } from '../../lambda/kubelet/evidence.ts';
import { kubeletKubeconfigPermissions } from '../../lambda/rules/kubelet-kubeconfig-permissions.ts';
import { byFlag } from './node.ts';
import { table } from './table.ts';

const PATH = '/etc/kubernetes/kubelet.conf';
const ROLE = 'kubeconfig';
const missing: FileEvidence = { path: PATH, role: ROLE, state: 'missing' };
const unreadable: FileEvidence = { path: PATH, role: ROLE, state: 'unreadable' };

function file(seen: Partial<FileEvidence>, path = PATH): FileEvidence {
  return { path, role: ROLE, state: 'file', uid: 0, gid: 0, ...seen };
}

table(kubeletKubeconfigPermissions, {
  '600 passes a maximum of 600': {
    kubelet: { files: [file({ mode: '600' })] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/etc\/kubernetes\/kubelet\.conf has mode 600\.$/,
    remediation: false,
    parameters: { maximumMode: '600' },
  },
  '644 passes a maximum of 644': {
    kubelet: { files: [file({ mode: '644' })] },
    status: 'pass',
    audit: 'pass',
    reason: /has mode 644/,
    remediation: false,
    parameters: { maximumMode: '644' },
  },
  '644 fails a maximum of 600': {
    kubelet: { files: [file({ mode: '644' })] },
    status: 'fail',
    audit: 'fail',
    reason: /has mode 644; the benchmark allows at most 600\.$/,
    remediation: /^Run `chmod 600 \/etc\/kubernetes\/kubelet\.conf`/,
    parameters: { maximumMode: '600' },
  },
  '444 and 400 are more restrictive than 644': {
    kubelet: { files: [file({ mode: '444' })] },
    status: 'pass',
    audit: 'pass',
    reason: /mode 444/,
    parameters: { maximumMode: '644' },
  },
  // kube-bench once compared modes as numbers.
  'a larger number is not a looser mode: 066 fails 600': {
    kubelet: { files: [file({ mode: '66' })] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 66;/,
    parameters: { maximumMode: '600' },
  },
  'setuid and sticky bits are bits beyond the maximum': {
    kubelet: { files: [file({ mode: '4600' })] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 4600;/,
    parameters: { maximumMode: '600' },
  },
  'a mode that is no octal number is no evidence': {
    kubelet: { files: [file({ mode: 'rw-' })] },
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
  'Bottlerocket writes the file itself: no command is advised': {
    evidence: { os: { id: 'bottlerocket' } },
    kubelet: { files: [file({ mode: '666' })] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 666/,
    remediation: /Bottlerocket writes/,
    never: /chmod/,
  },
  'the kubeconfig of --kubeconfig is judged, not the bootstrap kubeconfig': {
    kubelet: { files: [file({ mode: '666' }, '/etc/kubernetes/bootstrap-kubelet.conf'), file({ mode: '600' })] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/etc\/kubernetes\/kubelet\.conf has mode 600/,
  },
  'a relative path is one of the working directory': {
    flags: { kubeconfig: byFlag('kubelet.conf', '--kubeconfig=kubelet.conf') },
    kubelet: { cwd: '/etc/kubernetes', files: [file({ mode: '666' }), file({ mode: '600' }, '/etc/other.conf')] },
    status: 'fail',
    audit: 'fail',
    reason: /^\/etc\/kubernetes\/kubelet\.conf has mode 666/,
  },
  'a standalone kubelet has none': {
    flags: { kubeconfig: { value: '', source: { kind: 'default' } } },
    credentials: { kind: 'none' },
    kubelet: { files: [] },
    status: 'not-applicable',
    reason: /has no --kubeconfig/,
  },
  'a bootstrapping kubelet has not written it yet': {
    credentials: { kind: 'bootstrap', where: '/etc/kubernetes/bootstrap-kubelet.conf' },
    kubelet: { files: [missing] },
    status: 'not-applicable',
    reason: /still bootstrapping/,
  },
  'a kubeconfig that was not read is an error': {
    kubelet: { files: [] },
    status: 'error',
    reason: /kubeconfig \/etc\/kubernetes\/kubelet\.conf was not among the files/,
  },
  'judged by its role where the inputs start no kubelet': {
    error: 'unknown flag: --x',
    kubelet: { files: [file({ mode: '666' })] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 666/,
  },
  'nor is the bootstrap kubeconfig, which goes away after joining, taken for it there': {
    error: 'unknown flag: --x',
    kubelet: {
      files: [file({ mode: '600' }), { path: '/etc/kubernetes/bootstrap-kubelet.conf', role: ROLE, state: 'missing' }],
    },
    status: 'pass',
    audit: 'pass',
    reason: /^\/etc\/kubernetes\/kubelet\.conf has mode 600/,
  },
  'unknown where the inputs start no kubelet and no file was seen': {
    error: 'unknown flag: --x',
    kubelet: { files: [] },
    status: 'error',
    reason: /Which kubeconfig this kubelet uses is unknown: unknown flag: --x/,
  },
});

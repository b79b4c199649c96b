import type { FileEvidence } from '../../lambda/kubelet/evidence.ts';
import { kubeletServicePermissions } from '../../lambda/rules/kubelet-service-permissions.ts';
import { table } from './table.ts';

const PATH = '/etc/systemd/system/kubelet.service';
const ROLE = 'service';
const missing: FileEvidence = { path: PATH, role: ROLE, state: 'missing' };
const unreadable: FileEvidence = { path: PATH, role: ROLE, state: 'unreadable' };

function file(seen: Partial<FileEvidence>, path = PATH): FileEvidence {
  return { path, role: ROLE, state: 'file', uid: 0, gid: 0, ...seen };
}

table(kubeletServicePermissions, {
  'a hundred drop-ins stay one readable line': {
    kubelet: { files: Array.from({ length: 100 }, (_, index) => file({ mode: '666' }, `/etc/d/${index}.conf`)) },
    status: 'fail',
    audit: 'fail',
    reason: /^\/etc\/d\/0\.conf and .* and \/etc\/d\/4\.conf and 95 more have mode 666;/,
  },
  '600 passes a maximum of 600': {
    kubelet: { files: [file({ mode: '600' })] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/etc\/systemd\/system\/kubelet\.service has mode 600\.$/,
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
    remediation: /^Run `chmod 600 \/etc\/systemd\/system\/kubelet\.service`/,
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
  'the unit and its drop-ins are judged, the worst decides': {
    kubelet: {
      files: [file({ mode: '600' }), file({ mode: '666' }, '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf')],
    },
    status: 'fail',
    audit: 'fail',
    reason: /^\/etc\/systemd\/system\/kubelet\.service\.d\/10-kubeadm\.conf has mode 666;/,
  },
  'no unit: a kubelet in a container has no service file': {
    noUnit: true,
    kubelet: { files: [], contained: true },
    status: 'not-applicable',
    reason: /does not run as a systemd unit/,
  },
  'a unit whose file was not read is an error': {
    kubelet: { files: [] },
    status: 'error',
    reason: /service file of unit kubelet\.service was not among the files/,
  },
  // The file exists whatever the kubelet makes of its inputs.
  'judged although the inputs start no kubelet': {
    error: 'unknown flag: --x',
    kubelet: { files: [file({ mode: '600' })] },
    status: 'pass',
    audit: 'pass',
    reason: /mode 600/,
  },
});

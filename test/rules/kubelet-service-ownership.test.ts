import type { FileEvidence } from '../../lambda/kubelet/evidence.ts';
import { kubeletServiceOwnership } from '../../lambda/rules/kubelet-service-ownership.ts';
import { table } from './table.ts';

const PATH = '/etc/systemd/system/kubelet.service';
const ROLE = 'service';
const missing: FileEvidence = { path: PATH, role: ROLE, state: 'missing' };
const unreadable: FileEvidence = { path: PATH, role: ROLE, state: 'unreadable' };

function file(seen: Partial<FileEvidence>, path = PATH): FileEvidence {
  return { path, role: ROLE, state: 'file', mode: '600', ...seen };
}

table(kubeletServiceOwnership, {
  'root:root passes': {
    kubelet: { files: [file({ uid: 0, gid: 0 })] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/etc\/systemd\/system\/kubelet\.service has owner root:root\.$/,
    remediation: false,
  },
  'another user fails': {
    kubelet: { files: [file({ uid: 1000, gid: 0 })] },
    status: 'fail',
    audit: 'fail',
    reason: /has owner 1000:root; the benchmark allows root:root only\.$/,
    remediation: /^Run `chown root:root \/etc\/systemd\/system\/kubelet\.service`/,
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
  'the unit and its drop-ins are judged, the worst decides': {
    kubelet: {
      files: [
        file({ uid: 0, gid: 0 }),
        file({ uid: 1000, gid: 0 }, '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf'),
      ],
    },
    status: 'fail',
    audit: 'fail',
    reason: /^\/etc\/systemd\/system\/kubelet\.service\.d\/10-kubeadm\.conf has owner 1000:root;/,
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
    kubelet: { files: [file({ uid: 0, gid: 0 })] },
    status: 'pass',
    audit: 'pass',
    reason: /owner root:root/,
  },
});

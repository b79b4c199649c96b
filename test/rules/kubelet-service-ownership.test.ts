import { kubeletServiceOwnership } from '../../lambda/rules/kubelet-service-ownership.ts';
import { fileSubject, ownerCases } from './file-cases.ts';
import { table } from './table.ts';

const subject = fileSubject('/etc/systemd/system/kubelet.service', 'service');
const { file } = subject;

table(kubeletServiceOwnership, {
  ...ownerCases(subject),
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
  'nothing is known of the unit of a kubelet that was not read': {
    noUnit: true,
    kubelet: { files: [], unread: 'its arguments are empty or could not be read' },
    status: 'error',
    reason: /kubelet-restart/,
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
    reason: /service file of unit kubelet\.service was not read by the collector/,
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

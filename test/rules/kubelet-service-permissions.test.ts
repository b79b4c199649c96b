import { kubeletServicePermissions } from '../../lambda/rules/kubelet-service-permissions.ts';
import { fileSubject, modeCases } from './file-cases.ts';
import { table } from './table.ts';

const subject = fileSubject('/etc/systemd/system/kubelet.service', 'service');
const { file } = subject;

table(kubeletServicePermissions, {
  ...modeCases(subject),
  'a hundred drop-ins stay one readable line': {
    kubelet: { files: Array.from({ length: 100 }, (_, index) => file({ mode: '666' }, `/etc/d/${index}.conf`)) },
    status: 'fail',
    audit: 'fail',
    reason: /^\/etc\/d\/0\.conf and .* and \/etc\/d\/4\.conf and 95 more have mode 666;/,
  },
  'the unit and its drop-ins are judged, the worst decides': {
    kubelet: {
      files: [file({ mode: '600' }), file({ mode: '666' }, '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf')],
    },
    status: 'fail',
    audit: 'fail',
    reason: /^\/etc\/systemd\/system\/kubelet\.service\.d\/10-kubeadm\.conf has mode 666;/,
  },
  'a file of a package: an update restores its mode': {
    kubelet: { files: [file({ mode: '644' }, '/usr/lib/systemd/system/kubelet.service')] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 644/,
    remediation:
      /`chmod 600 \/usr\/lib\/systemd\/system\/kubelet\.service`\. .*`dpkg-statoverride --update --add root root 600 \/usr\/lib\/systemd\/system\/kubelet\.service`\.$/,
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
    kubelet: { files: [file({ mode: '600' })] },
    status: 'pass',
    audit: 'pass',
    reason: /mode 600/,
  },
});

import { kubeletKubeconfigOwnership } from '../../lambda/rules/kubelet-kubeconfig-ownership.ts';
import { fileSubject, ownerCases } from './file-cases.ts';
import { byFlag } from './node.ts';
import { table } from './table.ts';

const subject = fileSubject('/etc/kubernetes/kubelet.conf', 'kubeconfig');
const { file, missing } = subject;

table(kubeletKubeconfigOwnership, {
  ...ownerCases(subject),
  'the kubeconfig of --kubeconfig is judged, not the bootstrap kubeconfig': {
    kubelet: {
      files: [file({ uid: 1000, gid: 0 }, '/etc/kubernetes/bootstrap-kubelet.conf'), file({ uid: 0, gid: 0 })],
    },
    status: 'pass',
    audit: 'pass',
    reason: /^\/etc\/kubernetes\/kubelet\.conf has owner root:root/,
  },
  'a relative path is one of the working directory': {
    flags: { kubeconfig: byFlag('kubelet.conf', '--kubeconfig=kubelet.conf') },
    kubelet: {
      cwd: '/etc/kubernetes',
      files: [file({ uid: 1000, gid: 0 }), file({ uid: 0, gid: 0 }, '/etc/other.conf')],
    },
    status: 'fail',
    audit: 'fail',
    reason: /^\/etc\/kubernetes\/kubelet\.conf has owner 1000:root/,
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
    reason: /kubeconfig \/etc\/kubernetes\/kubelet\.conf was not read by the collector/,
  },
  'judged by its role where the inputs start no kubelet': {
    error: 'unknown flag: --x',
    kubelet: { files: [file({ uid: 1000, gid: 0 })] },
    status: 'fail',
    audit: 'fail',
    reason: /owner 1000:root/,
  },
  'unknown where the inputs start no kubelet and no file was seen': {
    error: 'unknown flag: --x',
    kubelet: { files: [] },
    status: 'error',
    reason: /^Not judged because of what the rule kubelet-restart tells/,
  },
});

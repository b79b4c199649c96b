import { kubeletKubeconfigPermissions } from '../../lambda/rules/kubelet-kubeconfig-permissions.ts';
import { fileSubject, modeCases } from './file-cases.ts';
import { byFlag } from './node.ts';
import { table } from './table.ts';

const subject = fileSubject('/etc/kubernetes/kubelet.conf', 'kubeconfig');
const { file, missing } = subject;

table(kubeletKubeconfigPermissions, {
  ...modeCases(subject),
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
    reason: /kubeconfig \/etc\/kubernetes\/kubelet\.conf was not read by the collector/,
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
      files: [
        file({ mode: '600' }),
        { path: '/etc/kubernetes/bootstrap-kubelet.conf', role: 'kubeconfig', state: 'missing' },
      ],
    },
    status: 'pass',
    audit: 'pass',
    reason: /^\/etc\/kubernetes\/kubelet\.conf has mode 600/,
  },
  'also where its path is an argument of its own': {
    error: 'unknown flag: --x',
    kubelet: { argv: ['--kubeconfig', '/etc/kubernetes/kubelet.conf'], files: [file({ mode: '600' })] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/etc\/kubernetes\/kubelet\.conf has mode 600/,
  },
  'unknown where the inputs start no kubelet and no file was seen': {
    error: 'unknown flag: --x in 1.32.',
    kubelet: { files: [] },
    status: 'error',
    reason: /^Not judged because of what the rule kubelet-restart tells/,
  },
});

import { clientCaPermissions } from '../../lambda/rules/client-ca-permissions.ts';
import { fileSubject, modeCases } from './file-cases.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

const subject = fileSubject('/etc/kubernetes/pki/ca.crt', 'client-ca', (...files) => ({
  settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
  kubelet: { files },
}));
const { file } = subject;

table(clientCaPermissions, {
  ...modeCases(subject),
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
  'the only file that was read is it, however its path is spelled': {
    settings: { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [file({ mode: '666' }, '/etc/kubernetes/kubelet/../pki/ca.crt')] },
    status: 'fail',
    audit: 'fail',
    reason: /ca\.crt has mode 666;/,
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
    reason: /^Not judged because of what the rule kubelet-restart tells/,
  },
});

import { clientCaFile } from '../../lambda/rules/client-ca-file.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

const SETTING = 'authentication.x509.clientCAFile';

table(clientCaFile, {
  'a path in the file passes': {
    settings: { [SETTING]: inFile('/etc/kubernetes/pki/ca.crt') },
    status: 'pass',
    audit: 'pass',
    reason: /clientCAFile is \/etc\/kubernetes\/pki\/ca\.crt from \/var/,
    remediation: false,
  },
  'a file that is not there: the next start would be the last': {
    settings: { [SETTING]: inFile('/etc/kubernetes/pki/ca.crt') },
    kubelet: { files: [{ path: '/etc/kubernetes/pki/ca.crt', role: 'client-ca', state: 'missing' }] },
    status: 'pass',
    audit: 'pass',
    reason: /clientCAFile is/,
    advisories: ['client-ca-missing'],
    advice: /^\/etc\/kubernetes\/pki\/ca\.crt does not exist: .* would not come back/,
  },
  'nothing set fails': {
    status: 'fail',
    audit: 'fail',
    reason: /is "" from the kubelet's default: the kubelet accepts no client certificates/,
    remediation:
      /^First make sure that .* holds the cluster's CA.* Set `authentication\.x509\.clientCAFile` to `\/etc\/kubernetes\/pki\/ca\.crt`/,
  },
  'kOps keeps the CA elsewhere': {
    kubelet: { argv: ['--config=/var/lib/kubelet/kubelet.conf'] },
    status: 'fail',
    audit: 'fail',
    reason: /accepts no client certificates/,
    remediation: /^First make sure that \/srv\/kubernetes\/ca\.crt holds .* to `\/srv\/kubernetes\/ca\.crt`/,
  },
  // Presence is not enough: an empty flag takes the file's value away.
  'an empty flag over a path in the file fails': {
    settings: { [SETTING]: { ...byFlag('', '--client-ca-file='), overrode: [inFile('/etc/kubernetes/pki/ca.crt')] } },
    status: 'fail',
    audit: 'fail',
    reason: /"" from flag --client-ca-file=, which overrides \/etc\/kubernetes\/pki\/ca\.crt/,
    remediation: /^Remove `--client-ca-file=`/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

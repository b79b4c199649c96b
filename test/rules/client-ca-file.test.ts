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
  'nothing set fails': {
    status: 'fail',
    audit: 'fail',
    reason: /is "" from the kubelet's default: the kubelet accepts no client certificates/,
    remediation:
      /^First make sure that .* holds the cluster's CA.* Set `authentication\.x509\.clientCAFile` to `\/etc\/kubernetes\/pki\/ca\.crt`/,
  },
  // Presence is not enough: an empty flag takes the file's value away.
  'an empty flag over a path in the file fails': {
    settings: { [SETTING]: { ...byFlag('', '--client-ca-file='), overrode: [inFile('/etc/kubernetes/pki/ca.crt')] } },
    status: 'fail',
    audit: 'fail',
    reason: /"" from flag --client-ca-file=, which overrides \/etc\/kubernetes\/pki\/ca\.crt/,
    remediation: /^Remove `--client-ca-file=`/,
  },
  'inputs that start no kubelet are an error': { error: 'unknown flag: --x', status: 'error', reason: /unknown flag/ },
});

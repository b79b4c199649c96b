import { authorizationMode } from '../../lambda/rules/authorization-mode.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

const SETTING = 'authorization.mode';

table(authorizationMode, {
  'Webhook in the file passes': {
    settings: { [SETTING]: inFile('Webhook') },
    status: 'pass',
    audit: 'pass',
    reason: /^authorization\.mode is Webhook from \/var\/lib\/kubelet\/config\.yaml\.$/,
    remediation: false,
  },
  'absent from a config file passes by the default': {
    status: 'pass',
    audit: 'fail',
    reason: /Webhook from the kubelet's default\.$/,
  },
  // No flag and no file says AlwaysAllow; the kubelet does.
  'no config file fails by the legacy default': {
    legacy: true,
    status: 'fail',
    audit: 'fail',
    reason: /AlwaysAllow from the kubelet's default without a config file/,
    // Nobody could tell the API server's requests from others, so Webhook would refuse them.
    remediation:
      /^First set authentication\.x509\.clientCAFile .*--authentication-token-webhook.*--authorization-mode=Webhook/,
  },
  'a cluster made by hand: Webhook must not shut the API server out': {
    settings: { 'authorization.mode': inFile('AlwaysAllow', '/etc/kubelet.yaml') },
    kubelet: { argv: ['--config=/etc/kubelet.yaml', '--kubeconfig=/etc/kubelet.kubeconfig'] },
    status: 'fail',
    audit: 'fail',
    reason: /AlwaysAllow/,
    remediation:
      /First let the API server's user .*`kubectl create clusterrolebinding .*`.*Set `authorization\.mode` to `Webhook`/,
  },
  'kubeadm gives the API server what it needs': {
    settings: { 'authorization.mode': inFile('AlwaysAllow') },
    status: 'fail',
    audit: 'fail',
    reason: /AlwaysAllow/,
    never: /clusterrolebinding/,
  },
  'AlwaysAllow by flag fails': {
    settings: {
      [SETTING]: { ...byFlag('AlwaysAllow', '--authorization-mode=AlwaysAllow'), overrode: [inFile('Webhook')] },
      'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt'),
    },
    status: 'fail',
    audit: 'fail',
    reason: /AlwaysAllow from flag --authorization-mode=AlwaysAllow, which overrides Webhook/,
    remediation:
      /^Remove `--authorization-mode=AlwaysAllow` from the kubelet's command line, and leave \/var\/lib\/kubelet\/config\.yaml as it is \(it says `authorization\.mode: Webhook`\)\. Restart/,
    never: /authentication\.webhook/,
  },
  'a mode that no kubelet has cannot be what this one runs with': {
    settings: { [SETTING]: inFile('webhook') },
    status: 'error',
    audit: 'pass',
    reason: /webhook from \/var.*no such mode and exits/,
    remediation: /^Set `authorization\.mode` to `Webhook`/,
  },
  'a standalone kubelet has nobody to ask: Webhook is not advised': {
    settings: { [SETTING]: inFile('AlwaysAllow') },
    credentials: { kind: 'none' },
    status: 'fail',
    audit: 'fail',
    reason: /AlwaysAllow/,
    remediation: /enableServer: false/,
    never: /mode: Webhook|mode=Webhook/,
  },
  'Bottlerocket in standalone mode has no file to edit': {
    settings: { [SETTING]: inFile('AlwaysAllow', '/etc/kubernetes/kubelet/config') },
    credentials: { kind: 'none' },
    evidence: { os: { id: 'bottlerocket' } },
    status: 'fail',
    audit: 'fail',
    reason: /AlwaysAllow/,
    remediation: /`standalone-mode = false` .* together with/,
    never: /enableServer/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

import { anonymousAuth } from '../../lambda/rules/anonymous-auth.ts';
import { byFlag, CONFIG, inDropIn, inFile } from './node.ts';
import { table } from './table.ts';

const SETTING = 'authentication.anonymous.enabled';
const CA = { 'authentication.x509.clientCAFile': inFile('/etc/kubernetes/pki/ca.crt') };

table(anonymousAuth, {
  'false in the file passes': {
    settings: { [SETTING]: inFile(false) },
    status: 'pass',
    audit: 'pass',
    reason: /^authentication\.anonymous\.enabled is false from \/var\/lib\/kubelet\/config\.yaml\.$/,
    remediation: false,
  },
  // Text-matching tools fail this one: with a config file the kubelet's default is false.
  'absent from a config file passes by the default, though not by the audit': {
    status: 'pass',
    audit: 'fail',
    reason: /false from the kubelet's default/,
    remediation: false,
  },
  // Nothing on the command line says so: without a config file anonymous requests are on.
  'no config file fails by the legacy default': {
    legacy: true,
    status: 'fail',
    audit: 'fail',
    reason: /is true from the kubelet's default without a config file\.$/,
    // The API server would be a stranger too.
    remediation:
      /^First set authentication\.x509\.clientCAFile .* First set authentication\.webhook\.enabled to true .*metrics-server.* Add `--anonymous-auth=false` to the kubelet's command line\. Restart the kubelet: `systemctl daemon-reload /,
  },
  'flag true over a false file fails: the flag must go': {
    settings: { [SETTING]: { ...byFlag(true, '--anonymous-auth=T'), overrode: [inFile(false)] }, ...CA },
    kubelet: {
      files: [
        { path: CONFIG, role: 'config', state: 'file', content: 'authentication:\n  anonymous:\n    enabled: false\n' },
        {
          path: '/etc/default/kubelet',
          role: 'environment',
          state: 'file',
          flags: [{ name: 'anonymous_auth', line: 4 }],
        },
      ],
    },
    status: 'fail',
    audit: 'fail',
    reason: /true from flag --anonymous-auth=T, which overrides false/,
    remediation:
      /^Remove `--anonymous-auth=T` from \/etc\/default\/kubelet line 4, and leave \/var\/lib\/kubelet\/config\.yaml as it is \(it says `authentication\.anonymous\.enabled: false`\)/,
  },
  'drop-in true over a false file fails; the audit sees the file': {
    settings: { [SETTING]: inDropIn(true, '/etc/k.d/1.conf', inFile(false)) },
    status: 'fail',
    audit: 'pass',
    reason: /drop-in \/etc\/k\.d\/1\.conf/,
    remediation: /in \/etc\/k\.d\/1\.conf/,
  },
  'Bottlerocket in standalone mode: the setting, not a file': {
    settings: { [SETTING]: inFile(true, '/etc/kubernetes/kubelet/config') },
    evidence: { os: { id: 'bottlerocket' } },
    status: 'fail',
    audit: 'fail',
    reason: /true/,
    // On its own the setting would leave a kubelet that cannot start.
    remediation: /`standalone-mode = false` .* together with api-server, cluster-name and cluster-certificate/,
    never: /systemctl/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
  'a file newer than the kubelet is said': {
    settings: { [SETTING]: inFile(false) },
    changedAfterStart: [CONFIG],
    status: 'pass',
    audit: 'pass',
    reason: /false/,
    advisories: ['changed-after-start'],
  },
});

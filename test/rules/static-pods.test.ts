import { staticPods } from '../../lambda/rules/static-pods.ts';
import { byFlag, inDropIn, inFile } from './node.ts';
import { table } from './table.ts';

table(staticPods, {
  'nothing is set': {
    status: 'pass',
    audit: 'pass',
    reason: /^Neither staticPodURL nor staticPodPath/,
    remediation: false,
  },
  // kubeadm sets it on every node (cmd/kubeadm/app/componentconfigs/kubelet.go); the STIG wants it gone from workers.
  'a directory is for a person to look at': {
    settings: { staticPodPath: inFile('/etc/kubernetes/manifests') },
    status: 'manual',
    audit: 'fail',
    reason: /staticPodPath is \/etc\/kubernetes\/manifests from .*a person must know who puts them there\.$/,
    remediation: /`ls -l \/etc\/kubernetes\/manifests`/,
  },
  'an address fails, whatever else is set': {
    settings: {
      staticPodPath: inFile('/m'),
      staticPodURL: byFlag('http://10.0.0.9/pods', '--manifest-url=http://10.0.0.9/pods'),
    },
    status: 'fail',
    audit: 'fail',
    reason: /staticPodURL is http:\/\/10\.0\.0\.9\/pods from flag .*: whoever answers there starts pods/,
    remediation: /Remove `--manifest-url=http/,
  },
  // Where no shell takes the quotes off, the kubelet takes `""` for an address.
  'an address by flag where no file is: an empty one without quotes takes its place': {
    legacy: true,
    settings: { staticPodURL: byFlag('http://x/', '--manifest-url=http://x/') },
    status: 'fail',
    audit: 'fail',
    reason: /staticPodURL is http:\/\/x\/ from flag/,
    remediation: /Remove `--manifest-url=http:\/\/x\/` .*Add `--manifest-url=` to/,
  },
  // A procedure reads the arguments and the file of --config, and an empty value sets nothing.
  'an empty path is none, by the audit too': {
    settings: { staticPodPath: inFile('') },
    status: 'pass',
    audit: 'pass',
    reason: /^Neither/,
  },
  'a drop-in takes back what the file says, which the audit sees': {
    settings: { staticPodPath: inDropIn('', '/etc/kubernetes/kubelet.d/9.conf', inFile('/m')) },
    status: 'pass',
    audit: 'fail',
    reason: /^Neither/,
  },
  'a drop-in alone sets it, which no audit sees': {
    settings: { staticPodPath: inDropIn('/m', '/etc/kubernetes/kubelet.d/9.conf') },
    status: 'manual',
    audit: 'pass',
    reason: /from drop-in/,
  },
  'a path that a shell would run is quoted': {
    settings: { staticPodPath: inFile('/m; reboot') },
    status: 'manual',
    audit: 'fail',
    reason: /\/m; reboot/,
    remediation: /`ls -l '\/m; reboot'`/,
  },
  'a path that no line can hold stands in no command': {
    settings: { staticPodPath: inFile('/m\n/etc') },
    status: 'manual',
    audit: 'fail',
    reason: /\/m \/etc/,
    never: /ls/,
  },
  'Bottlerocket writes it itself': {
    evidence: { os: { id: 'bottlerocket' } },
    settings: { staticPodPath: inFile('/etc/kubernetes/static-pods/') },
    status: 'manual',
    audit: 'fail',
    reason: /settings\.kubernetes\.static-pods/,
    remediation: /apiclient set settings\.kubernetes\.static-pods-enabled=false/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

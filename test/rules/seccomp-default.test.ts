import { seccompDefault } from '../../lambda/rules/seccomp-default.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(seccompDefault, {
  'true in the file passes': {
    settings: { seccompDefault: inFile(true) },
    status: 'pass',
    audit: 'pass',
    reason: /true from \/var/,
    remediation: false,
  },
  'a bare flag passes': {
    settings: { seccompDefault: byFlag(true, '--seccomp-default') },
    status: 'pass',
    audit: 'pass',
    reason: /flag --seccomp-default/,
  },
  'absent fails': {
    status: 'fail',
    audit: 'fail',
    reason: /false from the kubelet's default/,
    remediation: /^First try it on one node: .* Set `seccompDefault: true`/,
  },
  // kube-bench passes whatever is set, false included.
  'false in the file fails': {
    settings: { seccompDefault: inFile(false) },
    status: 'fail',
    audit: 'fail',
    reason: /false from \/var/,
  },
  'with its gate off the setting alone would stop the kubelet': {
    version: { text: 'v1.23.17', minor: 23, known: true },
    gates: { SeccompDefault: { value: false, source: { kind: 'default' } } },
    status: 'fail',
    audit: 'fail',
    reason: /false from the kubelet's default/,
    remediation: / Set the feature gate SeccompDefault to true: .* exits\. Set `seccompDefault: true`/,
  },
  'on, but with its gate off: a kubelet that is given it exits, so this one cannot run with it': {
    version: { text: 'v1.24.17', minor: 24, known: true },
    gates: { SeccompDefault: { value: false, source: { kind: 'default' } } },
    settings: { seccompDefault: inFile(true) },
    status: 'error',
    audit: 'pass',
    reason: /true from \/var\/lib\/kubelet\/config\.yaml, but the feature gate SeccompDefault is off/,
    remediation: /^Set the feature gate SeccompDefault to true/,
  },
  'from 1.27 on nobody asks for the gate': {
    version: { text: 'v1.27.3', minor: 27, known: true },
    gates: { SeccompDefault: { value: false, source: { kind: 'default' } } },
    settings: { seccompDefault: inFile(true) },
    status: 'pass',
    audit: 'pass',
    reason: /true/,
  },
  'a version that does not know it': {
    version: { text: 'v1.21.14', minor: 21, known: true },
    status: 'fail',
    audit: 'fail',
    reason: /false from the kubelet's default/,
    remediation: /Upgrade/,
    never: /seccompDefault: true/,
  },
  'Bottlerocket has a setting for it': {
    evidence: { os: { id: 'bottlerocket' } },
    settings: { seccompDefault: inFile(false, '/etc/kubernetes/kubelet/config') },
    status: 'fail',
    audit: 'fail',
    reason: /false/,
    remediation: /seccomp-default = true/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

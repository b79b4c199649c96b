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
    remediation: /seccompDefault: true/,
  },
  // kube-bench passes whatever is set, false included.
  'false in the file fails': {
    settings: { seccompDefault: inFile(false) },
    status: 'fail',
    audit: 'fail',
    reason: /false from \/var/,
  },
  'Bottlerocket has a setting for it': {
    evidence: { os: { id: 'bottlerocket' } },
    settings: { seccompDefault: inFile(false, '/etc/kubernetes/kubelet/config') },
    status: 'fail',
    audit: 'fail',
    reason: /false/,
    remediation: /seccomp-default = true/,
  },
  'inputs that start no kubelet are an error': { error: 'unknown flag: --x', status: 'error', reason: /unknown flag/ },
});

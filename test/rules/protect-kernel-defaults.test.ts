import { protectKernelDefaults } from '../../lambda/rules/protect-kernel-defaults.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(protectKernelDefaults, {
  'true in the file passes': {
    settings: { protectKernelDefaults: inFile(true) },
    status: 'pass',
    audit: 'pass',
    reason: /true from \/var/,
    remediation: false,
  },
  // kube-bench fails =1 and =T; the kubelet reads them as true.
  'true by flag passes, however it is spelt': {
    settings: { protectKernelDefaults: byFlag(true, '--protect-kernel-defaults=1') },
    status: 'pass',
    audit: 'pass',
    reason: /flag --protect-kernel-defaults=1/,
  },
  'absent fails, and the parameters must be right before': {
    status: 'fail',
    audit: 'fail',
    reason: /false from the kubelet's default/,
    remediation:
      /^First add these .* does not start: `printf .* vm\.overcommit_memory=1 .* >> \S+`\. Load them: `sysctl --system`\. Set `protectKernelDefaults: true`/,
  },
  'on EKS the new node must have them': {
    evidence: { os: { id: 'amzn', version: '2023' } },
    kubelet: { argv: ['--config=/etc/kubernetes/kubelet/config.json'] },
    status: 'fail',
    audit: 'fail',
    reason: /false/,
    remediation:
      /^First make the image of the nodes, or their user data before the kubelet starts, set vm\.overcommit_memory=1.* NodeConfig/,
    never: /run sysctl/,
  },
  'Talos has no shell': {
    evidence: { os: { id: 'talos' } },
    status: 'fail',
    audit: 'fail',
    reason: /false/,
    remediation: /^First set vm\.overcommit_memory=1.* in machine\.sysctls of the machine configuration/,
    never: /run sysctl/,
  },
  'Bottlerocket has no such setting': {
    evidence: { os: { id: 'bottlerocket' } },
    status: 'fail',
    audit: 'fail',
    reason: /false/,
    remediation: /^Update to .*: Bottlerocket has no setting for protectKernelDefaults/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

import { hostnameOverride } from '../../lambda/rules/hostname-override.ts';
import { byFlag } from './node.ts';
import { table } from './table.ts';

const set = { 'hostname-override': byFlag('node-7', '--hostname-override=node-7') };

table(hostnameOverride, {
  'no flag passes': { status: 'pass', audit: 'pass', reason: /No --hostname-override/, remediation: false },
  'the flag fails on an ordinary node': {
    flags: set,
    kubelet: {
      files: [
        {
          path: '/var/lib/kubelet/kubeadm-flags.env',
          role: 'environment',
          state: 'file',
          flags: [{ name: 'hostname-override', line: 1 }],
        },
      ],
    },
    status: 'fail',
    audit: 'fail',
    reason: /names this node node-7 \(--hostname-override=node-7\)/,
    remediation:
      /^Remove `--hostname-override=node-7` from \/var\/lib\/kubelet\/kubeadm-flags\.env line 1; then .*drain/,
  },
  // Other tools fail every EKS node here, whose image sets the flag so that the node can join.
  'EKS sets the flag itself: a person compares, nobody removes it': {
    flags: { 'hostname-override': byFlag('ip-10-0-1-7.ec2.internal', '--hostname-override=ip-10-0-1-7.ec2.internal') },
    version: { text: 'v1.32.3-eks-473151a', minor: 32, known: true },
    status: 'manual',
    audit: 'fail',
    reason: /names this node ip-10-0-1-7\.ec2\.internal: EKS images set it/,
    remediation: /Do not remove the flag/,
  },
  'EKS by its tags': {
    flags: set,
    tags: { 'eks:cluster-name': 'prod' },
    status: 'manual',
    audit: 'fail',
    reason: /EKS/,
  },
  'a changed file does not matter to a flag': {
    changedAfterStart: ['/var/lib/kubelet/config.yaml'],
    status: 'pass',
    audit: 'pass',
    reason: /No --hostname-override/,
  },
  'an empty value overrides nothing, but the audit finds the flag': {
    flags: { 'hostname-override': byFlag('', '--hostname-override=') },
    status: 'pass',
    audit: 'fail',
    reason: /is empty/,
  },
  'inputs that start no kubelet are an error': { error: 'unknown flag: --x', status: 'error', reason: /unknown flag/ },
});

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
    // By another name the node could not join: its credentials are for this one.
    remediation: /^Do not just remove the flag: .* for the name node-7.*new node/,
    never: /systemctl/,
  },
  'the name of an instance: the cloud provider needs it': {
    flags: {
      'hostname-override': byFlag(
        'ip-10-0-1-7.eu-central-1.compute.internal',
        '--hostname-override=ip-10-0-1-7.eu-central-1.compute.internal',
      ),
    },
    status: 'manual',
    audit: 'fail',
    reason: /as EC2 names its instances/,
    remediation: /waiver.*Do not remove the flag/,
  },
  'the id of an instance: likewise': {
    flags: { 'hostname-override': byFlag('i-0abc1234def567890', '--hostname-override=i-0abc1234def567890') },
    status: 'manual',
    audit: 'fail',
    reason: /as EC2 names its instances/,
  },
  'a name that only looks alike is no name of an instance': {
    flags: { 'hostname-override': byFlag('ip-10-0-1-7.example.com', '--hostname-override=ip-10-0-1-7.example.com') },
    status: 'fail',
    audit: 'fail',
    reason: /ip-10-0-1-7\.example\.com/,
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

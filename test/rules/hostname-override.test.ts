import { hostnameOverride } from '../../lambda/rules/hostname-override.ts';
import { byFlag, type Case } from './node.ts';
import { table } from './table.ts';

const set = { 'hostname-override': byFlag('node-7', '--hostname-override=node-7') };

/** A hybrid node that its provider ID and --hostname-override name. */
const hybrid = (name: string, given = name): Case => ({
  flags: { 'hostname-override': byFlag(given, `--hostname-override=${given}`) },
  version: { text: 'v1.33.5-eks-113cf36', minor: 33, known: true },
  kubelet: {
    argv: ['--config=/etc/kubernetes/kubelet/config.json'],
    files: [
      {
        path: '/etc/kubernetes/kubelet/config.json',
        role: 'config',
        state: 'file',
        content: JSON.stringify({ providerID: `eks-hybrid:///eu-central-1/plant/${name}` }),
      },
    ],
  },
});

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
    remediation: /^Make a new node .* do not just remove the flag: .* for the name node-7.*`kubectl drain node-7 /,
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
    remediation: /waiver.* do not remove the flag/,
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
    remediation: /do not remove the flag/,
  },
  "a hybrid node has its managed node's id, which is no host name": {
    ...hybrid('mi-0123456789abcdef0'),
    status: 'manual',
    audit: 'fail',
    reason: /names this node mi-0123456789abcdef0: nodeadm names hybrid nodes as Systems Manager does/,
    remediation:
      /by that id.*`aws ssm describe-instance-information --filters Key=InstanceIds,Values=mi-0123456789abcdef0 .*do not remove/,
    never: /hostname`|PrivateDnsName/,
  },
  'a hybrid node of IAM Roles Anywhere has the name of its NodeConfig': {
    ...hybrid('press-1'),
    status: 'manual',
    audit: 'fail',
    reason: /press-1: nodeadm names hybrid nodes as their NodeConfig does/,
    remediation: /iamRolesAnywhere\.nodeName.*waiver/,
  },
  "a flag of its user's that names a hybrid node otherwise": {
    ...hybrid('mi-0123456789abcdef0', 'press-1'),
    status: 'fail',
    audit: 'fail',
    reason: /press-1 \(--hostname-override=press-1\), but nodeadm has named it mi-0123456789abcdef0/,
    remediation: /^Remove hostname-override from spec\.kubelet\.flags .*nodeadm init --config-source/,
    never: /drain/,
  },
  'Bottlerocket on VMware is no instance': {
    flags: set,
    evidence: { os: { id: 'bottlerocket', version: '1.50.0', variant: 'vmware-k8s-1.33' } },
    kubelet: { settings: { 'authentication-mode': 'aws', 'os.variant_id': 'vmware-k8s-1.33' } },
    status: 'manual',
    audit: 'fail',
    reason: /by the name with which their provider ID ends/,
    remediation: /spec\.providerID.*waiver .*by another name the node could not join/,
    never: /ec2/,
  },
  'a name like that of an instance outside of EC2': {
    flags: { 'hostname-override': byFlag('ip-10-0-1-7.ec2.internal', '--hostname-override=ip-10-0-1-7.ec2.internal') },
    id: 'mi-0123456789abcdef0',
    status: 'fail',
    audit: 'fail',
    reason: /names this node ip-10-0-1-7\.ec2\.internal \(/,
  },
  'RKE2 sets the flag on every node': {
    flags: set,
    kubelet: { unit: 'rke2-agent.service', argv: [] },
    status: 'manual',
    audit: 'fail',
    reason: /node-7: RKE2 sets it on every node/,
    remediation: /Compare the name with the host's/,
  },
  'so does Talos': {
    flags: set,
    evidence: { os: { id: 'talos' } },
    status: 'manual',
    audit: 'fail',
    reason: /Talos sets it/,
  },
  'so does k0s': {
    flags: set,
    kubelet: { exe: '/var/lib/k0s/bin/kubelet' },
    status: 'manual',
    audit: 'fail',
    reason: /k0s sets it/,
  },
  'the cloud provider of AWS in the tree ignores the flag': {
    flags: set,
    version: { text: 'v1.25.16', minor: 25, known: true },
    kubelet: { argv: ['--cloud-provider', 'aws', '--hostname-override=node-7'] },
    status: 'not-applicable',
    audit: 'fail',
    reason: /with --cloud-provider=aws the kubelet takes its name from EC2 and ignores the flag/,
    remediation: false,
  },
  'what is taken and means nothing ignores no flag': {
    flags: set,
    version: { text: 'v1.34.0', minor: 34, known: true },
    kubelet: { argv: ['--cloud-provider=aws', '--hostname-override=node-7'] },
    status: 'fail',
    audit: 'fail',
    reason: /node-7/,
  },
  'the external one does not': {
    flags: set,
    kubelet: { argv: ['--cloud-provider=external', '--config=/var/lib/kubelet/config.yaml'] },
    status: 'fail',
    audit: 'fail',
    reason: /node-7/,
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
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

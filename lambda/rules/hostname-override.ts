import { checkSettings } from '../criteria/check-settings.ts';
import { onNode } from '../criteria/on-node.ts';
import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import { readArguments } from '../kubelet/arguments.ts';
import { rulesFor } from '../kubelet/version.ts';
import { isEks } from '../platforms/eks.ts';
import { nameOf } from '../platforms/eks-hybrid.ts';
import { platformOf } from '../platforms/index.ts';
import { sh } from '../platforms/shell.ts';
import { isHybrid, isOutside } from '../platforms/signs.ts';
import { step } from '../platforms/step.ts';
import { oneLine } from '../platforms/wording.ts';

/**
 * The private DNS name of an instance (`ip-10-0-1-7.ec2.internal`, `ip-10-0-1-7.eu-west-1.compute.internal`, or by its id)
 * or its id alone. Source: Amazon EC2 User Guide, instance hostname types; kubernetes/cloud-provider-aws, prerequisites.
 */
const EC2_NAME = /^(ip-\d{1,3}(-\d{1,3}){3}|i-[0-9a-f]{8,17})(\.([a-z0-9-]+\.compute|ec2)\.internal)?$/;

/**
 * The AWS provider, whose CurrentNodeName decides the name, was in the tree up to 1.26. Later kubelets exit with it, and those
 * from 1.34 on take any name, which means nothing (cmd/kubelet/app/server.go, getNodeName).
 */
const LAST_IN_TREE = 26;

const texts = {
  none: 'No --hostname-override: the kubelet uses the host name.',
  empty: '--hostname-override is empty: the kubelet uses the host name.',
  eks: (value: string) =>
    `--hostname-override names this node ${value}: EKS images set it to the private DNS name or id of the instance, without which the node could not join, so a person must compare the two.`,
  inTree: (value: string) =>
    `--hostname-override is ${value}, but with --cloud-provider=aws the kubelet takes its name from EC2 and ignores the flag.`,
  installer: (value: string, title: string) =>
    `--hostname-override names this node ${value}: ${title} sets it on every node, so a person must compare it with the host's name.`,
  host: "Compare the name with the host's, which that of the node should follow.",
  accept: [
    step(
      'Accept the finding by a waiver if they are the same, and do not remove the flag: the installer writes it again.',
    ),
  ],
  managed: (value: string) =>
    `--hostname-override names this node ${value}: nodeadm names hybrid nodes as Systems Manager does, and IAM lets them in by that name, so a person must compare the two.`,
  machine: (value: string) => [
    step(
      'Look which machine Systems Manager has by that id: computer name and address must be those of this node.',
      sh`aws ssm describe-instance-information --filters ${`Key=InstanceIds,Values=${value}`} --query ${'InstanceInformationList[].[ComputerName,IPAddress]'}`,
    ),
    ...texts.accept,
  ],
  rolesAnywhere: (value: string) =>
    `--hostname-override names this node ${value}: nodeadm names hybrid nodes as their NodeConfig does, and IAM Roles Anywhere lets them in by that name, so a person must compare the two.`,
  nodeConfig: "Compare the name with spec.hybrid.iamRolesAnywhere.nodeName of the node's NodeConfig.",
  renamed: (value: string, where: string, name: string) =>
    `--hostname-override names this node ${value} (${where}), but nodeadm has named it ${name}: IAM lets it in by that name alone.`,
  unname: "Remove hostname-override from spec.kubelet.flags of the node's NodeConfig: nodeadm gives the flag itself.",
  outside: (value: string) =>
    `--hostname-override names this node ${value}: IAM lets hybrid nodes in by the name with which their provider ID ends, so a person must compare the two.`,
  provider: "Compare the name with the end of the node's provider ID.",
  same: step('Accept the finding by a waiver if they are the same: by another name the node could not join.'),
  providerCommand: "kubectl get nodes -o custom-columns='NAME:.metadata.name,PROVIDER:.spec.providerID'",
  ec2: (value: string) =>
    `--hostname-override names this node ${value}, as EC2 names its instances: the cloud provider of AWS needs that name, so a person must compare the two.`,
  set: (value: string, where: string) => `--hostname-override names this node ${value} (${where}).`,
  /** ID is the instance's, which the evidence does not hold. */
  compare: [
    step(
      "Compare the name with the instance's private DNS name in EC2; ID is that of the instance.",
      `aws ec2 describe-instances --instance-ids "\${ID:?}" --query "Reservations[].Instances[].PrivateDnsName"`,
    ),
    step(
      'Accept the finding by a waiver if they are the same, and do not remove the flag: the node could not join by another name.',
    ),
  ],
  fresh: (value: string) =>
    `Make a new node that never had the flag and let it join, or accept the finding by a waiver if that name must stay; do not just remove the flag: the kubelet's credentials are for the name ${value}, and the API server refuses them for any other.`,
  drain: 'Drain this node.',
  remove: 'Delete its Node object.',
  terminate: 'Terminate it.',
};

/** Judged on the flag alone: no setting of the config file can say it. */
export const hostnameOverride: Rule = {
  name: 'hostname-override',
  title: "The kubelet does not override its host's name",
  failureTitle: "The kubelet overrides its host's name",
  why: "Certificates and the node authorizer tell nodes apart by name. A name of the kubelet's own choice can differ from the one that they were issued for, and logs then speak of a host that does not exist.",
  severity: 'low',
  procedure: { expected: '--hostname-override is not given', command: "ps -ef | grep '[k]ubelet'" },
  references: [
    'https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/',
    'https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go',
  ],
  check: checkSettings([], (node, { flags, version }) => {
    const current = flags['hostname-override'];
    const audit = current.source.kind === 'flag' ? 'fail' : 'pass';
    if (current.value === '') {
      return { status: 'pass', audit, reason: audit === 'pass' ? texts.none : texts.empty, advisories: [] };
    }
    const value = oneLine(current.value);
    const { uses } = readArguments(node.kubelet, rulesFor(version.text));
    const provider = uses.findLast(({ name }) => name === 'cloud-provider');
    if (provider?.value === 'aws' && version.minor <= LAST_IN_TREE) {
      return { status: 'not-applicable', audit, reason: texts.inTree(value), advisories: [] };
    }
    const { name: kind, namesNodes, title } = platformOf(node);
    if (kind === 'eks-hybrid')
      return { audit, ...ofHybrid(node, current.value, oneLine(current.source.where ?? 'flag')) };
    if (namesNodes) {
      const reason = texts.installer(value, title);
      return {
        status: 'manual',
        audit,
        reason,
        advisories: [],
        remediation: [onNode(node, texts.host, 'hostname'), ...texts.accept],
      };
    }
    if (isEks(node)) {
      const [reason, remediation] = isOutside(node)
        ? [texts.outside(value), [step(texts.provider, texts.providerCommand), texts.same]]
        : [texts.eks(value), texts.compare];
      return { status: 'manual', audit, reason, advisories: [], remediation };
    }
    if (!isOutside(node) && EC2_NAME.test(current.value)) {
      return { status: 'manual', audit, reason: texts.ec2(value), advisories: [], remediation: texts.compare };
    }
    const name = current.value;
    const remediation = [
      step(texts.fresh(value)),
      step(texts.drain, sh`kubectl drain ${name} --ignore-daemonsets`),
      step(texts.remove, sh`kubectl delete node ${name}`),
      step(texts.terminate),
    ];
    const where = oneLine(current.source.where ?? 'flag');
    return { status: 'fail', audit, reason: texts.set(value, where), advisories: [], remediation };
  }),
};

/**
 * nodeadm gives the flag on every hybrid node: the id of its managed node, or the name of its NodeConfig, which is also the
 * name of its session with IAM (aws/eks-hybrid, internal/kubelet/config.go, withHybridCloudProvider; internal/ssm/config.go;
 * internal/iamrolesanywhere/aws_config.tpl). Its user's flags come after that one.
 */
function ofHybrid(node: NodeView, value: string, where: string): Verdict {
  const name = nameOf(node);
  const told = oneLine(value);
  if (name !== undefined && name !== value) {
    const remediation = [step(texts.unname), ...platformOf(node).afterChange(node)];
    return { status: 'fail', reason: texts.renamed(told, where, oneLine(name)), advisories: [], remediation };
  }
  if (isHybrid(value)) {
    return { status: 'manual', reason: texts.managed(value), advisories: [], remediation: texts.machine(value) };
  }
  const remediation = [step(texts.nodeConfig), ...texts.accept];
  return { status: 'manual', reason: texts.rolesAnywhere(told), advisories: [], remediation };
}

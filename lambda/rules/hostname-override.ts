import { isEks } from './node-type.ts';
import { remedy } from './remedy.ts';
import type { Rule } from './rule.ts';
import { judged, quote } from './setting.ts';

const texts = {
  none: 'No --hostname-override: the kubelet uses the name of the host.',
  empty: '--hostname-override is empty: the kubelet uses the name of the host.',
  eks: (value: string) =>
    `--hostname-override names this node ${value}: EKS images set it to the private DNS name or id of the instance, without which the node could not join, so a person must compare the two.`,
  set: (value: string, where: string) => `--hostname-override names this node ${value} (${where}).`,
  compare:
    "Compare the name with the instance's private DNS name in EC2 (aws ec2 describe-instances). Do not remove the flag on EKS: the node would register by another name.",
  warning: 'The node registers by another name then: drain it before, and delete its old Node object afterwards.',
};

/** Judged on the flag alone: no setting of the config file can say it. */
export const hostnameOverride: Rule = {
  name: 'hostname-override',
  title: "The kubelet does not override its host's name",
  why: "Certificates and the node authorizer tell nodes apart by name. A name of the kubelet's own choice can differ from the one that they were issued for, and logs then speak of a host that does not exist.",
  severity: 'low',
  references: [
    'https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/',
    'https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go',
  ],
  check: judged([], (node, { flags }) => {
    const current = flags['hostname-override'];
    const audit = current.source.kind === 'flag' ? 'fail' : 'pass';
    if (current.value === '') {
      return { status: 'pass', audit, reason: audit === 'pass' ? texts.none : texts.empty, advisories: [] };
    }
    const value = quote(current.value);
    if (isEks(node)) {
      return { status: 'manual', audit, reason: texts.eks(value), advisories: [], remediation: texts.compare };
    }
    const remediation = `${remedy(node, { flag: 'hostname-override', current })} ${texts.warning}`;
    const where = quote(current.source.where ?? 'flag');
    return { status: 'fail', audit, reason: texts.set(value, where), advisories: [], remediation };
  }),
};

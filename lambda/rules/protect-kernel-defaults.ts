import { booleanSetting } from '../criteria/boolean-setting.ts';
import type { Rule } from '../criteria/rule.ts';
import { type NodeType, nodeType } from '../platforms/node-type.ts';

const check = booleanSetting({
  setting: 'protectKernelDefaults',
  flag: 'protect-kernel-defaults',
  wanted: true,
  absent: 'fail',
});

/** A kubelet that may not change them exits unless they have these values (pkg/kubelet/cm/container_manager_linux.go). */
const SYSCTLS = [
  'vm.overcommit_memory=1',
  'vm.panic_on_oom=0',
  'kernel.panic=10',
  'kernel.panic_on_oops=1',
  'kernel.keys.root_maxkeys=1000000',
  'kernel.keys.root_maxbytes=25000000',
];

const texts = {
  first: `First set ${SYSCTLS.join(', ')} in /etc/sysctl.d and run sysctl --system: with other values the kubelet does not start.`,
  elsewhere: (place: string) =>
    `First set ${SYSCTLS.join(', ')} in ${place}: with other values the kubelet does not start.`,
  image: `First make the image of the nodes, or their user data before the kubelet starts, set ${SYSCTLS.join(', ')}: with other values the kubelet of a new node does not start.`,
};

/** Where these nodes keep their sysctls; sources: Talos documentation, machine.sysctls; OpenShift, Node Tuning Operator. */
const FIRST: Partial<Record<NodeType, string>> = {
  'eks-nodeadm': texts.image,
  'eks-al2': texts.image,
  kops: texts.image,
  talos: texts.elsewhere('machine.sysctls of the machine configuration'),
  openshift: texts.elsewhere('a Tuned profile (tuned.openshift.io/v1) for the machine config pool of this node'),
};

export const protectKernelDefaults: Rule = {
  name: 'protect-kernel-defaults',
  title: 'The kubelet does not change kernel parameters',
  why: 'Kernel parameters are part of how the host was hardened. A kubelet that may change them silently overrides what the administrators set.',
  severity: 'low',
  references: [
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    'https://github.com/kubernetes/kubernetes/blob/v1.32.0/pkg/kubelet/cm/container_manager_linux.go',
  ],
  check(node, parameters) {
    const verdict = check(node, parameters);
    if (verdict.status !== 'fail' || node.evidence.os.id === 'bottlerocket') return verdict;
    // What is set on this node is lost with it, where the advice is to replace it.
    const type = nodeType(node);
    const first = FIRST[type] ?? texts.first;
    return { ...verdict, remediation: `${first} ${verdict.remediation}` };
  },
};

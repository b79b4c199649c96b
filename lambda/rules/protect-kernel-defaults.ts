import { booleanSetting } from '../criteria/boolean-setting.ts';
import { adapted, type Rule } from '../criteria/rule.ts';
import { platformOf } from '../platforms/index.ts';

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

export const protectKernelDefaults: Rule = {
  name: 'protect-kernel-defaults',
  title: 'The kubelet does not change kernel parameters',
  failureTitle: 'The kubelet may change kernel parameters',
  why: 'Kernel parameters are part of how the host was hardened. A kubelet that may change them silently overrides what the administrators set.',
  severity: 'low',
  procedure: { expected: 'protectKernelDefaults is true', command: "ps -ef | grep '[k]ubelet'; cat $config" },
  linuxOnly: 'Windows has none of the kernel parameters that the kubelet would change',
  references: [
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    'https://github.com/kubernetes/kubernetes/blob/v1.32.0/pkg/kubelet/cm/container_manager_linux.go',
  ],
  check: adapted(check, (verdict, node) => {
    if (verdict.status !== 'fail') return verdict;
    const first = platformOf(node).setKernelParameters(SYSCTLS);
    return { ...verdict, remediation: [...first, ...(verdict.remediation ?? [])] };
  }),
};

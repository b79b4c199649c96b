import { booleanSetting } from './boolean-setting.ts';
import type { Rule } from './rule.ts';

export const seccompDefault: Rule = {
  name: 'seccomp-default',
  title: "Pods get the runtime's default seccomp profile",
  why: 'Without it, a pod that names no seccomp profile may use every system call of the kernel, among them those that container escapes are made of.',
  severity: 'medium',
  references: [
    'https://kubernetes.io/docs/tutorials/security/seccomp/',
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    'https://bottlerocket.dev/en/os/latest/#/api/settings/kubernetes/',
  ],
  check: booleanSetting({
    setting: 'seccompDefault',
    flag: 'seccomp-default',
    wanted: true,
    absent: 'fail',
    bottlerocket: 'seccomp-default = true',
  }),
};

import { booleanSetting } from '../criteria/boolean-setting.ts';
import { openGateAlone } from '../criteria/gate.ts';
import { adapted, type Rule } from '../criteria/rule.ts';
import { lacks } from '../kubelet/bottlerocket.ts';
import { LAST_WITH_SECCOMP_GATE } from '../kubelet/gates.ts';
import { platformOf } from '../platforms/index.ts';
import { step } from '../platforms/step.ts';
import { origin } from '../platforms/wording.ts';

const check = booleanSetting({
  setting: 'seccompDefault',
  flag: 'seccomp-default',
  wanted: true,
  absent: 'fail',
});

/** The kubelet knows the setting from 1.22 on; its gate was off by default up to 1.24 (KEP-2413). */
const FIRST_MINOR = 22;

const texts = {
  refused: (value: string) =>
    `${value}, but the feature gate SeccompDefault is off, with which a kubelet that is given it exits: so this one does not run with it.`,
  old: step(
    'Upgrade the kubelet to 1.25 or later, or name a seccomp profile in each pod (securityContext.seccompProfile): this version does not know seccompDefault.',
  ),
  first: step(
    'First try it on one node: workloads that need system calls which the default profile refuses must name a profile of their own (securityContext.seccompProfile).',
  ),
  gate: (where: string) =>
    `Set the feature gate SeccompDefault to true${where}: with the gate off a kubelet that is given seccompDefault exits.`,
};

export const seccompDefault: Rule = {
  name: 'seccomp-default',
  title: "Pods get the runtime's default seccomp profile",
  failureTitle: 'Pods get no seccomp profile by default',
  why: 'Without it, a pod that names no seccomp profile may use every system call of the kernel, among them those that container escapes are made of.',
  severity: 'medium',
  procedure: { expected: 'seccompDefault is true', command: "ps -ef | grep '[k]ubelet'; cat $config" },
  linuxOnly: 'Windows has no seccomp',
  references: [
    'https://kubernetes.io/docs/tutorials/security/seccomp/',
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    'https://bottlerocket.dev/en/os/latest/#/api/settings/kubernetes/',
  ],
  check: adapted(check, (verdict, node) => {
    const { configuration } = node;
    if (configuration.starts !== true) return verdict;
    const { version, gates } = configuration;
    if (verdict.status === 'pass' && gates.SeccompDefault?.value === false && version.minor <= LAST_WITH_SECCOMP_GATE) {
      const reason = texts.refused(verdict.reason.replace(/\.$/, ''));
      return {
        ...verdict,
        status: 'error',
        reason,
        remediation: openGateAlone(node, 'SeccompDefault', gates.SeccompDefault),
      };
    }
    if (verdict.status !== 'fail') return verdict;
    if (version.known && version.minor < FIRST_MINOR) return { ...verdict, remediation: [texts.old] };
    const gate = gates.SeccompDefault;
    const steps = verdict.remediation ?? [];
    // Its templates have both or neither, and its users have no gates to set.
    if (platformOf(node).name === 'bottlerocket' && lacks('seccomp-default', node.evidence.os)) return verdict;
    if (gate?.value !== false) return { ...verdict, remediation: [texts.first, ...steps] };
    const where = gate.source.where === undefined ? '' : ` (${origin(gate.source)})`;
    return { ...verdict, remediation: [texts.first, step(texts.gate(where)), ...steps] };
  }),
};

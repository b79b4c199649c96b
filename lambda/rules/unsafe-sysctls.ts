import { checkSettings } from '../criteria/check-settings.ts';
import type { Rule } from '../criteria/rule.ts';
import { fieldOf, stated } from '../criteria/setting.ts';
import { platformOf } from '../platforms/index.ts';
import { step } from '../platforms/step.ts';
import { listed } from '../platforms/wording.ts';

const texts = {
  none: 'allowedUnsafeSysctls is empty: pods may set those kernel parameters only that are safe.',
  named: (value: string) => `${value}: each is named, so somebody chose it.`,
  wild: (value: string, patterns: string[]) =>
    `${value}; ${listed(patterns)} ${patterns.length === 1 ? 'opens' : 'open'} every kernel parameter below it, also those of later kernels.`,
  used: step(
    'Look which pods set some (spec.securityContext.sysctls).',
    "kubectl get pods -A -o custom-columns='NAMESPACE:.metadata.namespace,NAME:.metadata.name,SYSCTLS:.spec.securityContext.sysctls[*].name'",
  ),
  mend: (where: string) =>
    `Name in allowedUnsafeSysctls${where} only those parameters that a workload needs; pods that set others are refused afterwards.`,
};

/** Ours. A pattern ends with `*` (pkg/kubelet/sysctl/allowlist.go, NewAllowlist); what stands before must be namespaced. */
export const unsafeSysctls: Rule = {
  name: 'unsafe-sysctls',
  title: 'Pods may not set whole families of unsafe kernel parameters',
  failureTitle: 'Pods may set whole families of unsafe kernel parameters',
  why: 'Unsafe parameters are those that Kubernetes cannot keep from harming other pods or the node. A pattern gives every pod all of a family at once, and with it the means to use up memory or to change how the node routes.',
  severity: 'medium',
  linuxOnly: 'Windows has no sysctls that a pod could ask for',
  references: [
    'https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/',
    'https://github.com/kubernetes/kubernetes/blob/v1.32.0/pkg/kubelet/sysctl/allowlist.go',
  ],
  check: checkSettings(['allowedUnsafeSysctls'], (node, { settings }) => {
    const current = fieldOf<string[]>(settings, 'allowedUnsafeSysctls', []);
    const value = stated('allowedUnsafeSysctls', current);
    const wild = current.value.filter((name) => name.endsWith('*'));
    if (wild.length > 0) {
      const { source } = current;
      const where = source.where === undefined ? '' : ` (${listed([source.where])})`;
      const remediation = [texts.used, step(texts.mend(where)), platformOf(node).restart(node)];
      return { status: 'fail', reason: texts.wild(value, wild), advisories: [], remediation };
    }
    return { status: 'pass', reason: current.value.length > 0 ? texts.named(value) : texts.none, advisories: [] };
  }),
};

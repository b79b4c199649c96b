import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Rule } from '../criteria/rule.ts';
import { audited, stated } from '../criteria/setting.ts';
import { step } from '../platforms/step.ts';

/** An example, not a recommendation: enough for usual workloads, and far below the kernel's pid_max. */
const EXAMPLE = '4096';

const texts = {
  limited: (value: string) => `${value}.`,
  unlimited: (value: string) => `${value}: a pod may start processes until the node has none left.`,
  decide: step('First decide on the number by what your pods need; 4096 is an example.'),
};

export const podPidsLimit: Rule = {
  name: 'pod-pids-limit',
  title: 'Pods may not start processes without limit',
  failureTitle: 'Pods may start processes without limit',
  why: 'Process ids are shared by the whole node. One pod that forks without end starves the kubelet and every other pod.',
  severity: 'medium',
  procedure: { expected: 'podPidsLimit is set', command: "ps -ef | grep '[k]ubelet'; cat $config" },
  linuxOnly: 'a kubelet of Windows does not limit the processes of a pod, for which it would take control groups',
  references: [
    'https://kubernetes.io/docs/concepts/policy/pid-limiting/',
    'https://github.com/kubernetes/kubernetes/blob/v1.32.0/pkg/kubelet/cm/pod_container_manager_linux.go',
  ],
  check: checkSettings(['podPidsLimit'], (node, { settings }) => {
    const current = settings.podPidsLimit;
    // The procedure asks whether a value is set, not which: -1 and 0 satisfy it and limit nothing.
    const audit = audited(current) === undefined ? 'fail' : 'pass';
    const value = stated('podPidsLimit', current);
    if (current.value > 0) return { status: 'pass', audit, reason: texts.limited(value), advisories: [] };
    const change = {
      setting: 'podPidsLimit',
      flag: 'pod-max-pids',
      value: EXAMPLE,
      current,
      accepts: (limit: unknown) => Number(limit) > 0,
    } as const;
    const advice = remedy(node, change);
    // Where a limit of somebody's choice stands already, there is nothing to decide.
    const remediation = advice.writes ? [texts.decide, ...advice.steps] : advice.steps;
    return { status: 'fail', audit, reason: texts.unlimited(value), advisories: [], remediation };
  }),
};

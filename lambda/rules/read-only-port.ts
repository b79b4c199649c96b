import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Rule } from '../criteria/rule.ts';
import { audited, stated } from '../criteria/setting.ts';
import { step } from '../platforms/step.ts';

const texts = {
  first: (port: number) =>
    `First move whatever still reads port ${port} (monitoring agents, health checks) to port 10250, where it has to authenticate: nothing answers it afterwards.`,
};

export const readOnlyPort: Rule = {
  name: 'read-only-port',
  title: "The kubelet's read-only port is closed",
  failureTitle: "The kubelet's read-only port is open",
  why: 'The read-only port asks nobody who they are and tells anyone what runs on the node, with which images, environment names and addresses: a map for whoever got into one pod.',
  severity: 'high',
  procedure: { expected: 'readOnlyPort is 0', command: "ps -ef | grep '[k]ubelet'; cat $config" },
  references: [
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    'https://kubernetes.io/docs/reference/networking/ports-and-protocols/',
  ],
  check: checkSettings(['readOnlyPort'], (node, { settings }) => {
    const current = settings.readOnlyPort;
    const seen = audited(current);
    // CIS Kubernetes accepts an absent entry, but only of a config file.
    const absent = current.source.kind === 'legacy-default' ? 'fail' : 'pass';
    const audit = seen === undefined ? absent : seen.value === 0 ? 'pass' : 'fail';
    const reason = `${stated('readOnlyPort', current)}.`;
    if (current.value === 0) return { status: 'pass', audit, reason, advisories: [] };
    const change = { setting: 'readOnlyPort', flag: 'read-only-port', value: '0', current } as const;
    const remediation = [step(texts.first(current.value)), ...remedy(node, change).steps];
    return { status: 'fail', audit, reason, advisories: [], remediation };
  }),
};

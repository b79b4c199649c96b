import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Rule } from '../criteria/rule.ts';
import { fieldOf, isUnset, stated } from '../criteria/setting.ts';
import { platformOf } from '../platforms/index.ts';

const texts = {
  url: (value: string) => `${value}: whoever answers there starts pods on this node, as any user, past the API server.`,
  path: (value: string) =>
    `${value}: pods that lie there start without the API server, its admission and its audit log, so a person must know who puts them there.`,
  none: 'Neither staticPodURL nor staticPodPath is set: this kubelet starts only pods of the API server.',
  bottlerocket: 'Bottlerocket starts the static pods of its settings (settings.kubernetes.static-pods) from there.',
  look: (path: string) =>
    `Run \`ls -l ${path}\` on the node, and kubectl get pods -A to see their mirrors. On a worker nothing needs it: take it away by leaving it empty (\`staticPodPath: ""\`). Nodes of a control plane of kubeadm need it.`,
};

/** Ours, and the STIG's: what starts pods past the API server. Source: kubernetes.io, tasks, static pods. */
export const staticPods: Rule = {
  name: 'static-pods',
  title: 'Pods come from the API server alone',
  failureTitle: 'Pods come from elsewhere than the API server',
  why: 'A static pod is started by the kubelet itself, privileged if it says so, and no admission policy ever sees it. Who can write its directory, or answer for its address, owns the node and stays through every restart.',
  severity: 'high',
  procedure: {
    expected: 'staticPodPath and staticPodURL are not set',
    command: "ps -ef | grep '[k]ubelet'; cat $config",
  },
  references: [
    'https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/',
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
  ],
  check: checkSettings(['staticPodURL', 'staticPodPath'], (node, { settings }) => {
    const url = fieldOf(settings, 'staticPodURL', '');
    const path = fieldOf(settings, 'staticPodPath', '');
    const audit = isUnset(path) && isUnset(url) ? 'pass' : 'fail';
    if (url.value !== '') {
      const change = { setting: 'staticPodURL', flag: 'manifest-url', value: '""', current: url } as const;
      const reason = texts.url(stated('staticPodURL', url));
      return { status: 'fail', audit, reason, advisories: [], remediation: remedy(node, change).text };
    }
    if (path.value === '') return { status: 'pass', audit, reason: texts.none, advisories: [] };
    const own = platformOf(node).name === 'bottlerocket' ? ` ${texts.bottlerocket}` : '';
    const reason = texts.path(stated('staticPodPath', path)) + own;
    return { status: 'manual', audit, reason, advisories: [], remediation: texts.look(wordOf(path.value)) };
  }),
};

/** A path as one word of a shell. */
function wordOf(path: string): string {
  return /^[\w@%+=:,./-]{1,160}$/.test(path) ? path : 'the path that the reason names';
}

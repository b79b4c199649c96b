import { checkSettings } from '../criteria/check-settings.ts';
import { onNode } from '../criteria/on-node.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Rule } from '../criteria/rule.ts';
import { audited, fieldOf, stated } from '../criteria/setting.ts';
import { lacks } from '../kubelet/bottlerocket.ts';
import { platformOf } from '../platforms/index.ts';
import { sh } from '../platforms/shell.ts';
import { step } from '../platforms/step.ts';

const texts = {
  url: (value: string) => `${value}: whoever answers there starts pods on this node, as any user, past the API server.`,
  path: (value: string) =>
    `${value}: pods that lie there start without the API server, its admission and its audit log, so a person must know who puts them there.`,
  none: 'Neither staticPodURL nor staticPodPath is set: this kubelet starts only pods of the API server.',
  bottlerocket: 'Bottlerocket starts the static pods of its settings (settings.kubernetes.static-pods) from there.',
  ofSettings: step(
    'Take those out of `settings.kubernetes.static-pods` that nobody needs, in the user data from which new nodes start too.',
  ),
  unneeded: step(
    'Where none is needed, turn all of them off, in the user data too.',
    'apiclient set settings.kubernetes.static-pods-enabled=false',
  ),
  look: 'Look what lies there on the node.',
  mirrors: step('Look at the pods, among them the mirrors of static ones.', 'kubectl get pods -A'),
  empty: step(
    'Leave it empty on a worker (`staticPodPath: ""`), where nothing needs it; nodes of a control plane of kubeadm do.',
  ),
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
    const audit = [path, url].every((each) => (audited(each)?.value ?? '') === '') ? 'pass' : 'fail';
    if (url.value !== '') {
      // An argument has no quotes that a shell took off.
      const empty = { value: '""', argument: '' };
      const change = { setting: 'staticPodURL', flag: 'manifest-url', ...empty, current: url };
      const reason = texts.url(stated('staticPodURL', url));
      return { status: 'fail', audit, reason, advisories: [], remediation: remedy(node, change).steps };
    }
    if (path.value === '') return { status: 'pass', audit, reason: texts.none, advisories: [] };
    const ofSettings = platformOf(node).name === 'bottlerocket';
    const reason = texts.path(stated('staticPodPath', path)) + (ofSettings ? ` ${texts.bottlerocket}` : '');
    const remediation = ofSettings
      ? [
          texts.mirrors,
          texts.ofSettings,
          ...(lacks('static-pods-enabled', node.evidence.os) === undefined ? [texts.unneeded] : []),
        ]
      : [onNode(node, texts.look, sh`ls -l ${path.value}`), texts.mirrors, texts.empty];
    return { status: 'manual', audit, reason, advisories: [], remediation };
  }),
};

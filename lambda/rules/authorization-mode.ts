import { withCallers } from '../criteria/callers.ts';
import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Rule } from '../criteria/rule.ts';
import { audited, stated } from '../criteria/setting.ts';
import { platformOf } from '../platforms/index.ts';
import { step } from '../platforms/step.ts';

const ALLOW_ALL = 'AlwaysAllow';

/** With any other, in another case too, the kubelet exits (kubernetes cmd/kubelet/app/auth.go, BuildAuthz). */
const MODES: ReadonlySet<string> = new Set([ALLOW_ALL, 'Webhook']);

const texts = {
  unknown: (value: string) => `${value}: a kubelet has no such mode and exits, so this one does not run with it.`,
  /** The user is the subject of its --kubelet-client-certificate (kubernetes.io, Kubelet authentication/authorization). */
  first:
    "First let the API server's user do what it does on kubelets, or kubectl logs and exec fail here; API_USER is the name in the API server's --kubelet-client-certificate.",
  bind: `kubectl create clusterrolebinding kubelet-api-admin --clusterrole=system:kubelet-api-admin --user="\${API_USER:?}"`,
  /** Without an API server there is nobody to ask, and a kubelet in Webhook mode exits (server.go, BuildAuth). */
  standalone:
    'Close its port instead by `enableServer: false` or `address: 127.0.0.1`: this kubelet has no --kubeconfig and so no API server that could authorize, and with Webhook it would not start.',
};

export const authorizationMode: Rule = {
  name: 'authorization-mode',
  title: "The kubelet's API authorizes requests",
  failureTitle: "The kubelet's API allows every request",
  why: "AlwaysAllow lets everybody who is authenticated, and with anonymous requests on everybody at all, run commands in every container of the node. Webhook asks the API server, so that the cluster's RBAC decides.",
  severity: 'critical',
  procedure: { expected: 'authorization.mode is not AlwaysAllow', command: "ps -ef | grep '[k]ubelet'; cat $config" },
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/',
    'https://kubernetes.io/docs/reference/access-authn-authz/webhook/',
  ],
  check: withCallers(
    checkSettings(['authorization.mode'], (node, { settings, credentials }) => {
      const current = settings['authorization.mode'];
      const seen = audited(current);
      const audit = seen !== undefined && seen.value !== ALLOW_ALL ? 'pass' : 'fail';
      const value = stated('authorization.mode', current);
      const known = MODES.has(current.value);
      if (known && current.value !== ALLOW_ALL) return { status: 'pass', audit, reason: `${value}.`, advisories: [] };
      const change = {
        setting: 'authorization.mode',
        flag: 'authorization-mode',
        value: 'Webhook',
        current,
        accepts: (mode: unknown) => mode === 'Webhook',
      } as const;
      const alone = credentials.kind === 'none' && platformOf(node).setsCallers;
      const { steps, writes } = remedy(node, change);
      const first = writes && !platformOf(node).authorizesApiServer ? [step(texts.first, texts.bind)] : [];
      const remediation = alone ? [step(texts.standalone)] : [...first, ...steps];
      if (!known) return { status: 'error', audit, reason: texts.unknown(value), advisories: [], remediation };
      return { status: 'fail', audit, reason: `${value}.`, advisories: [], remediation };
    }),
  ),
};

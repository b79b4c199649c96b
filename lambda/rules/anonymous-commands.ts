import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Rule } from '../criteria/rule.ts';
import { fieldOf, stated } from '../criteria/setting.ts';
import { step } from '../platforms/step.ts';

const texts = {
  closed: (value: string) => `${value}: the kubelet serves no API.`,
  known: (value: string) => `${value}: who runs commands has said who they are.`,
  off: (value: string) => `${value}: nobody runs commands by the kubelet's API.`,
  open: (anonymous: string, mode: string, port: number) =>
    `${anonymous} and ${mode}: whoever reaches port ${port} runs commands in every container of this node, without a name.`,
  asks: (anonymous: string) =>
    `${anonymous}, and the API server decides what system:anonymous may do here: a person must look whether that is nothing.`,
  look: [
    step(
      'Ask what a user without a name may do here, which must be no.',
      'kubectl auth can-i create nodes/proxy --as=system:anonymous',
    ),
    step(
      'Ask the same of their group, which must be no too.',
      'kubectl auth can-i create nodes/proxy --as=x --as-group=system:unauthenticated',
    ),
  ],
};

/** Ours: two settings that are bad enough alone, and let strangers in together. */
export const anonymousCommands: Rule = {
  name: 'anonymous-commands',
  title: 'Nobody runs commands in containers without a name',
  failureTitle: 'Anybody may run commands in containers without a name',
  why: "The kubelet's API can run commands, read logs and forward ports (enableDebuggingHandlers, on by default). With anonymous requests let in, and nobody asked what they may do, that is a shell in every pod for the whole network.",
  severity: 'critical',
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/',
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
  ],
  check: checkSettings(
    ['authentication.anonymous.enabled', 'enableDebuggingHandlers', 'authorization.mode'],
    (node, { settings }) => {
      const anonymous = settings['authentication.anonymous.enabled'];
      const mode = settings['authorization.mode'];
      const handlers = fieldOf(settings, 'enableDebuggingHandlers', true);
      const server = fieldOf(settings, 'enableServer', true);
      const said = stated('authentication.anonymous.enabled', anonymous);
      const pass = (reason: string) => ({ status: 'pass' as const, reason, advisories: [] });
      if (!server.value) return pass(texts.closed(stated('enableServer', server)));
      if (!anonymous.value) return pass(texts.known(said));
      if (!handlers.value) return pass(texts.off(stated('enableDebuggingHandlers', handlers)));
      if (mode.value !== 'AlwaysAllow') {
        return { status: 'manual', reason: texts.asks(said), advisories: [], remediation: texts.look };
      }
      const change = {
        setting: 'authentication.anonymous.enabled',
        flag: 'anonymous-auth',
        value: 'false',
        current: anonymous,
      } as const;
      const reason = texts.open(said, stated('authorization.mode', mode), fieldOf(settings, 'port', 10_250).value);
      return { status: 'fail', reason, advisories: [], remediation: remedy(node, change).steps };
    },
  ),
};

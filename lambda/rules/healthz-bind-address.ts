import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Rule } from '../criteria/rule.ts';
import { fieldOf, isLocal, stated } from '../criteria/setting.ts';

const texts = {
  closed: (value: string) => `${value}: the kubelet serves no health port.`,
  open: (address: string, port: number) =>
    `${address}: port ${port} answers everybody who reaches the node, without asking who they are.`,
};

/** Ours. The health port knows no authentication (cmd/kubelet/app/server.go, healthz). */
export const healthzBindAddress: Rule = {
  name: 'healthz-bind-address',
  title: "The kubelet's health port answers this host only",
  failureTitle: "The kubelet's health port answers other hosts",
  why: 'The port asks nobody who they are. It tells a stranger that a kubelet runs there and whether it is in trouble, and in old versions gave away its memory (CVE-2019-11248).',
  severity: 'low',
  references: [
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    'https://github.com/kubernetes/kubernetes/issues/81023',
  ],
  check: checkSettings(['healthzBindAddress', 'healthzPort'], (node, { settings }) => {
    const address = fieldOf(settings, 'healthzBindAddress', '127.0.0.1');
    const port = fieldOf(settings, 'healthzPort', 10_248);
    const value = stated('healthzBindAddress', address);
    if (port.value === 0) {
      return { status: 'pass', reason: texts.closed(stated('healthzPort', port)), advisories: [] };
    }
    if (isLocal(address.value)) return { status: 'pass', reason: `${value}.`, advisories: [] };
    const change = {
      setting: 'healthzBindAddress',
      flag: 'healthz-bind-address',
      value: '127.0.0.1',
      current: address,
      accepts: (own: unknown) => isLocal(String(own)),
    } as const;
    const reason = texts.open(value, port.value);
    return { status: 'fail', reason, advisories: [], remediation: remedy(node, change).steps };
  }),
};

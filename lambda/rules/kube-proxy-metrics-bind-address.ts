import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import { isObject, parseJson } from '../go/json.ts';
import { leadingSpace } from '../go/literals.ts';
import { Exit, Unknown } from '../go/outcome.ts';
import { parseYaml } from '../go/yaml/compose.ts';
import { hidesHost } from '../kubelet/bottlerocket.ts';
import type { ProxyProcess } from '../kubelet/evidence.ts';
import { platformOf } from '../platforms/index.ts';
import { type Step, step } from '../platforms/step.ts';
import { oneLine } from '../platforms/wording.ts';

/** kube-proxy's own default (pkg/proxy/apis/config/v1alpha1/defaults.go). */
const DEFAULT = '127.0.0.1:10249';

const FIELD = 'metricsBindAddress';

const texts = {
  unseen: 'Whether a kube-proxy runs on this node is not known: no process of the host was seen.',
  none: 'No kube-proxy runs on this node.',
  value: (address: string, where: string) => `kube-proxy serves its metrics at ${address} (${where}).`,
  byDefault: "kube-proxy's default",
  unread: (path: string) =>
    `kube-proxy takes its configuration from ${path}, whose text is not in the evidence: a person must look at metricsBindAddress in it.`,
  strange: (pid: number, why: string) => `Process ${pid} may be the node's kube-proxy and was not read: ${why}.`,
  embedded: (title: string, where: string) =>
    `kube-proxy is a part of ${title}, and its arguments in ${where} are not in the evidence: a person must look at --metrics-bind-address among them.`,
  argument: (where: string) =>
    `Look for metrics-bind-address in ${where}: without it, kube-proxy serves its metrics at ${DEFAULT}; another address must be a local one.`,
  look: 'Look at metricsBindAddress in the ConfigMap of kube-proxy (kube-proxy-config on EKS, kube-proxy with kubeadm): it must be empty or a local address.',
  set: 'Set `metricsBindAddress: 127.0.0.1:10249` in the ConfigMap of kube-proxy (kube-proxy-config on EKS, kube-proxy with kubeadm); whoever scrapes these metrics from other hosts loses them.',
  pods: 'Restart its pods.',
  remove: (list: string) =>
    `Remove --metrics-bind-address from ${list}; whoever scrapes these metrics from other hosts loses them.`,
  restart: 'Restart kube-proxy.',
};

/** Where one kube-proxy serves its metrics: `undefined` address where the evidence cannot say. */
type MetricsAddress = { address?: string; where: string; fromFile: boolean; set: boolean };

export const kubeProxyMetricsBindAddress: Rule = {
  name: 'kube-proxy-metrics-bind-address',
  title: 'kube-proxy serves its metrics to this host only',
  failureTitle: 'kube-proxy serves its metrics to other hosts',
  why: 'The metrics port of kube-proxy needs no authentication and tells about the services of the cluster; it also serves its configuration and, with profiling on, its memory.',
  severity: 'medium',
  procedure: {
    expected: 'metricsBindAddress is not set, or on 127.0.0.1',
    command: "ps -ef | grep '[k]ube-proxy'; cat $proxy-config",
  },
  withoutArguments: true,
  references: [
    'https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/',
    'https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/',
  ],
  check(node: NodeView): Verdict {
    const { embeddedProxy, title } = platformOf(node);
    // Of one in the kubelet's own process only the arguments are known that its users gave.
    const isKnown = (proxy: ProxyProcess) => !embeddedProxy || flag(proxy.argv, 'metrics-bind-address') !== undefined;
    if (embeddedProxy && !node.evidence.proxies.some(isKnown)) {
      const reason = texts.embedded(title, embeddedProxy.arguments);
      return { status: 'manual', reason, advisories: [], remediation: [step(texts.argument(embeddedProxy.arguments))] };
    }
    if (hidesHost(node.kubelet)) return manual(texts.unseen);
    const verdicts = node.evidence.proxies.map((proxy) =>
      proxy.unread === undefined
        ? judge(metricsAddress(proxy), embeddedProxy?.arguments)
        : manual(texts.strange(proxy.pid, oneLine(proxy.unread))),
    );
    const worst =
      verdicts.find(({ status }) => status === 'fail') ??
      verdicts.find(({ status }) => status === 'manual') ??
      verdicts[0];
    return worst ?? { status: 'not-applicable', reason: texts.none, advisories: [] };
  },
};

const manual = (reason: string): Verdict => ({
  status: 'manual',
  reason,
  advisories: [],
  remediation: [step(texts.look)],
});

function judge({ address, where, fromFile, set }: MetricsAddress, list: string | undefined): Verdict {
  if (address === undefined) return manual(texts.unread(where));
  const audit = !set || address.includes('127.0.0.1') ? 'pass' : 'fail';
  const reason = texts.value(oneLine(address), where);
  if (isLocal(address)) return { status: 'pass', audit, reason, advisories: [] };
  return { status: 'fail', audit, reason, advisories: [], remediation: fromFile ? inConfigMap() : inArguments(list) };
}

function inConfigMap(): Step[] {
  return [step(texts.set), step(texts.pods, 'kubectl -n kube-system rollout restart daemonset kube-proxy')];
}

function inArguments(list = 'the arguments of kube-proxy'): Step[] {
  return [step(texts.remove(list)), step(texts.restart)];
}

/** With --config the file decides and the flag is not looked at (cmd/kube-proxy/app/options.go, Complete). */
function metricsAddress(proxy: ProxyProcess): MetricsAddress {
  const config = flag(proxy.argv, 'config');
  if (config === undefined || config === '') {
    const address = flag(proxy.argv, 'metrics-bind-address') ?? '';
    const set = address !== '';
    const where = set ? `flag --metrics-bind-address=${oneLine(address)}` : texts.byDefault;
    return { address: set ? address : DEFAULT, where, fromFile: false, set };
  }
  const where = oneLine(config);
  const content = proxy.files.findLast((file) => file.role === 'proxy-config')?.content;
  if (content === undefined) return { where, fromFile: true, set: false };
  const address = addressIn(content);
  if (address === undefined) return { where, fromFile: true, set: false };
  return { address: address === '' ? DEFAULT : address, where, fromFile: true, set: address !== '' };
}

/**
 * metricsBindAddress of a KubeProxyConfiguration; empty where it is not set, undefined where kube-proxy could not read the
 * text. Names count as they are written, and of several the last does (cmd/kube-proxy/app/options.go, loadConfig: what its
 * strict reading refuses it reads again leniently; sigs.k8s.io/json is case-sensitive).
 */
function addressIn(text: string): string | undefined {
  try {
    const root = text.startsWith('{', leadingSpace(text)) ? parseJson(text) : parseYaml(text, false);
    const value =
      root !== null && isObject(root) ? root.members.findLast(({ key }) => key === FIELD)?.value : undefined;
    if (value === undefined || value === null) return '';
    return typeof value === 'string' && value !== 'REDACTED' ? value : undefined;
  } catch (error) {
    if (error instanceof Exit || error instanceof Unknown) return undefined;
    throw error;
  }
}

/** The last value of a flag, as pflag reads it: `--x=v` or `--x v`, with `_` for `-`. */
function flag(argv: string[], name: string): string | undefined {
  let value: string | undefined;
  for (const [index, argument] of argv.entries()) {
    const [, key, given] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (key?.replaceAll('_', '-') === name) value = given ?? argv[index + 1] ?? '';
  }
  return value;
}

/** 127.0.0.0/8, ::1 or localhost, with or without a port. */
function isLocal(address: string): boolean {
  return /^(127(\.\d{1,3}){3}|localhost)(:\d+)?$|^(\[::1\](:\d+)?|::1)$/.test(address);
}

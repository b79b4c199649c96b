/** What to do on this very node: the flag or file and line that holds the value, the change, and how it takes effect. */
import type { Setting, SettingPath, Source } from '../kubelet/configuration.ts';
import type { FileEvidence } from '../kubelet/evidence.ts';
import { INSTALLERS, type Installer } from '../platforms/installers.ts';
import { nodeType } from '../platforms/node-type.ts';
import { restart } from './restart.ts';
import type { NodeView } from './rule.ts';
import { capital, listed, origin, quote, shown } from './setting.ts';

/** A wanted value of one setting. */
export type Change = {
  /** v1beta1 path; absent where only the flag exists. */
  setting?: SettingPath;
  /** Name of the flag without dashes. */
  flag: string;
  /** The wanted value as YAML; absent where the flag should only go. */
  value?: string;
  /** The same as a flag's value, where a flag writes it otherwise: lists are `A,B`. */
  argument?: string;
  /** Whether another value that is already written beneath may stay; by default the wanted value alone may. */
  accepts?: (value: unknown) => boolean;
  /** What holds it now. */
  current: Setting<unknown>;
  /** Line of Bottlerocket's user data below `[settings.kubernetes]`; absent where Bottlerocket has no such setting. */
  bottlerocket?: string;
};

/**
 * Bottlerocket's kubelet lets everybody in, on 127.0.0.1, in standalone mode and nowhere else (bottlerocket-core-kit,
 * packages/kubernetes-1.31/kubelet-config).
 */
export const STANDALONE_OFF = 'standalone-mode = false';

const texts = {
  nodeadm: (what: string) =>
    `${what} of the NodeConfig in the node group's user data (launch template), then replace the node: nodeadm rewrites the kubelet's files at every boot`,
  al2: (what: string) =>
    `${what} of /etc/eks/bootstrap.sh in the node group's user data (launch template), then replace the node`,
  bottlerocket: (line: string) =>
    `Set \`${line}\` below \`[settings.kubernetes]\` in the user data, or by apiclient set on the running node; Bottlerocket restarts the kubelet itself`,
  bottlerocketFixed: (name: string) =>
    `Bottlerocket has no setting for ${name}: its image decides it, so update to a Bottlerocket release whose kubelet configuration has the wanted value`,
  bottlerocketStandalone: `Bottlerocket decides this by \`standalone-mode\` below \`[settings.kubernetes]\`; in that mode its kubelet listens on 127.0.0.1 only. If the node is to join a cluster, set \`${STANDALONE_OFF}\` together with api-server, cluster-name and cluster-certificate, without which the kubelet cannot start; otherwise accept the finding by a waiver.`,
  foreign: (what: string, restart: string) =>
    `${what}, and in whatever puts that file on new nodes (user data or image), because it overrides what nodeadm writes; then ${restart}`,
  remains: ({ setting, flag }: Change, { value, source }: Held) =>
    `leave ${origin(source)} as it is (it says \`${setting ?? flag}: ${shown(value)}\`)`,
  kubeadm: (map: string) =>
    `change the ${map} ConfigMap in kube-system as well, because kubeadm upgrade rewrites the file from it`,
  rke2: (entry: string, instead: string, restart: string) =>
    `Set \`${entry}\` in the list kubelet-arg of /etc/rancher/rke2/config.yaml${instead}; then ${restart}: RKE2 makes the kubelet's arguments from it, and they come before its files`,
  kops: 'make the change in spec.kubelet of the kOps cluster or instance group and run a rolling update, because kOps rewrites the file',
  installer: (steps: string[], ending: string) => `${capital(steps.join(', and '))}; ${ending}.`,
};

/** The advice, in one or a few sentences. */
export function remedy(node: NodeView, change: Change): string {
  const type = nodeType(node);
  if (type === 'bottlerocket') {
    if (change.bottlerocket === STANDALONE_OFF) return texts.bottlerocketStandalone;
    return change.bottlerocket
      ? `${texts.bottlerocket(change.bottlerocket)}.`
      : `${texts.bottlerocketFixed(change.setting ?? `--${change.flag}`)}.`;
  }
  if (type === 'rke2' && change.value !== undefined) return rke2(node, change);
  if (type === 'eks-nodeadm' || type === 'eks-al2') return eks(node, type, change);
  const installer = INSTALLERS[type];
  if (installer) return installed(installer, change);
  const { flags, remains } = unwind(change);
  const { step, file } = remains ? { step: texts.remains(change, remains), file: undefined } : edition(node, change);
  const steps = [...removal(node, change.flag, flags), ...(step ? [step] : [])];
  const map = type === 'kubeadm' && file?.role === 'config' ? texts.kubeadm(configMap(node)) : undefined;
  const also = type === 'kops' ? texts.kops : map;
  return `${capital(steps.join(', and '))}; then ${restart(node)}${also ? `; ${also}` : ''}.`;
}

/** The flags that must go, as written, and what has the wanted value once they are gone, if something has. */
function unwind({ current, value, accepts = (held) => String(held) === value }: Change): Unwound {
  const [, ...beneath] = [current, ...(current.overrode ?? [])];
  if (current.source.kind !== 'flag') return { flags: [] };
  const kept = beneath.findIndex((entry) => entry.source.kind !== 'flag' || accepts(entry.value));
  const gone = [current, ...(kept < 0 ? beneath : beneath.slice(0, kept))];
  const flags = gone.map(({ source }) => quote(source.where ?? ''));
  const next = beneath[kept];
  return next && accepts(next.value) ? { flags, remains: next } : { flags };
}

type Held = { value: unknown; source: Source };
type Unwound = { flags: string[]; remains?: Held };

/** `readOnlyPort: 0`, or a path and its value: a line `authorization.mode: Webhook` would be no key that a kubelet knows. */
function assignment(path: string, value: string): string {
  return path.includes('.') ? `\`${path}\` to \`${value}\`` : `\`${path}: ${value}\``;
}

/** How kubeadm calls it; before 1.24 each minor version had its own (kubernetes/enhancements, KEP-2915). */
function configMap({ configuration: { version } }: NodeView): string {
  return version.known && version.minor < 24 ? `kubelet-config-1.${version.minor}` : 'kubelet-config';
}

/** RKE2 Agent Configuration Reference, kubelet-arg; k3s-io/k3s pkg/util/args.go, GetArgs: an entry overrides an argument of its own. */
function rke2(node: NodeView, change: Change): string {
  const { flags } = unwind(change);
  const written = flags.map((flag) => `\`${flag}\``).join(' and ');
  const instead = flags.length > 0 ? ` in place of what gives ${written}` : '';
  return `${texts.rke2(`${change.flag}=${change.argument ?? change.value}`, instead, restart(node))}.`;
}

function eks(node: NodeView, type: 'eks-nodeadm' | 'eks-al2', change: Change): string {
  const { flags, remains } = unwind(change);
  const written = flags.map((flag) => `\`${flag}\``).join(' and ');
  const { setting, value, argument = value } = change;
  if (type === 'eks-nodeadm') {
    const sets = value !== undefined && setting && !remains ? `set ${assignment(setting, value)} in` : undefined;
    const removes = flags.length > 0 ? [`remove ${written} from spec.kubelet.flags`] : [];
    const foreign = foreignDropIn(change);
    if (sets && foreign) {
      const steps = [...removes.map((step) => `${step} of the NodeConfig`), `${sets} ${quote(foreign)}`];
      return `${texts.foreign(capital(steps.join(', and ')), restart(node))}.`;
    }
    const steps = [...removes, ...(sets ? [`${sets} spec.kubelet.config`] : [])];
    return `${texts.nodeadm(capital(steps.join(' and ')))}.`;
  }
  if (value === undefined || remains) return `${texts.al2(`Remove ${written} from --kubelet-extra-args`)}.`;
  const verb = flags.length > 0 ? `Replace ${written} by` : 'Add';
  return `${texts.al2(`${verb} \`--${change.flag}=${argument}\` in --kubelet-extra-args`)}.`;
}

/** A drop-in that decides and that nodeadm does not write (its own are 40-nodeadm.conf, earlier 00-nodeadm.conf). */
function foreignDropIn({ current }: Change): string | undefined {
  const decides = [current, ...(current.overrode ?? [])].find(({ source }) => source.kind !== 'flag');
  const where = decides?.source.kind === 'drop-in' ? decides.source.where : undefined;
  return where?.endsWith('-nodeadm.conf') ? undefined : where;
}

function installed({ config, flags: place, ending, own = [] }: Installer, change: Change): string {
  const { setting, flag, value, argument = value } = change;
  const { flags, remains } = unwind(change);
  const written = listed(
    flags.map((each) => `\`${each}\``),
    ' and ',
  );
  const removes = flags.length > 0 ? [`remove ${written} from ${place}`] : [];
  if (remains) return texts.installer([...removes, texts.remains(change, remains)], ending);
  if (value === undefined) return texts.installer(removes, ending);
  const takes = setting && !own.some((path) => `${setting}.`.startsWith(`${path}.`));
  const sets = takes ? `set ${assignment(setting, value)} in ${config}` : `add \`--${flag}=${argument}\` to ${place}`;
  return texts.installer([...removes, sets], ending);
}

function removal(node: NodeView, flag: string, flags: string[]): string[] {
  if (flags.length === 0) return [];
  const written = listed(
    flags.map((each) => `\`${each}\``),
    ' and ',
  );
  return [`remove ${written} from ${flagPlaces(node, flag) ?? argumentsFile(node) ?? "the kubelet's command line"}`];
}

/** The change itself, and the file in which it is made, if it is one. */
function edition(
  node: NodeView,
  { setting, value, argument = value, flag, current }: Change,
): { step?: string; file?: FileEvidence } {
  if (value === undefined) return {};
  const sources = [current.source, ...(current.overrode ?? []).map((entry) => entry.source)];
  const beneath = sources.find(({ kind }) => kind === 'file' || kind === 'drop-in')?.where;
  const file = node.kubelet.files.find(({ path }) => path === beneath) ?? configFile(node);
  const path = beneath ?? file?.path;
  if (setting === undefined || path === undefined) {
    return { step: `add \`--${flag}=${argument}\` to ${argumentsFile(node) ?? "the kubelet's command line"}` };
  }
  const paths = nonZeroPlaces(node, value, current) ?? [path];
  const places = paths.map((each) => {
    // Where the file does not say it, keys of the same name would only mislead.
    const said = sources.some(({ where }) => where === each);
    const line = said ? lineOf(node.kubelet.files.find((one) => one.path === each)?.content, setting) : undefined;
    return `${quote(each)}${line ? ` (line ${line})` : ''}`;
  });
  const step = `set ${assignment(setting, value)} in ${listed(places, ' and ')}`;
  const first = paths[0] === path ? file : node.kubelet.files.find((one) => one.path === paths[0]);
  return first ? { step, file: first } : { step };
}

/**
 * Where kubelet 1.28 with drop-ins takes a value from. It reads each of them with all defaults and lets what is not zero
 * override: the last one decides, but a zero (false, 0) only counts where every file says it (cmd/kubelet/app/server.go,
 * 1.28, mergeKubeletConfigurations).
 */
function nonZeroPlaces(
  { kubelet, configuration }: NodeView,
  value: string,
  current: Setting<unknown>,
): string[] | undefined {
  const { version } = configuration;
  const last = kubelet.files.findLast(
    ({ role, state, path }) => role === 'drop-in' && state === 'file' && path.endsWith('.conf'),
  );
  if (!version.known || version.minor !== 28 || last === undefined) return undefined;
  if (value !== 'false' && value !== '0') return [last.path];
  const others = [current, ...(current.overrode ?? [])]
    .filter((entry) => entry.source.kind !== 'flag' && shown(entry.value) !== value)
    .flatMap(({ source: { where } }) => where ?? []);
  return others.length > 0 ? [...new Set(others)] : undefined;
}

/** `/etc/systemd/system/kubelet.service.d/10-kubeadm.conf line 7`, where the collector saw the flag written. */
function flagPlaces(node: NodeView, flag: string): string | undefined {
  const places = node.kubelet.files.flatMap((file) =>
    (file.flags ?? [])
      .filter((entry) => entry.name.replaceAll('_', '-') === flag)
      .map((entry) => `${quote(file.path)} line ${entry.line}`),
  );
  return places.length > 0 ? listed(places, ' and ') : undefined;
}

/** MicroK8s keeps the arguments in a file of their own, one a line. */
function argumentsFile({ kubelet }: NodeView): string | undefined {
  return kubelet.files.find(({ role, path }) => role === 'environment' && path.endsWith('/args/kubelet'))?.path;
}

/** The file that --config names, if the collector found it. */
function configFile({ kubelet, configuration }: NodeView): FileEvidence | undefined {
  const files = kubelet.files.filter((file) => file.role === 'config' && file.state === 'file');
  return configuration.starts === true ? files.find(({ path }) => path === configuration.configFile) : files[0];
}

/** 1-based line of a setting in YAML or JSON, found by its keys in turn; good enough to point a person at it. */
function lineOf(content: string | undefined, path: string): number | undefined {
  if (content === undefined) return undefined;
  // Comments say nothing; the lines stay where they are.
  const spoken = content.replace(/^[ \t]*#.*$/gm, (comment) => ' '.repeat(comment.length));
  let at = 0;
  const keys = path.split('.');
  for (const key of keys) {
    const found = [...spoken.slice(at).matchAll(new RegExp(`(^|[\\s{,"'])${key}["']?\\s*:`, 'gm'))];
    // Of a key that is there twice the last one counts; below another key, names repeat for other reasons.
    const match = keys.length === 1 ? found.at(-1) : found[0];
    if (!match) return undefined;
    at += match.index + match[0].length;
  }
  return spoken.slice(0, at).split('\n').length;
}

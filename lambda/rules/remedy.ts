/** What to do on this very node: the flag or file and line that holds the value, the change, and how it takes effect. */
import type { Setting, SettingPath, Source } from '../kubelet/configuration.ts';
import type { FileEvidence } from '../kubelet/evidence.ts';
import { nodeType } from './node-type.ts';
import type { NodeView } from './rule.ts';
import { listed, origin, quote } from './setting.ts';

/** A wanted value of one setting. */
export type Change = {
  /** v1beta1 path; absent where only the flag exists. */
  setting?: SettingPath;
  /** Name of the flag without dashes. */
  flag: string;
  /** The wanted value as YAML and as a flag's value; absent where the flag should only go. */
  value?: string;
  /** What holds it now. */
  current: Setting<unknown>;
  /** Line of Bottlerocket's user data below `[settings.kubernetes]`; absent where Bottlerocket has no such setting. */
  bottlerocket?: string;
};

const texts = {
  nodeadm: (what: string) =>
    `${what} of the NodeConfig in the node group's user data (launch template), then replace the node: nodeadm writes the kubelet's files anew at every boot`,
  al2: (what: string) =>
    `${what} of /etc/eks/bootstrap.sh in the node group's user data (launch template), then replace the node`,
  bottlerocket: (line: string) =>
    `Set \`${line}\` below \`[settings.kubernetes]\` in the user data, or by apiclient set on the running node; Bottlerocket restarts the kubelet itself`,
  bottlerocketFixed: (name: string) =>
    `Bottlerocket has no setting for ${name}: its image decides it, so update to a Bottlerocket release whose kubelet configuration has the wanted value`,
  remains: ({ setting, value }: Change, source: Source) =>
    `leave ${origin(source)} as it is, which says \`${setting}: ${value}\``,
  kubeadm:
    'change the kubelet-config ConfigMap in kube-system as well, because kubeadm upgrade writes the file anew from it',
  kops: 'make the change in spec.kubelet of the kOps cluster or instance group and run a rolling update, because kOps writes the file anew',
};

/** The advice, in one or a few sentences. */
export function remedy(node: NodeView, change: Change): string {
  const type = nodeType(node);
  if (type === 'bottlerocket') {
    return change.bottlerocket
      ? `${texts.bottlerocket(change.bottlerocket)}.`
      : `${texts.bottlerocketFixed(change.setting ?? `--${change.flag}`)}.`;
  }
  if (type === 'eks-nodeadm' || type === 'eks-al2') return eks(type, change);
  const { flags, remains } = unwind(change);
  const { step, file } = remains ? { step: texts.remains(change, remains), file: undefined } : edition(node, change);
  const steps = [...removal(node, change.flag, flags), ...(step ? [step] : [])];
  const also = type === 'kops' ? texts.kops : type === 'kubeadm' && file?.role === 'config' ? texts.kubeadm : undefined;
  return `${capital(steps.join(', and '))}; then ${restart(node)}${also ? `; ${also}` : ''}.`;
}

/** The flags that must go, as written, and what has the wanted value once they are gone, if something has. */
function unwind({ current, value }: Change): { flags: string[]; remains?: Source } {
  const entries = [current, ...(current.overrode ?? [])];
  const kept = entries.findIndex((entry) => entry.source.kind !== 'flag' || String(entry.value) === value);
  const flags = (kept < 0 ? entries : entries.slice(0, kept)).map(({ source }) => quote(source.where ?? ''));
  const next = entries[kept];
  return next && flags.length > 0 && String(next.value) === value ? { flags, remains: next.source } : { flags };
}

/** `systemctl daemon-reload && systemctl restart kubelet`, with the unit that runs this kubelet. */
export function restart(node: NodeView): string {
  const { unit, contained } = node.kubelet;
  if (unit === undefined && contained) return 'restart the container of the kubelet';
  const name = unit !== undefined && /^[\w@.:-]{1,80}$/.test(unit) ? unit.replace(/\.service$/, '') : 'kubelet';
  return `systemctl daemon-reload && systemctl restart ${name}`;
}

function eks(type: 'eks-nodeadm' | 'eks-al2', change: Change): string {
  const { flags, remains } = unwind(change);
  const written = flags.map((flag) => `\`${flag}\``).join(' and ');
  const { setting, value } = change;
  if (type === 'eks-nodeadm') {
    const steps = [
      ...(flags.length > 0 ? [`remove ${written} from spec.kubelet.flags`] : []),
      ...(value !== undefined && setting && !remains ? [`set \`${setting}: ${value}\` in spec.kubelet.config`] : []),
    ];
    return `${texts.nodeadm(capital(steps.join(' and ')))}.`;
  }
  if (value === undefined || remains) return `${texts.al2(`Remove ${written} from --kubelet-extra-args`)}.`;
  const verb = flags.length > 0 ? `Replace ${written} by` : 'Add';
  return `${texts.al2(`${verb} \`--${change.flag}=${value}\` in --kubelet-extra-args`)}.`;
}

function removal(node: NodeView, flag: string, flags: string[]): string[] {
  if (flags.length === 0) return [];
  const written = listed(
    flags.map((each) => `\`${each}\``),
    ' and ',
  );
  return [`remove ${written} from ${flagPlaces(node, flag) ?? "the kubelet's command line"}`];
}

/** The change itself, and the file in which it is made, if it is one. */
function edition(node: NodeView, { setting, value, flag, current }: Change): { step?: string; file?: FileEvidence } {
  if (value === undefined) return {};
  const sources = [current.source, ...(current.overrode ?? []).map((entry) => entry.source)];
  const beneath = sources.find(({ kind }) => kind === 'file' || kind === 'drop-in')?.where;
  const file = node.kubelet.files.find(({ path }) => path === beneath) ?? configFile(node);
  const path = beneath ?? file?.path;
  if (setting === undefined || path === undefined) {
    return { step: `add \`--${flag}=${value}\` to the kubelet's command line` };
  }
  const line = lineOf(file?.content, setting);
  const step = `set \`${setting}: ${value}\` in ${quote(path)}${line ? ` (line ${line})` : ''}`;
  return file ? { step, file } : { step };
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

/** The file that --config names, if the collector found one. */
function configFile(node: NodeView): FileEvidence | undefined {
  return node.kubelet.files.find((file) => file.role === 'config' && file.state === 'file');
}

/** 1-based line of a setting in YAML or JSON, found by its keys in turn; good enough to point a person at it. */
function lineOf(content: string | undefined, path: string): number | undefined {
  if (content === undefined) return undefined;
  let at = 0;
  for (const key of path.split('.')) {
    const found = new RegExp(`(^|[\\s{,"'])${key}["']?\\s*:`, 'm').exec(content.slice(at));
    if (!found) return undefined;
    at += found.index + found[0].length;
  }
  return content.slice(0, at).split('\n').length;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

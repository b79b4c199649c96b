/** What to do on this very node: the flag or file and line that holds the value, the change, and how it takes effect. */
import type { Setting, SettingPath } from '../kubelet/configuration.ts';
import type { FileEvidence } from '../kubelet/evidence.ts';
import { nodeType } from './node-type.ts';
import type { NodeView } from './rule.ts';
import { listed, quote } from './setting.ts';

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
  const { step, file } = edition(node, change);
  const steps = [...removal(node, change), ...(step ? [step] : [])];
  const also = type === 'kops' ? texts.kops : type === 'kubeadm' && file?.role === 'config' ? texts.kubeadm : undefined;
  return `${capital(steps.join(', and '))}; then ${restart(node)}${also ? `; ${also}` : ''}.`;
}

/** `systemctl daemon-reload && systemctl restart kubelet`, with the unit that runs this kubelet. */
export function restart(node: NodeView): string {
  const { unit, contained } = node.kubelet;
  if (unit === undefined && contained) return 'restart the container of the kubelet';
  const name = unit !== undefined && /^[\w@.:-]{1,80}$/.test(unit) ? unit.replace(/\.service$/, '') : 'kubelet';
  return `systemctl daemon-reload && systemctl restart ${name}`;
}

function eks(type: 'eks-nodeadm' | 'eks-al2', change: Change): string {
  const fromFlag = change.current.source.kind === 'flag';
  const written = quote(change.current.source.where ?? `--${change.flag}`);
  if (type === 'eks-nodeadm') {
    const steps = [
      ...(fromFlag ? [`remove \`${written}\` from spec.kubelet.flags`] : []),
      ...(change.value !== undefined && change.setting
        ? [`set \`${change.setting}: ${change.value}\` in spec.kubelet.config`]
        : []),
    ];
    return `${texts.nodeadm(capital(steps.join(' and ')))}.`;
  }
  if (change.value === undefined) return `${texts.al2(`Remove \`${written}\` from --kubelet-extra-args`)}.`;
  const replaced = fromFlag ? `Replace \`${written}\` by` : 'Add';
  return `${texts.al2(`${replaced} \`--${change.flag}=${change.value}\` in --kubelet-extra-args`)}.`;
}

function removal(node: NodeView, change: Change): string[] {
  const { source } = change.current;
  if (source.kind !== 'flag') return [];
  const place = flagPlaces(node, change.flag);
  return [`remove \`${quote(source.where ?? `--${change.flag}`)}\` from ${place ?? "the kubelet's command line"}`];
}

/** The change itself, and the file in which it is made, if it is one. */
function edition(node: NodeView, change: Change): { step?: string; file?: FileEvidence } {
  const { setting, value, flag, current } = change;
  if (value === undefined) return {};
  const beneath = current.source.kind === 'flag' ? current.overrode?.[0]?.source : current.source;
  const named = node.kubelet.files.find((file) => file.path === beneath?.where);
  const file = named ?? configFile(node);
  const path = beneath?.kind === 'flag' ? file?.path : (beneath?.where ?? file?.path);
  if (setting === undefined || path === undefined)
    return { step: `add \`--${flag}=${value}\` to the kubelet's command line` };
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

/** How a kubelet comes to run with what was changed. */
import { INSTALLERS } from '../platforms/installers.ts';
import { type NodeType, nodeType } from '../platforms/node-type.ts';
import type { NodeView } from './rule.ts';
import { capital } from './setting.ts';

const texts = {
  container: 'restart the container of the kubelet',
  /** With kind a node is a container, in which systemd runs the kubelet (kubernetes-sigs/kind, 11-kind.conf). */
  inside: (run: string) => `${run} inside the container in which this kubelet runs (kind: docker exec)`,
  other: 'restart the kubelet in the way in which this node starts it',
  bottlerocket: 'reboot the node (apiclient reboot)',
  talos: 'restart the kubelet (talosctl service kubelet restart)',
  replace: 'replace the node',
  roll: 'run a rolling update',
};

/** Nodes whose changes are made outside of them; Bottlerocket restarts the kubelet itself. */
const REPLACED: Partial<Record<NodeType, string>> = {
  'eks-nodeadm': texts.replace,
  'eks-al2': texts.replace,
  kops: texts.roll,
};

/** What makes a change take effect, to follow "then": systemd's command with the unit that runs this kubelet. */
export function restart(node: NodeView): string {
  const type = nodeType(node);
  // Neither has a shell.
  if (type === 'bottlerocket' || type === 'talos') return texts[type];
  const { unit, contained, files } = node.kubelet;
  if (unit === undefined && contained) return texts.container;
  // Without a unit of its own the collector looks for kubelet.service.
  if (unit === undefined && !files.some(({ role }) => role === 'service')) return texts.other;
  const name = unit !== undefined && /^\w[\w@.:-]{0,79}$/.test(unit) ? unit.replace(/\.service$/, '') : 'kubelet';
  const run = `run \`systemctl daemon-reload && systemctl restart ${name}\``;
  return contained ? texts.inside(run) : run;
}

/** What comes after a change where this kind of node is configured, as a sentence; empty where nothing must be done. */
export function takesEffect(node: NodeView): string {
  const type = nodeType(node);
  if (type === 'bottlerocket') return '';
  const installer = INSTALLERS[type];
  if (installer) return `${capital(installer.ending)}.`;
  return `Then ${REPLACED[type] ?? restart(node)}.`;
}

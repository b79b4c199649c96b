/**
 * Restarts of a kubelet that runs as a systemd unit, or in a container.
 * Tested by test/criteria/remedy.test.ts.
 */
import type { NodeFacts } from './platform.ts';

const texts = {
  container: 'restart the container of the kubelet',
  /** With kind a node is a container, in which systemd runs the kubelet (kubernetes-sigs/kind, 11-kind.conf). */
  inside: (run: string) => `${run} inside the container in which this kubelet runs (kind: docker exec)`,
  other: 'restart the kubelet in the way in which this node starts it',
};

/** What restarts this kubelet, to follow "then": systemd's command with the unit that runs it. */
export function restartUnit({ kubelet: { unit, contained, files } }: NodeFacts): string {
  if (unit === undefined && contained) return texts.container;
  // Without a unit of its own the collector looks for kubelet.service.
  if (unit === undefined && !files.some(({ role }) => role === 'service')) return texts.other;
  const name = unit !== undefined && /^\w[\w@.:-]{0,79}$/.test(unit) ? unit.replace(/\.service$/, '') : 'kubelet';
  const run = `run \`systemctl daemon-reload && systemctl restart ${name}\``;
  return contained ? texts.inside(run) : run;
}

/** The same as a sentence that follows the change. */
export function thenRestartUnit(node: NodeFacts): string {
  return `Then ${restartUnit(node)}.`;
}

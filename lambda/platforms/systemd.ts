/**
 * Restarts of a kubelet that runs as a systemd unit, or in a container.
 * Tested by test/criteria/remedy.test.ts.
 */
import type { NodeFacts } from './platform.ts';

const texts = {
  container: 'restart the container of the kubelet',
  /**
   * The unit may be one of this host that runs a container (poseidon/typhoon, kubelet.service), or one of a container that is
   * a node with a systemd of its own (kubernetes-sigs/kind, 11-kind.conf): the cgroup's name is the same.
   */
  contained: (run: string, name: string) =>
    `${run} where \`systemctl status ${name}\` finds the unit: on this host, or with kind in the node's container (docker exec)`,
  other: 'restart the kubelet in the way in which this node starts it',
};

/** What restarts this kubelet, to follow "then": systemd's command with the unit that runs it. */
export function restartUnit({ kubelet: { unit, contained, files } }: NodeFacts): string {
  if (unit === undefined && contained) return texts.container;
  // Without a unit of its own the collector looks for kubelet.service.
  if (unit === undefined && !files.some(({ role }) => role === 'service')) return texts.other;
  const name = unit !== undefined && /^\w[\w@.:-]{0,79}$/.test(unit) ? unit.replace(/\.service$/, '') : 'kubelet';
  const run = `run \`systemctl daemon-reload && systemctl restart ${name}\``;
  return contained ? texts.contained(run, name) : run;
}

/** The same as a sentence that follows the change. */
export function thenRestartUnit(node: NodeFacts): string {
  return `Then ${restartUnit(node)}.`;
}

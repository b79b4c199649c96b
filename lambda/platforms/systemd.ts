/**
 * Restarts of a kubelet that runs as a systemd unit, or in a container, and its log.
 * Tested by test/criteria/remedy.test.ts.
 */
import type { NodeFacts } from './platform.ts';
import { type Step, step } from './step.ts';

const texts = {
  restart: 'Restart the kubelet.',
  container: 'Restart the container of the kubelet.',
  /**
   * The unit may be one of this host that runs a container (poseidon/typhoon, kubelet.service), or one of a container that is
   * a node with a systemd of its own (kubernetes-sigs/kind, 11-kind.conf): the cgroup's name is the same.
   */
  contained: (name: string) =>
    `Restart the kubelet where \`systemctl status ${name}\` finds its unit: on this host, or in the container that is the node (kind).`,
  other: 'Restart the kubelet in the way in which this node starts it.',
  log: 'Watch the log of the kubelet for certificate_manager.',
};

/** What restarts this kubelet: systemd's command with the unit that runs it. */
export function restartUnit(node: NodeFacts): Step {
  const { unit, contained } = node.kubelet;
  if (unit === undefined && contained) return step(texts.container);
  const name = unitOf(node);
  if (name === undefined) return step(texts.other);
  return step(
    contained ? texts.contained(name) : texts.restart,
    `systemctl daemon-reload && systemctl restart ${name}`,
  );
}

/** The same as what follows a change. */
export function thenRestartUnit(node: NodeFacts): [Step] {
  return [restartUnit(node)];
}

/** Where the kubelet says why it has no certificate. */
export function watchLog(node: NodeFacts): Step {
  const name = node.kubelet.contained ? undefined : unitOf(node);
  return watchLogOf(name);
}

/** The same of a unit that is known; without one, without a command. */
export function watchLogOf(unit: string | undefined): Step {
  return step(texts.log, unit && `journalctl -u ${unit} | grep certificate_manager`);
}

/** Without a unit of its own the collector looks for kubelet.service. */
function unitOf({ kubelet: { unit, files } }: NodeFacts): string | undefined {
  if (unit === undefined && !files.some(({ role }) => role === 'service')) return undefined;
  return unit !== undefined && /^\w[\w@.:-]{0,79}$/.test(unit) ? unit.replace(/\.service$/, '') : 'kubelet';
}

/**
 * The list kubelet-arg, from which RKE2 and k3s make the kubelet's arguments; an entry overrides an argument of their own
 * (docs.rke2.io, RKE2 Agent Configuration Reference; docs.k3s.io, k3s agent; k3s-io/k3s pkg/util/args.go, GetArgs).
 * Tested by test/criteria/remedy.test.ts.
 */
import { flagEntry, unwind } from './flags.ts';
import type { Advice, Change, NodeFacts } from './platform.ts';
import { step } from './step.ts';
import { restartUnit } from './systemd.ts';
import { listedCode } from './wording.ts';

const texts = {
  set: (change: Change, where: string, instead: string) =>
    `Set \`${flagEntry(change)}\` in the list kubelet-arg of ${where}${instead}.`,
  instead: (flags: readonly string[]) => ` in place of what gives ${listedCode(flags)}`,
};

/** The entry of `config`, the file with the list, and a restart. */
export function changeKubeletArg(config: string) {
  return (node: NodeFacts, change: Change): Advice => {
    const { flags } = unwind(change);
    const instead = flags.length > 0 ? texts.instead(flags) : '';
    return { steps: [step(texts.set(change, config, instead)), restartUnit(node)], writes: true };
  };
}

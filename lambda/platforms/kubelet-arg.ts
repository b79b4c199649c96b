/**
 * The list kubelet-arg, from which RKE2 and k3s make the kubelet's arguments; an entry overrides an argument of their own
 * (docs.rke2.io, RKE2 Agent Configuration Reference; docs.k3s.io, k3s agent; k3s-io/k3s pkg/util/args.go, GetArgs).
 * Tested by test/criteria/remedy.test.ts.
 */
import { flagEntry, unwind } from './flags.ts';
import { flagPlaces } from './places.ts';
import type { Advice, Change, NodeFacts } from './platform.ts';
import { step } from './step.ts';
import { restartUnit } from './systemd.ts';
import { listedCode, oneLine } from './wording.ts';

const texts = {
  set: (entry: string, where: string) => `Set \`${entry}\` in the list kubelet-arg of ${where}.`,
  replace: (flags: readonly string[], entry: string, where: string) =>
    `Set \`${entry}\` in place of what gives ${listedCode(flags)} in the list kubelet-arg (${where}).`,
  instead: (flags: readonly string[], entry: string, where: string) =>
    `Set \`${entry}\` in the list kubelet-arg of ${where}, in place of what gives ${listedCode(flags)}.`,
  line: (flags: readonly string[], entry: string, where: string) =>
    `Set \`--kubelet-arg=${entry}\` in place of what gives ${listedCode(flags)} on the command line of ${where}, which comes after its configuration.`,
};

/** Where k3s looks for its configuration unless K3S_CONFIG_FILE or --config says otherwise (docs.k3s.io, Configuration Options). */
export const K3S_CONFIG = '/etc/rancher/k3s/config.yaml';

/** The entry of `config`, the file with the list, and a restart. */
export function changeKubeletArg(config: string) {
  return (node: NodeFacts, change: Change): Advice => {
    const { flags } = unwind(change);
    const entry = flagEntry(change);
    const edit = flags.length > 0 ? texts.instead(flags, entry, config) : texts.set(entry, config);
    return { steps: [step(edit), restartUnit(node)], writes: true };
  };
}

/**
 * The same of k3s, whose files were read: an entry is replaced where it stands. What none of them gives stands on the command
 * line of k3s, which its unit has. Of several files only the entries of the last list are sure to count.
 */
export function changeK3sArgument(node: NodeFacts, change: Change): Advice {
  const { flags } = unwind(change);
  const entry = flagEntry(change);
  const place = flagPlaces(node, change.flag);
  const unit = node.kubelet.files.find(({ role, state }) => role === 'service' && state === 'file')?.path;
  const edit =
    flags.length === 0
      ? texts.set(entry, k3sList(node))
      : place === undefined
        ? texts.line(flags, entry, unit === undefined ? 'k3s' : `k3s in ${oneLine(unit)}`)
        : texts.replace(flags, entry, place);
  return { steps: [step(edit), restartUnit(node)], writes: true };
}

/** The last file of k3s with a list of arguments, else its first file, else the usual one. */
export function k3sList({ kubelet: { files } }: NodeFacts): string {
  const read = files.filter(
    ({ role, state, path }) => role === 'environment' && state === 'file' && /\.ya?ml$/i.test(path),
  );
  const path = (read.findLast((file) => (file.flags ?? []).length > 0) ?? read[0])?.path;
  return path === undefined ? K3S_CONFIG : oneLine(path);
}

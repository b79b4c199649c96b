/**
 * Changes where an installer makes the kubelet's files and command line from a configuration of its own: to edit those on
 * the node is undone, or worse.
 * Tested by test/criteria/remedy.test.ts.
 */
import { addFlag, removeFlags, unwind, writeSetting } from './flags.ts';
import type { Advice, Change } from './platform.ts';
import type { Step } from './step.ts';

export type Installer = {
  /** Where a setting is written. */
  config: string;
  /** Where a flag is written. */
  flags: string;
  /** How a change takes effect. */
  ending: readonly Step[];
  /** Settings that its configuration cannot give, because it sets them itself: only flags come after it. */
  own: readonly string[];
};

/** The flags to remove, the value to write, both in the installer's configuration, and how that takes effect. */
export function changeByInstaller({ config, flags: flagsIn, ending, own }: Installer, change: Change): Advice {
  const { flags, remains } = unwind(change);
  const removal = removeFlags(change, flags, flagsIn, remains);
  const takes = !own.some((path) => isWithin(change.setting, path));
  const edit = takes ? writeSetting(change, config) : addFlag(change, flagsIn);
  return { steps: [...removal, ...(remains ? [] : [edit]), ...ending], writes: remains === undefined };
}

function isWithin(setting: string, path: string): boolean {
  return `${setting}.`.startsWith(`${path}.`);
}

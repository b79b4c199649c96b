/**
 * Changes where an installer makes the kubelet's files and command line from a configuration of its own: to edit those on
 * the node is undone, or worse.
 * Tested by test/criteria/remedy.test.ts.
 */
import { assignment, flagEntry, leave, unwind } from './flags.ts';
import type { Advice, Change } from './platform.ts';
import { capital, listedCode } from './wording.ts';

export type Installer = {
  /** Where a setting is written. */
  config: string;
  /** Where a flag is written. */
  flags: string;
  /** How a change takes effect, to follow a semicolon. */
  ending: string;
  /** Settings that its configuration cannot give, because it sets them itself: only flags come after it. */
  own: readonly string[];
};

/** The flags to remove, the value to write, both in the installer's configuration, and how that takes effect. */
export function changeByInstaller({ config, flags: flagsIn, ending, own }: Installer, change: Change): Advice {
  const { flags, remains } = unwind(change);
  const removes = flags.length > 0 ? [`remove ${listedCode(flags)} from ${flagsIn}`] : [];
  const takes = !own.some((path) => isWithin(change.setting, path));
  const sets = takes ? `set ${assignment(change)} in ${config}` : `add \`--${flagEntry(change)}\` to ${flagsIn}`;
  const steps = [...removes, remains ? leave(change, remains) : sets];
  return { text: `${capital(steps.join(', and '))}; ${ending}.`, writes: remains === undefined };
}

function isWithin(setting: string, path: string): boolean {
  return `${setting}.`.startsWith(`${path}.`);
}

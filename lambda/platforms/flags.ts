/**
 * Which flags decide a setting, what would decide it without them, and the steps that change one or the other.
 * Tested by test/criteria/remedy.test.ts.
 */
import type { Source } from '../kubelet/configuration.ts';
import type { Change } from './platform.ts';
import { type Step, step } from './step.ts';
import { listedCode, oneLine, origin, shown } from './wording.ts';

const texts = {
  remove: (flags: readonly string[], where: string) => `Remove ${listedCode(flags)} from ${where}`,
  kept: (where: string, value: string) => `, and leave ${where} as it is (it says \`${value}\`)`,
  set: (assigned: string, where: string) => `Set ${assigned} in ${where}.`,
  add: (flag: string, where: string) => `Add \`${flag}\` to ${where}.`,
};

type Held = { value: unknown; source: Source };

/** The flags that must go, as written, and what has an accepted value once they are gone, if something has. */
export function unwind({ current, value, accepts = (held) => String(held) === value }: Change): {
  flags: string[];
  remains?: Held;
} {
  if (current.source.kind !== 'flag') return { flags: [] };
  const beneath = current.overrode ?? [];
  const kept = beneath.findIndex((entry) => entry.source.kind !== 'flag' || accepts(entry.value));
  const gone = [current, ...(kept < 0 ? beneath : beneath.slice(0, kept))];
  const flags = gone.map(({ source }) => oneLine(source.where ?? ''));
  const next = beneath[kept];
  return next && accepts(next.value) ? { flags, remains: next } : { flags };
}

/** Takes the flags away; an accepted value that stands beneath them stays. None where there are no flags. */
export function removeFlags({ setting }: Change, flags: readonly string[], where: string, remains?: Held): Step[] {
  if (flags.length === 0) return [];
  const kept = remains ? texts.kept(origin(remains.source), `${setting}: ${shown(remains.value)}`) : '';
  return [step(`${texts.remove(flags, where)}${kept}.`)];
}

/** Writes the value where settings stand. */
export function writeSetting(change: Change, where: string): Step {
  return step(texts.set(assignment(change), where));
}

/** Writes the value as a flag. */
export function addFlag(change: Change, where: string): Step {
  return step(texts.add(`--${flagEntry(change)}`, where));
}

/** `readOnlyPort: 0`, or a path and its value: a line `authorization.mode: Webhook` would be no key that a kubelet knows. */
export function assignment({ setting, value }: Change): string {
  return setting.includes('.') ? `\`${setting}\` to \`${value}\`` : `\`${setting}: ${value}\``;
}

/** `--read-only-port=0`; without the dashes as an entry of a list: `read-only-port=0`. */
export function flagEntry({ flag, value, argument = value }: Change): string {
  return `${flag}=${argument}`;
}

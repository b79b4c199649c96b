/**
 * Which flags decide a setting, and what would decide it without them.
 * Tested by test/criteria/remedy.test.ts.
 */
import type { Source } from '../kubelet/configuration.ts';
import type { Change } from './platform.ts';
import { oneLine, origin, shown } from './wording.ts';

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

/** The step that keeps an accepted value which stands beneath the flags. */
export function leave({ setting }: Change, { value, source }: Held): string {
  return `leave ${origin(source)} as it is (it says \`${setting}: ${shown(value)}\`)`;
}

/** `readOnlyPort: 0`, or a path and its value: a line `authorization.mode: Webhook` would be no key that a kubelet knows. */
export function assignment({ setting, value }: Change): string {
  return setting.includes('.') ? `\`${setting}\` to \`${value}\`` : `\`${setting}: ${value}\``;
}

/** `--read-only-port=0`; without the dashes as an entry of a list: `read-only-port=0`. */
export function flagEntry({ flag, value, argument = value }: Change): string {
  return `${flag}=${argument}`;
}

/** What people write on the command line → the settings of a scan. */
import type { Tag } from '../lambda/settings.ts';
import { InputError } from './terminal.ts';

/** `KEY` or `KEY=VALUE`; the same key several times means any of the values. */
export function readTags(texts: readonly string[]): Tag[] {
  const tags = new Map<string, string[] | undefined>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    const key = equals === -1 ? text : text.slice(0, equals);
    if (key === '' || text.endsWith('='))
      throw new InputError(`--tag expects KEY or KEY=VALUE, got ${JSON.stringify(text)}`);
    const values = equals === -1 ? undefined : [...(tags.get(key) ?? []), text.slice(equals + 1)];
    tags.set(key, values);
  }
  return [...tags].map(([key, values]) => (values ? { key, values } : { key }));
}

const FAIL_ON = ['fail', 'unreachable', 'any'] as const;
export type FailOn = (typeof FAIL_ON)[number];

export function readFailOn(text: string | undefined): FailOn | undefined {
  if (text === undefined) return undefined;
  const found = FAIL_ON.find((one) => one === text);
  if (!found) throw new InputError(`--fail-on expects one of ${FAIL_ON.join(', ')}, got ${JSON.stringify(text)}`);
  return found;
}

/** Refuses what the settings would not take for days before a certificate runs out. */
export function checkDays(text: string): void {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > 365) {
    throw new InputError(`--expiry-days expects a whole number from 1 to 365, got ${JSON.stringify(text)}`);
  }
}

/** Whether what was found is what `--fail-on` names. */
export function fails(failOn: FailOn | undefined, found: { failures: number; unreachable: number }): boolean {
  const failing = found.failures > 0 && (failOn === 'fail' || failOn === 'any');
  const silent = found.unreachable > 0 && (failOn === 'unreachable' || failOn === 'any');
  return failing || silent;
}

/** The shape of a region; which ones exist changes too often to list (AWS General Reference). */
export function readRegion(text: string): string {
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(text)) {
    throw new InputError(`--region expects a region such as eu-central-1, got ${JSON.stringify(text)}`);
  }
  return text;
}

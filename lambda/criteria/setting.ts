/** How verdicts speak of a setting: its value, where it comes from, and what the benchmark's audit sees of it. */
import type { EffectiveConfiguration, Setting, SettingPath, Source } from '../kubelet/configuration.ts';
import type { Advisory, NodeView, Verdict } from './rule.ts';

/** A configuration that a kubelet starts with: the only kind whose settings can be judged. */
export type Started = Extract<EffectiveConfiguration, { starts: true }>;

/** Texts of a node are hostile and may be long: a reason stays one readable line. */
const LONGEST_QUOTE = 160;

const texts = {
  wouldNotStart: (error: string) => `A kubelet would not start with the inputs found on this node: ${error}`,
  unsettled: (error: string) => `The effective configuration of this kubelet cannot be computed: ${error}`,
  changed: (files: string[]) =>
    `${listed(files)} changed after the kubelet started, so it does not run with the present content until it restarts`,
  mend: 'Correct the inputs before the kubelet restarts: with them the node would not come back.',
  read: 'Let the collector read the file, then scan this node again.',
};

/** One line of printable text of at most 160 characters, whatever a node sent. */
export function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
  return clean.length > LONGEST_QUOTE ? `${clean.slice(0, LONGEST_QUOTE)}…` : clean;
}

/** How many names a sentence takes. */
const MOST_NAMES = 5;

/** With a capital letter, as a sentence begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Names of a node in one line: the first five, and how many more there are. */
export function listed(names: readonly string[], separator = ', '): string {
  const shown = names.slice(0, MOST_NAMES).map(quote).join(separator);
  return names.length > MOST_NAMES ? `${shown}${separator}${names.length - MOST_NAMES} more` : shown;
}

/** A value as people read it: `true`, `5m0s`, `[A, B]`, `""`. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return quote(`[${value.join(', ')}]`);
  if (typeof value === 'string') return value === '' ? '""' : quote(value);
  return quote(typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value));
}

/** Where a value comes from, to follow "from" or "by". */
export function origin(source: Source): string {
  switch (source.kind) {
    case 'flag':
      return `flag ${quote(source.where ?? '')}`;
    case 'drop-in':
      return `drop-in ${quote(source.where ?? '')}`;
    case 'file':
      return quote(source.where ?? '');
    case 'default':
      return "the kubelet's default";
    case 'legacy-default':
      return "the kubelet's default without a config file";
  }
}

/** `rotateCertificates is false from drop-in /etc/…/40-nodeadm.conf, which overrides true from /etc/…/config.json`. */
export function stated(name: string, setting: Setting<unknown>): string {
  const [nearest] = setting.overrode ?? [];
  const over = nearest ? `, which overrides ${shown(nearest.value)} from ${origin(nearest.source)}` : '';
  return `${name} is ${shown(setting.value)} from ${origin(setting.source)}${over}`;
}

/** Nobody set it: the kubelet's default decides. */
export function unset(setting: Setting<unknown>): boolean {
  return setting.source.kind === 'default' || setting.source.kind === 'legacy-default';
}

/**
 * What an auditor who follows the benchmark's procedure finds: the flag's value where the flag is given, else what the
 * file named by --config says, else nothing. The procedures know neither drop-ins nor defaults. The flag counts however
 * it is spelt (`--rotate_certificates=0`), because it is the same argument to the kubelet.
 */
export function audited<T>(setting: Setting<T>): { value: unknown } | undefined {
  if (setting.source.kind === 'flag' || setting.source.kind === 'file') return { value: setting.value };
  return setting.overrode?.find((entry) => entry.source.kind === 'file');
}

/** Durations as Go prints them: `0s` is zero, everything else is not. */
export function isZeroDuration(value: unknown): boolean {
  return /^-?(0+(\.0*)?(h|m|s|ms|us|µs|ns))+$|^0+$/.test(String(value));
}

function stale(files: string[]): Advisory[] {
  return files.length > 0 ? [{ id: 'changed-after-start', text: `${texts.changed(files)}.` }] : [];
}

/**
 * Makes a check of a judgement on settings. Inputs with which no kubelet starts give `error`; where a file that went
 * into the result is newer than the kubelet, the verdict says so, unless a flag, which cannot change, decides each of
 * the settings.
 */
export function judged<P>(
  paths: SettingPath[],
  judge: (node: NodeView, configuration: Started, parameters: P) => Verdict,
): (node: NodeView, parameters: P) => Verdict {
  return (node, parameters) => {
    const { configuration } = node;
    if (configuration.starts !== true) return unsettled(configuration);
    const verdict = judge(node, configuration, parameters);
    const fixed = paths.every((path) => configuration.settings[path].source.kind === 'flag');
    const advisories = fixed ? [] : stale(configuration.changedAfterStart);
    return { ...verdict, advisories: [...verdict.advisories, ...advisories] };
  };
}

/** Why there is no effective configuration, in one sentence. */
export function problemOf(configuration: Exclude<EffectiveConfiguration, { starts: true }>): string {
  return quote(configuration.starts === false ? configuration.error : configuration.problem);
}

function unsettled(configuration: Exclude<EffectiveConfiguration, { starts: true }>): Verdict {
  const wouldNotStart = configuration.starts === false;
  const changed = configuration.changedAfterStart;
  const sentence = (wouldNotStart ? texts.wouldNotStart : texts.unsettled)(problemOf(configuration).replace(/\.$/, ''));
  return {
    status: 'error',
    reason: changed.length > 0 ? `${sentence}; ${texts.changed(changed)}.` : `${sentence}.`,
    advisories: stale(changed),
    remediation: wouldNotStart ? texts.mend : texts.read,
  };
}

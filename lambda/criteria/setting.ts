/**
 * How verdicts speak of a setting: its value, where it comes from, and what the benchmark's audit sees of it.
 * Tested by test/rules/pod-pids-limit.test.ts.
 */
import type { EffectiveConfiguration, Setting, Source } from '../kubelet/configuration.ts';
import { origin, shown } from '../platforms/wording.ts';

/** A configuration that a kubelet starts with: the only kind whose settings can be judged. */
export type Started = Extract<EffectiveConfiguration, { starts: true }>;

/** `rotateCertificates is false from drop-in /etc/…/40-nodeadm.conf, which overrides true from /etc/…/config.json`. */
export function stated(name: string, setting: Setting<unknown>): string {
  const [nearest] = setting.overrode ?? [];
  const over = nearest ? `, which overrides ${shown(nearest.value)} from ${origin(nearest.source)}` : '';
  return `${name} is ${shown(setting.value)} from ${origin(setting.source)}${over}`;
}

/** Nobody set it: the kubelet's default decides. */
export function isUnset(setting: Setting<unknown>): boolean {
  return setting.source.kind === 'default' || setting.source.kind === 'legacy-default';
}

/**
 * What an auditor who follows the benchmark's procedure finds: the flag's value where the flag is given, else what the
 * file named by --config says, else nothing. The procedures know neither drop-ins nor defaults. The flag counts however
 * it is spelt (`--rotate_certificates=0`), because it is the same argument to the kubelet.
 */
export function audited<T>(setting: Setting<T>): { value: unknown } | undefined {
  if (setting.source.kind === 'flag' || isOfFile(setting.source)) return { value: setting.value };
  return setting.overrode?.find((entry) => isOfFile(entry.source));
}

/** The file named by --config says it; Bottlerocket writes into that what its settings say. */
export function isOfFile({ kind }: Source): boolean {
  return kind === 'file' || kind === 'setting';
}

/** Durations as Go prints them: `0s` is zero, everything else is not. */
export function isZeroDuration(value: unknown): boolean {
  return /^-?(0+(\.0*)?(h|m|s|ms|us|µs|ns))+$|^0+$/.test(String(value));
}

/** A field that no benchmark asks for, as the kubelet has it; where it is unset, what it then stands for. */
export function fieldOf<T>(settings: Started['settings'], path: string, unset: T): Setting<T> {
  const setting: Setting<unknown> | undefined = settings[path];
  if (setting === undefined) return { value: unset, source: { kind: 'default' } };
  return { ...setting, value: (setting.value ?? unset) as T };
}

/** An address that only this host reaches: 127.0.0.0/8 or ::1. */
export function isLocal(address: string): boolean {
  return /^127(\.\d{1,3}){3}$|^(0*:)*:?0*1$|^::ffff:127\./i.test(address);
}

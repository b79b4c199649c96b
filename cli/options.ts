/** What people write on the command line → the settings of a scan. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { isAtLeast, SEVERITIES, type Severity } from '../lambda/criteria/rule.ts';
import { benchmark, benchmarks, resolveRule } from '../lambda/judging/index.ts';
import { NEWEST_MINOR } from '../lambda/kubelet/tables.ts';
import { isIdle } from '../lambda/results/coverage.ts';
import type { NodeLine } from '../lambda/results/node-line.ts';
import { isManualByBenchmark, isOpen } from '../lambda/results/open.ts';
import { region, SCAN_OPTIONS, type Tag } from '../lambda/settings.ts';
import { InputError, systemProblem } from './problems.ts';

/** `KEY` or `KEY=VALUE`; the same key several times means any of the values. */
export function readTags(texts: readonly string[]): Tag[] {
  const tags = new Map<string, string[] | undefined>();
  for (const text of texts) {
    const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    if (key === '' || value === '') throw new InputError(`--tag expects KEY or KEY=VALUE, got ${JSON.stringify(text)}`);
    const known = tags.has(key) ? tags.get(key) : [];
    // A key alone means any value, so it already has those that are given beside it.
    tags.set(key, value === undefined || known === undefined ? undefined : [...new Set([...known, value])]);
  }
  return [...tags].map(([key, values]) => (values ? { key, values } : { key }));
}

const FAIL_ON = ['fail', 'automated', 'unreachable', 'any', ...SEVERITIES] as const;
export type FailOn = (typeof FAIL_ON)[number];

export function readFailOn(text: string | undefined): FailOn | undefined {
  if (text === undefined) return undefined;
  const found = FAIL_ON.find((one) => one === text);
  if (!found) throw new InputError(`--fail-on expects one of ${FAIL_ON.join(', ')}, got ${JSON.stringify(text)}`);
  return found;
}

/** Refuses what the settings would not take for days before a certificate runs out. */
export function checkDays(text: string): void {
  if (!/^\d+$/.test(text) || !v.is(SCAN_OPTIONS.expiryDays, Number(text))) {
    throw new InputError(`--expiry-days expects a whole number from 1 to 365, got ${JSON.stringify(text)}`);
  }
}

/** What the help texts say of `--fail-on WHAT`. */
export const FAIL_ON_HELP =
  'fail, automated (fail, but for what the benchmarks leave to people), unreachable, any (fail, unreachable and error), or a severity: critical, high, medium, low (open findings of that or more)';

/** The names of benchmarks as they are spelt, however they were written. */
export function readBenchmarks(names: readonly string[]): string[] {
  return names.map((name) => {
    const found = name === 'auto' ? name : benchmark(name)?.name;
    if (found !== undefined) return found;
    const known = benchmarks.map((one) => one.name).join(', ');
    throw new InputError(`--benchmark expects auto or one of ${known}; got ${JSON.stringify(name)}`);
  });
}

/** The name of the rule that a rule's name or a control means, as `option` gives it. */
export function readRule(option: string, text: string): string {
  const rule = resolveRule(text);
  if ('problem' in rule) throw new InputError(`${option} ${rule.problem}`);
  return rule.rule.name;
}

/** The minor of a version as people write it or `kubectl get nodes` prints it (`1.34`, `v1.34.1-eks-113cf36`). */
export function readMinor(option: string, text: string): number {
  const [, digits] = /^v?1\.(\d{1,3})(?:\.\d+(?:[-+][\w.+-]+)?)?$/.exec(text) ?? [];
  const minor = Number(digits);
  if (digits === undefined)
    throw new InputError(`${option} expects a version such as 1.${NEWEST_MINOR}, got ${JSON.stringify(text)}`);
  if (minor > NEWEST_MINOR)
    throw new InputError(`${option} ${text}: 1.${NEWEST_MINOR} is the newest version whose kubelet is known here`);
  return minor;
}

/** The text of the file that `option` names; `-` where `stdin` may be read. */
export function readText(option: string, file: string, { stdin = false } = {}): string {
  try {
    return readFileSync(stdin && file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new InputError(`${option} ${systemProblem(Object.assign(error as NodeJS.ErrnoException, { path: file }))}`);
  }
}

/** What `--fail-on` can name, added up over nodes. */
export type Found = {
  /** Open findings. */
  failures: number;
  /** Of those, what the benchmarks leave to people. */
  manual: number;
  /** Findings whose evidence cannot be trusted. */
  errors: number;
  unreachable: number;
  /** Of the open findings, the worst. */
  worst?: Severity;
};

/** Adds what one node's line has. */
export function addFound(found: Found, { coverage, reason, findings }: NodeLine): void {
  // What does not run has nothing to answer.
  if (coverage === 'unreachable' && !isIdle(reason)) found.unreachable += 1;
  for (const finding of findings) {
    if (finding.status === 'error') found.errors += 1;
    if (!isOpen(finding)) continue;
    found.failures += 1;
    if (isManualByBenchmark(finding)) found.manual += 1;
    const { severity = 'medium' } = finding;
    if (found.worst === undefined || isAtLeast(severity, found.worst)) found.worst = severity;
  }
}

/** Whether what was found is what `--fail-on` names; `any` leaves out nothing that could be a failure. */
export function fails(failOn: FailOn | undefined, { failures, manual, errors, unreachable, worst }: Found): boolean {
  if (failOn === undefined) return false;
  if (failOn === 'any') return failures + errors + unreachable > 0;
  if (failOn === 'automated') return failures > manual;
  if (failOn === 'fail') return failures > 0;
  if (failOn === 'unreachable') return unreachable > 0;
  return worst !== undefined && isAtLeast(worst, failOn);
}

export function readRegion(text: string): string {
  if (!v.is(region, text)) {
    throw new InputError(`--region expects a region such as eu-central-1, got ${JSON.stringify(text)}`);
  }
  return text;
}

/** The benchmarks as data: which control of which version is answered by which rule, and which version fits a node. */

import * as v from 'valibot';
import { DemandSchema } from '../criteria/procedure.ts';
import type { ControlReference, Parameters } from '../criteria/rule.ts';
import type { KubeletVersion } from '../kubelet/configuration.ts';
import files from './benchmarks/index.ts';

const words = v.pipe(v.string(), v.minLength(1));
const minor = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999));
const assessment = v.exactOptional(v.picklist(['automated', 'manual']));

/** What STIG Viewer knows a requirement by; `rule` is without its ending `_rule`. */
const stig = v.exactOptional(
  v.strictObject({
    id: words,
    rule: words,
    group: words,
    severity: v.picklist(['high', 'medium', 'low']),
    cci: v.array(words),
  }),
);

const ControlSchema = v.strictObject({
  /** Its number: `4.2.11`, `V-242391`. */
  control: v.pipe(v.string(), v.regex(/^[\w.-]+$/)),
  /** The rule that answers it. */
  rule: words,
  /** Absent where the benchmark does not sort its controls so. */
  assessment,
  /** Profile level, where it is known. */
  level: v.exactOptional(v.picklist([1, 2])),
  /** Largest file mode that it allows, octal. */
  mode: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-7]{3}$/))),
  /** The cipher suites that it accepts. */
  suites: v.exactOptional(v.array(words)),
  /** It asks for serverTLSBootstrap besides the gate. */
  bootstrap: v.exactOptional(v.literal(true)),
  /** In our own words, where the rule's title does not say what this control asks for. */
  title: v.exactOptional(words),
  /** Its own audit procedure, where it is another than that of CIS Kubernetes, which the rule follows. */
  audit: v.exactOptional(v.pipe(v.array(DemandSchema), v.minLength(1))),
  stig,
});

/** A control for worker nodes that no rule answers, and why. */
const OtherSchema = v.strictObject({ control: words, assessment, title: words, why: words, stig });

/** One file of the folder benchmarks/. What it does not know does not load. */
export const BenchmarkSchema = v.strictObject({
  /** `cis-kubernetes-1.5.1`: family and version. */
  name: v.pipe(v.string(), v.regex(/^[a-z]+(-[a-z]+)+-v?\d+[a-z0-9.]*$/)),
  title: words,
  /** The first and last minor version of Kubernetes that it covers; no `last` where its end is not known. Absent: never chosen by itself. */
  kubernetes: v.exactOptional(v.strictObject({ first: minor, last: v.exactOptional(minor) })),
  /** What a reader should know of it, and what is not known. */
  notes: v.exactOptional(v.array(words)),
  /** A later version that exists, but whose controls are not known here. */
  successor: v.exactOptional(v.strictObject({ name: words, known: words })),
  sources: v.pipe(v.array(v.pipe(v.string(), v.regex(/^https:\/\/\S+$/))), v.minLength(1)),
  /** Titles of its sections, by what the numbers of their controls begin with, in our own words. */
  sections: v.record(v.string(), words),
  controls: v.pipe(v.array(ControlSchema), v.minLength(1)),
  others: v.exactOptional(v.array(OtherSchema)),
});

export type Benchmark = v.InferOutput<typeof BenchmarkSchema>;
export type Control = v.InferOutput<typeof ControlSchema>;
/** A control that no rule answers. */
export type OtherControl = v.InferOutput<typeof OtherSchema>;

/** Reads one benchmark; throws an Error that names the file's benchmark and the key that is wrong. */
export function readBenchmark(data: unknown): Benchmark {
  const read = v.safeParse(BenchmarkSchema, data);
  if (read.success) return read.output;
  const [issue] = read.issues;
  const name = typeof data === 'object' && data !== null && 'name' in data ? String(data.name) : 'without a name';
  throw new Error(`the benchmark ${name} does not load: ${v.getDotPath(issue) ?? 'file'}: ${issue.message}`);
}

/** Every known version; each family from the oldest to the newest. */
export const benchmarks: readonly Benchmark[] = files.map(readBenchmark).sort(byAge);

/** `cis-eks` of `cis-eks-1.8.0`. */
function familyOf({ name }: Pick<Benchmark, 'name'>): string {
  return name.replace(/-v?\d[^-]*$/, '');
}

/** Families by name; within one those of unknown coverage first, then those that cover older Kubernetes. */
function byAge(one: Benchmark, other: Benchmark): number {
  const covers = ({ kubernetes }: Benchmark) => (kubernetes ? lastOf(kubernetes) : 0);
  const families = familyOf(one).localeCompare(familyOf(other), 'en');
  if (families !== 0) return families;
  if (covers(one) !== covers(other)) return covers(one) - covers(other);
  return one.name.localeCompare(other.name, 'en', { numeric: true });
}

function lastOf({ last = Number.POSITIVE_INFINITY }: { last?: number }): number {
  return last;
}

/** The control for which this scanner exists; a finding of its rule always answers it by this number. */
export const SEED: ControlReference = { benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11' };

/** Rules of our own that tell when what a control prevents will happen. */
const RELATED: Readonly<Record<string, string>> = { 'client-certificate-expiry': 'rotate-client-certificates' };

/** A name as people may spell it: case, `_` for `-` and spaces around say nothing. */
export function spelling(name: string): string {
  return name.trim().toLowerCase().replaceAll('_', '-');
}

/** The benchmark of that name, if there is one. Without its last number a version means its only edition: `cis-eks-1.8`. */
export function benchmark(name: string): Benchmark | undefined {
  const wanted = spelling(name);
  const edition = /-\d+\.\d+$/.test(wanted) ? `${wanted}.` : undefined;
  return (
    benchmarks.find((candidate) => candidate.name === wanted) ??
    benchmarks.find((candidate) => edition !== undefined && candidate.name.startsWith(edition))
  );
}

/** Whose benchmark a node is judged by when nobody names one. */
export type Platform = 'kubernetes' | 'eks' | 'openshift';

/** The benchmark that was chosen for a node, and why, in one sentence. */
export type Choice = { name: string; reason: string };

const PLATFORMS: Readonly<Record<Platform, string>> = {
  kubernetes: 'Kubernetes',
  eks: 'Kubernetes on EKS',
  openshift: 'Kubernetes on OpenShift',
};

const texts = {
  covers: (title: string, range: string, node: string) => `${title} covers Kubernetes ${range}; this node is ${node}.`,
  uncovered: (title: string, range: string, node: string) =>
    `No benchmark that is known here covers ${node}: the newest was taken, ${title}, which covers Kubernetes ${range}.`,
  unknown: (title: string, range: string) =>
    `The kubelet's version is not known: the newest benchmark was taken, ${title}, which covers Kubernetes ${range}.`,
  successor: (name: string, known: string) => ` ${name} is not known here: ${known}`,
};

/** `1.34 to 1.35`, `1.24`, `1.27 and later`. */
export function rangeOf({ first, last }: NonNullable<Benchmark['kubernetes']>): string {
  if (last === undefined) return `1.${first} and later`;
  return first === last ? `1.${first}` : `1.${first} to 1.${last}`;
}

/** The newest benchmark of the node's platform that covers its version of Kubernetes, or else the newest of all. */
export function chooseBenchmark(
  node: { platform: Platform; version: Pick<KubeletVersion, 'minor' | 'known'> },
  among: readonly Benchmark[] = benchmarks,
): Choice {
  const { platform, version } = node;
  const candidates = among.flatMap(({ name, title, kubernetes, successor }) =>
    kubernetes && familyOf({ name }) === `cis-${platform}` ? [{ name, title, kubernetes, successor }] : [],
  );
  const covering = candidates.filter(
    ({ kubernetes }) => version.known && kubernetes.first <= version.minor && version.minor <= lastOf(kubernetes),
  );
  const chosen = (covering.length > 0 ? covering : candidates).at(-1);
  if (!chosen) throw new Error(`there is no benchmark for ${platform}`);
  const { name, title, successor } = chosen;
  const range = rangeOf(chosen.kubernetes);
  const minor = `1.${version.minor}`;
  if (covering.length > 0) {
    return { name, reason: texts.covers(title, range, `${minor}${PLATFORMS[platform].replace('Kubernetes', '')}`) };
  }
  const later = successor ? texts.successor(successor.name, successor.known) : '';
  if (!version.known) return { name, reason: texts.unknown(title, range) + later };
  const what = PLATFORMS[platform].replace('Kubernetes', `Kubernetes ${minor}`);
  return { name, reason: texts.uncovered(title, range, what) + later };
}

/** What a control gives to its rule. */
export function parametersOf({ mode, suites, bootstrap }: Control): Partial<Parameters> {
  return {
    ...(mode !== undefined && { maximumMode: mode }),
    ...(suites && { suites }),
    ...(bootstrap && { bootstrap }),
  };
}

/** Every control that a rule answers; for a rule of our own, those it is `related` to, if there are any. */
export function controlsOf(rule: string): (Control & { benchmark: string; related?: true })[] {
  const related = Object.hasOwn(RELATED, rule) ? RELATED[rule] : undefined;
  const name = related ?? rule;
  return benchmarks.flatMap((candidate) =>
    candidate.controls
      .filter((control) => control.rule === name)
      .map((control) => ({
        benchmark: candidate.name,
        ...control,
        ...(related !== undefined && { related: true as const }),
      })),
  );
}

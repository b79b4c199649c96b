/** The benchmarks as data: which control of which version is answered by which rule, and which version fits a node. */

import type { ControlReference } from '../criteria/rule.ts';
import type { KubeletVersion } from '../kubelet/configuration.ts';
import data from './benchmarks.json' with { type: 'json' };

export type Control = {
  /** Its number: `4.2.11`. */
  control: string;
  /** The rule that answers it. */
  rule: string;
  assessment: 'automated' | 'manual';
  /** Largest file mode that it allows, octal. */
  maximumMode?: string;
  /** Profile level, where known; source for 1.5.1: IBM Cloud's published results of all its controls. */
  level?: 1 | 2;
};

export type Benchmark = {
  /** `cis-kubernetes-1.5.1`, `cis-eks-1.8.0`. */
  name: string;
  controls: readonly Control[];
};

/** One row of benchmarks.json: control, rule, assessment, largest mode, level. */
type Row = [string, string, Control['assessment'], (string | null)?, (1 | 2)?];

/** Every known version, CIS Kubernetes from the oldest to the newest, then CIS EKS likewise. */
export const benchmarks: readonly Benchmark[] = Object.entries(data as unknown as Record<string, Row[]>).map(
  ([name, rows]) => ({
    name,
    controls: rows.map(([control, rule, assessment, maximumMode, level]) => ({
      control,
      rule,
      assessment,
      ...(maximumMode && { maximumMode }),
      ...(level && { level }),
    })),
  }),
);

/**
 * The last kubelet minor version that each CIS Kubernetes benchmark covers. Source: kube-bench docs/platforms.md and
 * version_mapping of cfg/config.yaml, after the benchmarks' own overviews. 1.12 covers 1.32 and 1.33; later kubelets
 * get it too, because it is the newest one that is known here.
 */
const COVERS: readonly [lastMinor: number, benchmark: string][] = [
  [15, 'cis-kubernetes-1.5.1'],
  [18, 'cis-kubernetes-1.6'],
  [21, 'cis-kubernetes-1.20'],
  [23, 'cis-kubernetes-1.23'],
  [24, 'cis-kubernetes-1.24'],
  [25, 'cis-kubernetes-1.7'],
  [26, 'cis-kubernetes-1.8'],
  [27, 'cis-kubernetes-1.9'],
  [28, 'cis-kubernetes-1.10'],
  [31, 'cis-kubernetes-1.11'],
  [Number.POSITIVE_INFINITY, 'cis-kubernetes-1.12'],
];

const NEWEST_EKS = 'cis-eks-1.8.0';

/** The control for which this scanner exists; a finding of its rule always answers it by this number. */
export const SEED: ControlReference = { benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11' };

/** Rules of our own: no benchmark asks for them, but they tell when what such a control prevents will happen. */
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

/** The benchmark for a node: the newest CIS EKS on EKS, else the CIS Kubernetes of the kubelet's minor version. */
export function chooseBenchmark(node: { eks: boolean; version: Pick<KubeletVersion, 'minor' | 'known'> }): string {
  if (node.eks) return NEWEST_EKS;
  const minor = node.version.known ? node.version.minor : Number.POSITIVE_INFINITY;
  return COVERS.find(([last]) => minor <= last)?.[1] ?? NEWEST_EKS;
}

/** Every control that a rule answers; for a rule of our own, those it is `related` to. */
export function controlsOf(rule: string): (ControlReference & Control & { related?: true })[] {
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

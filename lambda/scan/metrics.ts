/**
 * Names of what a scan measures. The handler writes them, alarms and the dashboard read them: both from here, so that
 * an alarm never waits for a metric that nobody writes. One value a scan.
 */

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Severity } from '../criteria/rule.ts';
import { coverageOf } from '../results/coverage.ts';
import { whyLeft } from '../results/left-words.ts';
import type { Summary } from '../results/summary.ts';
import type { Counts } from '../results/tally.ts';
import type { Scanned, TargetPhases } from './target.ts';

export const METRIC_NAMESPACE = 'kubevigil';

/** Name → CloudWatch unit. */
export const METRICS = {
  /** 1 when the manifest of a scan is written. */
  ScanCompleted: MetricUnit.Count,
  /** From the scheduled time to the manifest. */
  ScanDuration: MetricUnit.Seconds,
  /** Age of the newest earlier report when a scan starts; absent at the first. */
  PreviousReportAge: MetricUnit.Seconds,
  /** Targets (account × region) that could not be scanned at all. */
  TargetsFailed: MetricUnit.Count,
  /** Targets whose nodes fell sharply in number since the scan before, or to none, and those that left though their account was not ended. */
  TargetsFallen: MetricUnit.Count,
  /** All nodes that were to be scanned. */
  Nodes: MetricUnit.Count,
  /** Nodes that will stop unless somebody acts. */
  NodesAtRisk: MetricUnit.Count,
  NodesEvaluated: MetricUnit.Count,
  NodesUnreachable: MetricUnit.Count,
  /** Nodes that had nothing to answer, because they do not run or joined during the scan. */
  NodesIdle: MetricUnit.Count,
  /** Evaluated nodes of all that had to answer; absent where there is none, for nothing is covered then. */
  Coverage: MetricUnit.Percent,
  FindingsPass: MetricUnit.Count,
  FindingsFail: MetricUnit.Count,
  FindingsManual: MetricUnit.Count,
  FindingsNotApplicable: MetricUnit.Count,
  FindingsError: MetricUnit.Count,
  /** Failures that no waiver accepts, by the severity of their rules. */
  OpenCritical: MetricUnit.Count,
  OpenHigh: MetricUnit.Count,
  OpenMedium: MetricUnit.Count,
  OpenLow: MetricUnit.Count,
  /** How long the parts of a scan took. Of plan, ask and judge that of the slowest target. */
  PlanDuration: MetricUnit.Seconds,
  AskDuration: MetricUnit.Seconds,
  JudgeDuration: MetricUnit.Seconds,
  KeepDuration: MetricUnit.Seconds,
  TellDuration: MetricUnit.Seconds,
  /** Requests to EC2 and Systems Manager that the scan made. */
  ApiCalls: MetricUnit.Count,
  /** Known answers of real kubelets that the scan derived otherwise. */
  KnownAnswersDiffered: MetricUnit.Count,
  /** 1 when the message of a scan could not be published, or Security Hub or EventBridge did not take all of it. */
  AlertsFailed: MetricUnit.Count,
} as const;

export type MetricName = keyof typeof METRICS;

/** The parts of a scan, in their order, with what measures each. */
export const PHASES = {
  plan: 'PlanDuration',
  ask: 'AskDuration',
  judge: 'JudgeDuration',
  keep: 'KeepDuration',
  tell: 'TellDuration',
} as const satisfies Record<string, MetricName>;

/** Seconds. */
export type Phases = Record<keyof typeof PHASES, number>;

/** Failures by severity, with what counts each. */
export const OPEN = {
  critical: 'OpenCritical',
  high: 'OpenHigh',
  medium: 'OpenMedium',
  low: 'OpenLow',
} as const satisfies Record<Severity, MetricName>;

/** Of each part that of the slowest target; a target that failed has none. */
export function slowest(targets: readonly { phases?: TargetPhases }[]): TargetPhases {
  const most = (part: keyof TargetPhases) => Math.max(0, ...targets.flatMap(({ phases }) => phases?.[part] ?? []));
  return { plan: most('plan'), ask: most('ask'), judge: most('judge') };
}

/**
 * The log line of each target where there are several, which the dashboard reads: metrics of each would cost more than the scan.
 * `message`, and the fields behind it.
 */
export const TARGET_LINE = 'target scanned';
export const TARGET_FIELDS = ['nodes', 'evaluated', 'missed', 'atRisk', 'open', 'seconds', 'error'] as const;

/** What the line of a target says. */
export function targetLine({
  target,
  tally,
  phases,
  error,
}: Pick<Scanned, 'target' | 'tally' | 'phases' | 'error'>): Record<'account' | 'region', string> &
  Partial<Record<(typeof TARGET_FIELDS)[number], number | string>> {
  const { nodes, evaluated, findings, waived, atRisk = 0 } = tally.counts;
  return {
    account: target.account,
    region: target.region,
    nodes,
    evaluated,
    missed: coverageOf(tally.counts).missed,
    atRisk,
    open: findings.fail - waived,
    ...(phases && { seconds: phases.plan + phases.ask + phases.judge }),
    ...(error !== undefined && { error }),
  };
}

/** The last line of a target that left, so that a table of the newest lines does not show it as it was. */
export function leftLine({ account, region, why }: NonNullable<Summary['left']>[number]): Record<string, string> {
  const error = why === undefined ? 'no longer scanned' : `no longer scanned: ${whyLeft(why)}`;
  return { account, region, error };
}

/** What a scan that was closed measures. Targets that shards scanned are in its totals. */
export function metricsOf(scan: {
  totals: Counts;
  failedTargets: number;
  fallenTargets: number;
  alert: string;
  calls: number;
  seconds: number;
  previousAge?: number;
  differed: number;
  open: Record<Severity, number>;
  phases: Phases;
}): Partial<Record<MetricName, number>> {
  const { nodes, evaluated, findings, atRisk = 0 } = scan.totals;
  const { due, missed, idle } = coverageOf(scan.totals);
  return {
    ScanCompleted: 1,
    ScanDuration: scan.seconds,
    ...(scan.previousAge !== undefined && { PreviousReportAge: scan.previousAge }),
    TargetsFailed: scan.failedTargets,
    TargetsFallen: scan.fallenTargets,
    Nodes: nodes,
    NodesAtRisk: atRisk,
    NodesEvaluated: evaluated,
    NodesUnreachable: missed,
    NodesIdle: idle,
    ...(due > 0 && { Coverage: (100 * evaluated) / due }),
    FindingsPass: findings.pass,
    FindingsFail: findings.fail,
    FindingsManual: findings.manual,
    FindingsNotApplicable: findings['not-applicable'],
    FindingsError: findings.error,
    ...namedBy(OPEN, scan.open),
    ...namedBy(PHASES, scan.phases),
    ApiCalls: scan.calls,
    KnownAnswersDiffered: scan.differed,
    AlertsFailed: scan.alert.startsWith('failed') ? 1 : 0,
  };
}

/** Values by the metrics that they are. */
function namedBy<Key extends string>(names: Record<Key, MetricName>, values: Record<Key, number>) {
  const entries = (Object.entries(names) as [Key, MetricName][]).map(([key, name]) => [name, values[key]]);
  return Object.fromEntries(entries) as Partial<Record<MetricName, number>>;
}

/**
 * The values of a scanner, whose name is their only dimension, ready for `publishStoredMetrics`, which writes the one line out of which CloudWatch reads them
 * (CloudWatch user guide, "Embedded metric format specification"): it takes no call and no permission.
 */
export function recorded(values: Partial<Record<MetricName, number>>, scanner: string): Metrics {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: scanner });
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const value = values[name];
    if (value !== undefined) metrics.addMetric(name, METRICS[name], value);
  }
  return metrics;
}

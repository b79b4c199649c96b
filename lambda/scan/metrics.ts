/**
 * Names of what a scan measures. The handler writes them, alarms and the dashboard read them: both from here, so that
 * an alarm never waits for a metric that nobody writes. One value a scan.
 */

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { coverageOf } from '../results/coverage.ts';
import type { Counts } from '../results/tally.ts';

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
  /** Targets whose nodes fell sharply in number since the scan before, or to none. */
  TargetsFallen: MetricUnit.Count,
  /** All nodes that were to be scanned. */
  Nodes: MetricUnit.Count,
  /** Nodes that will stop unless somebody acts. */
  NodesAtRisk: MetricUnit.Count,
  NodesEvaluated: MetricUnit.Count,
  NodesUnreachable: MetricUnit.Count,
  /** Evaluated nodes of all that had to answer; absent where there is none, for nothing is covered then. */
  Coverage: MetricUnit.Percent,
  FindingsPass: MetricUnit.Count,
  FindingsFail: MetricUnit.Count,
  FindingsManual: MetricUnit.Count,
  FindingsNotApplicable: MetricUnit.Count,
  FindingsError: MetricUnit.Count,
  /** Requests to EC2 and Systems Manager that the scan made. */
  ApiCalls: MetricUnit.Count,
  /** Known answers of real kubelets that the scan derived otherwise. */
  KnownAnswersDiffered: MetricUnit.Count,
  /** 1 when the message of a scan could not be published, or Security Hub or EventBridge did not take all of it. */
  AlertsFailed: MetricUnit.Count,
} as const;

export type MetricName = keyof typeof METRICS;

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
}): Partial<Record<MetricName, number>> {
  const { nodes, evaluated, findings, atRisk = 0 } = scan.totals;
  const { due, missed } = coverageOf(scan.totals);
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
    ...(due > 0 && { Coverage: (100 * evaluated) / due }),
    FindingsPass: findings.pass,
    FindingsFail: findings.fail,
    FindingsManual: findings.manual,
    FindingsNotApplicable: findings['not-applicable'],
    FindingsError: findings.error,
    ApiCalls: scan.calls,
    KnownAnswersDiffered: scan.differed,
    AlertsFailed: scan.alert.startsWith('failed') ? 1 : 0,
  };
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

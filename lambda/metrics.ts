import type { Counts } from './reports/node-line.ts';

/**
 * Names of what a scan measures. The handler writes them, alarms and the dashboard read them: both from here, so that
 * an alarm never waits for a metric that nobody writes. All of them are without dimensions, one value a scan.
 */
export const METRIC_NAMESPACE = 'kubevigil';

/** Name → CloudWatch unit. */
export const METRICS = {
  /** 1 when the manifest of a scan is written. */
  ScanCompleted: 'Count',
  /** From the scheduled time to the manifest. */
  ScanDuration: 'Seconds',
  /** Age of the newest earlier report when a scan starts; absent at the first. */
  PreviousReportAge: 'Seconds',
  /** Targets (account × region) that could not be scanned at all. */
  TargetsFailed: 'Count',
  NodesEvaluated: 'Count',
  NodesUnreachable: 'Count',
  /** Evaluated nodes of all nodes; 100 where there is no node. */
  Coverage: 'Percent',
  FindingsPass: 'Count',
  FindingsFail: 'Count',
  FindingsManual: 'Count',
  FindingsNotApplicable: 'Count',
  FindingsError: 'Count',
  /** Requests to EC2 and Systems Manager that the scan made. */
  ApiCalls: 'Count',
  /** 1 when the message of a scan could not be published. */
  AlertsFailed: 'Count',
} as const;

export type MetricName = keyof typeof METRICS;

/** What a scan that was closed measures. Targets that shards scanned are in its totals. */
export function metricsOf(scan: {
  totals: Counts;
  failedTargets: number;
  alert: string;
  calls: number;
  seconds: number;
  previousAge?: number;
}): Partial<Record<MetricName, number>> {
  const { nodes, evaluated, findings } = scan.totals;
  return {
    ScanCompleted: 1,
    ScanDuration: scan.seconds,
    ...(scan.previousAge !== undefined && { PreviousReportAge: scan.previousAge }),
    TargetsFailed: scan.failedTargets,
    NodesEvaluated: evaluated,
    NodesUnreachable: nodes - evaluated,
    Coverage: nodes === 0 ? 100 : (100 * evaluated) / nodes,
    FindingsPass: findings.pass,
    FindingsFail: findings.fail,
    FindingsManual: findings.manual,
    FindingsNotApplicable: findings['not-applicable'],
    FindingsError: findings.error,
    ApiCalls: scan.calls,
    AlertsFailed: scan.alert.startsWith('failed') ? 1 : 0,
  };
}

/**
 * The line that makes CloudWatch read these values out of the log (CloudWatch user guide, "Embedded metric format
 * specification"), without a call or a permission. `timestamp` is in milliseconds since the epoch. It must be written to
 * standard output as it is: console.log would wrap it in the function's own log format, where it is not found.
 */
export function metricsLine(values: Partial<Record<MetricName, number>>, timestamp: number): string {
  const names = (Object.keys(METRICS) as MetricName[]).filter((name) => values[name] !== undefined);
  const metrics = names.map((name) => ({ Name: name, Unit: METRICS[name] }));
  const directive = { Namespace: METRIC_NAMESPACE, Dimensions: [[]], Metrics: metrics };
  return `${JSON.stringify({ _aws: { Timestamp: timestamp, CloudWatchMetrics: [directive] }, ...values })}\n`;
}

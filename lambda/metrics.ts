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
  /** Requests to AWS that the scan made. */
  ApiCalls: 'Count',
  /** 1 when the message of a scan could not be published. */
  AlertsFailed: 'Count',
} as const;

export type MetricName = keyof typeof METRICS;

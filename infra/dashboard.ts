/**
 * One page: is it running, what did it reach, what did it find, where, how long did it take, what does it cost. What it reads is
 * what a scan writes, by the names of lambda/scan/metrics.ts. Tested by test/infra/stacks.test.ts.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { type MetricName, OPEN, PHASES, TARGET_FIELDS, TARGET_LINE } from '../lambda/scan/metrics.ts';
import { scanMetric } from './alarms.ts';
import type { DurableFunction } from './function.ts';

const DAY = Duration.days(1);

const graph = (scanner: string, title: string, statistic: string, names: MetricName[], stacked = false) =>
  new GraphWidget({
    title,
    width: 12,
    stacked,
    left: names.map((name) => scanMetric(scanner, name, statistic, DAY)),
    leftYAxis: { min: 0 },
  });

/**
 * Hours since the newest scan within the page's range. EPOCH gives each period its time, also those in which nothing was measured
 * (CloudWatch user guide, "Using math expressions", MINUTE to EPOCH): the last of all, less the last with a scan.
 */
function age(scanner: string): MathExpression {
  const period = Duration.hours(1);
  return new MathExpression({
    expression: 'TIME_SERIES((MAX(EPOCH(scans)) - MAX(scans * EPOCH(scans))) / 3600)',
    usingMetrics: { scans: scanMetric(scanner, 'ScanCompleted', 'Maximum', period) },
    period,
    label: 'Hours since the newest scan',
  });
}

/** The newest line of each target in the log of what closes scans, also of one that left; `dedup` keeps the first of each (CloudWatch Logs user guide, "dedup"). */
function targets({ function: closing }: DurableFunction): LogQueryWidget {
  return new LogQueryWidget({
    title: 'Targets',
    width: 24,
    height: 9,
    view: LogQueryVisualizationType.TABLE,
    logGroupNames: [closing.logGroup.logGroupName],
    queryLines: [
      `fields @timestamp, account, region, ${TARGET_FIELDS.join(', ')}`,
      `filter message = "${TARGET_LINE}"`,
      'sort @timestamp desc',
      'dedup account, region',
    ],
  });
}

/** `functions` are what closes scans, and where there are several targets, what scans one of them. */
export function addDashboard(
  scope: Construct,
  {
    scanner,
    alarms,
    functions,
  }: { scanner: string; alarms: Alarm[]; functions: [DurableFunction, ...DurableFunction[]] },
): void {
  const dashboard = new Dashboard(scope, 'Dashboard', {
    dashboardName: `${scanner}-${Stack.of(scope).region}`,
    defaultInterval: Duration.days(30),
  });
  const [closing, ...shards] = functions;
  const newest: MetricName[] = [
    'NodesEvaluated',
    'NodesUnreachable',
    'NodesAtRisk',
    'OpenCritical',
    'OpenHigh',
    'Coverage',
  ];
  dashboard.addWidgets(
    new AlarmStatusWidget({ title: 'Alarms', width: 24, height: 3, alarms }),
    new SingleValueWidget({
      title: 'Last scan',
      width: 18,
      height: 3,
      metrics: newest.map((name) => scanMetric(scanner, name, 'Maximum', DAY)),
    }),
    new SingleValueWidget({ title: 'Age', width: 6, height: 3, metrics: [age(scanner)] }),
    graph(scanner, 'Nodes by coverage', 'Maximum', ['NodesEvaluated', 'NodesUnreachable', 'NodesIdle'], true),
    graph(scanner, 'Nodes at risk', 'Maximum', ['NodesAtRisk']),
    graph(scanner, 'Open findings by severity', 'Maximum', Object.values(OPEN), true),
    graph(scanner, 'Findings by status', 'Maximum', [
      'FindingsFail',
      'FindingsManual',
      'FindingsError',
      'FindingsPass',
      'FindingsNotApplicable',
    ]),
    ...(shards.length > 0 ? [targets(closing)] : []),
    graph(scanner, 'Coverage (%)', 'Minimum', ['Coverage']),
    graph(scanner, 'Duration of each part, of the slowest target (s)', 'Maximum', Object.values(PHASES), true),
    graph(scanner, 'Scan duration and age of the report before it (s)', 'Maximum', [
      'ScanDuration',
      'PreviousReportAge',
    ]),
    graph(scanner, 'Requests to AWS', 'Sum', ['ApiCalls']),
    new GraphWidget({
      title: 'Functions',
      width: 12,
      left: functions.flatMap(({ function: scan }) => [
        scan.metricDuration({ statistic: 'Sum', period: DAY }),
        scan.metricErrors({ period: DAY }),
      ]),
    }),
  );
}

/**
 * One page: is it running, what did it reach, what did it find, what does it cost.
 * Tested by test/infra/stacks.test.ts.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import { type Alarm, AlarmStatusWidget, Dashboard, GraphWidget, SingleValueWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { MetricName } from '../lambda/scan/metrics.ts';
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

export function addDashboard(
  scope: Construct,
  { scanner, alarms, functions }: { scanner: string; alarms: Alarm[]; functions: DurableFunction[] },
): void {
  const dashboard = new Dashboard(scope, 'Dashboard', {
    dashboardName: `${scanner}-${Stack.of(scope).region}`,
    defaultInterval: Duration.days(30),
  });
  dashboard.addWidgets(
    new AlarmStatusWidget({ title: 'Alarms', width: 24, height: 3, alarms }),
    new SingleValueWidget({
      title: 'Last scan',
      width: 24,
      height: 3,
      metrics: (
        ['NodesEvaluated', 'NodesUnreachable', 'NodesAtRisk', 'Coverage', 'FindingsFail', 'ScanDuration'] as const
      ).map((name) => scanMetric(scanner, name, 'Maximum', DAY)),
    }),
    graph(scanner, 'Nodes', 'Maximum', ['NodesEvaluated', 'NodesUnreachable'], true),
    graph(scanner, 'Findings', 'Maximum', [
      'FindingsFail',
      'FindingsManual',
      'FindingsError',
      'FindingsPass',
      'FindingsNotApplicable',
    ]),
    graph(scanner, 'Coverage (%)', 'Minimum', ['Coverage']),
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

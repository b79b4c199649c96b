/**
 * One page: is it running, what did it reach, what did it find, what does it cost.
 * Tested by test/infra/stacks.test.ts.
 */
import { Duration, type Stack } from 'aws-cdk-lib';
import { type Alarm, AlarmStatusWidget, Dashboard, GraphWidget, SingleValueWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '../lambda/scan/metrics.ts';
import { scanMetric } from './alarms.ts';
import type { DurableFunction } from './function.ts';

const DAY = Duration.days(1);

const graph = (stack: Stack, title: string, statistic: string, names: MetricName[], stacked = false) =>
  new GraphWidget({
    title,
    width: 12,
    stacked,
    left: names.map((name) => scanMetric(stack, name, statistic, DAY)),
    leftYAxis: { min: 0 },
  });

export function addDashboard(
  stack: Stack,
  { alarms, functions }: { alarms: Alarm[]; functions: DurableFunction[] },
): void {
  const dashboard = new Dashboard(stack, 'Dashboard', {
    dashboardName: `${stack.stackName}-${stack.region}`,
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
      ).map((name) => scanMetric(stack, name, 'Maximum', DAY)),
    }),
    graph(stack, 'Nodes', 'Maximum', ['NodesEvaluated', 'NodesUnreachable'], true),
    graph(stack, 'Findings', 'Maximum', [
      'FindingsFail',
      'FindingsManual',
      'FindingsError',
      'FindingsPass',
      'FindingsNotApplicable',
    ]),
    graph(stack, 'Coverage (%)', 'Minimum', ['Coverage']),
    graph(stack, 'Scan duration and age of the report before it (s)', 'Maximum', ['ScanDuration', 'PreviousReportAge']),
    graph(stack, 'Requests to AWS', 'Sum', ['ApiCalls']),
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

/** The alarms. Each has a section of its name in docs/runbook.md. Tested by test/infra/stacks.test.ts. */
import { Annotations, Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { METRIC_NAMESPACE, type MetricName } from '../lambda/scan/metrics.ts';
import type { Topics } from './alerting.ts';
import type { DurableFunction } from './function.ts';
import type { ScannerSettings } from './props.ts';

/** A metric that the scan of a scanner of that name writes itself. */
export function scanMetric(service: string, metricName: MetricName, statistic: string, period: Duration): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    statistic,
    period,
    dimensionsMap: { service },
  });
}

/** How durable executions end that do not end well (AWS Lambda developer guide, "Monitoring durable functions"). */
const BAD_ENDS = ['DurableExecutionFailed', 'DurableExecutionTimedOut', 'DurableExecutionStopped'];

/**
 * Number of scans that ended badly in 5 minutes. Where a coordinator starts a scan of each target, it is the one that
 * counts: it reports a target whose scan has failed, and `target-failed` tells of that. A group of many targets is an execution of
 * the coordinator, too, and Lambda has no metric of one of them alone: a group tells why it failed as its answer and ends well
 * (lambda/scan/targets.ts), so only one that Lambda itself ended is counted beside the scan.
 */
function badEnds({ function: scan }: DurableFunction): MathExpression {
  const metrics: Record<string, IMetric> = {};
  for (const metricName of BAD_ENDS) {
    metrics[`m${metricName}`] = scan.metric(metricName, { statistic: 'Sum', period: Duration.minutes(5) });
  }
  const expression = Object.keys(metrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new MathExpression({
    expression,
    usingMetrics: metrics,
    period: Duration.minutes(5),
    label: 'Scans that failed, timed out or were stopped',
  });
}

/**
 * Of an alarm on metrics that are filled with 0: any of the last three periods counts, because a value that comes late
 * would otherwise find its period over, judged by the 0 in its place (CloudWatch user guide, "Using metric math", FILL).
 */
export const FILLED = { evaluationPeriods: 3, datapointsToAlarm: 1 };

type AlarmText = Pick<
  AlarmProps,
  'metric' | 'threshold' | 'comparisonOperator' | 'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'
> & {
  /** Name, and heading in the runbook. */
  name: string;
  /** One sentence: what happened. */
  text: string;
};

/** Adds one alarm that tells `topic` of every change of state; `scanner` is what its name begins with. */
export function addAlarm(scope: Construct, scanner: string, topic: ITopic, { name, text, ...props }: AlarmText): Alarm {
  const alarm = new Alarm(scope, name, {
    alarmName: `${scanner}-${name}`,
    alarmDescription: `${text} What to do: docs/runbook.md#${name}`,
    ...props,
  });
  const action = new SnsAction(topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  return alarm;
}

const texts = {
  nobody:
    'Neither kubevigil.emails nor kubevigil.slack is set: messages and alarms reach nobody, unless somebody subscribes to ' +
    'the topics AlertTopic and Alarms.',
  onlySlack:
    'kubevigil.emails is not set: when Slack gets no messages any more, nobody hears of it, because the alarm chat-dropped ' +
    'goes by e-mail.',
  noScanMissing:
    'The schedule pauses longer than the 7 days that an alarm can look back, so no alarm tells of a missing scan. ' +
    'Run `npm start -- verify s3://BUCKET --to DATE` now and then: it does.',
};

function scanMissing(scanner: string, hours: number): AlarmText {
  return {
    name: 'scan-missing',
    text: `No scan was completed for ${hours} hours.`,
    // Hours, because an alarm may look back 7 days only with periods of an hour or more (CloudWatch API reference,
    // PutMetricAlarm); all of them must be empty.
    metric: scanMetric(scanner, 'ScanCompleted', 'Sum', Duration.hours(1)),
    threshold: 1,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: hours,
    treatMissingData: TreatMissingData.BREACHING,
  };
}

export function addAlarms(
  scope: Construct,
  {
    settings,
    entry,
    failures,
    topics,
    uncopied,
  }: {
    settings: ScannerSettings;
    entry: DurableFunction;
    failures: Queue;
    topics: Topics;
    /** How many objects could not be copied to the second account; absent: there is none. */
    uncopied: IMetric | undefined;
  },
): Alarm[] {
  const { silentHours, coveragePercent } = settings.alarms;
  const { name: scanner, emails, slack } = settings;
  if (emails.length === 0) {
    const text = slack ? texts.onlySlack : texts.nobody;
    Annotations.of(scope).addWarningV2('kubevigil:unheard', text);
  }
  if (silentHours === undefined) {
    Annotations.of(scope).addWarningV2('kubevigil:scan-missing', texts.noScanMissing);
  }
  const atLeastOne = {
    threshold: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  };
  const alarms: AlarmText[] = [
    {
      ...atLeastOne,
      ...FILLED,
      name: 'scan-failed',
      text: 'A scan ended without a report, or Lambda ended a group of its targets.',
      metric: badEnds(entry),
    },
    ...(silentHours === undefined ? [] : [scanMissing(scanner, silentHours)]),
    {
      ...atLeastOne,
      name: 'target-failed',
      text: 'An account or region could not be scanned at all.',
      metric: scanMetric(scanner, 'TargetsFailed', 'Maximum', Duration.minutes(5)),
    },
    {
      name: 'no-nodes',
      text: 'A scan found no node at all.',
      metric: scanMetric(scanner, 'Nodes', 'Minimum', Duration.minutes(5)),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.IGNORE,
    },
    {
      ...atLeastOne,
      name: 'population-fell',
      text: `An account or region lost more than ${settings.populationFallPercent} % of its nodes since the scan before, or all, or is no longer scanned.`,
      metric: scanMetric(scanner, 'TargetsFallen', 'Maximum', Duration.minutes(5)),
    },
    {
      name: 'coverage-low',
      text: `Fewer than ${coveragePercent} % of the nodes were evaluated.`,
      metric: scanMetric(scanner, 'Coverage', 'Minimum', Duration.minutes(5)),
      threshold: coveragePercent,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 1,
      // Between two scans there is nothing to measure, and the last scan's state is still true.
      treatMissingData: TreatMissingData.IGNORE,
    },
    {
      ...atLeastOne,
      name: 'failures-waiting',
      text: 'The dead-letter queue holds a start, or the event of a scan or of one target of it, that failed for good.',
      metric: failures.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: 'Maximum' }),
    },
    {
      ...atLeastOne,
      name: 'method-differs',
      text: 'Known answers of real kubelets are not what the scan derives: its verdicts may be wrong.',
      metric: scanMetric(scanner, 'KnownAnswersDiffered', 'Maximum', Duration.minutes(5)),
    },
    {
      ...atLeastOne,
      name: 'alert-failed',
      text: 'A message, finding or event of a scan could not be delivered; its report is there.',
      metric: scanMetric(scanner, 'AlertsFailed', 'Maximum', Duration.minutes(5)),
    },
    {
      ...atLeastOne,
      name: 'alert-undelivered',
      text: 'SNS could not deliver a message to one of its subscribers.',
      metric: topics.alerts.metricNumberOfNotificationsFailed({ period: Duration.minutes(5), statistic: 'Sum' }),
    },
    ...(uncopied === undefined
      ? []
      : [
          {
            ...atLeastOne,
            name: 'copy-failed',
            text: 'An object of the archive could not be copied to the second account.',
            metric: uncopied,
            // Measured only when something is copied, which is once a night (S3 user guide, "Metrics and dimensions").
            treatMissingData: TreatMissingData.IGNORE,
          },
        ]),
  ];
  return alarms.map((alarm) => addAlarm(scope, scanner, topics.alarms, alarm));
}

/**
 * The alarm on chat messages that got lost, in a stack of its own: Amazon Q Developer in chat applications writes its
 * metrics in us-east-1 only, wherever the topics are, and an alarm sees only the metrics of its own region.
 * Tested by test/infra/stacks.test.ts.
 */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { addAlarm, FILLED } from './alarms.ts';
import { addTopic, allowAlarms } from './alerting.ts';
import type { UserSettings } from './settings.ts';

/** Messages that Amazon Q Developer took and no channel showed (its administrator guide, "Monitoring with CloudWatch"). */
const LOST = ['MessageDeliveryFailure', 'EventsThrottled', 'UnsupportedEvents'];

export function addChatStack(scope: Construct, { name, emails, hub }: UserSettings): Stack {
  const stack = new Stack(scope, `${name}-chat`, {
    description: 'kubevigil: an alarm on chat messages that got lost',
    env: { region: 'us-east-1', ...(hub && { account: hub.account }) },
  });
  const key = new Key(stack, 'Key', {
    description: 'Encrypts the alarms of kubevigil about chat messages',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const topic = addTopic(stack, 'Alarms', { displayName: 'kubevigil chat alarms', emails, key });
  allowAlarms(stack, topic, key);
  addAlarm(stack, stack.stackName, topic, {
    name: 'chat-dropped',
    text: 'Amazon Q Developer did not show a message in the Slack channel.',
    metric: new MathExpression({
      expression: LOST.map((name) => `FILL(${name.toLowerCase()}, 0)`).join(' + '),
      usingMetrics: Object.fromEntries(
        LOST.map((metricName) => [
          metricName.toLowerCase(),
          new Metric({
            namespace: 'AWS/Chatbot',
            metricName,
            dimensionsMap: { ConfigurationName: name },
            statistic: 'Sum',
            period: Duration.minutes(5),
          }),
        ]),
      ),
      period: Duration.minutes(5),
      label: 'Messages that got lost',
    }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    ...FILLED,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  return stack;
}

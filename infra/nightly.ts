/** What starts a scan at its time. Tested by test/infra/stacks.test.ts. */
import { Annotations, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { DurableFunction } from './function.ts';
import type { ScannerSettings } from './props.ts';
import { longestPause, losesScan } from './schedule.ts';

const lostScan = (timeZone: string) =>
  `The clocks of ${timeZone} skip a time of the schedule when they are set forward. There is no scan then, which ` +
  'the alarm scan-missing and `verify` will tell. Choose another hour, or UTC.';

/** Adds the schedule and its role, which may start `entry` and keep what could not be started. */
export function addSchedule(
  scope: Construct,
  { schedule, timeZone, flexibleWindowMinutes }: ScannerSettings,
  entry: DurableFunction,
  { failures, dataKey }: { failures: Queue; dataKey: IKey },
): void {
  const stack = Stack.of(scope);
  const role = new Role(scope, 'ScheduleRole', {
    description: 'Lets the schedule start the nightly scan',
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  });
  role.addToPolicy(
    new PolicyStatement({
      sid: 'StartScan',
      effect: Effect.ALLOW,
      actions: ['lambda:InvokeFunction'],
      resources: [entry.alias.functionArn],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'KeepUndelivered',
      effect: Effect.ALLOW,
      actions: ['sqs:SendMessage'],
      resources: [failures.queueArn],
    }),
  );
  // The construct would give this to the role, which takes nothing from it (below). Scheduler decrypts what it delivers by its
  // role, and names the schedule (its user guide, "Encryption at rest").
  role.addToPolicy(
    new PolicyStatement({
      sid: 'ReadOwnSchedule',
      effect: Effect.ALLOW,
      actions: ['kms:Decrypt'],
      resources: [dataKey.keyArn],
      conditions: {
        StringLike: {
          'kms:EncryptionContext:aws:scheduler:schedule:arn': stack.formatArn({
            service: 'scheduler',
            resource: 'schedule',
            resourceName: 'default/*',
          }),
        },
      },
    }),
  );
  const everySeconds = longestPause(schedule, timeZone);
  if (losesScan(schedule, timeZone)) {
    Annotations.of(scope).addWarningV2('kubevigil:lost-scan', lostScan(timeZone));
  }
  const nightly = new Schedule(scope, 'Schedule', {
    description: 'Starts a scan of all targets',
    key: dataKey,
    schedule: ScheduleExpression.expression(schedule, TimeZone.of(timeZone)),
    timeWindow:
      flexibleWindowMinutes > 0 ? TimeWindow.flexible(Duration.minutes(flexibleWindowMinutes)) : TimeWindow.off(),
    target: new LambdaInvoke(entry.alias as IFunction, {
      // The target would add the alias's versions, and no version but the live one is to be started by a schedule.
      role: role.withoutPolicyUpdates(),
      deadLetterQueue: failures,
      // Of 185 that are the default: a scan that cannot be started within the hour waits for the next night.
      retryAttempts: 3,
      maxEventAge: Duration.hours(1),
      input: ScheduleTargetInput.fromObject({
        scheduledTime: ContextAttribute.scheduledTime,
        ...(everySeconds !== undefined && { everySeconds }),
      }),
    }),
  });
  nightly.node.addDependency(role);
}

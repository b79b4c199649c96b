/**
 * Who is told: two topics, one for what a scan found, one for what is wrong with the scanner.
 * Tested by test/infra/stacks.test.ts.
 */
import { Stack } from 'aws-cdk-lib';
import { SlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { allowOn } from './existing.ts';
import type { ScannerSettings } from './props.ts';

export type Topics = {
  /** One message a scan; subscribe machines to this one, its `default` is JSON. */
  alerts: ITopic;
  /** State changes of the alarms, as CloudWatch writes them. */
  alarms: ITopic;
};

/**
 * Lets the alarms of this account use an encrypted topic: the topic's own policy replaces the default one that would
 * allow it, and CloudWatch must be able to use the key (Amazon SNS developer guide, "Enable compatibility between event
 * sources and encrypted topics").
 */
export function allowAlarms(scope: Construct, topic: ITopic, key: IKey): void {
  const principals = [new ServicePrincipal('cloudwatch.amazonaws.com')];
  const conditions = { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } };
  const sid = 'AlarmsOfThisAccount';
  allowOn(
    scope,
    topic,
    'existing.alarmTopicArn',
    new PolicyStatement({ sid, principals, conditions, actions: ['sns:Publish'], resources: [topic.topicArn] }),
  );
  allowOn(
    scope,
    key,
    'existing.dataKeyArn',
    new PolicyStatement({
      sid,
      principals,
      conditions,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
    }),
  );
}

/**
 * A topic that takes nothing over plain HTTP and keeps nothing in the clear, or the one that there is, with the e-mail
 * addresses subscribed.
 */
export function addTopic(
  scope: Construct,
  id: string,
  {
    displayName,
    emails,
    key,
    existing,
  }: { displayName: string; emails: string[]; key: IKey; existing?: ITopic | undefined },
): ITopic {
  const topic = existing ?? new Topic(scope, id, { displayName, masterKey: key, enforceSSL: true });
  for (const email of emails) topic.addSubscription(new EmailSubscription(email));
  return topic;
}

export function addAlerting(scope: Construct, { name, emails, slack, existing }: ScannerSettings, key: IKey): Topics {
  const { alertTopic, alarmTopic } = existing;
  const alerts = addTopic(scope, 'Alerts', { displayName: 'kubevigil findings', emails, key, existing: alertTopic });
  const alarms = addTopic(scope, 'Alarms', { displayName: 'kubevigil alarms', emails, key, existing: alarmTopic });
  allowAlarms(scope, alarms, key);
  if (slack) {
    // The channel gets messages and may ask nothing: a role without a permission, and a guardrail in case somebody
    // gives it some (without one, Amazon Q Developer puts AdministratorAccess there).
    const role = new Role(scope, 'SlackRole', {
      description: 'For the Slack channel of kubevigil: no permissions',
      assumedBy: new ServicePrincipal('chatbot.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
      }),
    });
    new SlackChannelConfiguration(scope, 'Slack', {
      // Its metrics carry the name, also where they are read from another region.
      slackChannelConfigurationName: name,
      slackWorkspaceId: slack.workspaceId,
      slackChannelId: slack.channelId,
      notificationTopics: [alerts, alarms],
      role,
      guardrailPolicies: [ManagedPolicy.fromAwsManagedPolicyName('CloudWatchReadOnlyAccess')],
      userRoleRequired: false,
    });
  }
  return { alerts, alarms };
}

/**
 * Publishing the messages of a scan: to its topic and to those of the routes, whose keys it takes where they have ones of their own
 * (Amazon SNS developer guide, "Key management"), through SNS only.
 */
export function publishing(
  { alerts }: Topics,
  { routes, existing }: Pick<ScannerSettings, 'routes' | 'existing'>,
): PolicyStatement[] {
  const own = existing.alertTopicKey?.keyArn ?? [];
  const keys = [...new Set([own, routes.flatMap(({ keyArn }) => keyArn ?? [])].flat())];
  const publish = new PolicyStatement({
    sid: 'PublishAlerts',
    actions: ['sns:Publish'],
    resources: [alerts.topicArn, ...new Set(routes.map(({ topicArn }) => topicArn))],
  });
  const useKeys = new PolicyStatement({
    sid: 'UseKeysOfTopics',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: keys,
    conditions: { StringLike: { 'kms:ViaService': 'sns.*' } },
  });
  return keys.length > 0 ? [publish, useKeys] : [publish];
}

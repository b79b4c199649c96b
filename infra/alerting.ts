/**
 * Who is told: two topics, one for what a scan found, one for what is wrong with the scanner.
 * Tested by test/infra/stacks.test.ts.
 */
import type { Stack } from 'aws-cdk-lib';
import { SlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { UserSettings } from './settings.ts';

export type Topics = {
  /** One message a scan; subscribe machines to this one, its `default` is JSON. */
  alerts: Topic;
  /** State changes of the alarms, as CloudWatch writes them. */
  alarms: Topic;
};

/**
 * Lets the alarms of this account use an encrypted topic: the topic's own policy replaces the default one that would
 * allow it, and CloudWatch must be able to use the key (Amazon SNS developer guide, "Enable compatibility between event
 * sources and encrypted topics").
 */
export function allowAlarms(stack: Stack, topic: Topic, key: Key): void {
  const principals = [new ServicePrincipal('cloudwatch.amazonaws.com')];
  const conditions = { StringEquals: { 'aws:SourceAccount': stack.account } };
  const sid = 'AlarmsOfThisAccount';
  topic.addToResourcePolicy(
    new PolicyStatement({ sid, principals, conditions, actions: ['sns:Publish'], resources: [topic.topicArn] }),
  );
  key.addToResourcePolicy(
    new PolicyStatement({
      sid,
      principals,
      conditions,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
    }),
  );
}

/** A topic that takes nothing over plain HTTP and keeps nothing in the clear, with the e-mail addresses subscribed. */
export function addTopic(stack: Stack, id: string, displayName: string, emails: string[], key: Key): Topic {
  const topic = new Topic(stack, id, { displayName, masterKey: key, enforceSSL: true });
  for (const email of emails) topic.addSubscription(new EmailSubscription(email));
  return topic;
}

export function addAlerting(stack: Stack, { name, emails, slack }: UserSettings, key: Key): Topics {
  const alerts = addTopic(stack, 'Alerts', 'kubevigil findings', emails, key);
  const alarms = addTopic(stack, 'Alarms', 'kubevigil alarms', emails, key);
  allowAlarms(stack, alarms, key);
  if (slack) {
    // The channel gets messages and may ask nothing: a role without a permission, and a guardrail in case somebody
    // gives it some (without one, Amazon Q Developer puts AdministratorAccess there).
    const role = new Role(stack, 'SlackRole', {
      description: 'For the Slack channel of kubevigil: no permissions',
      assumedBy: new ServicePrincipal('chatbot.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    });
    new SlackChannelConfiguration(stack, 'Slack', {
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

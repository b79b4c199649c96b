/** Publishes an alert to the Amazon SNS topic. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { type AlertMessage, body } from './message.ts';
import { clean } from './text.ts';

/** What became of an alert. A scan records it beside the report: a failure here must not cost the report. */
export type Published = { sent: string } | { failed: string };

/** With the SDK's backoff of at most 20 s a try, about a minute in which a throttled or restarting topic may recover. */
const ATTEMPTS = 6;

/**
 * Sends one alert to a topic and returns the id that SNS gave it, or why it could not be sent. It does not throw.
 *
 * A standard topic, the only kind that e-mail and chat subscribe to, delivers at least once and ignores
 * MessageDeduplicationId: the `dedupeId` is an attribute and a field of the JSON, for receivers to compare.
 */
export async function publish(message: AlertMessage, topicArn: string): Promise<Published> {
  const [, , , region] = topicArn.split(':');
  try {
    // A topic is published to where it lives, whatever region this runs in.
    const client = new SNSClient({ maxAttempts: ATTEMPTS, retryMode: 'standard', ...(region ? { region } : {}) });
    try {
      const { MessageId } = await client.send(
        new PublishCommand({
          TopicArn: topicArn,
          Subject: message.subject,
          MessageStructure: 'json',
          Message: body(message),
          MessageAttributes: { dedupeId: { DataType: 'String', StringValue: message.dedupeId } },
        }),
      );
      return MessageId === undefined ? { failed: 'SNS answered without a message id' } : { sent: MessageId };
    } finally {
      client.destroy();
    }
  } catch (error) {
    const { name, message: text } = error instanceof Error ? error : new Error(String(error));
    return { failed: clean(`${name}: ${text}`, 500) };
  }
}

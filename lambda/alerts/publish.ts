/** Publishes an alert to the Amazon SNS topic. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { type AlertMessage, body } from './message.ts';
import { visible } from './text.ts';

/** What became of an alert: the id that SNS gave it, or why it was not sent. */
export type Published = { sent: string } | { failed: string };

/**
 * Tries, and milliseconds for the answer to each. The SDK's backoff between six tries is up to about three seconds in
 * all: that outlasts throttling and lost connections, and is nothing to pay for.
 */
const PATIENCE = { attempts: 6, timeout: 10_000 };

/**
 * Sends one alert to a topic. It does not throw: a scan keeps `failed` beside its report, and may try again later.
 *
 * A standard topic, the only kind that e-mail and chat can subscribe to, delivers at least once, and a try whose answer
 * was lost is repeated: `dedupeId` is a message attribute and a field of the JSON, by which receivers know a repetition.
 * (MessageDeduplicationId is for FIFO topics. Source: Amazon SNS API reference, Publish.)
 */
export async function publish(message: AlertMessage, topicArn: string, patience = PATIENCE): Promise<Published> {
  const [, , , region] = topicArn.split(':');
  try {
    // A topic is published to where it lives, whatever region this runs in.
    const client = new SNSClient({
      ...(region ? { region } : {}),
      maxAttempts: patience.attempts,
      requestHandler: {
        requestTimeout: patience.timeout,
        throwOnRequestTimeout: true,
        connectionTimeout: patience.timeout,
      },
    });
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
    return { failed: visible(`${name}: ${text}`, 500) };
  }
}

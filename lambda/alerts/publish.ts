/** Publishes an alert to the Amazon SNS topic. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { explained } from '../failures.ts';
import { MESSAGE_RETRIES } from '../retries.ts';
import { type AlertMessage, body } from './message.ts';

/**
 * Sends one alert to a topic and returns the id that SNS gave it. Throws the SDK's error when the last try has failed.
 *
 * A standard topic, the only kind that e-mail and chat can subscribe to, delivers at least once, and a try whose answer
 * was lost is repeated: `dedupeId` is a message attribute and a field of the JSON, by which receivers know a repetition.
 * (MessageDeduplicationId is for FIFO topics. Source: Amazon SNS API reference, Publish.)
 */
export async function publish(
  message: AlertMessage,
  topicArn: string,
  retries: object = MESSAGE_RETRIES,
): Promise<string> {
  const [, , , region] = topicArn.split(':');
  // A topic is published to where it lives, whatever region this runs in.
  const client = explained(new SNSClient({ ...(region ? { region } : {}), ...retries }));
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
    if (MessageId === undefined) throw new Error('SNS answered without a message id');
    return MessageId;
  } finally {
    client.destroy();
  }
}

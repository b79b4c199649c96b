import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GetTopicAttributesCommand,
  ListTopicsCommand,
  PublishCommand,
  type PublishCommandInput,
  SNSClient,
} from '@aws-sdk/client-sns';
import { client, HUB, MEMBER, REGION, start, world } from './fixture.ts';

const TOPIC = `arn:aws:sns:${REGION}:${HUB}:alerts`;

test('a published message is kept as each protocol would get it', async (t) => {
  const now = () => new Date('2026-01-02T03:04:05Z');
  const endpoints = await start(t, { accounts: world({ topics: ['alerts'] }), now, uuid: () => 'the-id' });
  const sns = new SNSClient(client(endpoints));
  const publish = (input: Partial<PublishCommandInput>) =>
    sns.send(new PublishCommand({ TopicArn: TOPIC, Message: 'x', ...input }));
  const attribute = { DataType: 'String', StringValue: 'fail' };
  const { MessageId } = await publish({
    Message: 'grüße & <all>\n',
    Subject: 'kubevigil: 1 node fails',
    MessageAttributes: { status: attribute },
  });
  assert.equal(MessageId, 'the-id');
  const structured = { default: '{"a":1}', email: 'text', https: '', sqs: 5, unknown: 'x' };
  await publish({ Message: JSON.stringify(structured), MessageStructure: 'json' });
  const common = { messageId: 'the-id', account: HUB, region: REGION, topicArn: TOPIC, publishedAt: now() };
  assert.deepEqual(endpoints.messages, [
    {
      ...common,
      subject: 'kubevigil: 1 node fails',
      message: 'grüße & <all>\n',
      bodies: { default: 'grüße & <all>\n' },
      attributes: { status: { type: 'String', value: 'fail' } },
    },
    {
      ...common,
      message: JSON.stringify(structured),
      bodies: { default: '{"a":1}', email: 'text', https: '' },
      attributes: {},
    },
  ]);
});

test('Publish refuses what SNS refuses', async (t) => {
  const accounts = { ...world({ topics: ['alerts'] }), [MEMBER]: { regions: { [REGION]: { topics: ['theirs'] } } } };
  const endpoints = await start(t, { accounts });
  const sns = new SNSClient(client(endpoints));
  const json = (Message: string) => ({ Message, MessageStructure: 'json' });
  const attributes = (value: object) => ({ MessageAttributes: { a: value as { DataType: string } } });
  const cases: [string, Partial<PublishCommandInput>, string, RegExp][] = [
    ['one byte too many', { Message: 'x'.repeat(262_145) }, 'InvalidParameterException', /too long/],
    ['bytes count, not characters', { Message: 'é'.repeat(131_073) }, 'InvalidParameterException', /too long/],
    [
      'attributes count',
      { Message: 'x'.repeat(262_138), ...attributes({ DataType: 'String', StringValue: '1' }) },
      'InvalidParameterException',
      /too long/,
    ],
    ['an empty message', { Message: '' }, 'InvalidParameterException', /Empty message/],
    ['a subject of 100 characters', { Subject: 'x'.repeat(100) }, 'InvalidParameterException', /Subject/],
    ['a subject with a newline', { Subject: 'a\nb' }, 'InvalidParameterException', /Subject/],
    ['a subject that begins with a space', { Subject: ' a' }, 'InvalidParameterException', /Subject/],
    ['a subject that is not ASCII', { Subject: 'grüße' }, 'InvalidParameterException', /Subject/],
    ['an empty subject', { Subject: '' }, 'InvalidParameterException', /Subject/],
    ['another structure', { MessageStructure: 'xml' }, 'InvalidParameterException', /MessageStructure/],
    ['a structure that is not JSON', json('{'), 'InvalidParameterException', /failed to parse/],
    ['a structure that is no object', json('["default"]'), 'InvalidParameterException', /failed to parse/],
    ['no default', json('{"email":"x"}'), 'InvalidParameterException', /No default entry/],
    ['a default that is no string', json('{"default":{}}'), 'InvalidParameterException', /No default entry/],
    [
      'an attribute without a value',
      attributes({ DataType: 'String', StringValue: '' }),
      'InvalidParameterValueException',
      /non-empty/,
    ],
    [
      'an attribute without a type',
      attributes({ DataType: 'Text', StringValue: 'x' }),
      'InvalidParameterValueException',
      /type/,
    ],
    ['an unknown topic', { TopicArn: `${TOPIC}s` }, 'NotFoundException', /does not exist/],
    ['no ARN', { TopicArn: 'alerts' }, 'InvalidParameterException', /TopicArn/],
    [
      'a topic of another region',
      { TopicArn: TOPIC.replace(REGION, 'us-east-1') },
      'InvalidParameterException',
      /TopicArn/,
    ],
    [
      'a topic of another account',
      { TopicArn: `arn:aws:sns:${REGION}:${MEMBER}:theirs` },
      'AuthorizationErrorException',
      /not authorized/,
    ],
    ['no topic', { TopicArn: undefined }, 'InvalidParameterException', /TopicArn or TargetArn/],
    ['a phone', { TopicArn: undefined, PhoneNumber: '+1' }, 'NotImplemented', /PhoneNumber/],
  ];
  for (const [what, input, name, message] of cases) {
    const sent = sns.send(new PublishCommand({ TopicArn: TOPIC, Message: 'x', ...input }));
    await assert.rejects(sent, { name, message }, what);
  }
  assert.deepEqual(endpoints.messages, []);
  await sns.send(new PublishCommand({ TopicArn: TOPIC, Message: 'x'.repeat(262_144), Subject: 'x'.repeat(99) }));
  await assert.rejects(sns.send(new ListTopicsCommand({})), {
    name: 'NotImplemented',
    message: /sns:ListTopics, only Publish, GetTopicAttributes/,
  });
});

test('GetTopicAttributes tells whether a topic is there', async (t) => {
  const endpoints = await start(t, { accounts: world({ topics: ['alerts'] }) });
  const sns = new SNSClient(client(endpoints));
  const ask = (TopicArn: string) => sns.send(new GetTopicAttributesCommand({ TopicArn }));
  assert.deepEqual((await ask(TOPIC)).Attributes, { TopicArn: TOPIC, Owner: HUB });
  await assert.rejects(ask(`${TOPIC}-not`), { name: 'NotFoundException' });
  await assert.rejects(ask('alerts'), { name: 'InvalidParameterException' });
  await assert.rejects(ask(TOPIC.replace(HUB, MEMBER)), { name: 'AuthorizationErrorException' });
});

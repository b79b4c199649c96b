import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { message } from '../../lambda/alerts/message.ts';
import { publish } from '../../lambda/alerts/publish.ts';
import { failureText } from '../../lambda/scan/notify.ts';
import type { Call, Fault } from '../../simulator/aws/options.ts';
import { SHORT, start as startDelivery } from './delivery.ts';
import { night } from './quiet.ts';

const topic = 'arn:aws:sns:eu-west-1:111111111111:kubevigil-alerts';
const sent = message(night(), 'always') ?? assert.fail();

/** Endpoints with the topic, which lives elsewhere than the function runs. */
const start = (t: TestContext, fault?: (call: Call) => Fault | undefined) =>
  startDelivery(t, fault, {
    accounts: { '111111111111': { regions: { 'eu-west-1': { topics: ['kubevigil-alerts'] }, 'us-east-1': {} } } },
  });

test('each subscriber gets its own form, and the scan as attribute', async (t) => {
  const endpoints = await start(t);
  const published = await publish(sent, topic);
  const [received, ...others] = endpoints.messages;
  assert.equal(published, received?.messageId);
  assert.deepEqual(others, []);
  assert.equal(received?.topicArn, topic);
  assert.equal(received?.region, 'eu-west-1');
  assert.equal(received?.subject, sent.subject);
  assert.deepEqual(received?.bodies, { default: sent.default, email: sent.email, https: sent.https });
  assert.deepEqual(received?.attributes, { dedupeId: { type: 'String', value: '20261123T020000Z' } });
});

describe('a fault that passes is retried', () => {
  const faults: Fault[] = [
    { status: 400, code: 'Throttled', message: 'Rate exceeded' },
    { status: 500, code: 'InternalError', message: 'try again' },
    'reset',
    'timeout',
  ];
  for (const fault of faults) {
    test('code' in Object(fault) ? (fault as { code: string }).code : String(fault), async (t) => {
      const endpoints = await start(t, ({ attempt }) => (attempt === 1 ? fault : undefined));
      assert.equal(await publish(sent, topic, SHORT), endpoints.messages.at(-1)?.messageId);
      assert.equal(endpoints.messages.length, 1);
      assert.equal(endpoints.calls['sns.Publish'], 2);
    });
  }

  test('an answer that was lost: receivers know the second message by its id', async (t) => {
    const endpoints = await start(t, ({ attempt }) => (attempt === 1 ? 'lost' : undefined));
    assert.equal(await publish(sent, topic, SHORT), endpoints.messages.at(-1)?.messageId);
    const ids = endpoints.messages.map(({ attributes }) => attributes.dedupeId?.value);
    assert.deepEqual(ids, ['20261123T020000Z', '20261123T020000Z']);
  });
});

describe('a fault that stays is put into words', () => {
  const cases: { name: string; arn: string; fault?: Fault; failed: RegExp }[] = [
    {
      name: 'no such topic',
      arn: `${topic}-gone`,
      failed: /^failed: SNS Publish was refused with 404 NotFoundException: Topic does not exist \(request [\w-]+\)\.$/,
    },
    {
      name: 'another account',
      arn: topic.replace('111111111111', '222222222222'),
      failed: /^failed: SNS Publish was refused with 403 AuthorizationErrorException: .*not authorized/,
    },
    {
      name: 'no ARN',
      arn: 'kubevigil-alerts',
      failed: /^failed: SNS Publish was refused with 400 InvalidParameterException: /,
    },
    {
      name: 'no answer',
      arn: topic,
      fault: 'timeout',
      failed: /^failed: TimeoutError: SNS Publish: .* did not answer \(ETIMEDOUT: .*VPC endpoint\.$/,
    },
    {
      name: 'an error that quotes what it was sent',
      arn: topic,
      fault: { status: 400, code: 'InvalidParameter', message: `Invalid:\u001b[31m\n${'x'.repeat(2_000)}` },
      failed:
        /^failed: SNS Publish was refused with 400 InvalidParameterException: Invalid: \[31m \(request [\w-]+\)\.$/,
    },
  ];
  for (const { name, arn, fault, failed } of cases) {
    test(name, async (t) => {
      const endpoints = await start(t, () => fault);
      const became = await publish(sent, arn, { ...SHORT, maxAttempts: 2 }).catch(failureText);
      assert.match(became, failed);
      assert.equal(endpoints.messages.length, 0);
    });
  }
});

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { ListCommandsCommand } from '@aws-sdk/client-ssm';
import { sentenceOf } from '../lambda/failures.ts';
import { archiveClient, targetClients } from '../lambda/scan/clients.ts';
import { type Endpoints, startEndpoints } from '../simulator/aws/endpoints.ts';
import type { Fault } from '../simulator/aws/options.ts';

const environment = { ...process.env };
const open: Endpoints[] = [];
after(async () => {
  for (const endpoints of open) await endpoints.close();
  process.env = environment;
});

const TARGET = { account: '111122223333', region: 'eu-west-1' };

async function failing(fault: Fault) {
  const endpoints = await startEndpoints({
    accounts: { [TARGET.account]: { regions: { [TARGET.region]: {} } } },
    buckets: { reports: {} },
    uuid: () => '11111111-2222-4333-8444-555555555555',
    intercept: () => fault,
  });
  open.push(endpoints);
  Object.assign(process.env, endpoints.environment);
  const { ec2, ssm } = targetClients(TARGET, 'test');
  const messages: Record<string, string> = {};
  for (const [service, send] of Object.entries({
    EC2: () => ec2.send(new DescribeInstancesCommand({})),
    SSM: () => ssm.send(new ListCommandsCommand({})),
    S3: () => archiveClient().send(new ListObjectsV2Command({ Bucket: 'reports' })),
  })) {
    await send().then(
      () => assert.fail('it was answered'),
      (error: Error) => {
        messages[service] = error.message;
      },
    );
  }
  return { messages, host: new URL(endpoints.url).host };
}

test('a refusal of AWS names service, operation, status, code and request, and what to do', async () => {
  const { messages } = await failing({ status: 403, code: 'AccessDenied', message: 'User x may not do this' });
  for (const [service, operation] of [
    ['EC2', 'DescribeInstances'],
    ['SSM', 'ListCommands'],
    ['S3', 'ListObjectsV2'],
  ] as const) {
    assert.equal(
      messages[service],
      `${service} ${operation} was refused with 403 AccessDenied: User x may not do this (request 11111111-2222-4333-8444-555555555555); allow this action, or look for a service control policy or boundary that denies it.`,
    );
  }
});

test('a proxy that answers in the place of AWS is named', async () => {
  const { messages, host } = await failing({
    status: 403,
    headers: { server: 'squid/5.7', via: '1.1 proxy.corp', 'content-type': 'text/html' },
    body: '<html><head><title>ERROR: Access Denied</title></head></html>',
  });
  for (const [service, operation] of [
    ['EC2', 'DescribeInstances'],
    ['SSM', 'ListCommands'],
    ['S3', 'ListObjectsV2'],
  ] as const) {
    assert.equal(
      messages[service],
      `${service} ${operation}: not AWS but something between answered with 403 (squid/5.7, 1.1 proxy.corp, text/html); let the proxy or firewall pass requests to ${host}.`,
    );
  }
});

test('a connection that never was says to what, and what to look at', () => {
  const request = { service: 'EC2', operation: 'DescribeInstances', host: 'ec2.eu-west-1.amazonaws.com' };
  const cases: [object, RegExp][] = [
    [
      { code: 'ENOTFOUND' },
      /^EC2 DescribeInstances: ec2\.eu-west-1\.amazonaws\.com did not answer \(ENOTFOUND: x\); its name is not known/,
    ],
    [{ code: 'ECONNREFUSED' }, /proxy, firewall, VPC endpoint\.$/],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, /NODE_EXTRA_CA_CERTS\.$/],
    [{ name: 'TimeoutError' }, /\(TimeoutError: x\); check the network/],
    [{ name: 'CredentialsProviderError' }, /^EC2 DescribeInstances could not be asked: CredentialsProviderError: x$/],
  ];
  for (const [fields, expected] of cases)
    assert.match(sentenceOf(Object.assign(new Error('x'), fields), request), expected);
});

test('what others say is bounded and stays on one line', () => {
  const error = Object.assign(new Error(`a\u001b[31m\u2028b${'c'.repeat(5_000)}`), {
    $metadata: { httpStatusCode: 400, requestId: 'id' },
  });
  const sentence = sentenceOf(error, { service: 'EC2', operation: 'Describe', host: 'x' });
  assert.ok(sentence.length < 300);
  assert.match(sentence, /a \[31m b/);
});

test('no client walks through its answers for a log that nobody reads', () => {
  const logs = ({ middlewareStack }: Pick<EC2Client, 'middlewareStack'>) =>
    middlewareStack.identify().filter((name) => name.startsWith('loggerMiddleware')).length;
  assert.deepEqual([logs(new EC2Client({})), logs(targetClients(TARGET, 'test').ec2)], [1, 0]);
});

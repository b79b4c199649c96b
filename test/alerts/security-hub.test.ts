import assert from 'node:assert/strict';
import { test } from 'node:test';
import { securityHub } from '../../lambda/alerts/security-hub.ts';
import type { AsffFinding } from '../../lambda/formats/asff.ts';
import type { Call, Fault } from '../../simulator/aws/options.ts';
import { ACCOUNT, AT_ONCE, PRODUCT, REGION, SHORT, start } from './delivery.ts';

const finding = (number: number, more: Partial<AsffFinding> = {}): AsffFinding => ({
  SchemaVersion: '2018-10-08',
  Id: `kubevigil/${number}`,
  ProductArn: PRODUCT,
  ProductName: 'kubevigil',
  CompanyName: 'kubevigil',
  GeneratorId: 'kubevigil/rule',
  AwsAccountId: ACCOUNT,
  CreatedAt: '2026-11-23T02:00:00.000Z',
  UpdatedAt: '2026-11-23T02:00:00.000Z',
  LastObservedAt: '2026-11-23T02:00:00.000Z',
  Title: 'title',
  Description: 'description',
  FindingProviderFields: { Severity: { Label: 'HIGH' }, Types: ['Software and Configuration Checks'] },
  ProductFields: {},
  Resources: [{ Type: 'AwsEc2Instance', Id: 'arn', Region: REGION }],
  Compliance: { Status: 'FAILED' },
  RecordState: 'ACTIVE',
  ...more,
});

async function send(findings: AsffFinding[], pauses = AT_ONCE) {
  const hub = securityHub(PRODUCT, SHORT, pauses);
  try {
    for (const each of findings) await hub.add(each);
    return await hub.end();
  } finally {
    hub.close();
  }
}

/** An answer of Security Hub that refuses these, of the findings of a call. */
const refusing = (ids: string[], { input }: Call, code: string): Fault | undefined => {
  const given = (input as { Findings: { Id: string }[] }).Findings.map(({ Id }) => Id);
  const FailedFindings = given
    .filter((id) => ids.includes(id))
    .map((Id) => ({ Id, ErrorCode: code, ErrorMessage: 'not now' }));
  if (FailedFindings.length === 0) return undefined;
  const counts = { FailedCount: FailedFindings.length, SuccessCount: given.length - FailedFindings.length };
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': 'id' },
    body: JSON.stringify({ ...counts, FailedFindings }),
  };
};

test('findings go in batches of 100 to the region of the product', async (t) => {
  const sizes: number[] = [];
  const endpoints = await start(t, ({ input }) => {
    sizes.push((input as { Findings: object[] }).Findings.length);
    return undefined;
  });
  assert.deepEqual(await send(Array.from({ length: 250 }, (_, index) => finding(index))), { sent: 250, refused: {} });
  assert.deepEqual(sizes, [100, 100, 50]);
  assert.equal(endpoints.findings(ACCOUNT, REGION).length, 250);
});

test('large ones go in smaller batches, each below 6 MB', async (t) => {
  const sizes: number[] = [];
  await start(t, ({ input }) => {
    sizes.push(Buffer.byteLength(JSON.stringify(input)));
    return undefined;
  });
  const fields = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 'x'.repeat(2048)]));
  const large = Array.from({ length: 100 }, (_, index) => finding(index, { ProductFields: fields }));
  assert.equal((await send(large)).sent, 100);
  assert.ok(sizes.length > 1 && sizes.every((size) => size < 6 * 1024 * 1024), String(sizes));
});

test('nothing to send is no request', async (t) => {
  const endpoints = await start(t);
  assert.deepEqual(await send([]), { sent: 0, refused: {} });
  assert.deepEqual(endpoints.calls, {});
});

test('what was refused for a reason that may pass is sent again, and only that', async (t) => {
  const sizes: number[] = [];
  await start(t, (call) => {
    sizes.push((call.input as { Findings: object[] }).Findings.length);
    return sizes.length < 3 ? refusing(['kubevigil/1', 'kubevigil/3'], call, 'InternalError') : undefined;
  });
  assert.deepEqual(await send([1, 2, 3].map((each) => finding(each))), { sent: 3, refused: {} });
  assert.deepEqual(sizes, [3, 2, 2]);
});

test('what does not pass is thrown, so that a later try begins anew', async (t) => {
  await start(t, (call) => refusing(['kubevigil/1'], call, 'ThrottlingException'));
  await assert.rejects(send([finding(1), finding(2)]), /1 of 1 were refused: ThrottlingException: not now/);
});

test('what is refused for good is counted by its reason and keeps nothing else from being sent', async (t) => {
  const endpoints = await start(t);
  const wrong = [1, 2].map((each) => finding(each, { Title: ' ' }));
  const { sent, refused } = await send([...wrong, finding(3)]);
  assert.equal(sent, 1);
  assert.deepEqual(Object.values(refused), [2]);
  assert.match(
    Object.keys(refused)[0] ?? '',
    /^InvalidInput: Finding does not adhere to Amazon Finding Format\. data\.Title/,
  );
  assert.equal(endpoints.calls['securityhub.BatchImportFindings'], 1);
});

test('reasons of any number and length take little room', async (t) => {
  await start(t, ({ input }) => {
    const FailedFindings = (input as { Findings: { Id: string }[] }).Findings.map(({ Id }) => ({
      Id,
      ErrorCode: 'InvalidInput',
      ErrorMessage: `${Id}\n${'x'.repeat(5000)}`,
    }));
    const body = JSON.stringify({ FailedCount: FailedFindings.length, SuccessCount: 0, FailedFindings });
    return { status: 200, headers: { 'content-type': 'application/json', 'x-amzn-requestid': 'id' }, body };
  });
  const { refused } = await send(Array.from({ length: 20 }, (_, index) => finding(index)));
  assert.deepEqual(Object.values(refused), [1, 1, 1, 1, 1, 15]);
  assert.ok(Object.keys(refused).every((text) => text.length <= 200 && !text.includes('\n')));
});

test('a refusal that does not say what it is about is an error', async (t) => {
  await start(t, () => ({
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': 'id' },
    body: '{"FailedCount":1,"SuccessCount":0}',
  }));
  await assert.rejects(send([finding(1)]), /1 findings were refused, which ones is not said/);
});

test('throttling passes, and a Security Hub that is not enabled is told as such', async (t) => {
  const endpoints = await start(t, ({ attempt }) =>
    attempt === 1 ? { status: 429, code: 'TooManyRequestsException', message: 'Rate exceeded' } : undefined,
  );
  assert.equal((await send([finding(1)])).sent, 1);
  assert.equal(endpoints.calls['securityhub.BatchImportFindings'], 2);
  const elsewhere = securityHub(PRODUCT.replace(REGION, 'us-east-1'), SHORT);
  await elsewhere.add(finding(1, { ProductArn: PRODUCT.replace(REGION, 'us-east-1') }));
  await assert.rejects(elsewhere.end(), /SecurityHub BatchImportFindings was refused with 401 InvalidAccessException/);
  elsewhere.close();
});

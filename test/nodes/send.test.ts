import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SSMClient } from '@aws-sdk/client-ssm';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { sendOnce } from '../../lambda/nodes/send.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { EndpointOptions } from '../../simulator/aws/options.ts';

const { name: documentName, version: documentVersion, hash: documentHash, content } = collectDocument();
const SINCE = new Date(Date.now() - 60_000);
const open: Endpoints[] = [];
const environment = { ...process.env };
after(async () => {
  for (const endpoints of open) await endpoints.close();
  process.env = environment;
});

async function account(more: Partial<EndpointOptions> = {}) {
  const documents = [{ name: documentName, version: documentVersion, content }];
  const nodes = [{ instanceId: 'i-0123456789abcdef0', tags: { scan: 'yes' } }];
  const endpoints = await startEndpoints({
    accounts: { '111122223333': { regions: { 'eu-west-1': { nodes, documents } } } },
    ...more,
  });
  open.push(endpoints);
  Object.assign(process.env, endpoints.environment);
  const clients = { ssm: new SSMClient(), sender: new SSMClient({ maxAttempts: 1 }) };
  const send = (...comments: string[]) =>
    sendOnce(
      clients,
      comments.map((comment) => ({ ...command, comment })),
      SINCE,
    );
  return { send, endpoints };
}

const command = {
  documentName,
  documentVersion,
  documentHash,
  targets: [{ Key: 'tag-key', Values: ['scan'] }],
  deliveryTimeoutSeconds: 30,
  concurrency: '100%',
};

test('each command is sent once, although the step is repeated', async () => {
  const { send, endpoints } = await account();
  const first = await send('kubevigil one', 'kubevigil two');
  assert.equal(new Set(first).size, 2);
  assert.deepEqual(await send('kubevigil one', 'kubevigil two'), first);
  assert.equal(endpoints.calls['ssm.SendCommand'], 2);
  const [again, third] = await send('kubevigil two', 'kubevigil three');
  assert.equal(again, first[1]);
  assert.ok(!first.includes(third ?? ''));
  assert.equal(endpoints.calls['ssm.SendCommand'], 3);
});

test('a command that was sent before many others is found, too', async () => {
  const { send } = await account();
  const [first] = await send('kubevigil first');
  await send(...Array.from({ length: 60 }, (_, number) => `kubevigil ${number}`));
  assert.deepEqual(await send('kubevigil first'), [first]);
});

test('a document of another content is refused', async () => {
  const { endpoints } = await account();
  const other = { ...command, comment: 'kubevigil', documentHash: '0'.repeat(64) };
  const ssm = new SSMClient({ endpoint: endpoints.url });
  await assert.rejects(sendOnce({ ssm, sender: ssm }, [other], SINCE), /InvalidDocument/);
});

test('a throttled command was not sent, and is sent a little later', async () => {
  let tries = 0;
  const { send } = await account({
    intercept: ({ operation }) => {
      tries += operation === 'SendCommand' ? 1 : 0;
      return operation === 'SendCommand' && tries === 1
        ? { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' }
        : undefined;
    },
  });
  assert.equal((await send('kubevigil')).length, 1);
  assert.equal(tries, 2);
});

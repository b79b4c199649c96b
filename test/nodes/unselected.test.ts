/** Instances that the tags do not select, asked of the simulated EC2 by the real client. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { unselected } from '../../lambda/nodes/unselected.ts';
import { type Unselected, unselectedSums } from '../../lambda/results/unselected.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Node } from '../../simulator/aws/options.ts';

const [ACCOUNT, REGION] = ['111122223333', 'eu-central-1'];
const cluster = { 'kubernetes.io/cluster/payments': 'owned' };
const id = (number: number) => `i-${number.toString(16).padStart(17, '0')}`;

const nodes: Node[] = [
  { instanceId: id(1), tags: { scan: 'yes', ...cluster } },
  { instanceId: id(2), tags: { Name: 'left', ...cluster } },
  { instanceId: id(3), tags: {}, state: 'stopped' },
  { instanceId: id(4), tags: { Name: 'never', ...cluster } },
  { instanceId: id(5), tags: { Name: 'a database' } },
  { instanceId: `m${id(6)}`, tags: { Name: 'on premises' } },
  ...Array.from({ length: 450 }, (_, index): Node => ({ instanceId: id(1_000 + index), tags: {} })),
];

const environment = { ...process.env };
let endpoints: Endpoints;

before(async () => {
  endpoints = await startEndpoints({ accounts: { [ACCOUNT]: { regions: { [REGION]: { nodes } } } } });
  Object.assign(process.env, endpoints.environment);
});

after(async () => {
  process.env = environment;
  await endpoints.close();
});

async function ask(left: string[]): Promise<Unselected[]> {
  const lines: Unselected[] = [];
  const tags = [{ key: 'scan' }];
  const clients = { ec2: new EC2Client({ region: REGION }), ssm: new SSMClient({ region: REGION }) };
  const selected = { ids: new Set([id(1)]), clusters: new Set(['payments']) };
  for await (const line of unselected(clients, tags, selected, left)) lines.push(line);
  return lines;
}

test('nodes that have left are told by what EC2 says of them now, and look-alikes by the evidence', async () => {
  const evidence =
    'it has the tag kubernetes.io/cluster/payments, which the cloud provider sets, and which names the scanned cluster payments';
  assert.deepEqual(await ask([id(2), id(3), id(999)]), [
    { id: id(2), cluster: 'payments', name: 'left', state: 'running' },
    { id: id(3), state: 'stopped' },
    { id: id(999), state: 'terminated' },
    { id: id(4), cluster: 'payments', name: 'never', state: 'running', evidence },
  ]);
});

test('of hybrid nodes that have left Systems Manager tells which are registered still', async () => {
  const lines = await ask([`m${id(6)}`, `m${id(7)}`]);
  assert.deepEqual(lines.slice(0, 2), [
    { id: `m${id(6)}`, state: 'running' },
    { id: `m${id(7)}`, state: 'terminated' },
  ]);
});

test('EC2 is asked in batches, however many have left', async () => {
  const left = Array.from({ length: 450 }, (_, index) => id(1_000 + index));
  const lines = await ask(left);
  assert.equal(lines.filter(({ state, evidence }) => state === 'running' && evidence === undefined).length, 450);
});

test('sums name a few groups and instances, and count all', () => {
  const sums = unselectedSums();
  for (let number = 0; number < 40; number += 1) {
    for (const each of [1, 2])
      sums.add({ id: `${number}-${each}`, cluster: `c${number}`, state: 'running', evidence: 'x' });
  }
  for (const each of [1, 2, 3, 4]) sums.add({ id: `big-${each}`, cluster: 'c3', state: 'running', evidence: 'x' });
  sums.add({ id: 'gone', state: 'terminated' });
  const { nodes, groups } = sums.lookalikes() ?? assert.fail();
  assert.equal(nodes, 84);
  assert.equal(groups.length, 10);
  assert.deepEqual(groups[0], { cluster: 'c3', evidence: 'x', nodes: 6, examples: ['3-1', '3-2', 'big-1'] });
  assert.deepEqual([...sums.left], [['gone', 'terminated']]);
  assert.equal(unselectedSums().lookalikes(), undefined);
});

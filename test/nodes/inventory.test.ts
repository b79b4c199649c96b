import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EC2Client } from '@aws-sdk/client-ec2';
import { type InventoryNode, inventory, stillRunning } from '../../lambda/nodes/inventory.ts';
import type { Tag } from '../../lambda/settings.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Node } from '../../simulator/aws/options.ts';

const id = (number: number) => `i-${number.toString(16).padStart(17, '0')}`;
const many: Node[] = Array.from({ length: 23 }, (_, number) => ({
  instanceId: id(1000 + number),
  tags: { fleet: 'many' },
}));
const nodes: Node[] = [
  {
    instanceId: id(1),
    tags: { team: 'a', Name: 'one', 'eks:cluster-name': 'blue', 'kubernetes.io/cluster/red': 'owned' },
  },
  { instanceId: id(2), tags: { team: 'b', 'kubernetes.io/cluster/red': 'shared' }, platform: 'Windows' },
  { instanceId: id(3), tags: { team: 'c', tier: 'db', 'kubernetes.io/cluster/': '' } },
  { instanceId: id(4), tags: { team: 'a' }, state: 'stopped' },
  { instanceId: id(5), tags: { team: 'a', __proto__: 'x' }, state: 'terminated' },
  { instanceId: id(6), tags: { stage: 'prod*' } },
  { instanceId: id(7), tags: { stage: 'prod-1', 'st?ge': 'x' } },
  { instanceId: id(8), tags: { stage: 'a\\b' } },
  { instanceId: id(9), tags: { mode: 'auto' }, hidden: true },
  {
    instanceId: id(10),
    tags: {
      grouped: '',
      'eks:nodegroup-name': 'workers',
      'aws:autoscaling:groupName': 'eks-workers-1',
      Owner: 'Ana',
      Team: 'a',
    },
  },
  { instanceId: id(11), tags: { grouped: '', 'karpenter.sh/nodepool': 'spot', TEAM: 'data', owner: '' } },
  { instanceId: id(12), tags: { grouped: '', 'aws:autoscaling:groupName': 'legacy-asg' } },
  ...many,
];

let endpoints: Endpoints;
let client: EC2Client;
const environment = { ...process.env };
before(async () => {
  endpoints = await startEndpoints({
    accounts: { '111122223333': { regions: { 'eu-west-1': { nodes } } } },
    pageSize: { ec2: 10 },
  });
  Object.assign(process.env, endpoints.environment);
  client = new EC2Client();
});
after(async () => {
  await endpoints.close();
  process.env = environment;
});

async function list(...tags: Tag[]): Promise<InventoryNode[]> {
  const found: InventoryNode[] = [];
  for await (const node of inventory(client, tags)) found.push(node);
  return found;
}

test('running instances are selected by tags: every key, one of the values of each', async (t) => {
  const cases: [string, Tag[], number[]][] = [
    ['a key alone', [{ key: 'team' }], [1, 2, 3]],
    ['a value', [{ key: 'team', values: ['a'] }], [1]],
    ['one of several values', [{ key: 'team', values: ['a', 'b'] }], [1, 2]],
    ['two keys', [{ key: 'team' }, { key: 'tier', values: ['db'] }], [3]],
    ['nothing', [{ key: 'nobody' }], []],
    ['a value with a star, which Run Command takes literally', [{ key: 'stage', values: ['prod*'] }], [6]],
    ['a value with a question mark', [{ key: 'stage', values: ['prod-?'] }], []],
    ['a value with a backslash', [{ key: 'stage', values: ['a\\b'] }], [8]],
    ['a key with a question mark', [{ key: 'st?ge' }], [7]],
  ];
  for (const [name, tags, expected] of cases) {
    await t.test(name, async () =>
      assert.deepEqual(
        (await list(...tags)).map((node) => node.id),
        expected.map(id),
      ),
    );
  }
});

test('a node has its cluster, its names and its platform', async () => {
  const [one, two, three] = await list({ key: 'team' });
  assert.deepEqual([one?.cluster, two?.cluster, three?.cluster], ['blue', 'red', undefined]);
  assert.equal(one?.name, 'one');
  assert.equal(two?.windows, true);
  assert.match(one?.privateDnsName ?? '', /internal$/);
  assert.equal(one?.tags.team, 'a');
  assert.deepEqual([one?.owner, one?.group], ['a', undefined]);
});

test('a node has its group and its owner, by the nearest of the tags that name them', async () => {
  const found = await list({ key: 'grouped' });
  assert.deepEqual(
    found.map(({ group, owner }) => [group, owner]),
    [
      ['workers', 'Ana'],
      ['spot', 'data'],
      ['legacy-asg', undefined],
    ],
  );
});

test('an instance that an AWS service manages is listed although the account hides it', async () => {
  assert.deepEqual(
    (await list({ key: 'mode' })).map((node) => node.id),
    [id(9)],
  );
  assert.deepEqual([...(await stillRunning(client, [id(9)]))], [id(9)]);
});

test('all pages are read', async () => {
  const found = await list({ key: 'fleet' });
  assert.equal(new Set(found.map((node) => node.id)).size, many.length);
});

test('stopped, terminated and unknown instances no longer run', async () => {
  assert.deepEqual([...(await stillRunning(client, [1, 4, 5, 999].map(id)))], [id(1)]);
  assert.deepEqual([...(await stillRunning(client, []))], []);
  const ids = many.map(({ instanceId }) => instanceId);
  assert.equal((await stillRunning(client, ids)).size, many.length);
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EC2Client } from '@aws-sdk/client-ec2';
import { type InventoryNode, instancesNow, inventory, stateOutcome } from '../../lambda/nodes/inventory.ts';
import { NODE_TAGS, type Tags } from '../../lambda/settings.ts';
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
  { instanceId: id(4), tags: { team: 'z' }, state: 'stopped', stateReason: 'Client.UserInitiatedHibernate' },
  { instanceId: id(5), tags: { team: 'a', __proto__: 'x' }, state: 'terminated' },
  { instanceId: id(6), tags: { stage: 'prod*' } },
  { instanceId: id(7), tags: { stage: 'prod-1', 'st?ge': 'x' } },
  { instanceId: id(8), tags: { stage: 'a\\b' } },
  { instanceId: id(9), tags: { mode: 'auto' }, hidden: true, operator: 'eks.amazonaws.com' },
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

async function list(tags: Tags): Promise<InventoryNode[]> {
  const found: InventoryNode[] = [];
  for await (const node of inventory(client, tags)) found.push(node);
  return found;
}

test('living instances are selected by tags: every key, one of the values of each', async (t) => {
  const cases: [string, Tags, number[]][] = [
    ['a key alone, of instances that are stopped too', [{ key: 'team' }], [1, 2, 3, 4]],
    ['a value', [{ key: 'team', values: ['a'] }], [1]],
    ['one of several values', [{ key: 'team', values: ['a', 'b'] }], [1, 2]],
    ['two keys', [{ key: 'team' }, { key: 'tier', values: ['db'] }], [3]],
    ['nothing', [{ key: 'nobody' }], []],
    ['a value with a star, which Run Command takes literally', [{ key: 'stage', values: ['prod*'] }], [6]],
    ['a value with a question mark', [{ key: 'stage', values: ['prod-?'] }], []],
    ['a value with a backslash', [{ key: 'stage', values: ['a\\b'] }], [8]],
    ['a key with a question mark', [{ key: 'st?ge' }], [7]],
    ['one of several keys', [{ keys: ['tier', 'stage'] }], [3, 6, 7, 8]],
    ['a key of which the beginning is known', [{ keys: ['kubernetes.io/cluster/*'] }], [1, 2, 3]],
    [
      'one of several alternatives, each node once',
      [[{ key: 'team' }, { key: 'tier' }], [{ key: 'team' }]],
      [3, 1, 2, 4],
    ],
    ['what is selected by default', NODE_TAGS, [1, 2, 3, 11]],
  ];
  for (const [name, tags, expected] of cases) {
    await t.test(name, async () =>
      assert.deepEqual(
        (await list(tags)).map((node) => node.id),
        expected.map(id),
      ),
    );
  }
});

test('a node has its cluster, its names and its platform', async () => {
  const [one, two, three] = await list([{ key: 'team' }]);
  assert.deepEqual([one?.cluster, two?.cluster, three?.cluster], ['blue', 'red', undefined]);
  assert.equal(one?.name, 'one');
  assert.equal(two?.windows, true);
  assert.match(one?.privateDnsName ?? '', /internal$/);
  assert.equal(one?.tags.team, 'a');
  assert.deepEqual([one?.owner, one?.group], ['a', undefined]);
});

test('a node has its group and its owner, by the nearest of the tags that name them', async () => {
  const found = await list([{ key: 'grouped' }]);
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
    (await list([{ key: 'mode' }])).map((node) => [node.id, node.operator]),
    [[id(9), 'eks.amazonaws.com']],
  );
  assert.deepEqual([...(await instancesNow(client, [id(9)])).keys()], [id(9)]);
});

test('all pages are read', async () => {
  const found = await list([{ key: 'fleet' }]);
  assert.equal(new Set(found.map((node) => node.id)).size, many.length);
});

test('instances are found by their ids whatever their state, in as few requests as filters allow', async () => {
  const now = await instancesNow(client, [1, 4, 5, 999].map(id));
  assert.deepEqual(
    [...now.values()].map((node) => [node.id, node.state, node.why]),
    [
      [id(1), undefined, undefined],
      [id(4), 'stopped', 'Client.UserInitiatedHibernate'],
      [id(5), 'terminated', undefined],
    ],
  );
  assert.equal((await instancesNow(client, [])).size, 0);
  const ids = many.map(({ instanceId }) => instanceId);
  assert.equal((await instancesNow(client, ids)).size, many.length);
});

test('an instance that does not run is told by what EC2 says of it', () => {
  const running = {};
  const stopped = { state: 'stopped' };
  const spot = 'Server.SpotInstanceTermination';
  const cases: [Parameters<typeof stateOutcome>, RegExp | undefined][] = [
    [[running, {}], undefined],
    [[stopped, {}], undefined],
    [[running, undefined], /^gone The instance was terminated, after the scan had listed it\.$/],
    [[running, { state: 'terminated', why: spot }], /^gone EC2 took this Spot instance back \(terminated\), after/],
    [[running, { state: 'stopped' }], /^gone The instance is stopped, after the scan had listed it\.$/],
    [[stopped, { state: 'stopped' }], /^not-running The instance is stopped; it is asked when it runs\.$/],
    [[stopped, { state: 'stopped', why: 'Client.UserInitiatedHibernate' }], /^not-running The instance is hibernated/],
    [
      [stopped, { state: 'stopped', why: 'Server.SpotInstanceShutdown' }],
      /^not-running EC2 took this Spot instance back/,
    ],
    [[{ state: 'pending' }, { state: 'pending' }], /^not-running The instance was still starting/],
    [[stopped, undefined], /^gone The instance was terminated/],
  ];
  for (const [[planned, now], expected] of cases) {
    const outcome = stateOutcome(planned, now);
    if (expected === undefined) assert.equal(outcome, undefined);
    else assert.match(`${outcome?.reason} ${outcome?.detail}`, expected);
  }
});

/** Nodes outside of EC2, asked of the simulated Systems Manager by the real clients. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { hybridOutcome, nodesOf } from '../../lambda/nodes/hybrid.ts';
import type { InventoryNode } from '../../lambda/nodes/inventory.ts';
import type { Tags } from '../../lambda/settings.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Node } from '../../simulator/aws/options.ts';

const instance = (number: number) => `i-${number.toString(16).padStart(17, '0')}`;
const managed = (number: number) => `m${instance(number)}`;
const yes = { scan: 'yes' };

const nodes: Node[] = [
  { instanceId: instance(1), tags: { ...yes, Name: 'in EC2' } },
  {
    instanceId: managed(1),
    tags: { ...yes, EKSClusterARN: 'arn:aws:eks:eu-central-1:111122223333:cluster/plant', Owner: 'Ana' },
    privateDnsName: 'press-1',
  },
  { instanceId: managed(2), tags: { ...yes, 'kubernetes.io/cluster/red': 'owned', Name: 'lathe' }, agent: 'lost' },
  { instanceId: managed(3), tags: { scan: 'no' } },
  { instanceId: managed(4), tags: yes, agent: 'absent' },
  { instanceId: managed(5), tags: { ...yes, EKSClusterARN: 'arn:aws:eks:x' }, platform: 'Windows' },
  ...Array.from({ length: 70 }, (_, index): Node => ({ instanceId: managed(100 + index), tags: { many: '' } })),
];

const environment = { ...process.env };
let endpoints: Endpoints;
const asked: string[] = [];
/** What ListTagsForResource fails with, by node. */
const faults = new Map<string, { status: number; code: string; message: string }>();

before(async () => {
  endpoints = await startEndpoints({
    accounts: { '111122223333': { regions: { 'eu-central-1': { nodes } } } },
    pageSize: { ssm: 20 },
    intercept: ({ operation, input }) => {
      asked.push(operation);
      const { ResourceId } = input as { ResourceId?: string };
      return operation === 'ListTagsForResource' ? faults.get(ResourceId ?? '') : undefined;
    },
  });
  Object.assign(process.env, endpoints.environment);
});

after(async () => {
  process.env = environment;
  await endpoints.close();
});

async function list(tags: Tags, hybridNodes = true): Promise<InventoryNode[]> {
  const clients = { ec2: new EC2Client({ region: 'eu-central-1' }), ssm: new SSMClient({ region: 'eu-central-1' }) };
  return Array.fromAsync(nodesOf(clients, { tags, hybridNodes }));
}

test('those that the tags select, after the instances of EC2, with the cluster that their activation names', async () => {
  const plain = (await list([{ key: 'scan', values: ['yes'] }])).map((node) => ({ ...node, tags: { ...node.tags } }));
  assert.deepEqual(
    plain.map(({ tags, ...node }) => ({ ...node, scan: tags.scan })),
    [
      {
        id: instance(1),
        name: 'in EC2',
        privateDnsName: `${instance(1)}.eu-central-1.compute.internal`,
        image: 'ami-00000000000000000',
        scan: 'yes',
      },
      { id: managed(1), cluster: 'plant', name: 'press-1', owner: 'Ana', scan: 'yes' },
      { id: managed(2), cluster: 'red', name: 'lathe', scan: 'yes' },
      { id: managed(5), windows: true, scan: 'yes' },
    ],
  );
});

test('none is asked for unless the settings say so', async () => {
  asked.length = 0;
  assert.deepEqual(
    (await list([{ key: 'scan' }], false)).map(({ id }) => id),
    [instance(1)],
  );
  assert.deepEqual([...new Set(asked)], ['DescribeInstances']);
});

test('page by page, in their order', async () => {
  const found = await list([{ key: 'many' }]);
  assert.deepEqual(
    found.map(({ id }) => id),
    Array.from({ length: 70 }, (_, index) => managed(100 + index)),
  );
});

test('one that is registered no longer is gone; of the others the agent tells', () => {
  assert.equal(hybridOutcome(managed(1), new Map())?.reason, 'gone');
  assert.equal(hybridOutcome(managed(1), new Map([[managed(1), 'ConnectionLost']])), undefined);
  assert.equal(hybridOutcome(instance(1), new Map()), undefined);
});

test('one that is deregistered while it is listed is left out; who may not read tags is told so', async (t) => {
  t.after(() => faults.clear());
  faults.set(managed(1), { status: 400, code: 'InvalidResourceId', message: '' });
  assert.deepEqual(
    (await list([{ key: 'scan', values: ['yes'] }])).map(({ id }) => id),
    [instance(1), managed(2), managed(5)],
  );
  faults.set(managed(2), {
    status: 400,
    code: 'AccessDeniedException',
    message: 'not authorized to ssm:ListTagsForResource',
  });
  await assert.rejects(list([{ key: 'scan' }]), { name: 'AccessDeniedException' });
});

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { readingLittle, withoutUnread } from '../../lambda/nodes/unread.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';

const environment = { ...process.env };
const region = 'eu-central-1';
const hostile = '</networkInterfaceSet><groupSet>&lt;groupSet&gt;ü🧀]]>';
const endpoints = await startEndpoints({
  accounts: {
    '111122223333': {
      regions: {
        [region]: {
          nodes: [
            {
              instanceId: 'i-00000000000000001',
              tags: { Name: hostile, [hostile.slice(0, 40)]: 'x' },
              operator: 'eks.amazonaws.com',
            },
            { instanceId: 'i-00000000000000002', tags: {}, platform: 'Windows' },
            {
              instanceId: 'i-00000000000000003',
              tags: { a: '' },
              state: 'stopped',
              stateReason: 'Client.UserInitiatedHibernate',
            },
            { instanceId: 'i-00000000000000004', tags: { a: 'b' }, state: 'terminated' },
          ],
        },
      },
    },
  },
});
after(async () => {
  await endpoints.close();
  process.env = environment;
});
Object.assign(process.env, endpoints.environment);

async function instancesOf(client: EC2Client): Promise<Instance[]> {
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ IncludeManagedResources: true }));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

test('what a scan reads of an instance stays as it is, and what it does not is not there', async () => {
  const [all, few] = [await instancesOf(new EC2Client({})), await instancesOf(readingLittle(new EC2Client({})))];
  const read = ({ InstanceId, ImageId, State, StateReason, PrivateDnsName, Platform, Operator, Tags }: Instance) => ({
    ...{ InstanceId, ImageId, State, StateReason, PrivateDnsName, Platform, Operator, Tags },
  });
  assert.deepEqual(few.map(read), all.map(read));
  assert.equal(few[0]?.Tags?.[0]?.Value, hostile);
  const heavy = ({ NetworkInterfaces, BlockDeviceMappings, InstanceType, LaunchTime }: Instance) =>
    [NetworkInterfaces, BlockDeviceMappings, InstanceType, LaunchTime].filter((each) => each !== undefined).length;
  assert.deepEqual(
    [all.map(heavy), few.map(heavy)],
    [
      [4, 4, 4, 2],
      [0, 0, 0, 0],
    ],
  );
});

test('a refusal is read as it is', async () => {
  const client = readingLittle(new EC2Client({}));
  await assert.rejects(client.send(new DescribeInstancesCommand({ MaxResults: 1 })), { name: 'InvalidParameterValue' });
});

type Tree = string | { name: string; inner: Tree[] };

/** As XML; pruned, without what no scan reads. No element stands within one of its own name. */
function written(tree: Tree, isPruned: boolean, within: readonly string[] = []): string {
  if (typeof tree === 'string') return tree;
  const name = within.includes(tree.name) ? 'item' : tree.name;
  if (isPruned && ['groupSet', 'placement', 'networkInterfaceSet'].includes(name)) return '';
  const inner = tree.inner.map((each) => written(each, isPruned, [...within, name]));
  return `<${name}>${inner.join('')}</${name}>`;
}

test('of any elements, however they nest, those that are not read go whole, and all others stay', () => {
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('', 'text &lt;placement&gt;\n', '<groupSet/>', 'ü🧀'),
      fc.record({
        name: fc.constantFrom('item', 'tagSet', 'placements', 'groupSet', 'placement', 'networkInterfaceSet'),
        inner: fc.array(tie('tree'), { maxLength: 4 }),
      }),
    ),
  }));
  fc.assert(fc.property(tree, (each) => assert.equal(withoutUnread(written(each, false)), written(each, true))));
});

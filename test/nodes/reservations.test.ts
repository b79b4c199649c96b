import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { inventory } from '../../lambda/nodes/inventory.ts';
import { readingLittle, readReservations } from '../../lambda/nodes/reservations.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';
import { escapeXml } from '../../simulator/aws/xml.ts';

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
  const read = ({ InstanceId, ImageId, State, StateReason, PrivateDnsName, Platform, Operator, Tags }: Instance) => [
    [InstanceId, ImageId, State?.Name, StateReason?.Code, PrivateDnsName, Platform, Tags ?? []],
    Operator?.Managed ? Operator.Principal : undefined,
  ];
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

/** Answers that EC2 does not give, so that no endpoint of ours can write them. */
let answer = '';
const server = createServer((_, response) => response.writeHead(200).end(answer));
await once(server.listen(0, '127.0.0.1'), 'listening');
after(() => server.close());
const { port } = server.address() as AddressInfo;
const told = { endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1 };
const [plain, little] = [new EC2Client(told), readingLittle(new EC2Client(told))];

/** What a scan knows by an answer, or what it says of it. */
async function readBy(client: EC2Client): Promise<unknown> {
  try {
    return await Array.fromAsync(inventory(client, []));
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
}

/** Texts as XML holds them. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    'true',
    'running',
    'windows',
    ' ',
    '\n',
    '\n x',
    '&#xD;',
    '&lt;/item&gt;',
    '&#38;amp;',
    'ü🧀',
    '&copy;x&;',
  ),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map(escapeXml),
);
/** Elements that no scan reads; some hold ones of names that are read elsewhere. */
const unread = fc.constantFrom(
  ...['<dnsName/>', '<reason></reason>', '<instanceType>m6i.large</instanceType>', '<licenseSet/>'],
  '<networkInterfaceSet><item><privateDnsName>x</privateDnsName><tagSet><item><key>k</key></item></tagSet></item></networkInterfaceSet>',
  '<placement><name>x</name><groupName>&lt;</groupName></placement>',
);
/** What stands between elements. */
const blank = fc.constantFrom('', '', '\n    ', ' \n\t');
const inside = (name: string, ...members: fc.Arbitrary<string>[]) =>
  fc
    .tuple(
      blank,
      blank,
      fc.shuffledSubarray(members, { minLength: 0 }).chain((some) => fc.tuple(...some)),
    )
    .map(([before, behind, some]) => `${before}<${name}>${some.join('')}</${name}>${behind}`);
const leaf = (name: string) =>
  fc.oneof(
    { weight: 9, arbitrary: text.map((each) => `<${name}>${each}</${name}>`) },
    { weight: 1, arbitrary: fc.constant(`<${name}/>`) },
  );
const many = (name: string, item: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(item, { maxLength }).map((items) => `<${name}>${items.join('')}</${name}>`);
const instanceWith = (other: fc.Arbitrary<string>) =>
  fc
    .tuple(
      fc.uuid().map((id) => `<instanceId>${id}</instanceId>`),
      inside(
        'item',
        ...['imageId', 'privateDnsName', 'platform'].map(leaf),
        inside('instanceState', leaf('code'), leaf('name')),
        inside('stateReason', leaf('code'), other),
        inside(
          'operator',
          fc.constantFrom('<managed>true</managed>', '<managed>TRUE</managed>', '<managed>false</managed>'),
          leaf('principal'),
        ),
        many('tagSet', inside('item', leaf('key'), leaf('value')), 4),
        other,
      ),
    )
    .map(([id, item]) => item.replace('<item>', `<item>${id}`));
const bodyWith = (other: fc.Arbitrary<string>) =>
  many('reservationSet', many('item', fc.oneof(many('instancesSet', instanceWith(other), 2), other), 1), 3).map(
    (set) =>
      `<?xml version="1.0"?>\n<DescribeInstancesResponse xmlns="x"><requestId>r</requestId>${set}</DescribeInstancesResponse>`,
  );
const body = bodyWith(unread);
/** Damage within what is not read is not noticed. */
const readWhole = bodyWith(fc.constant(''));
/** An answer in another form than EC2's, by one change at any place. */
const changed = fc
  .tuple(
    readWhole,
    fc.nat(),
    fc.constantFrom('<', '>', '/', '&', '\r\n', 'x', '<!-- -->', '<![CDATA[<]]>', '<x>', '</item>', '<x a="1"/>'),
  )
  .map(([xml, place, change]) => {
    const at = place % xml.length;
    return xml.slice(0, at) + change + xml.slice(at);
  });
const cut = fc.tuple(readWhole, fc.nat()).map(([xml, at]) => xml.slice(0, at % xml.length));

test('whatever an answer holds, a scan knows by it what it would know by the SDK alone', async () => {
  let known = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: body }, changed, cut), async (xml) => {
      answer = xml;
      assert.deepEqual(await readBy(little), await readBy(plain));
      if (readReservations(Buffer.from(xml))) known += 1;
    }),
    { numRuns: 300 },
  );
  // Otherwise it would be the SDK that was compared with itself.
  assert.ok(known > 100, `${known}`);
});

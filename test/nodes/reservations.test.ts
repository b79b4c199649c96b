import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { describeInstances, readReservations } from '../../lambda/nodes/reservations.ts';
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

const NONE: ReadonlySet<string> = new Set();

/** Instances as the SDK reads them alone. */
async function bySdk(client: EC2Client): Promise<Instance[]> {
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ IncludeManagedResources: true }));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

async function byUs(client: EC2Client, known = NONE): Promise<Instance[]> {
  return (await describeInstances(client, { IncludeManagedResources: true }, known)).instances;
}

/** What a scan reads of an instance. */
function outline({ InstanceId, ImageId, State, StateReason, PrivateDnsName, Platform, Operator, Tags = [] }: Instance) {
  const operator = Operator?.Managed ? [Operator.Principal] : undefined;
  const tags = Tags.map(({ Key, Value = '' }) => [Key, Value]);
  return [InstanceId, ImageId, State?.Name, StateReason?.Code, PrivateDnsName, Platform, operator, tags];
}

test('what a scan reads of an instance stays as it is, and what it does not is not there', async () => {
  const client = new EC2Client({});
  const [all, few] = [await bySdk(client), await byUs(client)];
  assert.deepEqual(few.map(outline), all.map(outline));
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
  await assert.rejects(describeInstances(new EC2Client({}), { MaxResults: 1 }, NONE), {
    name: 'InvalidParameterValue',
  });
});

/** Answers that EC2 does not give, so that no endpoint of ours can write them. */
let answer = '';
const server = createServer((_, response) => response.writeHead(200).end(answer));
await once(server.listen(0, '127.0.0.1'), 'listening');
after(() => server.close());
const { port } = server.address() as AddressInfo;
const client = new EC2Client({ endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1 });

/** What a scan reads of an answer, or what is said of it. */
async function outcomeOf(read: Promise<Instance[]>): Promise<unknown> {
  try {
    return (await read).map(outline);
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
}

const answerWith = (set: string) =>
  `<?xml version="1.0"?>\n<DescribeInstancesResponse xmlns="x"><requestId>r</requestId>${set}</DescribeInstancesResponse>`;

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
    answerWith,
  );
const instance = instanceWith(unread);
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
      const alone = await outcomeOf(bySdk(client));
      assert.deepEqual(await outcomeOf(byUs(client)), alone);
      if (readReservations(Buffer.from(xml), NONE)) known += 1;
    }),
    { numRuns: 300 },
  );
  // Otherwise it would be the SDK that was compared with itself.
  assert.ok(known > 100, `${known}`);
});

test('elements that stand twice, or are closed at once, are read as the SDK reads them', async () => {
  const plain = '<instanceId>i-1</instanceId><imageId>a</imageId><instanceState><name>running</name></instanceState>';
  const set = (items: string) => `<instancesSet>${items}</instancesSet>`;
  const inner = (items: string) => set(`<item>${items}</item>`);
  for (const reservation of [
    ...[set('<item/>'), set('<item />'), set(`<item/><item>${plain}</item>`), '<instancesSet />'],
    ...['<imageId>b</imageId>', '<imageId/>', '<instanceState><name>stopped</name></instanceState>'].map((twice) =>
      inner(plain + twice),
    ),
    ...['<instanceId/>', '<instanceId />', '<instanceId>i-1</instanceId><tagSet />'].map(inner),
    inner(plain) + inner('<instanceId>i-2</instanceId>'),
  ]) {
    answer = answerWith(`<reservationSet><item>${reservation}</item></reservationSet>`);
    assert.deepEqual(await outcomeOf(byUs(client)), await outcomeOf(bySdk(client)), reservation);
  }
});

test('nothing is told of instances that are known, and of all others the same', async () => {
  const ids = ['a', 'b', 'c', 'd'];
  const some = fc.array(
    fc.tuple(fc.constantFrom(...ids), instance).map(([id, xml]) => xml.replace(/(?<=<instanceId>)[^<]*/, id)),
  );
  await fc.assert(
    fc.asyncProperty(some, fc.subarray(ids), async (instances, known) => {
      answer = answerWith(
        `<reservationSet><item><instancesSet>${instances.join('')}</instancesSet></item></reservationSet>`,
      );
      const others = (await bySdk(client)).filter(({ InstanceId = '' }) => !known.includes(InstanceId));
      assert.deepEqual((await byUs(client, new Set(known))).map(outline), others.map(outline));
    }),
  );
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { nodesCommand } from '../../cli/nodes.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Node } from '../../simulator/aws/options.ts';

const id = (number: number) => `i-${number.toString(16).padStart(17, '0')}`;
const eks = { 'eks:cluster-name': 'shop' };
const nodes: Node[] = [
  { instanceId: id(1), tags: { ...eks, Name: 'one' } },
  { instanceId: id(2), tags: eks, agent: 'absent' },
  { instanceId: id(3), tags: eks, state: 'stopped', stateReason: 'Client.UserInitiatedHibernate' },
  { instanceId: id(4), tags: { 'kubernetes.io/cluster/shop': 'owned' } },
  { instanceId: id(5), tags: { KubernetesCluster: 'other', Name: 'evil\u001b[31m' } },
  { instanceId: id(6), tags: { Name: 'web server' } },
  { instanceId: id(7), tags: { ...eks }, platform: 'Windows' },
];

let endpoints: Endpoints;
const environment = { ...process.env };
before(async () => {
  endpoints = await startEndpoints({ accounts: { '111122223333': { regions: { 'eu-west-1': { nodes } } } } });
  Object.assign(process.env, endpoints.environment);
});
after(async () => {
  await endpoints.close();
  process.env = environment;
});

async function said(...args: string[]) {
  let [out, err] = ['', ''];
  const code = await nodesCommand(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isInteractive: false,
  });
  return { code, out, err };
}

test('says who would be scanned, who not and why, and who looks like a node but is not selected', async () => {
  const { code, out } = await said('--aws', '--tag', 'eks:cluster-name');
  assert.equal(code, 0);
  assert.equal(
    out,
    `Selected by eks:cluster-name

2 instances would be scanned:
  eu-west-1  ${id(1)}  one  shop
  eu-west-1  ${id(7)}  shop

2 instances would be listed as unreachable:
  eu-west-1  ${id(2)}  shop  No SSM agent has registered this node. Install the agent and give the instance profile AmazonSSMManagedInstanceCore; for a system that takes no agent, such as Talos, docs/nodes.md says how to read it.
  eu-west-1  ${id(3)}  shop  The instance is hibernated; its kubelet goes on as it was when the instance is started; it is asked when it runs.

2 instances would not be scanned, because the tags do not select them:
  eu-west-1  ${id(4)}  shop  It looks like a node: it has the tag kubernetes.io/cluster/shop, which the cloud provider sets, and which names the scanned cluster shop.
  eu-west-1  ${id(5)}  evil\\u{1b}[31m  It looks like a node: it has the tag KubernetesCluster, which kOps sets.

Nothing was sent.
`,
  );
  assert.equal(endpoints.calls['ssm.SendCommand'], undefined);
});

test('selects by default what a deployed scanner selects, a line of JSON each', async () => {
  const { out } = await said('--aws', '--json');
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ node, would }) => [node.id, would]),
    [
      [id(1), 'scanned'],
      [id(2), 'not-scanned'],
      [id(3), 'not-scanned'],
      [id(4), 'scanned'],
      [id(7), 'scanned'],
      [id(5), 'not-selected'],
    ],
  );
});

test('what a person can get wrong is one line', async () => {
  for (const [args, expected] of [
    [[], /^kubevigil nodes: nodes looks at a real account: say --aws\n$/],
    [['--aws', '--region', 'mars'], /--region expects a region/],
    [['--aws', '--tag', '='], /--tag expects KEY/],
  ] as const) {
    const { code, err } = await said(...args);
    assert.equal(code, 2);
    assert.match(err, expected);
  }
});

/** Runs with other environment variables. */
async function under(variables: Record<string, string>, ...args: string[]) {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return await said(...args);
  } finally {
    process.env = before;
  }
}

test('a profile that there is not is named, with those that there are, before anybody is asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-nodes-'));
  const [config, credentials] = [join(folder, 'config'), join(folder, 'credentials')];
  writeFileSync(config, '[profile staging]\nregion = eu-west-1\n[sso-session ours]\nsso_region = eu-west-1\n');
  writeFileSync(credentials, '[production]\naws_access_key_id = a\naws_secret_access_key = b\n');
  const files = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials };
  const asked = endpoints.calls['sts.GetCallerIdentity'];
  const { code, err } = await under({ ...files, AWS_PROFILE: 'stagin' }, '--aws');
  assert.equal(code, 2);
  assert.equal(
    err,
    'kubevigil nodes: AWS_PROFILE names "stagin", which is no profile of this user: there are staging, production; did you mean staging?\n',
  );
  assert.equal(endpoints.calls['sts.GetCallerIdentity'], asked);
  const none = { AWS_CONFIG_FILE: join(folder, 'no'), AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no') };
  assert.match((await under({ ...none, AWS_PROFILE: 'x' }, '--aws')).err, /: no profile is configured\n$/);
  rmSync(folder, { recursive: true });
});

test('who does not answer is told by service and address', async () => {
  const closed = { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' };
  const { code, err } = await under(closed, '--aws');
  assert.equal(code, 2);
  assert.match(
    err,
    /^kubevigil nodes: STS GetCallerIdentity: 127\.0\.0\.1:1 did not answer \(ECONNREFUSED: [^\n]+check the network[^\n]+\n$/,
  );
});

test('without a region that is said', async () => {
  const { code, err } = await under({ AWS_REGION: '', AWS_DEFAULT_REGION: '' }, '--aws');
  assert.deepEqual([code, err], [2, 'kubevigil nodes: --region is needed, because the environment names none\n']);
});

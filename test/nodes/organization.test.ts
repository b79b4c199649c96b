/** The accounts of an organization, as Organizations and Account Management tell of them. Long because each way to tell of an account is a case. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AccountClient } from '@aws-sdk/client-account';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import type { Targets } from '../../lambda/archive/targets.ts';
import { explained } from '../../lambda/failures.ts';
import { type Asking, organizationTargets } from '../../lambda/nodes/organization.ts';
import { MOST_TARGETS, type Organization } from '../../lambda/settings.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Call, EndpointOptions, OrganizationOptions } from '../../simulator/aws/options.ts';

const environment = { ...process.env };
const open: Endpoints[] = [];
after(async () => {
  for (const endpoints of open) await endpoints.close();
  process.env = environment;
});

const [MANAGEMENT, HUB, DEV, OLD, SANDBOX] = [
  '100000000000',
  '111122223333',
  '222222222222',
  '333333333333',
  '444444444444',
] as const;
const home = { account: HUB, region: 'eu-west-1' };

/** root: management; ou workloads: hub, dev, and below it a unit of old accounts; ou sandbox. */
const organization: OrganizationOptions = {
  id: 'o-a1b2c3d4e5',
  management: MANAGEMENT,
  administrators: [HUB],
  root: {
    id: 'r-ab12',
    accounts: [{ id: MANAGEMENT }],
    units: [
      {
        id: 'ou-ab12-workload',
        accounts: [{ id: HUB }, { id: DEV }],
        units: [{ id: 'ou-ab12-oldest00', accounts: [{ id: OLD, state: 'CLOSED' }] }],
      },
      { id: 'ou-ab12-sandbox0', accounts: [{ id: SANDBOX }] },
    ],
  },
};

async function find(
  wanted: Partial<Organization>,
  more: Partial<EndpointOptions> = {},
  asking: Omit<Asking, 'home'> = {},
) {
  const endpoints = await startEndpoints({
    accounts: {
      [HUB]: { enabledRegions: ['us-east-1', 'eu-west-1'] },
      [DEV]: { enabledRegions: ['eu-west-1'] },
      [SANDBOX]: { enabledRegions: ['eu-west-1'] },
    },
    region: 'eu-west-1',
    organization,
    ...more,
  });
  open.push(endpoints);
  Object.assign(process.env, endpoints.environment);
  const { targets, others, problems } = await organizationTargets(
    { id: organization.id, ous: ['r-ab12'], exclude: [], regions: ['eu-west-1'], ...wanted },
    { home, ...asking },
    // Tried once: how often the SDK tries again is no matter of ours, and takes seconds.
    { organizations: explained(new OrganizationsClient()), account: explained(new AccountClient({ maxAttempts: 1 })) },
  );
  return {
    targets: targets.map(({ account, region, error }) => `${account} ${region}${error ? `: ${error}` : ''}`),
    others: (others ?? []).map(({ account, region, why }) => `${account} ${region ? `${region} ` : ''}${why}`),
    ...(problems && { problems }),
    all: targets.filter(({ allRegions }) => allRegions).map(({ account }) => account),
  };
}

test('each account below the chosen units is scanned or told why not, however Organizations cuts its pages', async () => {
  for (const more of [{}, { pageSize: { organizations: 1 }, emptyFirstPages: true }]) {
    assert.deepEqual(await find({}, more), {
      targets: [HUB, DEV, SANDBOX].map((account) => `${account} eu-west-1`),
      others: [`${MANAGEMENT} management`, `${OLD} closed`],
      all: [],
    });
  }
  const workloads = await find({ ous: ['ou-ab12-workload', 'ou-ab12-oldest00'] });
  assert.deepEqual(workloads.targets, [`${HUB} eu-west-1`, `${DEV} eu-west-1`], 'none twice, whatever leads to it');
});

test('accounts are excluded by their id or by a unit above them, and told as such', async () => {
  const found = await find({ exclude: [MANAGEMENT, 'ou-ab12-workload'] });
  assert.deepEqual(found.targets, [`${SANDBOX} eu-west-1`]);
  assert.deepEqual(
    found.others,
    [MANAGEMENT, HUB, DEV, OLD].map((account) => `${account} excluded`),
  );
});

test('every state but active is no target', async () => {
  const states = ['PENDING_ACTIVATION', 'SUSPENDED', 'PENDING_CLOSURE', 'CLOSED', 'ACTIVE'] as const;
  const accounts = states.map((state, index) => ({ id: `50000000000${index}`, state }));
  const root = { id: 'r-ab12', accounts: [...accounts, { id: HUB }] };
  const { targets, others } = await find({}, { organization: { ...organization, root } });
  assert.deepEqual(targets, [`${HUB} eu-west-1`, '500000000004 eu-west-1']);
  assert.deepEqual(others, [
    '500000000000 pending-activation',
    '500000000001 suspended',
    '500000000002 pending-closure',
    '500000000003 closed',
  ]);
});

test('an account has the regions that it has enabled; one whose regions nobody may list is a target that says so', async () => {
  const intercept = ({ operation, input }: Call) =>
    operation === 'ListRegions' && (input as { AccountId?: string }).AccountId === SANDBOX
      ? { status: 403, code: 'AccessDeniedException', message: 'You are not authorized.' }
      : undefined;
  const { targets } = await find({ regions: 'enabled' }, { intercept });
  assert.deepEqual(targets.slice(0, 3), [`${HUB} eu-west-1`, `${HUB} us-east-1`, `${DEV} eu-west-1`]);
  assert.match(
    targets[3] ?? '',
    /^444444444444 eu-west-1: Its regions cannot be listed: Account ListRegions was refused with 403 AccessDeniedException/,
  );
});

const OPTIONAL = 'me-south-1';
const named: Partial<Organization> = { regions: ['eu-west-1', OPTIONAL], exclude: [MANAGEMENT] };
const enabling = {
  accounts: {
    [HUB]: { enabledRegions: ['eu-west-1', OPTIONAL] },
    [DEV]: { enabledRegions: ['eu-west-1'] },
    [SANDBOX]: { enabledRegions: ['us-east-1'] },
  },
};

test('of regions that the settings name, one that an account has not enabled is no target of it, and is told', async () => {
  assert.deepEqual(await find(named, enabling), {
    targets: [`${HUB} eu-west-1`, `${HUB} ${OPTIONAL}`, `${DEV} eu-west-1`, `${SANDBOX} eu-west-1`],
    others: [
      `${MANAGEMENT} excluded`,
      `${DEV} ${OPTIONAL} region-not-enabled`,
      `${OLD} closed`,
      `${SANDBOX} ${OPTIONAL} region-not-enabled`,
    ],
    all: [],
  });
  const only = await find({ ...named, regions: [OPTIONAL] }, enabling);
  assert.deepEqual(only.targets, [`${HUB} ${OPTIONAL}`], 'an account may have none of them');
  const intercept = ({ operation }: Call) =>
    operation === 'ListRegions' ? assert.fail('nobody need ask for what every account has') : undefined;
  assert.equal((await find({ ...named, regions: ['eu-west-1', 'us-east-1'] }, { intercept })).targets.length, 6);
});

test('where the regions of an account cannot be listed, it is scanned in those that the settings name', async () => {
  const refused = await find(named, { ...enabling, intercept: refusing(403, 'AccessDeniedException', DEV) });
  assert.ok(refused.targets.includes(`${DEV} ${OPTIONAL}`));
  assert.match(
    refused.problems?.join() ?? '',
    /^Whether account 222222222222 has enabled me-south-1 cannot be listed, and .*: Account ListRegions was refused/,
  );
  const away = { ...enabling, intercept: refusing(500, 'InternalServerException', DEV, SANDBOX) };
  await assert.rejects(find(named, away), /refused with 500/);
  const { targets, problems } = await find(named, away, { isLast: true });
  assert.equal(targets.length, 6);
  assert.match(problems?.join() ?? '', /^Whether 2 accounts, 222222222222 first, have enabled me-south-1/);
});

test('and where Account Management is away, it is asked no more and costs no night', async () => {
  const ids = Array.from({ length: 9 }, (_, index) => `50000000000${index}`);
  const root = { id: 'r-ab12', accounts: [{ id: HUB }, ...ids.map((id) => ({ id }))] };
  let asked = 0;
  const intercept = ({ operation }: Call) => {
    if (operation !== 'ListRegions') return undefined;
    asked += 1;
    return { status: 500, code: 'InternalServerException', message: 'not now' };
  };
  const { targets } = await find(named, { organization: { ...organization, root }, intercept }, { isLast: true });
  assert.deepEqual([targets.length, asked], [20, 5]);
});

test('of an account that only a lost unit had, a region that was not enabled is asked for again', async () => {
  const others = [{ account: SANDBOX, region: OPTIONAL, why: 'region-not-enabled' as const }];
  const earlier: Targets = {
    format: 1,
    from: 'organization',
    targets: [{ account: HUB, region: 'eu-west-1' }],
    others,
  };
  const found = await find({ ...named, ous: ['ou-ab12-gone0000'] }, enabling, { before: earlier });
  assert.deepEqual(found.others, [`${SANDBOX} ${OPTIONAL} region-not-enabled`]);
  assert.ok(found.targets.includes(`${SANDBOX} eu-west-1`));
});

/** The targets of the night before: of the sandbox two regions, of an account that is gone one. */
const before: Targets = {
  format: 1,
  from: 'organization',
  targets: [
    { account: SANDBOX, region: 'eu-west-1' },
    { account: SANDBOX, region: 'us-east-1', error: 'No role.' },
    { account: DEV, region: 'eu-west-1', error: 'Its regions cannot be listed: once', allRegions: true },
    { account: '555555555555', region: 'eu-west-1' },
  ],
  others: [{ account: '666666666666', why: 'suspended' }],
};
const refusing =
  (status: number, code: string, ...accounts: string[]) =>
  ({ operation, input }: Call) =>
    operation === 'ListRegions' && accounts.includes((input as { AccountId?: string }).AccountId ?? HUB)
      ? { status, code, message: 'not now' }
      : undefined;

test('an account whose regions cannot be listed has those of the scan before, each with the error', async () => {
  const intercept = refusing(403, 'AccessDeniedException', SANDBOX, DEV);
  const enabled: Partial<Organization> = { regions: 'enabled', exclude: [MANAGEMENT, HUB] };
  const { targets, all } = await find(enabled, { intercept }, { before });
  assert.deepEqual(
    targets.map((text) => text.replace(/:.*(refused with \d+ \w+).*/, ': $1')),
    [`${DEV} eu-west-1`, `${SANDBOX} eu-west-1`, `${SANDBOX} us-east-1`].map(
      (name) => `${name}: refused with 403 AccessDeniedException`,
    ),
  );
  assert.deepEqual(all, [DEV], 'of which nothing is known: it stands for all');
  const { all: unknown } = await find(enabled, { intercept }, { before: { ...before, from: 'settings' } });
  assert.deepEqual(unknown, [DEV, SANDBOX], 'a list by hand is no list of regions that an account has');
});

test('an account that tells of no region is no account without targets', async () => {
  const accounts = { [HUB]: { enabledRegions: ['eu-west-1'] }, [DEV]: { enabledRegions: [] } };
  const wanted: Partial<Organization> = { regions: 'enabled', ous: ['ou-ab12-workload'] };
  await assert.rejects(find(wanted, { accounts }), /none is told to be enabled/);
  const { targets } = await find(wanted, { accounts }, { isLast: true });
  assert.deepEqual(targets, [
    `${HUB} eu-west-1`,
    `${DEV} eu-west-1: Its regions cannot be listed: none is told to be enabled.`,
  ]);
});

test('what may pass is thrown, and at the last try costs one account its night and no other', async () => {
  const intercept = refusing(500, 'InternalServerException', DEV);
  const enabled: Partial<Organization> = { regions: 'enabled', exclude: [MANAGEMENT] };
  await assert.rejects(find(enabled, { intercept }), /Account ListRegions was refused with 500/);
  const { targets } = await find(enabled, { intercept }, { before, isLast: true });
  assert.deepEqual(
    targets.map((text) => text.replace(/:.*(refused with \d+ \w+).*/, ': $1')),
    [
      `${HUB} eu-west-1`,
      `${HUB} us-east-1`,
      `${DEV} eu-west-1: refused with 500 InternalServerException`,
      `${SANDBOX} eu-west-1`,
    ],
  );
});

test('where account after account cannot be listed, Account Management is away, and there is no night of failures', async () => {
  const ids = Array.from({ length: 5 }, (_, index) => `50000000000${index}`);
  const root = { id: 'r-ab12', accounts: [{ id: HUB }, ...ids.map((id) => ({ id }))] };
  const of = (...accounts: string[]) =>
    find(
      { regions: 'enabled' },
      {
        organization: { ...organization, root },
        accounts: Object.fromEntries([HUB, ...ids].map((id) => [id, { enabledRegions: ['eu-west-1'] }])),
        intercept: refusing(400, 'UnknownFault', ...accounts),
      },
      { isLast: true },
    );
  const { targets } = await of(...ids);
  assert.equal(targets.filter((text) => text.includes('cannot be listed')).length, 5, 'each for a reason of its own');
  const passing = refusing(500, 'InternalServerException', ...ids);
  const away = { organization: { ...organization, root }, intercept: passing };
  await assert.rejects(find({ regions: 'enabled' }, away, { isLast: true }), /refused with 500/);
});

test('a unit that is gone is told, and the accounts that only it may have had are those of the scan before', async () => {
  const wanted = { ous: ['ou-ab12-gone0000', 'ou-ab12-workload'], exclude: ['777777777777'] };
  const alone = await find(wanted);
  assert.deepEqual(alone.targets, [`${HUB} eu-west-1`, `${DEV} eu-west-1`]);
  assert.deepEqual(alone.problems, [
    'The organizational unit ou-ab12-gone0000 does not exist any more: look at kubevigil.organization.',
  ]);
  const more = { ...before, targets: [...before.targets, { account: '777777777777', region: 'eu-west-1' }] };
  const known = await find(wanted, {}, { before: more });
  assert.deepEqual(
    known.targets,
    [HUB, DEV, SANDBOX, '555555555555'].map((account) => `${account} eu-west-1`),
  );
  assert.deepEqual(known.others, [`${OLD} closed`, '666666666666 suspended', '777777777777 excluded']);
  assert.match(known.problems?.[0] ?? '', /the accounts of the scan before that no other unit has are scanned/);
});

test('an organization that cannot be asked or has no account fails with what to do', async () => {
  const { administrators: _, ...alone } = organization;
  await assert.rejects(find({}, { organization: alone }), /Organizations ListAccountsForParent .* AccessDenied/);
  await assert.rejects(find({ ous: ['ou-ab12-oldest00'] }), /has no active account below ou-ab12-oldest00/);
});

test('of an organization that is too large what fits is scanned, and each account of the rest is told', async () => {
  const many = Array.from({ length: MOST_TARGETS / 2 + 2 }, (_, index) => ({ id: `${600000000000 + index}` }));
  const root = { id: 'r-ab12', accounts: [{ id: HUB }, ...many] };
  const regions = ['eu-west-1', 'us-east-1'];
  const { targets, all } = await find({ regions }, { organization: { ...organization, root } });
  assert.equal(targets.length, MOST_TARGETS + 3);
  const told = targets.slice(MOST_TARGETS);
  const text =
    'A scan takes 5000 targets and has no room for the 2 regions of this account: name regions or fewer units in kubevigil.organization.';
  assert.deepEqual(
    told,
    many.slice(-3).map(({ id }) => `${id} eu-west-1: ${text}`),
  );
  assert.deepEqual(
    all,
    many.slice(-3).map(({ id }) => id),
  );
});

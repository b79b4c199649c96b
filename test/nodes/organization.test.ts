import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { organizationTargets } from '../../lambda/nodes/organization.ts';
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

async function find(wanted: Partial<Organization>, more: Partial<EndpointOptions> = {}) {
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
  const { targets, others } = await organizationTargets(
    { id: organization.id, ous: ['r-ab12'], exclude: [], regions: ['eu-west-1'], ...wanted },
    home,
  );
  return {
    targets: targets.map(({ account, region, error }) => `${account} ${region}${error ? `: ${error}` : ''}`),
    others: (others ?? []).map(({ account, why }) => `${account} ${why}`),
  };
}

test('each account below the chosen units is scanned or told why not, however Organizations cuts its pages', async () => {
  for (const more of [{}, { pageSize: { organizations: 1 }, emptyFirstPages: true }]) {
    assert.deepEqual(await find({}, more), {
      targets: [MANAGEMENT, HUB, DEV, SANDBOX].map((account) => `${account} eu-west-1`),
      others: [`${OLD} closed`],
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
  const { targets } = await find({ regions: 'enabled', exclude: [SANDBOX] });
  assert.deepEqual(targets.slice(1), [`${HUB} eu-west-1`, `${HUB} us-east-1`, `${DEV} eu-west-1`]);
  assert.match(
    targets[0] ?? '',
    /^100000000000 eu-west-1: Its regions cannot be listed: Account ListRegions was refused with 403 AccessDeniedException/,
  );
});

test('what may pass is thrown and costs no account its night', async () => {
  const intercept = ({ operation }: Call) =>
    operation === 'ListRegions' ? { status: 500, code: 'InternalServerException', message: 'again' } : undefined;
  await assert.rejects(find({ regions: 'enabled' }, { intercept }), /Account ListRegions was refused with 500/);
});

test('an organization that cannot be asked, has no account, or has too many fails with what to do', async () => {
  const { administrators: _, ...alone } = organization;
  await assert.rejects(find({}, { organization: alone }), /Organizations ListAccountsForParent .* AccessDenied/);
  await assert.rejects(find({ ous: ['ou-ab12-oldest00'] }), /has no active account below ou-ab12-oldest00/);
  const root = {
    id: 'r-ab12',
    accounts: [{ id: HUB }, ...Array.from({ length: MOST_TARGETS }, (_, index) => ({ id: `${600000000000 + index}` }))],
  };
  await assert.rejects(
    find({}, { organization: { ...organization, root } }),
    /has 5001 targets, and a scan takes 5000/,
  );
});

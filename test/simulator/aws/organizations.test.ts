/** Organizations and Account Management, asked by the real SDK clients. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountClient, ListRegionsCommand, paginateListRegions } from '@aws-sdk/client-account';
import {
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  OrganizationsClient,
  paginateListAccountsForParent,
} from '@aws-sdk/client-organizations';
import type { EndpointOptions, OrganizationOptions } from '../../../simulator/aws/options.ts';
import { client, HUB, MEMBER, start } from './fixture.ts';

const MANAGEMENT = '999999999999';
const organization: OrganizationOptions = {
  id: 'o-a1b2c3d4e5',
  management: MANAGEMENT,
  administrators: [HUB],
  root: {
    id: 'r-ab12',
    accounts: [{ id: MANAGEMENT }],
    units: [{ id: 'ou-ab12-cdef3456', accounts: [{ id: HUB }, { id: MEMBER, state: 'SUSPENDED' }], units: [] }],
  },
};
const accounts: EndpointOptions['accounts'] = {
  [HUB]: { regions: { 'eu-west-1': {}, 'us-east-1': {} } },
  [MEMBER]: { enabledRegions: ['af-south-1', 'eu-west-1', 'us-east-1'] },
};

async function world(t: Parameters<typeof start>[0], more: Partial<EndpointOptions> = {}) {
  const endpoints = await start(t, { accounts, organization, ...more });
  return { organizations: new OrganizationsClient(client(endpoints)), account: new AccountClient(client(endpoints)) };
}

test('a delegated administrator sees what is directly below a parent, in pages that may be empty', async (t) => {
  const { organizations } = await world(t, { pageSize: { organizations: 1 }, emptyFirstPages: true });
  const pages: (string | undefined)[][] = [];
  const input = { ParentId: 'ou-ab12-cdef3456' };
  for await (const { Accounts = [] } of paginateListAccountsForParent({ client: organizations }, input))
    pages.push(Accounts.map(({ Id, State }) => `${Id} ${State}`));
  assert.deepEqual(pages, [[], [`${HUB} ACTIVE`], [`${MEMBER} SUSPENDED`]]);
  const root = await organizations.send(new ListAccountsForParentCommand({ ParentId: 'r-ab12', MaxResults: 20 }));
  assert.deepEqual(root.Accounts, [], 'the first page is empty, and yet others follow');
  assert.ok(root.NextToken);
});

test('what Organizations refuses is refused in its words', async (t) => {
  const { organizations } = await world(t);
  const units = await organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId: 'r-ab12' }));
  assert.deepEqual(
    units.OrganizationalUnits?.map(({ Id }) => Id),
    ['ou-ab12-cdef3456'],
  );
  const list = (input: ConstructorParameters<typeof ListAccountsForParentCommand>[0]) =>
    organizations.send(new ListAccountsForParentCommand(input));
  await assert.rejects(list({ ParentId: 'ou-ab12-00000000' }), { name: 'ParentNotFoundException' });
  await assert.rejects(list({ ParentId: 'Production' }), { name: 'ValidationException' });
  await assert.rejects(list({ ParentId: 'r-ab12', MaxResults: 21 }), { name: 'ValidationException' });
  await assert.rejects(list({ ParentId: 'r-ab12', NextToken: 'another' }), { name: 'InvalidInputException' });
});

test('nobody else is told', async (t) => {
  const { administrators: _, ...alone } = organization;
  const ask = async (more: Partial<EndpointOptions>) => {
    const { organizations } = await world(t, more);
    return organizations.send(new ListAccountsForParentCommand({ ParentId: 'r-ab12' }));
  };
  await assert.rejects(ask({ organization: alone }), { name: 'AccessDeniedException' });
  await assert.rejects(ask({ organization: { ...alone, root: { id: 'r-ab12' } } }), {
    name: 'AWSOrganizationsNotInUseException',
  });
});

test('regions are those of the caller, or of a member that an administrator asks for', async (t) => {
  const { account } = await world(t, { pageSize: { account: 2 } });
  const regionsOf = async (AccountId?: string) => {
    const names: (string | undefined)[] = [];
    const input = { ...(AccountId && { AccountId }), RegionOptStatusContains: ['ENABLED_BY_DEFAULT' as const] };
    for await (const { Regions = [] } of paginateListRegions({ client: account }, input))
      names.push(...Regions.map(({ RegionName }) => RegionName));
    return names;
  };
  assert.deepEqual(await regionsOf(), ['eu-west-1', 'us-east-1']);
  assert.deepEqual(await regionsOf(MEMBER), ['af-south-1', 'eu-west-1', 'us-east-1']);
  await assert.rejects(regionsOf(MANAGEMENT), { name: 'AccessDeniedException' });
  await assert.rejects(regionsOf('123456789012'), { name: 'AccessDeniedException' });
  await assert.rejects(account.send(new ListRegionsCommand({ MaxResults: 51 })), { name: 'ValidationException' });
});

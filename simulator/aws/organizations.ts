/**
 * Organizations: the accounts and units below a parent; AWS JSON 1.1 (API reference of ListAccountsForParent and
 * ListOrganizationalUnitsForParent, version 2016-11-28). The options are read anew at each call, so accounts may come, be closed and
 * leave between two scans.
 */
import * as v from 'valibot';
import { failure } from './failure.ts';
import { integer, readInput, text } from './input.ts';
import type { OrganizationAccount, OrganizationOptions, OrganizationUnit } from './options.ts';
import type { Operation, Request, Service } from './service.ts';
import { fingerprint, pageOf, sizeOf, writeToken } from './token.ts';

/** Items of a page: asked for at most, and usual. */
const PAGE = 20;

const InputSchema = v.strictObject({
  ParentId: text(1, 100, /^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/),
  MaxResults: v.optional(integer(1, PAGE)),
  NextToken: v.optional(text(0, 100_000)),
});

/** The organization, which only its management account and delegated administrators may ask. */
export function organizationOf({ caller, state }: Request): OrganizationOptions {
  const { organization } = state.options;
  const members = organization && [organization.management, ...accountsBelow(organization.root).map(({ id }) => id)];
  if (!organization || !members?.includes(caller.account)) {
    throw failure(400, 'AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
  }
  if (caller.account !== organization.management && !organization.administrators?.includes(caller.account)) {
    throw failure(400, 'AccessDeniedException', "You don't have permissions to access this resource.");
  }
  return organization;
}

/** The accounts of a unit and of all units below it. */
export function accountsBelow({ accounts = [], units = [] }: OrganizationUnit): OrganizationAccount[] {
  return [...accounts, ...units.flatMap(accountsBelow)];
}

function unitsBelow(unit: OrganizationUnit): OrganizationUnit[] {
  return [unit, ...(unit.units ?? []).flatMap(unitsBelow)];
}

/** A page of what is directly below a parent. */
function list<Item>(
  name: string,
  request: Request,
  itemsOf: (parent: OrganizationUnit, organization: OrganizationOptions) => readonly Item[],
): { items: readonly Item[]; NextToken?: string } {
  const { ParentId, MaxResults, NextToken } = readInput(InputSchema, request.input, name);
  const organization = organizationOf(request);
  const parent = unitsBelow(organization.root).find(({ id }) => id === ParentId);
  if (!parent) throw failure(400, 'ParentNotFoundException', "You specified parent that doesn't exist.");
  const all = itemsOf(parent, organization);
  const print = fingerprint(name, ParentId);
  const { pageSize, emptyFirstPages } = request.state.options;
  const page = pageOf(NextToken, print, sizeOf(MaxResults, pageSize?.organizations, PAGE), emptyFirstPages);
  if (!page) throw failure(400, 'InvalidInputException', 'You specified an invalid value.');
  const end = page.start + page.size;
  return {
    items: all.slice(page.start, end),
    ...(end < all.length && { NextToken: writeToken(end, print) }),
  };
}

const listAccountsForParent: Operation = (request) => {
  const { items, ...next } = list('ListAccountsForParent', request, ({ accounts = [] }, { id, management }) =>
    accounts.map((account) => ({
      Id: account.id,
      Arn: `arn:aws:organizations::${management}:account/${id}/${account.id}`,
      Email: `${account.id}@example.com`,
      Name: account.name ?? `account-${account.id}`,
      State: account.state ?? 'ACTIVE',
      JoinedMethod: 'CREATED',
      JoinedTimestamp: 1_700_000_000,
    })),
  );
  return { Accounts: items, ...next };
};

const listOrganizationalUnitsForParent: Operation = (request) => {
  const { items, ...next } = list(
    'ListOrganizationalUnitsForParent',
    request,
    ({ units = [] }, { id: organization, management }) =>
      units.map(({ id }) => ({
        Id: id,
        Arn: `arn:aws:organizations::${management}:ou/${organization}/${id}`,
        Name: id,
      })),
  );
  return { OrganizationalUnits: items, ...next };
};

export const organizations: Service = {
  protocol: 'json',
  target: 'AWSOrganizationsV20161128',
  operations: {
    ListAccountsForParent: listAccountsForParent,
    ListOrganizationalUnitsForParent: listOrganizationalUnitsForParent,
  },
};

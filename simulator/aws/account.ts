/**
 * Account Management: the regions of an account; REST with JSON (API reference of ListRegions, version 2021-02-01). Of another account
 * it tells the management account and delegated administrators only, and of the management account only itself.
 * Tested by test/simulator/aws/organizations.test.ts.
 */
import * as v from 'valibot';
import { failure, notImplemented } from './failure.ts';
import { integer, list, readInput, text } from './input.ts';
import { accountsBelow } from './organizations.ts';
import type { Operation, Request, RestAnswer, Service } from './service.ts';
import { fingerprint, pageOf, sizeOf, writeToken } from './token.ts';

/** Most regions of a page. */
const PAGE = 50;

const STATUSES = ['ENABLED', 'ENABLING', 'DISABLING', 'DISABLED', 'ENABLED_BY_DEFAULT'] as const;

const InputSchema = v.strictObject({
  AccountId: v.optional(text(12, 12, /^\d{12}$/)),
  MaxResults: v.optional(integer(1, PAGE)),
  NextToken: v.optional(text(0, 1000)),
  RegionOptStatusContains: v.optional(
    list(v.picklist(STATUSES, `Member must satisfy enum value set: [${STATUSES.join(', ')}]`), 0, STATUSES.length),
  ),
});

const listRegions: Operation = (request): RestAnswer => {
  const { AccountId, MaxResults, NextToken, RegionOptStatusContains } = readInput(
    InputSchema,
    request.input,
    'ListRegions',
  );
  const { options } = request.state;
  const account = AccountId ?? request.caller.account;
  if (AccountId !== undefined) mayAsk(request, AccountId);
  const { regions = {}, enabledRegions = Object.keys(regions) } = options.accounts[account] ?? {};
  const all = enabledRegions
    .map((RegionName) => ({ RegionName, RegionOptStatus: 'ENABLED_BY_DEFAULT' as const }))
    .filter(({ RegionOptStatus }) => RegionOptStatusContains?.includes(RegionOptStatus) ?? true);
  const print = fingerprint('ListRegions', account, RegionOptStatusContains);
  const page = pageOf(NextToken, print, sizeOf(MaxResults, options.pageSize?.account, PAGE));
  if (!page) throw failure(400, 'ValidationException', 'The provided token is invalid.');
  const end = page.start + page.size;
  const next = end < all.length ? { NextToken: writeToken(end, print) } : {};
  return { status: 200, body: { Regions: all.slice(page.start, end), ...next } };
};

function mayAsk({ caller, state }: Request, account: string): void {
  const { organization } = state.options;
  const isAdministrator =
    organization !== undefined &&
    [organization.management, ...(organization.administrators ?? [])].includes(caller.account);
  const isMember = organization && accountsBelow(organization.root).some(({ id }) => id === account);
  if (isAdministrator && isMember && account !== organization.management) return;
  throw failure(403, 'AccessDeniedException', `User: ${caller.arn} is not authorized to perform: account:ListRegions`);
}

export const account: Service = {
  protocol: 'rest',
  route({ method, url, body }) {
    const { pathname } = new URL(url, 'http://endpoint');
    if (method !== 'POST' || pathname !== '/listRegions') throw notImplemented(`account: ${method} ${pathname}`);
    return { name: 'ListRegions', input: JSON.parse(body || '{}') };
  },
  operations: { ListRegions: listRegions },
};

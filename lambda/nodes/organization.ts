/**
 * The accounts of an organization and their regions, found anew by each scan. Each account below the chosen units is accounted for:
 * as targets, as one that is not scanned and why, or as a target that cannot be scanned because its regions cannot be listed.
 *
 * Sources: Organizations API reference, ListAccountsForParent and ListOrganizationalUnitsForParent (direct children only; pages may
 * be empty and yet others follow; callable by the management account and by delegated administrators), Account (`State`, since
 * `Status` is retired on 9 September 2026); Account Management API reference, ListRegions (other accounts by their id, the own
 * account without). Loaded only where the settings name an organization.
 */
import { AccountClient, paginateListRegions } from '@aws-sdk/client-account';
import {
  type Account,
  OrganizationsClient,
  paginateListAccountsForParent,
  paginateListOrganizationalUnitsForParent,
} from '@aws-sdk/client-organizations';
import type { Targets } from '../archive/targets.ts';
import { explained } from '../failures.ts';
import type { OtherAccount } from '../results/summary.ts';
import { REQUEST_RETRIES } from '../retries.ts';
import { MOST_TARGETS, type Organization, type Target } from '../settings.ts';

/** What is asked of an organization by its delegated administrator. */
type Clients = { organizations: OrganizationsClient; account: AccountClient };

/** Accounts by id, in the order in which they are found, with why each is not scanned. */
type Found = Map<string, OtherAccount['why'] | undefined>;

/**
 * Finds the targets of an organization; `home` is the scanner's own place, which stands for the region of an account whose regions
 * nobody can list. Throws what Organizations answers where it cannot be asked, and an Error where it has no or too many targets.
 */
export async function organizationTargets(
  organization: Organization,
  home: Target,
  { organizations, account }: Clients = clients(),
): Promise<Targets> {
  const { ous, exclude, regions } = organization;
  const found: Found = new Map();
  for (const parent of ous) await walk(organizations, parent, new Set(exclude), exclude.includes(parent), found);
  const targets: Targets['targets'] = [];
  const others: OtherAccount[] = [];
  for (const [id, why] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (why !== undefined) others.push({ account: id, why });
    else if (regions !== 'enabled') targets.push(...regions.map((region) => ({ account: id, region })));
    else targets.push(...(await enabledRegions(account, id, home)));
  }
  if (targets.length === 0) throw new Error(texts.none(ous));
  if (targets.length > MOST_TARGETS) throw new Error(texts.tooMany(targets.length));
  return { format: 1, from: 'organization', targets, ...(others.length > 0 && { others }) };
}

const texts = {
  none: (ous: readonly string[]) =>
    `The organization has no active account below ${ous.join(', ')} that is not excluded: look at kubevigil.organization.`,
  tooMany: (targets: number) =>
    `The organization has ${targets} targets, and a scan takes ${MOST_TARGETS}: name regions or fewer units in kubevigil.organization.`,
  regions: (why: string) => `Its regions cannot be listed: ${why}`,
};

function clients(): Clients {
  return {
    organizations: explained(new OrganizationsClient(REQUEST_RETRIES)),
    account: explained(new AccountClient(REQUEST_RETRIES)),
  };
}

/** Adds the accounts of a unit and of all below it. One that several ways lead to is scanned if one of them is not excluded. */
async function walk(
  client: OrganizationsClient,
  parent: string,
  exclude: ReadonlySet<string>,
  excluded: boolean,
  found: Found,
): Promise<void> {
  for await (const { Accounts = [] } of paginateListAccountsForParent({ client }, { ParentId: parent })) {
    for (const account of Accounts) {
      const { Id = '' } = account;
      const why = excluded || exclude.has(Id) ? 'excluded' : inactive(account);
      if (!found.has(Id) || why === undefined) found.set(Id, why);
    }
  }
  const below: string[] = [];
  const pages = paginateListOrganizationalUnitsForParent({ client }, { ParentId: parent });
  for await (const { OrganizationalUnits = [] } of pages) for (const { Id = '' } of OrganizationalUnits) below.push(Id);
  for (const unit of below) await walk(client, unit, exclude, excluded || exclude.has(unit), found);
}

const STATES: Readonly<Record<string, OtherAccount['why']>> = {
  PENDING_ACTIVATION: 'pending-activation',
  SUSPENDED: 'suspended',
  PENDING_CLOSURE: 'pending-closure',
  CLOSED: 'closed',
};

/** Why an account cannot be scanned; a state that nobody knows yet is tried. */
function inactive({ State, Status }: Account): OtherAccount['why'] | undefined {
  return STATES[State ?? Status ?? ''];
}

/** Names of refusals that another try repeats (Account Management API reference, ListRegions, Errors). */
const REFUSED = /^(AccessDenied|ResourceNotFound|Validation)(Exception)?$/;

/** Those that the account has enabled; where they cannot be listed, one target that says why. */
async function enabledRegions(client: AccountClient, id: string, home: Target): Promise<Targets['targets']> {
  // By id only others are asked: the management account is refused its own (ListRegions, AccountId).
  const input = { ...(id !== home.account && { AccountId: id }) };
  const pages = paginateListRegions(
    { client },
    { ...input, RegionOptStatusContains: ['ENABLED', 'ENABLED_BY_DEFAULT'] },
  );
  const targets: Target[] = [];
  try {
    for await (const { Regions = [] } of pages) {
      for (const { RegionName } of Regions) if (RegionName) targets.push({ account: id, region: RegionName });
    }
  } catch (error) {
    // What may pass must not cost an account its night.
    if (!REFUSED.test((error as Error).name)) throw error;
    return [{ account: id, region: home.region, error: texts.regions((error as Error).message) }];
  }
  return targets.sort((a, b) => (a.region < b.region ? -1 : 1));
}

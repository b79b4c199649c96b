/**
 * The accounts of an organization and their regions, found anew by each scan. Each account below the chosen units is accounted for:
 * as targets, as one that is not scanned and why, or as a target that cannot be scanned because its regions cannot be listed. A region
 * that the settings name and an account has not enabled is no target of it, and told as such.
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
import { isFinal, REQUEST_RETRIES } from '../retries.ts';
import { MOST_TARGETS, type Organization, type Target } from '../settings.ts';
import { isOptIn } from './regions.ts';

/** What is asked of an organization by its delegated administrator. */
type Clients = { organizations: OrganizationsClient; account: AccountClient };

/** Accounts by id, in the order in which they are found, with why each is not scanned. */
type Found = Map<string, OtherAccount['why'] | undefined>;

type Planned = Targets['targets'][number];

/** What an organization is asked with besides the settings. */
export type Asking = {
  /** The scanner's own place, whose region stands for those of an account that nobody knows. */
  home: Target;
  /** The targets of the scan before: what cannot be listed tonight has not left since then. */
  before?: Targets | undefined;
  /** Whether nobody will try again: until then, what may pass is thrown. */
  isLast?: boolean;
};

/** So many accounts in succession whose regions cannot be listed are no matter of these accounts: Account Management is away. */
const MOST_IN_SUCCESSION = 5;

/**
 * Finds the targets of an organization. An account whose regions cannot be listed has those of the scan before, each with the error;
 * of accounts for which a scan has no room each is one target with the error. Throws what Organizations answers where it cannot be
 * asked, what Account Management answers where that may pass, and an Error where there is no account.
 */
export async function organizationTargets(
  organization: Organization,
  { home, before, isLast = false }: Asking,
  { organizations, account }: Clients = clients(),
): Promise<Targets> {
  const { ous, exclude, regions } = organization;
  const earlier = before?.from === 'organization' ? before : undefined;
  const [found, lost]: [Found, string[]] = [new Map(), []];
  for (const parent of ous)
    await walk(organizations, parent, new Set(exclude), exclude.includes(parent), { found, lost });
  if (lost.length > 0) keepEarlier(found, earlier, exclude);
  const known = Map.groupBy(earlier?.targets ?? [], (target) => target.account);
  const optional = regions === 'enabled' ? [] : regions.filter(isOptIn);
  const listing = listingRegions(account, home, isLast);
  const targets: Planned[] = [];
  const others: OtherAccount[] = [];
  const undecided: { account: string; error: Error }[] = [];
  let room = MOST_TARGETS;
  for (const [id, why] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (why !== undefined) {
      others.push({ account: id, why });
      continue;
    }
    let places: Planned[];
    if (regions === 'enabled') {
      const listed = await listing.of(id);
      if (listed instanceof Error && listing.isAway()) throw listed;
      places =
        listed instanceof Error ? unlisted(id, home, known.get(id) ?? [], texts.regions(listed.message)) : listed;
    } else {
      const listed = optional.length > 0 ? await listing.of(id) : [];
      const isUnknown = listed instanceof Error;
      if (isUnknown) undecided.push({ account: id, error: listed });
      const lacking = isUnknown ? [] : optional.filter((name) => !listed.some(({ region }) => region === name));
      others.push(...lacking.map((region) => ({ account: id, region, why: 'region-not-enabled' as const })));
      places = regions.filter((region) => !lacking.includes(region)).map((region) => ({ account: id, region }));
    }
    if (places.length > room) places = [inOne(places, texts.noRoom(places.length))];
    else room -= places.length;
    targets.push(...places);
  }
  if (targets.length === 0) throw new Error(texts.none(ous));
  const problems = lost.map((unit) => texts.lost(unit, earlier !== undefined));
  const [first] = undecided;
  if (first) {
    const accounts = undecided.map((each) => each.account);
    problems.push(texts.undecided(accounts, optional, first.error.message));
  }
  return {
    format: 1,
    from: 'organization',
    targets,
    ...(others.length > 0 && { others }),
    ...(problems.length > 0 && { problems }),
  };
}

const texts = {
  none: (ous: readonly string[]) =>
    `The organization has no active account below ${ous.join(', ')} that is not excluded: look at kubevigil.organization.`,
  noRoom: (regions: number) =>
    `A scan takes ${MOST_TARGETS} targets and has no room for ${regions === 1 ? 'this one' : `the ${regions} regions of this account`}: ` +
    'name regions or fewer units in kubevigil.organization.',
  undecided: (accounts: readonly string[], regions: readonly string[], why: string) =>
    `Whether ${accounts.length === 1 ? `account ${accounts[0]} has` : `${accounts.length} accounts, ${accounts[0]} first, have`} enabled ` +
    `${regions.join(', ')} cannot be listed, and they are scanned as if so: ${why}`,
  regions: (why: string) => `Its regions cannot be listed: ${why}`,
  lost: (unit: string, isKnown: boolean) =>
    `The organizational unit ${unit} does not exist any more${isKnown ? '; the accounts of the scan before that no other unit has are scanned in its place' : ''}: look at kubevigil.organization.`,
};

function clients(): Clients {
  return {
    organizations: explained(new OrganizationsClient(REQUEST_RETRIES)),
    account: explained(new AccountClient(REQUEST_RETRIES)),
  };
}

/** Adds the accounts of the scan before that were not found: a unit that is gone may have had them. */
function keepEarlier(found: Found, earlier: Targets | undefined, exclude: readonly string[]): void {
  for (const { account } of earlier?.targets ?? [])
    if (!found.has(account)) found.set(account, exclude.includes(account) ? 'excluded' : undefined);
  for (const { account, region, why } of earlier?.others ?? [])
    if (!found.has(account)) found.set(account, region === undefined ? why : undefined);
}

/** The targets that the scan before had of an account, or one in the scanner's region that stands for all. */
function unlisted(account: string, { region }: Target, known: readonly Planned[], error: string): Planned[] {
  const places = known.filter(({ allRegions }) => !allRegions).map((each) => ({ account, region: each.region, error }));
  return places.length > 0 ? places : [{ account, region, error, allRegions: true }];
}

/** One target for all of an account. */
function inOne([first, ...more]: readonly Planned[], error: string): Planned {
  const { account, region } = first as Planned;
  return { account, region, error, ...(more.length > 0 && { allRegions: true as const }) };
}

/**
 * Adds the accounts of a unit and of all below it. One that several ways lead to is scanned if one of them is not excluded; a unit that
 * does not exist, perhaps since a moment ago, is lost.
 */
async function walk(
  client: OrganizationsClient,
  parent: string,
  exclude: ReadonlySet<string>,
  excluded: boolean,
  { found, lost }: { found: Found; lost: string[] },
): Promise<void> {
  const below: string[] = [];
  try {
    for await (const { Accounts = [] } of paginateListAccountsForParent({ client }, { ParentId: parent })) {
      for (const account of Accounts) {
        const { Id = '' } = account;
        const why = excluded || exclude.has(Id) ? 'excluded' : (inactive(account) ?? unreached(account));
        if (!found.has(Id) || why === undefined) found.set(Id, why);
      }
    }
    const pages = paginateListOrganizationalUnitsForParent({ client }, { ParentId: parent });
    for await (const { OrganizationalUnits = [] } of pages)
      for (const { Id = '' } of OrganizationalUnits) below.push(Id);
  } catch (error) {
    if ((error as Error).name !== 'ParentNotFoundException') throw error;
    lost.push(parent);
    return;
  }
  for (const unit of below) await walk(client, unit, exclude, excluded || exclude.has(unit), { found, lost });
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

/**
 * Whether an account is the management account, by which the ARNs of all begin (Service Authorization Reference, AWS Organizations): no
 * StackSet deploys to it, so no member is there (CloudFormation API reference, DeploymentTargets).
 */
function unreached({ Id, Arn = '' }: Account): OtherAccount['why'] | undefined {
  return /^arn:[^:]+:organizations::(\d{12}):account\//.exec(Arn)?.[1] === Id ? 'management' : undefined;
}

/** Refusals that another try repeats, although some of them pass elsewhere (Account Management API reference, ListRegions, Errors). */
const REFUSED = /^(AccessDenied|ResourceNotFound|Validation)(Exception)?$/;

function mayPass(error: unknown): boolean {
  return !REFUSED.test((error as Error).name) && !isFinal(error);
}

/**
 * Lists the regions of accounts, one after the other. Gives the error of those that cannot be listed; throws one that may pass as long as
 * somebody will try again. Once Account Management is away, it is asked no more.
 */
function listingRegions(client: AccountClient, home: Target, isLast: boolean) {
  let [silent, last]: [number, Error | undefined] = [0, undefined];
  const isAway = () => silent === MOST_IN_SUCCESSION;
  return {
    isAway,
    async of(id: string): Promise<Target[] | Error> {
      if (last && isAway()) return last;
      try {
        const regions = await enabledRegions(client, id, home);
        silent = 0;
        return regions;
      } catch (error) {
        if (mayPass(error)) silent += 1;
        if (mayPass(error) && !isLast) throw error;
        last = error as Error;
        return last;
      }
    },
  };
}

/** Those that the account has enabled. Throws what is answered where they cannot be listed. */
async function enabledRegions(client: AccountClient, id: string, home: Target): Promise<Target[]> {
  // By id only others are asked: the management account is refused its own (ListRegions, AccountId).
  const input = { ...(id !== home.account && { AccountId: id }) };
  const pages = paginateListRegions(
    { client },
    { ...input, RegionOptStatusContains: ['ENABLED', 'ENABLED_BY_DEFAULT'] },
  );
  const targets: Target[] = [];
  for await (const { Regions = [] } of pages) {
    for (const { RegionName } of Regions) if (RegionName) targets.push({ account: id, region: RegionName });
  }
  // Without any, the account would be nowhere.
  if (targets.length === 0) throw new Error('none is told to be enabled.');
  return targets.sort((a, b) => (a.region < b.region ? -1 : 1));
}

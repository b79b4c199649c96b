/**
 * Which nodes trust which certificate authority, and who is behind: nodes that do not trust what others of their cluster trust
 * longer, and nodes whose file was changed after the kubelet had read it. Public facts of the evidence, added up as nodes
 * pass by.
 */
import * as v from 'valibot';
import { isoTime } from '../criteria/certificate.ts';
import type { AuthorityFacts, KubeletProcess } from '../kubelet/evidence.ts';
import { isNewerThan } from '../kubelet/files.ts';
import { onceOf } from '../kubelet/shared.ts';
import { oneLine } from '../platforms/wording.ts';
import type { Target } from '../settings.ts';
import type { EvidenceLine } from './evidence-line.ts';
import { ascending } from './order.ts';
import { fitting, type Room } from './room.ts';
import { digest, time, whole } from './shapes.ts';

const Place = {
  account: v.exactOptional(v.string()),
  region: v.exactOptional(v.string()),
  cluster: v.exactOptional(v.string()),
  group: v.exactOptional(v.string()),
};

const Authority = {
  sha256: v.pipe(digest, v.description('Of its DER form.')),
  subject: v.string(),
  notAfter: v.exactOptional(
    v.pipe(v.string(), v.description('ISO 8601; absent where it was not seen, or no calendar has it.')),
  ),
};

const examples = v.pipe(v.array(v.string()), v.description('Ids of the first of them.'));

const UseSchema = v.strictObject({
  ...Authority,
  ...Place,
  server: v.pipe(whole, v.description('Nodes of which a kubelet believes the API server by it.')),
  callers: v.pipe(whole, v.description('Nodes of which a kubelet believes its callers by it (clientCAFile).')),
  changed: v.pipe(
    whole,
    v.description(
      "Of the first, the nodes whose file was changed after the kubelet's start: a kubelet reads that of its kubeconfig once.",
    ),
  ),
  examples,
});

/** One authority as the nodes of one place have it. */
export type AuthorityUse = v.InferOutput<typeof UseSchema>;

/** `untrusted`: others of the cluster trust one that ends later than theirs. `unread`: their file has changed since they read it. */
const BEHIND = ['untrusted', 'unread'] as const;

const BehindSchema = v.strictObject({
  why: v.picklist(BEHIND),
  ...Place,
  authority: v.exactOptional(
    v.pipe(
      v.strictObject({
        ...Authority,
        trusts: v.pipe(whole, v.description('Nodes of the cluster that trust it.')),
        of: v.pipe(whole, v.description('Nodes of the cluster that said whom they trust.')),
      }),
      v.description('The one that these nodes do not trust; absent where their file has changed.'),
    ),
  ),
  nodes: whole,
  of: v.pipe(whole, v.description('How many nodes of the place said whom they trust.')),
  examples,
  since: v.exactOptional(
    v.pipe(time, v.description('The scan that saw it first; absent where that is not known, as for outliers.')),
  ),
});

/** Nodes of one place that drop out of their cluster when an authority takes over that others of it trust. */
export type Behind = v.InferOutput<typeof BehindSchema>;

/** The first of them, and how many there are: of authorities by place, and of who is behind. */
export const AuthoritiesSchema = v.strictObject({
  items: v.array(UseSchema),
  total: whole,
  behind: v.strictObject({ items: v.array(BehindSchema), total: whole }),
});

export type Authorities = v.InferOutput<typeof AuthoritiesSchema>;

/** Kept of one target, each: all of its result is one checkpoint of 256 KB. */
const CHECKPOINT: Room = { items: 25, bytes: 24 * 1024 };
/** Hostile nodes can each bring authorities of their own. */
const MOST = 2_000;
const MOST_EXAMPLES = 5;

/** Nodes of one place that trust the same: by whom they believe the API server, each a SHA-256. */
type Trust = Pick<AuthorityUse, 'cluster' | 'group' | 'examples'> & { prints: string[]; nodes: number };

type Told = AuthorityFacts & { fingerprint: string };

/** Those that can be told from others. */
const toldOf = onceOf((authorities: readonly AuthorityFacts[]) =>
  authorities.filter((each): each is Told => each.fingerprint !== undefined && v.is(digest, each.fingerprint)),
);

/** One that a kubelet trusts. */
type Seen = { facts: Told; kubelet: KubeletProcess };

function unused(sha256: string, [seen]: readonly Seen[], where: Pick<Trust, 'cluster' | 'group'>): AuthorityUse {
  const { subject = '', notAfter } = seen?.facts ?? {};
  const end = isoTime(notAfter);
  return {
    ...{ sha256, subject: oneLine(subject) },
    ...(end !== undefined && { notAfter: end }),
    ...where,
    ...{ server: 0, callers: 0, changed: 0, examples: [] },
  };
}

/** Adds node after node; `result` has as much of them as there is room for, and `left` how many uses had none in memory. */
export function authoritiesOf(room = CHECKPOINT) {
  const uses = new Map<string, AuthorityUse>();
  const trusts = new Map<string, Trust>();
  const unread = new Map<string, Pick<Trust, 'cluster' | 'group' | 'examples' | 'nodes'>>();
  let left = 0;

  function addUse(sha256: string, same: readonly Seen[], id: string, where: Pick<Trust, 'cluster' | 'group'>): void {
    const key = JSON.stringify([sha256, where.cluster, where.group]);
    const use = uses.get(key) ?? unused(sha256, same, where);
    if (!uses.has(key) && uses.size >= MOST) {
      left += 1;
      return;
    }
    uses.set(key, use);
    const forServer = same.filter(({ facts }) => facts.of === 'kubeconfig');
    if (forServer.length > 0) use.server += 1;
    if (same.some(({ facts }) => facts.of === 'client-ca')) use.callers += 1;
    if (forServer.some(({ kubelet, facts }) => isChanged(kubelet, facts.path))) use.changed += 1;
    if (use.examples.length < MOST_EXAMPLES) use.examples.push(id);
  }

  return {
    add(line: EvidenceLine): void {
      const kubelets = 'evidence' in line ? line.evidence.kubelets : [];
      const { id, cluster, group } = line.node;
      const where = { ...(cluster !== undefined && { cluster }), ...(group !== undefined && { group }) };
      const told = kubelets.flatMap((kubelet) => toldOf(kubelet.authorities).map((facts) => ({ facts, kubelet })));
      for (const [sha256, same] of Map.groupBy(told, ({ facts }) => facts.fingerprint)) addUse(sha256, same, id, where);
      const forServer = told.filter(({ facts }) => facts.of === 'kubeconfig');
      if (forServer.length === 0) return;
      const prints = [...new Set(forServer.map(({ facts }) => facts.fingerprint))].sort();
      join(trusts, [cluster, group, prints], { ...where, prints }, id);
      const isUnread = forServer.some(({ kubelet, facts }) => isChanged(kubelet, facts.path));
      if (isUnread) join(unread, [cluster, group], where, id);
    },

    result({ account, region }: Partial<Target> = {}): Authorities & { left: number } {
      const here = { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
      const all = [...uses.values()].map((use) => ({ ...here, ...use }));
      all.sort((a, b) => ascending(a.sha256, b.sha256) || b.server - a.server);
      const groups = [...trusts.values()];
      const stale = [...unread.values()].map(
        ({ nodes, examples, ...where }): Behind => ({
          ...{ why: 'unread', ...here, ...where, nodes },
          of: sum(groups.filter((each) => each.cluster === where.cluster && each.group === where.group)),
          examples,
        }),
      );
      const untrusting = [...Map.groupBy(groups, ({ cluster }) => cluster)].flatMap(([cluster, own]) =>
        // Nodes of no known cluster need have nothing in common.
        cluster === undefined ? [] : untrustingOf(own, [...uses.values()]).map((each) => ({ ...each, ...here })),
      );
      const behind = [...untrusting.sort(mostNodes), ...stale.sort(mostNodes)];
      return {
        items: fitting(all, room),
        total: all.length,
        behind: { items: fitting(behind, room), total: behind.length },
        left,
      };
    },
  };
}

function join<T extends object>(
  known: Map<string, T & { nodes: number; examples: string[] }>,
  parts: readonly unknown[],
  what: T,
  id: string,
): void {
  const key = JSON.stringify(parts);
  const one = known.get(key) ?? { ...what, nodes: 0, examples: [] };
  if (!known.has(key) && known.size >= MOST) return;
  known.set(key, one);
  one.nodes += 1;
  if (one.examples.length < MOST_EXAMPLES) one.examples.push(id);
}

const sum = (groups: readonly { nodes: number }[]) => groups.reduce((all, { nodes }) => all + nodes, 0);

const mostNodes = (a: Behind, b: Behind) => b.nodes - a.nodes || ascending(idOf(a), idOf(b));

/** Authorities of one cluster that are told: an old one, its successor, and what a hostile node makes up, which hides neither. */
const MOST_SUCCESSORS = 3;

/** Nodes of one cluster that do not trust what others of it trust, and nothing that lasts as long, by group. */
function untrustingOf(trusts: readonly Trust[], uses: readonly AuthorityUse[]): Behind[] {
  const known = new Map(uses.map((use) => [use.sha256, use]));
  const endOf = (sha256: string) => Date.parse(known.get(sha256)?.notAfter ?? '') || 0;
  const dated = trusts.map((each) => ({ ...each, end: Math.max(...each.prints.map(endOf)) }));
  const trusting = new Map<string, number>();
  for (const { prints, nodes } of trusts)
    for (const sha256 of prints) trusting.set(sha256, (trusting.get(sha256) ?? 0) + nodes);
  const candidates = [...trusting].toSorted(
    ([a, some], [b, others]) => others - some || endOf(b) - endOf(a) || ascending(a, b),
  );
  const found: Behind[] = [];
  let told = 0;
  for (const [sha256, count] of candidates) {
    const lacking = dated.filter(({ prints, end }) => end < endOf(sha256) && !prints.includes(sha256));
    const use = known.get(sha256);
    if (lacking.length === 0 || use === undefined) continue;
    const { subject, notAfter } = use;
    const authority = { sha256, subject, ...(notAfter !== undefined && { notAfter }), trusts: count, of: sum(trusts) };
    for (const [group, own] of Map.groupBy(lacking, (each) => each.group)) {
      const [first] = own;
      if (first?.cluster === undefined) continue;
      found.push({
        ...{ why: 'untrusted', cluster: first.cluster },
        ...(group !== undefined && { group }),
        ...{ authority, nodes: sum(own), of: sum(trusts.filter((each) => each.group === group)) },
        examples: own.flatMap((each) => each.examples).slice(0, MOST_EXAMPLES),
      });
    }
    told += 1;
    if (told === MOST_SUCCESSORS) break;
  }
  return found;
}

/** Whether a bundle was changed after the kubelet's start. */
export function isChanged(kubelet: KubeletProcess, path: string): boolean {
  return kubelet.files.some((file) => file.path === path && isNewerThan(kubelet, file));
}

function idOf({ why, account, region, cluster, group, authority }: Behind): string {
  return JSON.stringify([why, account, region, cluster, group, authority?.sha256]);
}

/** Who was behind in the scan before, and of which targets it did not have all. */
export type KnownBehind = { items: readonly Behind[]; isPartial(target: Partial<Target>): boolean };

/** Says since when each is behind, as outliers do. */
export function behindSince(
  items: readonly Behind[],
  { items: before, isPartial }: KnownBehind,
  now: string,
): Behind[] {
  const known = new Map(before.map((each) => [idOf(each), each.since]));
  return items.map((each) => {
    const first = known.get(idOf(each)) ?? (known.has(idOf(each)) || isPartial(each) ? undefined : now);
    return first === undefined ? each : { ...each, since: first };
  });
}

/** Digits of a fingerprint that people compare by eye. */
const DIGITS = 16;

/** `CN=kubernetes (SHA-256 0eb2a05c4e060842…) until 2045-01-01`. */
export function authorityText({
  subject,
  sha256,
  notAfter,
}: Pick<AuthorityUse, 'subject' | 'sha256' | 'notAfter'>): string {
  return `${subject} (SHA-256 ${sha256.slice(0, DIGITS)}…)${notAfter === undefined ? '' : ` until ${notAfter.slice(0, 10)}`}`;
}

/** `3 of 7 nodes of payments, workers do not trust CN=… until 2036-01-01, which 4 others of the cluster trust: …`. */
export function behindText({ why, cluster, group, authority, nodes, of }: Behind): string {
  const place = [cluster, group].filter((name) => name !== undefined).join(', ') || 'no cluster';
  const some = `${nodes} of ${of} ${of === 1 ? 'node' : 'nodes'} of ${place}`;
  const [verb, they] = nodes === 1 ? ['does', 'it drops'] : ['do', 'they drop'];
  if (why === 'unread' || authority === undefined) {
    const [has, its] = nodes === 1 ? ['has', 'its kubelet'] : ['have', 'their kubelets'];
    return `${some} ${has} not read the authorities of the kubeconfig since that file was changed: restart ${its}`;
  }
  return `${some} ${verb} not trust ${authorityText(authority)}, which ${authority.trusts} of the cluster ${authority.trusts === 1 ? 'does' : 'do'}: ${they} out when it takes over`;
}

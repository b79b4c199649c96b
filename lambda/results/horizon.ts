/**
 * The days on which certificates and support end, in a whole fleet: nodes of one group for which one day comes by one cause
 * are one event. Nodes pass by once; memory grows with the events, which are bounded.
 */

import type { CertificateLife } from '../judging/certificates.ts';
import { supportEnds } from '../rules/supported-version.ts';
import type { NodeLine } from './node-line.ts';
import { ascending } from './order.ts';

/** What ends: a certificate by its role, or the support of a version. */
export type Ending = CertificateLife['role'] | 'support';

export type HorizonEvent = {
  /** The day in UTC: `2026-12-09`. Of what the kubelets renew it is the first of them. */
  on: string;
  what: Ending;
  account?: string;
  region?: string;
  cluster?: string;
  /** EKS node group, Karpenter node pool or Auto Scaling group. */
  group?: string;
  /** Whether the kubelet renews it before; absent where that is an issuer's or installer's matter, and of authorities. */
  renews?: boolean;
  /** The one cause: why nothing renews it, whose matter that is, or which support ends. */
  why?: string;
  nodes: number;
  /** Ids of the first of them. */
  examples: string[];
};

export type Horizon = { events: HorizonEvent[] /** Ends for which there was no room. */; left: number };

/** Hostile nodes can each bring a day and a cause of their own. */
const MOST_EVENTS = 5_000;
const MOST_EXAMPLES = 5;

/** Adds node after node; `result` has the events, the first day first. */
export function horizonOf() {
  const events = new Map<string, HorizonEvent & { last: string }>();
  let left = 0;

  function add({ node }: NodeLine, ending: Pick<HorizonEvent, 'on' | 'what' | 'renews' | 'why'>): void {
    const { id, account, region, cluster, group } = node;
    const { on, ...what } = ending;
    // What is renewed comes and goes all year; only that it does is of interest.
    const day = ending.renews === true ? '' : on;
    const key = JSON.stringify([day, what, account, region, cluster, group]);
    const known = events.get(key);
    if (!known && events.size >= MOST_EVENTS) {
      left += 1;
      return;
    }
    const where = { account, region, cluster, group };
    const told = Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined));
    const event = known ?? { on, ...what, ...told, nodes: 0, examples: [], last: '' };
    events.set(key, event);
    if (on < event.on) event.on = on;
    // A node may have several certificates that end on one day.
    if (event.last === id) return;
    event.last = id;
    event.nodes += 1;
    if (event.examples.length < MOST_EXAMPLES) event.examples.push(id);
  }

  return {
    add(line: NodeLine): void {
      for (const { role, notAfter, renews, why } of line.certificates ?? []) {
        const renewal = { ...(renews !== undefined && { renews }), ...(why !== undefined && { why }) };
        add(line, { on: notAfter.slice(0, 10), what: role, ...renewal });
      }
      const version = line.kubelet?.version;
      // AWS's builds say so; its other nodes count for the project's own days.
      for (const { version: minor, what, on } of supportEnds(version, version?.includes('-eks-') === true)) {
        add(line, { on, what: 'support', why: `${what} of Kubernetes ${minor}` });
      }
    },
    result(): Horizon {
      const all = [...events.values()].map(({ last: _, ...event }): HorizonEvent => event);
      return { events: all.sort((a, b) => ascending(a.on, b.on) || b.nodes - a.nodes), left };
    },
  };
}

const NAMES: Record<Exclude<Ending, 'support'>, string> = {
  client: 'client certificate',
  serving: 'serving certificate',
  authority: 'authority that they trust',
};

/** `client certificate ends`, `standard support by Amazon EKS of Kubernetes 1.34 ends`. */
export function endingText({ what, why = '', renews }: HorizonEvent): string {
  if (what === 'support') return `${why} ends`;
  return `${NAMES[what]} ends${renews === false ? ', and nothing renews it' : ''}`;
}

/** `payments, workers`: where the nodes of an event are. */
export function placeOf({ cluster, group }: HorizonEvent): string {
  return [cluster, group].filter((name) => name !== undefined).join(', ') || 'no cluster';
}

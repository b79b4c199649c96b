/**
 * Which nodes would believe a successor of their cluster's authority: what the kubelet's kubeconfig trusts decides whether the
 * node stays in the cluster, what clientCAFile trusts whether the API server gets logs, exec and metrics. The verdict is that of
 * a TLS handshake; where the evidence, which has no keys, does not decide it, it says so.
 */

import { X509Certificate } from 'node:crypto';
import { isoTime } from '../criteria/certificate.ts';
import type { AuthorityFacts, KubeletProcess } from '../kubelet/evidence.ts';
import { oneLine } from '../platforms/wording.ts';
import { isChanged } from './authorities.ts';
import type { EvidenceLine } from './evidence-line.ts';
import { ascending } from './order.ts';

/** The certificate from which servers will be signed, and those that may stand between it and what nodes trust. */
export type Successor = { certificate: X509Certificate; others: X509Certificate[] };

/**
 * From the worst on. `drops`: it does not trust the successor. `unknown`: the evidence does not decide it. `restart`: its file has
 * the successor, but was changed after the kubelet had read it. `trusts`: it stays.
 */
export const READINESS = ['drops', 'unknown', 'restart', 'trusts'] as const;

export type Readiness = (typeof READINESS)[number];

type Trust = { readiness: Readiness; why: string };

/** An authority as nodes told it: SHA-256 of its DER form, subject, end in ISO 8601. */
export type Trusted = { sha256: string; subject: string; notAfter?: string };

/** Nodes of one place with one answer. */
export type SuccessorGroup = {
  cluster?: string;
  group?: string;
  /** Towards the API server, and towards its callers; `why` is one sentence each. */
  server: Trust;
  callers: Trust;
  trusted: Trusted[];
  nodes: number;
  examples: string[];
};

export type SuccessorReport = { nodes: Record<Readiness, number>; groups: SuccessorGroup[] };

const MOST_EXAMPLES = 5;
/** Certificates of a file that are read: an authority, its successor and what is cross-signed are a handful. */
const MOST_CERTIFICATES = 20;

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

const texts = {
  trusts: 'it trusts the successor',
  cross: 'what it trusts has signed the successor',
  key: 'it trusts a certificate of the same key',
  drops: 'nothing that it trusts leads to the successor',
  none: 'no authority of its own was read',
  silent: 'it did not answer',
  untold: (path: string) => `not all authorities in ${path} were read`,
  sameName: (subject: string) =>
    `it trusts another certificate called ${subject}: put that into the file too, so that its key is known`,
  stale: (path: string) =>
    `${path} has the successor, but was changed after the kubelet had read it: restart the kubelet`,
};

/**
 * Reads PEM certificates. Of several the successor is the self-signed one that ends last. Throws an Error that says what is wrong.
 */
export function readSuccessor(text: string): Successor {
  const blocks = text.match(PEM) ?? [];
  if (blocks.length === 0) throw new Error('no certificate in PEM form is in it');
  if (blocks.length > MOST_CERTIFICATES) throw new Error(`more than ${MOST_CERTIFICATES} certificates are in it`);
  const all = blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Error(`certificate ${index + 1} in it cannot be read`);
    }
  });
  const candidates = all.filter(({ ca }) => ca);
  const roots = candidates.filter((each) => signs(each, each));
  const [certificate] = (roots.length > 0 ? roots : candidates).toSorted(
    (a, b) => b.validToDate.getTime() - a.validToDate.getTime(),
  );
  if (!certificate) throw new Error('no certificate of an authority (CA:TRUE) is in it');
  return { certificate, others: all.filter((each) => each !== certificate) };
}

/** Adds node after node; `now` is the day of the successor in seconds since the epoch. */
export function successorReport(successor: Successor, now: number) {
  const groups = new Map<string, SuccessorGroup>();
  return {
    add(line: EvidenceLine): void {
      const { id, cluster, group } = line.node;
      const where = { ...(cluster !== undefined && { cluster }), ...(group !== undefined && { group }) };
      const answer = { ...where, ...answerOf(line, successor, now) };
      const key = JSON.stringify(answer);
      const known = groups.get(key) ?? { ...answer, nodes: 0, examples: [] };
      groups.set(key, known);
      known.nodes += 1;
      if (known.examples.length < MOST_EXAMPLES) known.examples.push(id);
    },
    result(): SuccessorReport {
      const rank = ({ server }: SuccessorGroup) => READINESS.indexOf(server.readiness);
      const sorted = [...groups.values()].sort((a, b) => rank(a) - rank(b) || b.nodes - a.nodes);
      const nodes = Object.fromEntries(READINESS.map((each) => [each, 0])) as Record<Readiness, number>;
      for (const each of sorted) nodes[each.server.readiness] += each.nodes;
      return { nodes, groups: sorted };
    },
  };
}

/** Of several kubelets the worst answer: one that drops out takes what runs on the node along. */
function answerOf(line: EvidenceLine, successor: Successor, now: number) {
  const kubelets = 'evidence' in line ? line.evidence.kubelets : [];
  const answers = kubelets.map((kubelet) => answerOfKubelet(kubelet, successor, now));
  const silent: Trust = { readiness: 'unknown', why: texts.silent };
  return {
    server: worst(answers.map(({ server }) => server)) ?? silent,
    callers: worst(answers.map(({ callers }) => callers)) ?? silent,
    trusted: trustedBy(kubelets.flatMap(({ authorities }) => authorities)),
  };
}

function worst(answers: readonly Trust[]): Trust | undefined {
  return answers.toSorted((a, b) => READINESS.indexOf(a.readiness) - READINESS.indexOf(b.readiness))[0];
}

function answerOfKubelet(kubelet: KubeletProcess, successor: Successor, now: number) {
  const of = (kind: AuthorityFacts['of']) => kubelet.authorities.filter((each) => each.of === kind);
  const server = trustOf(of('kubeconfig'), successor, now);
  const changed = server.readiness === 'trusts' ? changedBundle(kubelet, of('kubeconfig')) : undefined;
  return {
    server: changed === undefined ? server : { readiness: 'restart' as const, why: texts.stale(oneLine(changed)) },
    // The kubelet reads clientCAFile again when it changes (kubernetes cmd/kubelet/app/auth.go, NewDynamicCAContentFromFile).
    callers: trustOf(of('client-ca'), successor, now),
  };
}

/** Whether who presents a certificate signed by the successor is believed by who trusts these. */
export function trustOf(trusted: readonly AuthorityFacts[], { certificate, others }: Successor, now: number): Trust {
  if (trusted.length === 0) return { readiness: 'unknown', why: texts.none };
  const valid = new Set(
    trusted.flatMap(({ fingerprint, notBefore = 0, notAfter = 0 }) =>
      fingerprint !== undefined && notBefore <= now && now <= notAfter ? [fingerprint] : [],
    ),
  );
  const all = [certificate, ...others];
  const sameKey = all.filter(
    (each) => each.subject === certificate.subject && each.publicKey.equals(certificate.publicKey),
  );
  const [direct] = sameKey.filter((each) => valid.has(printOf(each)) && isValid(each, now));
  if (direct) return { readiness: 'trusts', why: direct === certificate ? texts.trusts : texts.key };
  if (sameKey.some((each) => leadsTo(each, all, valid, now))) return { readiness: 'trusts', why: texts.cross };
  const untold = trusted.find(({ fingerprint, damaged }) => fingerprint === undefined && !damaged);
  if (untold) return { readiness: 'unknown', why: texts.untold(oneLine(untold.path)) };
  return undecided(trusted, all, sameKey, now) ?? { readiness: 'drops', why: texts.drops };
}

/** Whether a chain of valid certificates of the file ends at one that is trusted (RFC 5280, 6.1). */
function leadsTo(
  from: X509Certificate,
  all: readonly X509Certificate[],
  trusted: ReadonlySet<string>,
  now: number,
  seen: ReadonlySet<X509Certificate> = new Set(),
): boolean {
  if (seen.has(from) || !isValid(from, now)) return false;
  if (trusted.has(printOf(from))) return true;
  const further = new Set([...seen, from]);
  return all.some((issuer) => issuer !== from && signs(issuer, from) && leadsTo(issuer, all, trusted, now, further));
}

/**
 * What a node trusts has a name, and no key, in the evidence. One that has the name of the successor, or of who signed it across,
 * and is not in the file may be of the same key.
 */
function undecided(
  trusted: readonly AuthorityFacts[],
  all: readonly X509Certificate[],
  sameKey: readonly X509Certificate[],
  now: number,
): Trust | undefined {
  const prints = new Set(all.map(printOf));
  const names = new Set(
    sameKey.flatMap((each) => [nameOf(each.subject), ...(isValid(each, now) ? [nameOf(each.issuer)] : [])]),
  );
  const found = trusted.find(
    ({ subject = '', fingerprint = '', notAfter = 0 }) =>
      now <= notAfter && !prints.has(fingerprint) && names.has(normal(subject)),
  );
  return found && { readiness: 'unknown', why: texts.sameName(oneLine(found.subject ?? '')) };
}

function signs(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isValid({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now * 1000 && now * 1000 <= validToDate.getTime();
}

/** SHA-256 as the evidence has it. */
export function printOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Node.js writes a name an attribute a line; RFC 2253 in one, the last attribute first. */
function nameOf(name: string): string {
  return normal(name.split('\n').reverse().join(','));
}

function normal(name: string): string {
  return name.toLowerCase().replaceAll(/\\|\s/g, '');
}

/** The file of the authorities, or the kubeconfig that embeds them, if it was changed after the kubelet's start. */
function changedBundle(kubelet: KubeletProcess, own: readonly AuthorityFacts[]): string | undefined {
  const paths = new Set(own.map(({ path }) => path));
  return [...paths].find((path) => isChanged(kubelet, path));
}

function trustedBy(authorities: readonly AuthorityFacts[]): Trusted[] {
  const distinct = new Map<string, Trusted>();
  for (const { fingerprint, subject = '', notAfter } of authorities) {
    if (fingerprint === undefined) continue;
    const end = isoTime(notAfter);
    distinct.set(fingerprint, {
      ...{ sha256: fingerprint, subject: oneLine(subject) },
      ...(end !== undefined && { notAfter: end }),
    });
  }
  return [...distinct.values()].sort((a, b) => ascending(a.sha256, b.sha256));
}

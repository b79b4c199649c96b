/** Recomputing verdicts from archived evidence. */

import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import type { Finding } from '../criteria/rule.ts';
import type { EvidenceLine } from '../results/evidence-line.ts';
import { readLines } from '../results/lines.ts';
import { type NodeLine, NodeLineSchema } from '../results/node-line.ts';
import { secondsOf } from '../results/summary.ts';
import { count, emptyTally, sum, type Tally } from '../results/tally.ts';
import { targetKeys } from './keys.ts';
import type { Manifest } from './manifest.ts';
import { readSummary } from './previous.ts';
import type { Archive } from './store.ts';
import type { Judge, Problem } from './verification.ts';

// Its bytes were compared with a manifest before; of its shape only matters what pairs it with findings.
const EvidenceSchema = v.looseObject({
  node: v.looseObject({ id: v.string() }),
  tags: v.record(v.string(), v.string()),
  evidence: v.exactOptional(v.looseObject({})),
});

const InventorySchema = v.looseObject({ id: v.string() });

/** Recomputes each verdict of a scan and accounts for each of its nodes, adds what differs to the problems, and returns how many were recomputed. */
export async function replayScan(
  archive: Archive,
  manifest: Manifest,
  judge: Judge,
  problems: Problem[],
): Promise<number> {
  const summary = await readSummary(archive, manifest);
  const scan = { now: secondsOf(summary.startedAt), settings: summary.settings };
  const tallies: Tally[] = [];
  /** Nodes by the key of the findings that tell of them. */
  const accounted = new Map<string, ReadonlySet<string>>();
  let verdicts = 0;
  // What a target wrote before it failed counts nowhere.
  const failed = new Set(
    summary.targets.filter(({ error }) => error !== undefined).map((target) => targetKeys(summary, target).findings),
  );
  for (const { key } of manifest.objects) {
    if (!key.includes('/findings/') || failed.has(key)) continue;
    const tally = emptyTally();
    tallies.push(tally);
    const told = new Set<string>();
    for await (const { archived, evidence } of pairs(archive, key, problems)) {
      count(tally, archived);
      if (told.has(archived.node.id)) problems.push({ kind: 'replay', key, text: `has ${archived.node.id} twice.` });
      told.add(archived.node.id);
      if (!evidence) continue;
      verdicts += archived.findings.length;
      const recomputed = tryJudge(judge, evidence, scan);
      if (recomputed instanceof Error) {
        const text = `${archived.node.id} cannot be recomputed: ${recomputed.message}`;
        problems.push({ kind: 'replay', key, text });
      } else {
        compare(archived, recomputed, key, problems);
      }
    }
    accounted.set(key, told);
  }
  for (const { key } of manifest.objects) {
    const findings = key.replace('/inventory/', '/findings/');
    if (findings === key || failed.has(findings)) continue;
    await account(archive, key, accounted.get(findings) ?? new Set(), problems);
  }
  const { counts, rules } = sum(tallies);
  if (!isDeepStrictEqual(counts, summary.totals) || !isDeepStrictEqual({ ...rules }, { ...summary.rules })) {
    const text = 'does not agree with its findings: other counts.';
    problems.push({ kind: 'replay', key: `${manifest.key.replace(/[^/]*$/, '')}summary.json`, text });
  }
  return verdicts;
}

/** Compares the nodes that a target had to account for with those that its findings tell of. */
async function account(archive: Archive, key: string, told: ReadonlySet<string>, problems: Problem[]): Promise<void> {
  const stream = await archive.open(key);
  if (!stream) return;
  const listed = new Set<string>();
  for await (const { id } of readLines(stream, key, InventorySchema)) {
    listed.add(id);
    if (!told.has(id))
      problems.push({ kind: 'replay', key, text: `has ${id}, which the findings do not account for.` });
  }
  for (const id of told) {
    if (!listed.has(id))
      problems.push({ kind: 'replay', key, text: `does not have ${id}, which the findings tell of.` });
  }
}

/** The recomputed line as it would be written, or why there is none: evidence may have another version's form. */
function tryJudge(judge: Judge, ...about: Parameters<Judge>): NodeLine | Error {
  try {
    return JSON.parse(JSON.stringify(judge(...about)));
  } catch (error) {
    return error as Error;
  }
}

/** Walks findings and evidence together: both have a line per node, in the same order. */
async function* pairs(
  archive: Archive,
  key: string,
  problems: Problem[],
): AsyncGenerator<{ archived: NodeLine; evidence?: EvidenceLine }> {
  const evidenceKey = key.replace('/findings/', '/evidence/');
  const [findings, evidence] = [await archive.open(key), await archive.open(evidenceKey)];
  if (!findings || !evidence) {
    problems.push({ kind: 'replay', key: evidenceKey, text: 'is not there to recompute from.' });
    return;
  }
  const proofs = readLines(evidence, evidenceKey, EvidenceSchema);
  let proof = await proofs.next();
  for await (const archived of readLines(findings, key, NodeLineSchema)) {
    if (!proof.done && proof.value.node.id === archived.node.id) {
      yield { archived, evidence: proof.value as unknown as EvidenceLine };
      proof = await proofs.next();
    } else {
      problems.push({ kind: 'replay', key: evidenceKey, text: `has no evidence of ${archived.node.id}.` });
      yield { archived };
    }
  }
  if (!proof.done) {
    const text = `has evidence of ${proof.value.node.id} without findings.`;
    problems.push({ kind: 'replay', key: evidenceKey, text });
    await proofs.return(undefined);
  }
}

/** Names each finding of a node whose archived and recomputed verdicts differ, and how. */
function compare(archived: NodeLine, recomputed: NodeLine, key: string, problems: Problem[]): void {
  if (isDeepStrictEqual(archived, recomputed)) return;
  const before = Map.groupBy(archived.findings, ({ rule }) => rule);
  const now = Map.groupBy(recomputed.findings, ({ rule }) => rule);
  let named = false;
  for (const rule of new Set([...before.keys(), ...now.keys()])) {
    const [a, b] = [before.get(rule), now.get(rule)];
    if (isDeepStrictEqual(a, b)) continue;
    named = true;
    problems.push({ kind: 'replay', key, text: `${archived.node.id}, ${rule}: ${difference(a, b)}.` });
  }
  if (!named) {
    const parts = (['node', 'coverage', 'reason', 'detail', 'kubelet'] as const).filter(
      (part) => !isDeepStrictEqual(archived[part], recomputed[part]),
    );
    problems.push({ kind: 'replay', key, text: `${archived.node.id}: ${parts.join(', ')} recomputed differently.` });
  }
}

function difference(before: Finding[] | undefined, now: Finding[] | undefined): string {
  if (!before) return `not archived, recomputed ${statuses(now)}`;
  if (!now) return `archived ${statuses(before)}, not recomputed`;
  if (statuses(before) !== statuses(now)) return `archived ${statuses(before)}, recomputed ${statuses(now)}`;
  const [a, b] = [before[0], now[0]];
  const parts = (['controls', 'audit', 'reason', 'advisories', 'remediation', 'waiver'] as const).filter(
    (part) => !isDeepStrictEqual(a?.[part], b?.[part]),
  );
  return `${statuses(before)} both times, but with another ${parts.join(', ') || 'order'}`;
}

function statuses(findings: Finding[] | undefined): string {
  return (findings ?? []).map(({ status, waiver }) => (waiver ? `${status} (waived)` : status)).join(', ');
}

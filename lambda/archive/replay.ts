/** Recomputing verdicts from archived evidence. */

import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../criteria/rule.ts';
import { ArchiveError } from '../results/errors.ts';
import { settingsOf } from '../results/judge-line.ts';
import type { NodeLine } from '../results/node-line.ts';
import { secondsOf, TOOL } from '../results/summary.ts';
import { readTargetKey, targetKeys } from './keys.ts';
import type { Manifest } from './manifest.ts';
import { readNodes } from './nodes.ts';
import { readSummary } from './previous.ts';
import type { Archive } from './store.ts';
import type { Judge, Problem } from './verification.ts';

/**
 * Recomputes each verdict of a scan, adds what differs to the problems, and returns how many were recomputed. Its objects must be what the manifest says.
 */
export async function replayScan(
  archive: Archive,
  manifest: Manifest,
  judge: Judge,
  problems: Problem[],
): Promise<number> {
  const summary = await readSummary(archive, manifest);
  if (manifest.format < 2) throw new ArchiveError(texts.older(summary.tool.version));
  // Once here, lest a mistake in them be told of every node.
  settingsOf(summary.settings);
  const scan = { now: secondsOf(summary.startedAt), settings: summary.settings };
  // What other rules judge otherwise is no tampering.
  const kind = summary.tool.rules === TOOL.rules ? 'replay' : 'rules';
  const kept = new Set(manifest.objects.map(({ key }) => key));
  let verdicts = 0;
  // What a target wrote before it failed counts nowhere.
  const failed = new Set(
    summary.targets.filter(({ error }) => error !== undefined).map((target) => targetKeys(summary, target).findings),
  );
  for (const { key } of manifest.objects) {
    const found = readTargetKey(key);
    if (found?.of !== 'findings' || failed.has(key)) continue;
    const { beside } = found;
    if (!kept.has(beside.evidence)) {
      problems.push({ kind: 'replay', key: beside.evidence, text: 'is not there to recompute from.' });
      continue;
    }
    // Whether all nodes are there, once each, is checked without a replay, too (consistency.ts).
    for await (const { line, evidence } of readNodes(archive, beside, ['evidence'])) {
      if (!line || !evidence) continue;
      const archived = withoutColumns(line);
      verdicts += archived.findings.length;
      const recomputed = judgedAgain(judge, evidence, scan);
      if (recomputed instanceof Error) {
        const text = `${archived.node.id} cannot be recomputed: ${recomputed.message}`;
        problems.push({ kind: 'replay', key, text });
      } else {
        compare(archived, recomputed, { key, kind }, problems);
      }
    }
  }
  return verdicts;
}

const texts = {
  older: (version: string) =>
    `kubevigil ${version} made this scan, whose evidence has another form: replay it with that version`,
};

/** The line as it was judged, without what tells scans apart. */
function withoutColumns({ scanId: _, scheduledAt: __, ...line }: NodeLine): NodeLine {
  return line;
}

/** The line as it would be written, or why there is none: evidence may have another version's form. */
export function judgedAgain(judge: Judge, ...about: Parameters<Judge>): NodeLine | Error {
  try {
    return JSON.parse(JSON.stringify(judge(...about)));
  } catch (error) {
    return error as Error;
  }
}

/** Names each finding of a node whose archived and recomputed verdicts differ, and how. */
function compare(
  archived: NodeLine,
  recomputed: NodeLine,
  at: Pick<Problem, 'key' | 'kind'>,
  problems: Problem[],
): void {
  if (isDeepStrictEqual(archived, recomputed)) return;
  const before = Map.groupBy(archived.findings, ({ rule }) => rule);
  const now = Map.groupBy(recomputed.findings, ({ rule }) => rule);
  let named = false;
  for (const rule of new Set([...before.keys(), ...now.keys()])) {
    const [a, b] = [before.get(rule), now.get(rule)];
    if (isDeepStrictEqual(a, b)) continue;
    named = true;
    problems.push({ ...at, text: `${archived.node.id}, ${rule}: ${difference(a, b)}.` });
  }
  if (!named) {
    const parts = (Object.keys({ ...archived, ...recomputed }) as (keyof NodeLine)[]).filter(
      (part) => !isDeepStrictEqual(archived[part], recomputed[part]),
    );
    problems.push({ ...at, text: `${archived.node.id}: ${parts.join(', ')} recomputed differently.` });
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

/**
 * Keeps one target's part of a scan. Objects follow from each other, so that a step that is repeated after a
 * crash continues where the first try was:
 *
 *     inventory/   the nodes that must be accounted for     the first that was written counts
 *     unselected/  what else must not be silent             the first that was written counts
 *     evidence/    what became of each, a line per node     the first that was written counts
 *     findings/    the verdicts, changes/ what they changed    follow from the evidence alone
 *
 * All are gzip NDJSON in the same bytes for the same lines; memory does not grow with the number of nodes, but for a
 * few bytes of the previous scan each. Tested by test/archive/seal.test.ts and test/archive/target.test.ts.
 */

import type { Readable } from 'node:stream';
import * as v from 'valibot';
import { authoritiesOf } from '../results/authorities.ts';
import { type Baseline, compareWith } from '../results/compare.ts';
import { type EvidenceLine, readAlikeLine } from '../results/evidence-line.ts';
import { linePieces } from '../results/line-pieces.ts';
import { readLines } from '../results/lines.ts';
import type { NodeLine } from '../results/node-line.ts';
import { type Acceptance, outliersOf } from '../results/outliers.ts';
import type { ScanName, StoredObject } from '../results/shapes.ts';
import type { TargetResult } from '../results/summary.ts';
import { count, emptyTally } from '../results/tally.ts';
import { type Lookalikes, type Unselected, UnselectedSchema, unselectedSums } from '../results/unselected.ts';
import type { Target } from '../settings.ts';
import { spool } from './content.ts';
import { answerKeys, targetKeys } from './keys.ts';
import type { Previous } from './manifest.ts';
import { type Again, brokenArchive, readBaseline } from './previous.ts';
import { type Archive, ArchiveConflict, storedObject, type WritableArchive } from './store.ts';

/** Lines that this scan wrote itself: their bytes are bound by the manifest, so only their outline is checked. */
const OwnEvidenceSchema = v.looseObject({ node: v.looseObject({ id: v.string() }) });
const IdOutlineSchema = v.looseObject({ id: v.string() });

/** Writes the nodes that must be accounted for; where an earlier try has written them, those count. */
export async function keepInventory(
  archive: WritableArchive,
  scan: ScanName,
  target: Target,
  nodes: AsyncIterable<object>,
): Promise<{ nodes: number; object: StoredObject }> {
  const { inventory: key } = targetKeys(scan, target);
  const { object, lines } = await keepFirst(archive, key, nodes);
  if (lines !== undefined) return { nodes: lines, object };
  let earlier = 0;
  for await (const _ of readInventory(archive, scan, target)) earlier += 1;
  return { nodes: earlier, object };
}

/** Reads the nodes of `keepInventory` back, but for lines that are not wanted, which are not parsed. */
export async function* readInventory<Node extends { id: string }>(
  archive: Archive,
  scan: ScanName,
  target: Target,
  isWanted: (line: Buffer) => boolean = () => true,
): AsyncGenerator<Node> {
  const { inventory: key } = targetKeys(scan, target);
  const lines: AsyncGenerator<unknown> = readLines(await openLines(archive, key), key, IdOutlineSchema, { isWanted });
  yield* lines as AsyncGenerator<Node>;
}

/** Writes the instances that are not selected and must be told of; where an earlier try has written them, those count. */
export async function keepUnselected(
  archive: WritableArchive,
  scan: ScanName,
  target: Target,
  instances: AsyncIterable<Unselected>,
): Promise<StoredObject> {
  const { object } = await keepFirst(archive, targetKeys(scan, target).unselected, instances);
  return object;
}

/** Adds up the instances of `keepUnselected`. */
export async function readUnselected(archive: Archive, scan: ScanName, target: Target) {
  const { unselected: key } = targetKeys(scan, target);
  const sums = unselectedSums();
  for await (const line of readLines(await openLines(archive, key), key, UnselectedSchema)) sums.add(line);
  return sums;
}

/** Writes what became of each node, a line as such or as its bytes; where an earlier try has written it, that counts. */
export async function keepEvidence(
  archive: WritableArchive,
  scan: ScanName,
  target: Target,
  lines: AsyncIterable<EvidenceLine | Uint8Array>,
): Promise<StoredObject> {
  const { object } = await keepFirst(archive, targetKeys(scan, target).evidence, lines);
  return object;
}

/** The evidence that an earlier execution of this scan has written; listed first, because it is rarely there. */
export async function earlierEvidence(
  archive: Archive,
  scan: ScanName,
  target: Target,
): Promise<StoredObject | undefined> {
  const { evidence } = targetKeys(scan, target);
  for await (const { key } of archive.list(evidence)) if (key === evidence) return storedObject(archive, key);
  return undefined;
}

/** What earlier executions of this scan have read of a target's answers. */
export async function earlierAnswers(archive: Archive, scan: ScanName, target: Target): Promise<StoredObject[]> {
  const { folder, name } = answerKeys(scan, target);
  const objects: StoredObject[] = [];
  for await (const { key } of archive.list(folder)) {
    const object = key.endsWith(`/${name}`) ? await storedObject(archive, key) : undefined;
    if (object) objects.push(object);
  }
  return objects;
}

/** Judges the kept evidence, compares it with the previous scan and writes findings and changes. */
export async function keepTarget(
  archive: WritableArchive,
  scan: ScanName,
  target: Target,
  {
    kept,
    judge,
    previous,
    again,
    acceptance,
  }: {
    kept: StoredObject[];
    judge: (line: EvidenceLine) => NodeLine;
    previous: Previous | null;
    again?: Again;
    /** By which nodes may differ from their group. */
    acceptance: Acceptance;
  },
): Promise<TargetResult> {
  const { baseline, problem } = await tryBaseline(archive, previous, target, again);
  const { left, lookalikes } = await readUnselected(archive, scan, target);
  const comparison = compareWith(scan.scheduledAt, baseline, left, previous === null || problem !== undefined);
  const keys = targetKeys(scan, target);
  const findings = await spool({ gzip: true });
  const changes = await spool({ gzip: true });
  const tally = emptyTally();
  const outliers = outliersOf(acceptance);
  const authorities = authoritiesOf();
  // By which one table can hold the lines of many scans.
  const columns = { scanId: scan.scanId, scheduledAt: scan.scheduledAt };
  const where = { account: target.account, region: target.region };
  const objects = [...kept];
  try {
    const stream = await openLines(archive, keys.evidence);
    for await (const line of readLines(stream, keys.evidence, OwnEvidenceSchema, { quickly: readAlikeLine })) {
      const nodeLine = judge(line as unknown as EvidenceLine);
      count(tally, nodeLine);
      outliers.add(line as unknown as EvidenceLine);
      authorities.add(line as unknown as EvidenceLine);
      await findings.write(linePieces({ ...columns, ...nodeLine }));
      await changes.write(asLine({ ...columns, ...where, ...comparison.compare(nodeLine) }));
    }
    for (const node of comparison.lost()) await changes.write(asLine({ ...columns, ...where, ...node }));
    for (const [key, writer] of [
      [keys.findings, findings],
      [keys.changes, changes],
    ] as const) {
      objects.push(await archive.putOnce(key, await writer.end(), 'application/gzip'));
    }
  } finally {
    for (const writer of [findings, changes]) await writer.discard();
  }
  const { difference } = comparison;
  return {
    target,
    tally,
    difference,
    objects,
    outliers: outliers.result(target),
    authorities: authorities.result(target),
    ...(baseline && { comparedWith: baseline.scanId }),
    ...(lookalikes() && { lookalikes: lookalikes() as Lookalikes }),
    ...(problem !== undefined && { problem }),
  };
}

/** Writes lines once, as gzip NDJSON, and counts them; one that is bytes or a text already stays as it is. Where an earlier try was first, its object counts and `lines` is absent. */
export async function keepFirst(
  archive: WritableArchive,
  key: string,
  values: AsyncIterable<object | string>,
  gzip: true | 'quick' = true,
): Promise<{ object: StoredObject; lines?: number }> {
  const writer = await spool({ gzip });
  let lines = 0;
  try {
    for await (const value of values) {
      await writer.write(value instanceof Uint8Array ? [value, END] : asLine(value));
      lines += 1;
    }
    return { object: await archive.putOnce(key, await writer.end(), 'application/gzip'), lines };
  } catch (error) {
    const earlier = error instanceof ArchiveConflict ? await storedObject(archive, key) : undefined;
    if (!earlier) throw error;
    return { object: earlier };
  } finally {
    await writer.discard();
  }
}

/** A broken earlier scan must not stop this one; the summary tells why there is nothing to compare with. */
async function tryBaseline(
  archive: WritableArchive,
  previous: Previous | null,
  target: Target,
  again: Again | undefined,
): Promise<{ baseline?: Baseline; problem?: string }> {
  try {
    const baseline = await readBaseline(archive, previous, target, again);
    return baseline ? { baseline } : {};
  } catch (error) {
    return { problem: brokenArchive(error) };
  }
}

/** Opens an object that this scan has written. */
export async function openLines(archive: Archive, key: string): Promise<Readable> {
  const stream = await archive.open(key);
  if (!stream)
    throw new Error(`${archive.location}/${key} is not there although its scan has written it: somebody deleted it.`);
  return stream;
}

const END = Buffer.from('\n');

function asLine(value: object | string): string {
  return `${typeof value === 'string' ? value : JSON.stringify(value)}\n`;
}

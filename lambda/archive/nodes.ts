/**
 * Reading the nodes of a scan back: each line of findings with the lines of changes and of evidence that are about the same
 * node. This is the only walk over these files.
 */

import * as v from 'valibot';
import { STATUSES } from '../criteria/rule.ts';
import { type NodeChanges, NodeChangesSchema } from '../results/compare.ts';
import type { Entry } from '../results/entry.ts';
import { ArchiveError } from '../results/errors.ts';
import { type EvidenceLine, EvidenceLineSchema } from '../results/evidence-line.ts';
import { readLines } from '../results/lines.ts';
import { type NodeLine, NodeLineSchema } from '../results/node-line.ts';
import { ascending } from '../results/order.ts';
import { readParts } from '../results/parts.ts';
import type { StoredObject } from '../results/shapes.ts';
import { readTargetKey, type TargetKeys } from './keys.ts';
import type { Archive } from './store.ts';

/**
 * As much of a line of findings as is needed to count by, checked by hand: four times quicker than the quick check of the whole
 * (5 µs instead of 21 for 43 findings), where somebody else verifies the same archive. It takes lines of 0.1.0, too.
 */
export const NodeOutlineSchema = v.custom<NodeLine>(isOutline, 'a line of findings');

function isOutline(value: unknown): boolean {
  const { node, coverage, findings } = (value ?? {}) as Record<string, unknown>;
  if (typeof (node as { id?: unknown } | null | undefined)?.id !== 'string') return false;
  if (coverage !== 'evaluated' && coverage !== 'unreachable') return false;
  return Array.isArray(findings) && findings.every(isFinding);
}

const STATUS_NAMES: ReadonlySet<unknown> = new Set(STATUSES);

function isFinding(value: unknown): boolean {
  const { rule, status, controls } = (value ?? {}) as Record<string, unknown>;
  if (typeof rule !== 'string' || !STATUS_NAMES.has(status) || !Array.isArray(controls)) return false;
  return controls.every((each) => typeof each?.benchmark === 'string' && typeof each?.control === 'string');
}

/** A node, with what was asked for of it and is there; without a line, what stands beside no line. */
export type ArchivedNode =
  | { line: NodeLine; changes?: NodeChanges; evidence?: EvidenceLine }
  | { line?: undefined; changes?: NodeChanges; evidence?: EvidenceLine };

/**
 * Walks one target's findings, and beside them the files named in `beside`, whose lines are in the same order: a line joins
 * the findings of the same id, and what is left over comes last. Throws an ArchiveError where there are no findings, and
 * where a line is not what it should be; a file beside them that is not there has no lines.
 */
export async function* readNodes(
  archive: Archive,
  keys: TargetKeys,
  beside: readonly ('changes' | 'evidence')[],
  shape: v.GenericSchema<unknown, NodeLine> = NodeLineSchema,
): AsyncGenerator<ArchivedNode> {
  const findings = await archive.open(keys.findings);
  if (!findings)
    throw new ArchiveError(
      `${archive.location}/${keys.findings} is not there; run verify to see what else is missing.`,
    );
  const changes = beside.includes('changes')
    ? await follow(archive, keys.changes, NodeChangesSchema, ({ node }) => node)
    : undefined;
  const evidence = beside.includes('evidence')
    ? await follow(archive, keys.evidence, EvidenceLineSchema, ({ node }) => node.id)
    : undefined;
  const options = shape === NodeLineSchema ? { quickly: readParts } : {};
  try {
    for await (const line of readLines(findings, keys.findings, shape, options)) {
      const { id } = line.node;
      const [changed, proof] = [await changes?.take(id), await evidence?.take(id)];
      yield { line, ...(changed && { changes: changed }), ...(proof && { evidence: proof }) };
    }
    for await (const line of changes?.left() ?? []) yield { changes: line };
    for await (const line of evidence?.left() ?? []) yield { evidence: line };
  } finally {
    await changes?.close();
    await evidence?.close();
  }
}

/** How lines of evidence begin. */
const BEGINNING = Buffer.from('{"node":{"id":"');
const QUOTE = 0x22;
/** An id that is spelt as it is; another one has to be parsed. */
const PLAIN = /^[\w-]+$/;

/** The evidence of some of a target's nodes; that of others is not parsed. None where there is no evidence. */
export async function* readEvidenceOf(archive: Archive, { evidence: key }: TargetKeys, ids: ReadonlySet<string>) {
  const stream = await archive.open(key);
  const isWanted = (line: Buffer) => {
    if (line.compare(BEGINNING, 0, BEGINNING.length, 0, Math.min(BEGINNING.length, line.length)) !== 0) return true;
    const id = line.toString('latin1', BEGINNING.length, line.indexOf(QUOTE, BEGINNING.length));
    return ids.has(id) || !PLAIN.test(id);
  };
  if (!stream) return;
  for await (const line of readLines(stream, key, EvidenceLineSchema, { isWanted }))
    if (ids.has(line.node.id)) yield line;
}

/** The changes of a target's nodes that a scan no longer has. */
export async function* readLost(archive: Archive, { changes: key }: TargetKeys): AsyncGenerator<NodeChanges> {
  const stream = await archive.open(key);
  // However it is spelt.
  const isWanted = (line: Buffer) => line.includes('"lost"') || line.includes('\\u');
  if (!stream) return;
  for await (const line of readLines(stream, key, NodeChangesSchema, { isWanted }))
    if (line.coverage === 'lost') yield line;
}

type Schema<T> = Parameters<typeof readLines<T>>[2];

/** Reads a file one line ahead; undefined where it is not there. */
async function follow<T>(archive: Archive, key: string, schema: Schema<T>, idOf: (value: T) => string) {
  const stream = await archive.open(key);
  if (!stream) return undefined;
  const lines = readLines(stream, key, schema);
  let ahead = await lines.next();
  return {
    /** The next line, if it is about this node. */
    async take(id: string): Promise<T | undefined> {
      if (ahead.done || idOf(ahead.value) !== id) return undefined;
      const { value } = ahead;
      ahead = await lines.next();
      return value;
    },
    async *left(): AsyncGenerator<T> {
      for (; !ahead.done; ahead = await lines.next()) yield ahead.value;
    },
    close: () => lines.return(undefined),
  };
}

/**
 * Reads the nodes of a scan from the objects that its manifest lists, target by target in key order, and in the order in
 * which they were kept; lost nodes come last of each target.
 */
export async function* readEntries(archive: Archive, objects: readonly StoredObject[]): AsyncGenerator<Entry> {
  for (const { key } of objects.toSorted((a, b) => ascending(a.key, b.key))) {
    const found = readTargetKey(key);
    if (found?.of !== 'findings') continue;
    const { target, beside } = found;
    if (!target)
      throw new ArchiveError(`${archive.location}/${key} names no account and region; kubevigil did not write it.`);
    for await (const { line, changes } of readNodes(archive, beside, ['changes'])) {
      if (line) yield { line, ...(changes && { changes }) };
      else if (changes?.coverage === 'lost') yield { changes, target };
    }
  }
}

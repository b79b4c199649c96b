/**
 * Reading a scan's nodes back: each line of findings beside what changed on that node.
 * Tested by test/formats/csv.test.ts.
 */
import * as v from 'valibot';
import { targetOf } from '../archive/keys.ts';
import { type Archive, ArchiveError, type StoredObject } from '../archive/store.ts';
import type { Entry } from '../formats/format.ts';
import { NodeChangesSchema } from './compare.ts';
import { readLines } from './lines.ts';
import { type NodeLine, unreachableReasons } from './node-line.ts';

const text = v.exactOptional(v.string());
const source = v.looseObject({ kind: v.string(), where: text });

/** A node line as it is read back. Settings are only for showing, so their values may be anything. */
export const NodeLineSchema = v.strictObject({
  node: v.strictObject({
    id: v.string(),
    account: text,
    region: text,
    cluster: text,
    name: text,
    privateDnsName: text,
  }),
  coverage: v.picklist(['evaluated', 'unreachable']),
  reason: v.exactOptional(v.picklist(unreachableReasons)),
  detail: text,
  notes: v.exactOptional(v.array(v.string())),
  kubelet: v.exactOptional(
    v.strictObject({
      pid: v.number(),
      version: text,
      settings: v.exactOptional(
        v.record(
          v.string(),
          v.looseObject({
            value: v.unknown(),
            source,
            overrode: v.exactOptional(v.array(v.looseObject({ value: v.unknown(), source }))),
          }),
        ),
      ),
    }),
  ),
  findings: v.array(
    v.strictObject({
      rule: v.string(),
      controls: v.array(v.strictObject({ benchmark: v.string(), control: v.string() })),
      status: v.picklist(['pass', 'fail', 'manual', 'not-applicable', 'error']),
      audit: v.exactOptional(v.picklist(['pass', 'fail'])),
      reason: v.string(),
      advisories: v.array(v.strictObject({ id: v.string(), text: v.string() })),
      remediation: text,
      waiver: v.exactOptional(v.strictObject({ reason: v.string(), owner: v.string(), until: v.string() })),
    }),
  ),
}) as unknown as v.GenericSchema<unknown, NodeLine>;

/**
 * Reads the nodes of a scan from the objects that its manifest lists, target by target in key order, and in the order in
 * which they were kept; lost nodes come last of each target. Both files were written together, so they are walked together.
 */
export async function* readEntries(archive: Archive, objects: readonly StoredObject[]): AsyncGenerator<Entry> {
  for (const { key } of objects.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    if (!key.includes('/findings/')) continue;
    const target = targetOf(key);
    if (!target)
      throw new ArchiveError(`${archive.location}/${key} names no account and region; kubevigil did not write it.`);
    const changesKey = key.replace('/findings/', '/changes/');
    const [findings, changed] = [await archive.open(key), await archive.open(changesKey)];
    if (!findings)
      throw new ArchiveError(`${archive.location}/${key} is not there; run verify to see what else is missing.`);
    const changes = changed && readLines(changed, changesKey, NodeChangesSchema);
    try {
      for await (const line of readLines(findings, key, NodeLineSchema)) {
        const beside = await changes?.next();
        const fits = beside && !beside.done && beside.value.node === line.node.id;
        yield fits ? { line, changes: beside.value } : { line };
      }
      for (let left = await changes?.next(); left && !left.done; left = await changes?.next()) {
        if (left.value.coverage === 'lost') yield { changes: left.value, target };
      }
    } finally {
      await changes?.return(undefined);
    }
  }
}

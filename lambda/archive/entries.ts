/**
 * Reading a scan's nodes back: each line of findings beside what changed on that node.
 * Tested by test/formats/csv.test.ts.
 */
import { NodeChangesSchema } from '../results/compare.ts';
import type { Entry } from '../results/entry.ts';
import { ArchiveError } from '../results/errors.ts';
import { readLines } from '../results/lines.ts';
import { NodeLineSchema } from '../results/node-line.ts';
import type { StoredObject } from '../results/shapes.ts';
import { targetOf } from './keys.ts';
import type { Archive } from './store.ts';

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

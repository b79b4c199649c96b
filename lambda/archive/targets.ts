/**
 * `targets.json`: the accounts and regions that a scan had to account for, as it found them when it began. Written once like an
 * inventory, so that whatever the settings or an organization become later, a scan that is repeated or resumed goes on with these,
 * and an auditor sees which they were. Tested by test/archive/targets.test.ts.
 */
import * as v from 'valibot';
import { parseDocument } from '../results/lines.ts';
import type { ScanName, StoredObject } from '../results/shapes.ts';
import { OtherAccountSchema } from '../results/summary.ts';
import { inMemory } from './content.ts';
import { scanKeys } from './keys.ts';
import { type Archive, ArchiveConflict, readBytes, storedObject, type WritableArchive } from './store.ts';

export const TargetsSchema = v.pipe(
  v.strictObject({
    format: v.literal(1),
    /** Who named them: the settings, or the organization's own list of accounts. */
    from: v.picklist(['settings', 'organization']),
    targets: v.array(
      v.strictObject({
        account: v.string(),
        region: v.string(),
        /** Why it could not even be tried. */
        error: v.exactOptional(v.string()),
        /** It stands for all regions of its account, which nobody knows, or for which the scan has no room. */
        allRegions: v.exactOptional(v.literal(true)),
      }),
    ),
    /** Accounts of the organization that are not scanned, and why. */
    others: v.exactOptional(v.array(OtherAccountSchema)),
    /** What is wrong with what was asked for, a sentence each. */
    problems: v.exactOptional(v.array(v.string())),
  }),
  v.title('Targets'),
  v.description('targets.json of a scan: the accounts and regions that it had to account for.'),
);

export type Targets = v.InferOutput<typeof TargetsSchema>;

/** Writes the targets that `find` gives; where an earlier try or execution has written some, those count and nobody is asked. */
export async function keepTargets(
  archive: WritableArchive,
  scan: ScanName,
  find: () => Targets | Promise<Targets>,
): Promise<{ targets: Targets; object: StoredObject }> {
  const earlier = await earlierTargets(archive, scan);
  if (earlier) return earlier;
  const targets = await find();
  const { targets: key } = scanKeys(scan);
  try {
    const object = await archive.putOnce(key, inMemory(`${JSON.stringify(targets, null, 2)}\n`), 'application/json');
    return { targets, object };
  } catch (error) {
    const first = error instanceof ArchiveConflict ? await earlierTargets(archive, scan) : undefined;
    if (!first) throw error;
    return first;
  }
}

async function earlierTargets(archive: Archive, scan: ScanName) {
  const targets = await readTargets(archive, scan);
  const object = targets && (await storedObject(archive, scanKeys(scan).targets));
  return targets && object && { targets, object };
}

/** The targets of a scan; undefined where they are not written yet, lost, or the scan is of format 1. */
export async function readTargets(archive: Archive, scan: ScanName): Promise<Targets | undefined> {
  const { targets: key } = scanKeys(scan);
  const bytes = await readBytes(archive, key);
  return bytes && parseDocument(bytes, key, TargetsSchema);
}

/** The last of some nights, as channels and formats are given it. */
import { scanKeys } from '../../lambda/archive/keys.ts';
import { readEntries } from '../../lambda/archive/nodes.ts';
import { readManifest, readSummary } from '../../lambda/archive/previous.ts';
import type { Entry } from '../../lambda/results/entry.ts';
import type { Summary } from '../../lambda/results/summary.ts';
import { type Answer, keepScan, memoryArchive, nightly } from '../archive/memory.ts';

/** Keeps nights, each with the day of November 2026 on which it is, and reads the last one back. */
export async function lastNight(
  nights: [day: number, answers: Answer[]][],
): Promise<{ summary: Summary; entries: Entry[] }> {
  const archive = memoryArchive();
  for (const [day, answers] of nights) await keepScan(archive, nightly(day), answers);
  const manifest = await readManifest(archive, scanKeys(nightly(nights.at(-1)?.[0] ?? 0)).manifest);
  if (!manifest) throw new Error('no night was kept');
  const entries: Entry[] = [];
  for await (const entry of readEntries(archive, manifest.objects)) entries.push(entry);
  return { summary: await readSummary(archive, manifest), entries };
}

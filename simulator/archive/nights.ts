/**
 * Nights without nodes that run: what nodes told is made up, and kept by the code that keeps every scan. So an archive of a quarter
 * or a year is made in seconds. Tested by test/audit/pack.test.ts.
 */

import { inMemory } from '../../lambda/archive/content.ts';
import { scanKeys } from '../../lambda/archive/keys.ts';
import { proveMethod } from '../../lambda/archive/method.ts';
import { readLink } from '../../lambda/archive/previous.ts';
import { sealScan } from '../../lambda/archive/seal.ts';
import type { Signer } from '../../lambda/archive/sign.ts';
import type { WritableArchive } from '../../lambda/archive/store.ts';
import { keepEvidence, keepInventory, keepTarget, keepUnselected } from '../../lambda/archive/target.ts';
import { keepTargets } from '../../lambda/archive/targets.ts';
import type { Judge } from '../../lambda/archive/verification.ts';
import type { FormatName } from '../../lambda/formats/formats.ts';
import { catalog } from '../../lambda/judging/index.ts';
import type { EvidenceLine } from '../../lambda/results/evidence-line.ts';
import { settingsOf } from '../../lambda/results/judge-line.ts';
import { failedTarget, type Summary, secondsOf, type TargetResult, TOOL } from '../../lambda/results/summary.ts';
import type { Unselected } from '../../lambda/results/unselected.ts';
import { scanIdOf } from '../../lambda/scan/start.ts';
import type { Target } from '../../lambda/settings.ts';

/** What a night found in one account and region; `error` where it could not be scanned at all. */
export type NightOfTarget = {
  target: Target;
  /** Nodes that the inventory lists; others that told something joined after it was made. */
  listed: readonly string[];
  told: Iterable<EvidenceLine>;
  /** What EC2 says of nodes that have left the inventory. */
  left?: readonly Unselected[];
  error?: string;
};

export type Night = {
  /** ISO 8601. */
  scheduledAt: string;
  everySeconds?: number;
  settings: Summary['settings'];
  targets: readonly NightOfTarget[];
  judge: Judge;
  /** What made the scan; by default this version. Of other rules the evidence of the scan before is judged again. */
  tool?: Summary['tool'];
  /** SHA-256 of the document that ran on the nodes. */
  documentHash?: string;
  signer?: Signer;
  formats?: readonly FormatName[];
};

const method = proveMethod();

/** Keeps a night as a scan does that starts five seconds after its time and ends a minute later. */
export async function keepNight(archive: WritableArchive, night: Night): Promise<void> {
  const { scheduledAt, everySeconds, settings, judge, tool = TOOL, signer, documentHash, formats } = night;
  const at = (seconds: number) => new Date(Date.parse(scheduledAt) + seconds * 1000).toISOString();
  const scan = {
    scanId: scanIdOf(scheduledAt),
    scheduledAt,
    startedAt: at(5),
    finishedAt: at(65),
    ...(everySeconds !== undefined && { everySeconds }),
    settings,
    method: { ...method, ...(documentHash !== undefined && { collector: documentHash }) },
    tool,
  };
  const link = await readLink(archive);
  const { startedAt } = scan;
  const claim = { execution: 'simulated', startedAt, ...(everySeconds !== undefined && { everySeconds }), link };
  const text = `${JSON.stringify(claim)}\n`;
  const targets = night.targets.map(({ target: { account, region } }) => ({ account, region }));
  const found = await keepTargets(archive, scan, () => ({ format: 1, from: 'settings', targets }));
  const objects = [await archive.putOnce(scanKeys(scan).claim, inMemory(text), 'application/json'), found.object];
  const results: TargetResult[] = [];
  const asked = { now: secondsOf(startedAt), settings };
  for (const { target, listed, told, left = [], error } of night.targets) {
    if (error !== undefined) {
      results.push(failedTarget(target, error));
      continue;
    }
    const inventory = await keepInventory(archive, scan, target, each(listed.map((id) => ({ id, tags: {} }))));
    const others = await keepUnselected(archive, scan, target, each(left));
    const kept = [inventory.object, others, await keepEvidence(archive, scan, target, each(told))];
    results.push(
      await keepTarget(archive, scan, target, {
        kept,
        judge: (line) => judge(line, asked),
        previous: link.previous,
        again: { rules: tool.rules, judge },
        acceptance: { waivers: settingsOf(settings).waivers ?? [], now: asked.now },
      }),
    );
  }
  await sealScan(archive, scan, results, {
    link,
    objects,
    ...(signer && { signer }),
    ...(documentHash !== undefined && { documentHash }),
    formats: formats ?? [],
    catalog,
  });
}

async function* each<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

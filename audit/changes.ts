/**
 * `changes.csv`: what changed in how scans were made: rules, version, benchmarks, settings, collector, key, schedule, targets.
 * Tested by test/audit/pack.test.ts.
 */

import { canonical } from '../lambda/archive/manifest.ts';
import { csvRow } from '../lambda/formats/csv.ts';
import type { Night } from './period.ts';

/** One thing that is another than in the night before; `before` is empty in the first night of the period. */
export type MethodChange = {
  archive: string;
  scheduledAt: string;
  scan: string;
  what: string;
  before: string;
  after: string;
};

/** How a night was made, by what it is called in the rows. */
function methodOf({ manifest, summary }: Night): Map<string, string> {
  const { waivers = [], ...settings } = summary.settings;
  return new Map([
    ['version', manifest.tool.version],
    ['rules', manifest.tool.rules],
    ['code', manifest.tool.code ?? ''],
    ['rules asked', Object.keys(summary.rules).sort().join(' ')],
    ['benchmarks', summary.benchmarks.join(' ')],
    ['collector', manifest.documentHash ?? ''],
    ['key', manifest.signing?.publicKeySha256 ?? 'not signed'],
    ['schedule', manifest.everySeconds === undefined ? 'by hand' : `every ${manifest.everySeconds} seconds`],
    ['targets', summary.targets.map(({ account, region }) => `${account}/${region}`).join(' ')],
    ['waivers', `${canonical(waivers)}`],
    ['retention', manifest.retention ? `${manifest.retention.days} days, ${manifest.retention.mode}` : ''],
    [
      'known answers',
      manifest.method ? `${manifest.method.agreed} of ${manifest.method.answers} of ${manifest.method.digest}` : '',
    ],
    ...Object.entries(settings).map(([name, value]): [string, string] => [`settings: ${name}`, canonical(value)]),
  ]);
}

/** What changed from night to night, in the order given; the first one states how it began. */
export function changesOf(archive: string, nights: readonly Night[]): MethodChange[] {
  const rows: MethodChange[] = [];
  let before: Map<string, string> | undefined;
  for (const night of nights) {
    const now = methodOf(night);
    // No rule is asked where no node answered, and a scan by hand changes no schedule.
    if (before && night.summary.totals.evaluated === 0)
      for (const name of ['rules asked', 'benchmarks']) now.set(name, before.get(name) ?? '');
    if (before && night.manifest.everySeconds === undefined) now.set('schedule', before.get('schedule') ?? '');
    for (const what of [...new Set([...(before?.keys() ?? []), ...now.keys()])].sort()) {
      const [old = '', value = ''] = [before?.get(what), now.get(what)];
      if (old === value) continue;
      const at = { archive, scheduledAt: night.manifest.scheduledAt, scan: night.manifest.scanId };
      // Waivers have a table of their own; that they changed belongs here.
      rows.push({ ...at, what, ...(what === 'waivers' ? counted(old, value) : { before: old, after: value }) });
    }
    before = now;
  }
  return rows;
}

function counted(before: string, after: string) {
  const number = (text: string) => (text === '' ? '' : `${(JSON.parse(text) as unknown[]).length}, see waivers.csv`);
  return { before: number(before), after: number(after) };
}

export function* changeRows(rows: readonly MethodChange[]): Generator<string> {
  yield csvRow(['archive', 'scheduled_at', 'scan', 'what', 'before', 'after']);
  for (const { archive, scheduledAt, scan, what, before, after } of rows)
    yield csvRow([archive, scheduledAt, scan, what, before, after]);
}

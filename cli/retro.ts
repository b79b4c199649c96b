/** `kubevigil retro`: what today's rules say of kept evidence. Tested by test/audit/retro.test.ts. */

import { nodesOf } from '../audit/order.ts';
import { namedSources, readPeriod } from '../audit/period.ts';
import { type Exposure, exposureRows, retro } from '../audit/retro.ts';
import { count } from '../lambda/alerts/text.ts';
import type { Judge } from '../lambda/archive/verification.ts';
import { printable } from '../lambda/formats/text.ts';
import { openArchive } from './archive.ts';
import { run } from './command.ts';
import { readBenchmarks, readRule } from './options.ts';
import { readRange } from './period.ts';
import { InputError } from './problems.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';

const help = `Judges the kept evidence of a period by the rules of this version: which nodes were exposed, from when to when,
although no finding told of it then. Prints CSV.

Usage: ${PROGRAM} retro DIR | s3://bucket[/prefix] ... [options]

  --from DATE        only nights on or after this day (2026-07-01, UTC)
  --to DATE          only nights on or before this day
  --rule NAME        only this rule or control (may be repeated)
  --benchmark NAME   judge by this benchmark instead of those that the scans named (may be repeated)
  --all              also what findings told of on each night
  --json             print a line of JSON for each instead
  -h, --help         print this help

Each night is judged as of its own time, with its own settings but without waivers. The archive is not verified while it
is read; "verify" does that. Exit codes: 0 judged, 1 nodes were exposed, 2 could not judge.
`;

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  rule: { type: 'string', multiple: true },
  benchmark: { type: 'string', multiple: true },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** Runs the command. `judge` judges archived evidence again. */
export async function retroCommand(args: string[], judge: Judge, to: Terminal = terminal): Promise<number> {
  return run('retro', { args, help, allowPositionals: true, options }, to, async ({ values, positionals }) => {
    if (positionals.length === 0) throw new InputError('expected at least one archive; see --help');
    const range = readRange(values.from, values.to);
    const rules = values.rule?.map((name) => readRule('--rule', name));
    const benchmarks = values.benchmark && readBenchmarks(values.benchmark);
    const exposures: Exposure[] = [];
    let [nights, read, unread] = [0, 0, 0];
    for (const source of await namedSources(await Promise.all(positionals.map(openArchive)))) {
      const found = await retro(await readPeriod(source, range), {
        ...{ judge, all: values.all },
        ...(rules && { rules }),
        ...(benchmarks && { benchmarks }),
        onNight: ({ manifest }) => {
          nights += 1;
          if (to.isInteractive) to.err(`\r\u001b[Kjudging ${printable(manifest.scanId)}`);
        },
        onUnread: () => {
          unread += 1;
        },
        onRead: () => {
          read += 1;
        },
      });
      exposures.push(...found);
    }
    if (to.isInteractive) to.err('\r\u001b[K');
    if (nights === 0) throw new InputError('there is no scan in this range');
    if (values.json) for (const exposure of exposures) to.out(`${JSON.stringify(exposure)}\n`);
    else for (const row of exposureRows(exposures)) to.out(row);
    to.err(
      `${count(exposures.length, 'exposure')} of ${count(nodesOf(exposures).length, 'node')} in ${count(nights, 'night')}.\n`,
    );
    if (unread > 0) to.err(`${count(unread, 'answer')} could not be judged: this version does not read their form.\n`);
    if (exposures.length > 0) return 1;
    return read === 0 && unread > 0 ? 2 : 0;
  });
}

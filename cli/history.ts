/** `kubevigil history`: the life of one node. Tested by test/audit/history.test.ts. */

import { historyOf } from '../audit/history.ts';
import { namedSources, readPeriod } from '../audit/period.ts';
import { printable } from '../lambda/formats/text.ts';
import { openArchive } from './archive.ts';
import { run } from './command.ts';
import { readRange } from './period.ts';
import { InputError } from './problems.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';

const help = `Tells the life of a node: when it was first seen, answered, was silent or gone, which kubelet it ran, and each
finding that opened or closed on it.

Usage: ${PROGRAM} history NODE DIR | s3://bucket[/prefix] ... [options]

  NODE         its instance id
  --from DATE  only nights on or after this day (2026-07-01, UTC)
  --to DATE    only nights on or before this day
  --json       print a line of JSON for each
  -h, --help   print this help

The archive is not verified while it is read; "verify" does that.
Exit codes: 0 told, 2 no night has this node, or the archive could not be read.
`;

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export async function historyCommand(args: string[], to: Terminal = terminal): Promise<number> {
  return run('history', { args, help, allowPositionals: true, options }, to, async ({ values, positionals }) => {
    const [node, ...places] = positionals;
    if (node === undefined || places.length === 0)
      throw new InputError('expected a node and at least one archive; see --help');
    const range = readRange(values.from, values.to);
    let found = 0;
    for (const source of await namedSources(await Promise.all(places.map(openArchive)))) {
      for await (const happening of historyOf(await readPeriod(source, range), node)) {
        found += 1;
        const { scheduledAt, what, text } = happening;
        const line = `${scheduledAt.slice(0, 16).replace('T', ' ')}  ${what.padEnd(12)}  ${text}`;
        to.out(values.json ? `${JSON.stringify(happening)}\n` : `${printable(line)}\n`);
      }
    }
    const hint = /^m?i-/.test(node) ? '' : ': it is asked for by its instance id, such as i-0abc…';
    if (found === 0) throw new InputError(`no night has a node ${node}${hint}`);
    return 0;
  });
}

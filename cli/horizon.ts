/** `kubevigil horizon`: when certificates and support end in the fleet of an archived scan, and who renews what. */
import { count } from '../lambda/alerts/text.ts';
import { readEntries } from '../lambda/archive/nodes.ts';
import { calendar } from '../lambda/formats/ics.ts';
import { printable } from '../lambda/formats/text.ts';
import { endingText, type HorizonEvent, horizonOf, placeOf } from '../lambda/results/horizon.ts';
import { openScan, readPlace } from './archive.ts';
import { tellAuthorities } from './authorities.ts';
import { run } from './command.ts';
import { InputError } from './problems.ts';
import { successorOfCluster, successorOfFile, tellSuccessor } from './successor.ts';
import { colour } from './table.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

const help = `Tells the days on which client and serving certificates, authorities and the support of versions
end, for how many nodes, and by which cause: what the kubelets renew themselves, and what nothing renews.

Usage: ${PROGRAM} horizon ARCHIVE [options]

  ARCHIVE      the newest scan of a directory or s3://bucket[/prefix], or a scan's folder
  --scan ID    which scan (default: the newest one)
  --days N     ends up to so many days after the scan (default: 365)
  --json       print the events as JSON
  --ics        print them as an iCalendar file

       ${PROGRAM} horizon ARCHIVE --authorities [--json]

  --authorities     which nodes trust which certificate authority, and whose bundle was changed
                    after the kubelet had read it

       ${PROGRAM} horizon ARCHIVE --successor FILE | --cluster NAME [--on DAY] [--json]

  --successor FILE  which nodes would drop out on the day of a new certificate authority, by what
                    their kubelets trust. FILE is PEM, with the present authority and what is
                    signed across beside the successor (- reads it from a pipe)
  --cluster NAME    the same of what EKS has for this cluster (eks:DescribeCluster); once a
                    successor was made, that is both. Takes --region
  --on DAY          that day (default: the scan's, or the first on which the successor is valid)
  -h, --help        print this help

Exit codes: 0 no certificate ends within these days that nothing renews, 1 some do, 2 it could
not run. With --authorities: 1 such a bundle was changed. With --successor or --cluster: 0 all
nodes stay, 1 some would drop out, must restart first, or are not known.
`;

const WIDTH = 120;
const DAY_MS = 86_400_000;

const options = {
  scan: { type: 'string' },
  days: { type: 'string', default: '365' },
  json: { type: 'boolean', default: false },
  ics: { type: 'boolean', default: false },
  authorities: { type: 'boolean', default: false },
  successor: { type: 'string' },
  cluster: { type: 'string' },
  region: { type: 'string' },
  on: { type: 'string' },
} as const;

/** Runs the command. */
export async function horizonCommand(args: string[], to: Terminal = terminal): Promise<number> {
  return run('horizon', { args, help, allowPositionals: true, options }, to, async ({ values, positionals }) => {
    if (!/^\d{1,5}$/.test(values.days)) throw new InputError(`--days expects a number of days, got ${values.days}`);
    if (values.json && values.ics) throw new InputError('--json and --ics are two forms: name one');
    const { successor: file, cluster, region, on, json } = values;
    if (file !== undefined && cluster !== undefined) throw new InputError('--successor and --cluster: name one');
    const asked = file ?? cluster;
    if (values.authorities && (values.ics || on !== undefined || asked !== undefined))
      throw new InputError('--authorities goes with none of --ics, --on, --successor and --cluster');
    if (values.ics && asked !== undefined) throw new InputError('--ics goes with neither --successor nor --cluster');
    if (on !== undefined && asked === undefined) throw new InputError('--on goes with --successor or --cluster');
    if (region !== undefined && cluster === undefined) throw new InputError('--region goes with --cluster');
    const scan = await openScan(readPlace(positionals), values.scan);
    if (values.authorities) return tellAuthorities(scan, json, to);
    if (asked !== undefined) {
      const successor = cluster === undefined ? successorOfFile(asked) : await successorOfCluster(cluster, region);
      return tellSuccessor(scan, { successor, on, json }, to);
    }
    const { archive, manifest, summary } = scan;
    const horizon = horizonOf();
    for await (const { line } of readEntries(archive, manifest.objects)) if (line) horizon.add(line);
    const { events, left } = horizon.result();
    const last = new Date(Date.parse(summary.startedAt) + Number(values.days) * DAY_MS).toISOString().slice(0, 10);
    const soon = events.filter(({ on }) => on <= last);
    if (values.ics) for (const text of calendar(soon, summary)) to.out(text);
    else if (values.json)
      to.out(`${JSON.stringify({ scan: summary.scanId, until: last, events: soon, left }, null, 2)}\n`);
    else to.out(page(soon, summary.startedAt.slice(0, 10), last, left));
    return soon.some(({ renews }) => renews === false) ? 1 : 0;
  });
}

function page(events: readonly HorizonEvent[], today: string, last: string, left: number): string {
  const ends = events.filter(({ renews }) => renews !== true);
  const renewed = events.filter(({ renews }) => renews === true);
  const room = Math.max(40, (process.stdout.columns ?? WIDTH) - 14);
  const block = (event: HorizonEvent, head: string): string[] => {
    const { nodes, why, what, renews } = event;
    const cause = why === undefined || what === 'support' ? '' : `: ${why}`;
    const text = printable(`${count(nodes, 'node')} of ${placeOf(event)}: ${endingText(event)}${cause}`);
    const style = renews === false ? 'red' : 'dim';
    return wrap(text, room).map((line, at) => (at === 0 ? colour(style, head.padEnd(14)) : ' '.repeat(14)) + line);
  };
  const told = [
    `Ends up to ${last}: ${count(ends.length, 'event')}.`,
    ...ends.flatMap((event) => block(event, `${event.on}${event.on < today ? ' !' : ''}`)),
    ...(renewed.length > 0 ? ['', 'Renewed by the kubelets before:'] : []),
    ...renewed.flatMap((event) => block(event, event.on)),
    ...(left > 0 ? [`${count(left, 'end')} more had no room.`] : []),
  ];
  return `${told.join('\n')}\n`;
}

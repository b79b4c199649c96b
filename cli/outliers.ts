/** `kubevigil outliers`: which nodes of an archived scan differ from the others of their group. */
import { count } from '../lambda/alerts/text.ts';
import { targetKeys } from '../lambda/archive/keys.ts';
import { readNodes } from '../lambda/archive/nodes.ts';
import { printable } from '../lambda/formats/text.ts';
import { settingsOf } from '../lambda/results/judge-line.ts';
import { outlierText } from '../lambda/results/outlier-words.ts';
import { idOf, type Outlier, outliersOf } from '../lambda/results/outliers.ts';
import { secondsOf } from '../lambda/results/summary.ts';
import { groupOf } from '../lambda/results/traits.ts';
import { openScan, readPlace } from './archive.ts';
import { run } from './command.ts';
import { didYouMean } from './nearest.ts';
import { InputError } from './problems.ts';
import { colour } from './table.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

const help = `Tells which nodes differ from the others of their group (EKS node group, Karpenter node pool, Auto
Scaling group, launch template, image): in an effective setting, an argument, a file's mode, the
version of kubelet or runtime, or the authorities that they trust; what put it there, and since when.

Usage: ${PROGRAM} outliers ARCHIVE [options]

  ARCHIVE      the newest scan of a directory or s3://bucket[/prefix], or a scan's folder
  --scan ID    which scan (default: the newest one)
  --group NAME only those of this group
  --json       print them as JSON
  -h, --help   print this help

Exit codes: 0 no node differs but by a rolling update or a waiver, 1 some do, 2 it could not run.
`;

/** More than anybody reads. */
const MOST = { items: 1_000, bytes: Number.POSITIVE_INFINITY };
const WIDTH = 120;

const HEADS: Record<Outlier['kind'], string> = {
  outlier: 'DIFFERS',
  split: 'SPLIT',
  pair: 'PAIR',
  rollout: 'ROLLOUT',
};

const options = {
  scan: { type: 'string' },
  group: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** Runs the command. */
export async function outliersCommand(args: string[], to: Terminal = terminal): Promise<number> {
  return run('outliers', { args, help, allowPositionals: true, options }, to, async ({ values, positionals }) => {
    const { items, groups } = await readOutliers(readPlace(positionals), values.scan);
    const { group: only } = values;
    if (only !== undefined && !groups.has(only))
      throw new InputError(`no node that answered is of a group ${only}${didYouMean(only, [...groups])}`);
    const chosen = items.filter(({ group }) => only === undefined || group === only);
    to.out(values.json ? `${JSON.stringify(chosen, null, 2)}\n` : page(chosen));
    return chosen.some(isOpen) ? 1 : 0;
  });
}

function isOpen({ kind, accepted }: Outlier): boolean {
  return kind !== 'rollout' && accepted === undefined;
}

/** All of a scan, and the names of its groups; since when, its summary has of those that it kept. */
async function readOutliers(
  place: string,
  scan: string | undefined,
): Promise<{ items: Outlier[]; groups: ReadonlySet<string> }> {
  const { archive, summary } = await openScan(place, scan);
  const acceptance = { waivers: settingsOf(summary.settings).waivers ?? [], now: secondsOf(summary.startedAt) };
  const known = new Map(summary.outliers?.items.map((each) => [idOf(each), each.since]));
  const items: Outlier[] = [];
  const groups = new Set<string>();
  for (const { account, region, error } of summary.targets) {
    if (error !== undefined) continue;
    const target = { account, region };
    const outliers = outliersOf(acceptance, MOST);
    for await (const { evidence } of readNodes(archive, targetKeys(summary, target), ['evidence'])) {
      if (!evidence) continue;
      outliers.add(evidence);
      const group = 'evidence' in evidence ? groupOf(evidence.node, evidence.tags)?.name : undefined;
      if (group !== undefined) groups.add(group);
    }
    items.push(...outliers.result(target).items);
  }
  const dated = items.map((each) => {
    const since = known.get(idOf(each));
    return { ...each, ...(since !== undefined && { since }) };
  });
  return { items: dated, groups };
}

function page(items: readonly Outlier[]): string {
  if (items.length === 0) return 'No node differs from the others of its group.\n';
  const open = items.filter(isOpen).length;
  const blocks = items.map((each) => {
    const head = each.accepted ? 'ACCEPTED' : HEADS[each.kind];
    const style = isOpen(each) ? 'red' : 'dim';
    const where = each.cluster === undefined ? '' : ` (cluster ${each.cluster})`;
    const rest = each.nodes - each.examples.length;
    const who = `${each.examples.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}${where}`;
    const lines = [`${outlierText(each)}.`, who].flatMap((text) => wrap(printable(text), columns() - 10));
    return lines.map((line, index) => `${index === 0 ? colour(style, head.padEnd(10)) : ' '.repeat(10)}${line}`);
  });
  return `${count(open, 'outlier')}, ${items.length - open} by a rolling update or accepted.\n\n${blocks.map((lines) => lines.join('\n')).join('\n')}\n`;
}

function columns(): number {
  return Math.max(50, process.stdout.columns ?? WIDTH);
}

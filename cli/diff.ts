/** `kubevigil diff`: what changed between two archived scans. Tested by test/cli/reports.test.ts. */

import { targetKeys } from '../lambda/archive/keys.ts';
import { readNodes } from '../lambda/archive/nodes.ts';
import { baselineOf } from '../lambda/archive/previous.ts';
import { printable } from '../lambda/formats/text.ts';
import {
  type Change,
  type ChangeCounts,
  compareWith,
  type Difference,
  findingId,
  sumDifferences,
} from '../lambda/results/compare.ts';
import type { NodeIdentity, NodeLine } from '../lambda/results/node-line.ts';
import { changed } from '../lambda/results/summary.ts';
import type { Target } from '../lambda/settings.ts';
import { type ArchivedScan, openScan } from './archive.ts';
import { run } from './command.ts';
import { InputError } from './problems.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';

const help = `Tells what changed from scan A to scan B: new, fixed and accepted findings, nodes that came or went.

Usage: ${PROGRAM} diff A B [options]

  A and B   archives, of which the newest scan is taken (DIR or s3://bucket[/prefix]),
            or folders of scans in them (out/reports/scans/2026/11/23/ID)

  --json      print every change as a line of JSON, then the counts
  -h, --help  print this help

Exit codes: 0 nothing is new, 1 there are new findings, 2 could not compare.
`;

/** A change, with what the newer scan says of it, or of a lost node the older one. */
type Told = Change & { finding: string; node: string; name?: string; cluster?: string; reason?: string };

const options = {
  json: { type: 'boolean', default: false },
} as const;

export async function diffCommand(args: string[], to: Terminal = terminal): Promise<number> {
  return run('diff', { args, help, allowPositionals: true, options }, to, async ({ values, positionals }) => {
    const [first, second, ...others] = positionals;
    if (first === undefined || second === undefined || others.length > 0) {
      throw new InputError(`expected two scans, A and B, got ${positionals.length}; see --help`);
    }
    const [a, b] = [await openScan(first), await openScan(second)];
    const parts: Difference[] = [];
    for (const { account, region } of b.summary.targets) {
      parts.push(
        await compareTarget(a, b, { account, region }, (change) => {
          to.out(values.json ? `${JSON.stringify(change)}\n` : `${sentence(change)}\n`);
        }),
      );
    }
    const total = sumDifferences(parts);
    const ruleSet = changed(Object.keys(a.summary.rules), Object.keys(b.summary.rules));
    if (values.json) to.out(`${JSON.stringify({ findings: total.findings, nodes: total.nodes, ruleSet })}\n`);
    else to.out(`${ending(a, b, total, ruleSet)}\n`);
    return total.findings.new > 0 ? 1 : 0;
  });
}

async function compareTarget(
  a: ArchivedScan,
  b: ArchivedScan,
  target: Target,
  report: (change: Told) => void,
): Promise<Difference> {
  const comparison = compareWith(
    b.summary.scheduledAt,
    await baselineOf(a.archive, a.manifest, target),
    new Map(),
    false,
  );
  // A target that could not be scanned has no findings; all its nodes would seem to be gone.
  if (!hasFindings(b, target)) return comparison.difference;
  for await (const { line } of readNodes(b.archive, targetKeys(b.summary, target), [])) {
    if (line) for (const change of comparison.compare(line).changes) report(described(change, line));
  }
  const lost = [...comparison.lost()];
  const known = await identities(a, target, new Set(lost.map(({ node }) => node)));
  for (const { node: id, changes } of lost) {
    const node = known.get(id) ?? { id, ...target };
    for (const change of changes) report({ ...named(change, node), reason: 'The node is gone.' });
  }
  return comparison.difference;
}

/** What a scan knew of these nodes: the inventory of a later one has them no longer. */
async function identities(scan: ArchivedScan, target: Target, ids: ReadonlySet<string>) {
  const known = new Map<string, NodeIdentity>();
  if (ids.size === 0 || !hasFindings(scan, target)) return known;
  for await (const { line } of readNodes(scan.archive, targetKeys(scan.summary, target), [])) {
    if (line && ids.has(line.node.id)) known.set(line.node.id, line.node);
  }
  return known;
}

function hasFindings({ manifest, summary }: ArchivedScan, target: Target): boolean {
  const { findings } = targetKeys(summary, target);
  return manifest.objects.some(({ key }) => key === findings);
}

function described(change: Change, line: NodeLine): Told {
  const finding = line.findings.find(({ rule }) => rule === change.rule);
  return {
    ...named(change, line.node),
    ...(finding && { reason: finding.reason }),
    ...(!finding && { reason: line.detail ?? 'The rule is no longer asked of this node.' }),
  };
}

function named(change: Change, node: NodeIdentity): Told {
  return {
    ...change,
    finding: findingId(node, change.rule),
    node: node.id,
    ...(node.name !== undefined && { name: node.name }),
    ...(node.cluster !== undefined && { cluster: node.cluster }),
  };
}

function sentence({ change, node, name, cluster, rule, since, cause, reason }: Told): string {
  const who = [node, name, cluster].filter((part) => part !== undefined && part !== '').join(' ');
  const when = change === 'new' ? (cause ? ` (${cause})` : '') : ` (open since ${since.slice(0, 10)})`;
  return printable(`${change.toUpperCase().padEnd(11)} ${who}  ${rule}${when}: ${reason ?? ''}`);
}

function ending(a: ArchivedScan, b: ArchivedScan, total: Difference, ruleSet: { added: string[]; removed: string[] }) {
  const lines: string[] = [];
  const known = new Set(b.summary.targets.map(({ account, region }) => `${account} ${region}`));
  for (const { account, region } of a.summary.targets) {
    if (!known.has(`${account} ${region}`)) lines.push(`Note: only the older scan has ${account} ${region}.`);
  }
  for (const [which, { summary }] of [
    ['older', a],
    ['newer', b],
  ] as const) {
    for (const { account, region, error } of summary.targets) {
      if (error !== undefined) lines.push(`Note: the ${which} scan could not scan ${account} ${region}: ${error}`);
    }
  }
  if (ruleSet.added.length > 0) lines.push(`Note: rules added: ${ruleSet.added.join(', ')}.`);
  if (ruleSet.removed.length > 0) lines.push(`Note: rules removed: ${ruleSet.removed.join(', ')}.`);
  const { nodes, findings } = total;
  lines.push(
    `From ${a.summary.scanId} (${a.summary.scheduledAt}) to ${b.summary.scanId} (${b.summary.scheduledAt}): ` +
      `${counted(findings)}; nodes: ${nodes.new} new, ${nodes.lost} gone, ${nodes.silenced} no longer answering.`,
  );
  return lines.map(printable).join('\n');
}

function counted(findings: ChangeCounts): string {
  const names = { still: 'still open' } as Record<string, string>;
  return Object.entries(findings)
    .filter(([kind, number]) => number > 0 || kind === 'new' || kind === 'fixed' || kind === 'still')
    .map(([kind, number]) => `${number} ${names[kind] ?? kind}`)
    .join(', ');
}

/** What the page adds up while nodes pass by. Tested by test/formats/html.test.ts. */
import type { NodeChanges } from '../../results/compare.ts';
import type { Entry } from '../../results/entry.ts';
import type { NodeLine } from '../../results/node-line.ts';
import { isOpen } from '../../results/tally.ts';

/** Nodes that need attention and lost ones that the page lists for readers without scripts. */
const STATIC_NODES = 100;

export type Sums = {
  clusters: Map<string, { nodes: number; evaluated: number; openNodes: number; open: number }>;
  openNodes: number;
  /** The first nodes that need attention, and how many there are. */
  urgent: NodeLine[];
  urgentCount: number;
  lost: string[];
  /** Clean nodes that the page leaves out. */
  omitted: number;
};

/** Sums of nothing. */
export function emptySums(): Sums {
  return { clusters: new Map(), openNodes: 0, urgent: [], urgentCount: 0, lost: [], omitted: 0 };
}

/** Adds one node; `keep` gets each that the scan has, and whether there is nothing to tell of it. */
export function addEntry(
  sums: Sums,
  { line, changes }: Entry,
  keep: (line: NodeLine, changes: NodeChanges | undefined, isClean: boolean) => void,
): void {
  if (!line) {
    if (sums.lost.length < STATIC_NODES) sums.lost.push(changes.node);
    return;
  }
  const open = line.findings.filter(isOpen);
  const name = line.node.cluster ?? '';
  const cluster = sums.clusters.get(name) ?? { nodes: 0, evaluated: 0, openNodes: 0, open: 0 };
  sums.clusters.set(name, cluster);
  cluster.nodes += 1;
  if (line.coverage === 'evaluated') cluster.evaluated += 1;
  cluster.open += open.length;
  if (open.length > 0) {
    cluster.openNodes += 1;
    sums.openNodes += 1;
  }
  const isUrgent = open.length > 0 || line.coverage === 'unreachable' || line.findings.some(isUnclear);
  if (isUrgent) {
    sums.urgentCount += 1;
    if (sums.urgent.length < STATIC_NODES) sums.urgent.push(line);
  }
  keep(line, changes, !isUrgent && line.findings.every(({ waiver }) => !waiver));
}

function isUnclear({ status }: NodeLine['findings'][number]): boolean {
  return status === 'error' || status === 'manual';
}

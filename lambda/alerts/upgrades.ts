/**
 * Which nodes the next version of their kubelet would stop, by what it refuses: values such as an image's name may differ
 * from node to node, and are one cause. Tested by test/alerts/message.test.ts.
 */
import { stopIn } from '../criteria/rehearsal-words.ts';
import type { Failure } from './alert.ts';
import { firstClause } from './clause.ts';

/** A failure; of one that a version would stop, what is said of it: `would not start on 1.35: --x (kubeadm-flags.env)`. */
export type Told = Failure & { stops?: string };

const EXAMPLES = 3;

/** The groups, those that one cause stops as one of them, in the place of the first. */
export function byStop(groups: readonly Failure[]): Told[] {
  const all = new Map<string, Told>();
  for (const [index, group] of groups.entries()) {
    const stops = stopOf(group);
    const key = stops === undefined ? String(index) : JSON.stringify([group.cluster, group.cause, stops]);
    const known = all.get(key);
    all.set(key, known ? merged(known, group) : { ...group, ...(stops !== undefined && { stops }) });
  }
  return [...all.values()];
}

function stopOf({ reason }: Failure): string | undefined {
  const stop = stopIn(reason);
  if (stop === undefined) return undefined;
  const { version, words, places } = stop;
  const [, named] = /unknown flag: (--[\w-]+)/.exec(words) ?? /feature gate:? "?(\w+)/.exec(words) ?? ([] as string[]);
  const paths = places.matchAll(/(?:written in|line \d+ of) (\/\S*?)(?=[\s;,)]|$)/g);
  const files = [...new Set([...paths].map(([, path = '']) => path.split('/').at(-1)))];
  const where = files.length === 0 ? '' : ` (${files.slice(0, 2).join(', ')})`;
  return `would not start on ${version}: ${named ?? firstClause(words)}${where}`;
}

/** What to do is told where it is the same on all of them; else the report has it. */
function merged(known: Told, { nodes, examples, remediation: own, since }: Failure): Told {
  const { remediation, ...rest } = known;
  const isSame = JSON.stringify(remediation) === JSON.stringify(own);
  return {
    ...rest,
    ...(isSame && remediation !== undefined && { remediation }),
    nodes: known.nodes + nodes,
    examples: [...known.examples, ...examples].slice(0, EXAMPLES),
    ...(since !== undefined && (known.since === undefined || since < known.since) && { since }),
  };
}

/**
 * One line of `unselected/<account>-<region>.ndjson.gz`: an instance that the tags do not select and that a scan must not be
 * silent about. It was a node of the scan before and has left the inventory, or it looks like a node of Kubernetes.
 * Tested by test/nodes/unselected.test.ts.
 */
import * as v from 'valibot';
import { whole } from './shapes.ts';

/** What EC2 says of an instance; one that it has forgotten, or is shutting down, is terminated. */
export const INSTANCE_STATES = ['pending', 'running', 'stopping', 'stopped', 'terminated'] as const;

const text = v.exactOptional(v.string());

export const UnselectedSchema = v.strictObject({
  id: v.string(),
  cluster: text,
  name: text,
  state: v.picklist(INSTANCE_STATES),
  /** Why it looks like a node, as part of a sentence; absent where it was one. */
  evidence: text,
});

export type Unselected = v.InferOutput<typeof UnselectedSchema>;

/** Instances that look like nodes: how many, and by cluster and evidence the first of them. */
export const LookalikesSchema = v.strictObject({
  nodes: whole,
  groups: v.array(v.strictObject({ cluster: text, evidence: v.string(), nodes: whole, examples: v.array(v.string()) })),
});

export type Lookalikes = v.InferOutput<typeof LookalikesSchema>;

/** Groups that are told apart, and instances that each names: a checkpoint and a summary must stay small. */
const MOST_GROUPS = 10;
const EXAMPLES = 3;

/** Counts lines as they pass, and remembers what became of the nodes that have left. */
export function unselectedSums() {
  const left = new Map<string, Unselected['state']>();
  const groups = new Map<string, Lookalikes['groups'][number]>();
  let nodes = 0;
  return {
    /** What EC2 said of each node that has left, by id. */
    left,
    add({ id, cluster, state, evidence }: Unselected): void {
      if (evidence === undefined) {
        left.set(id, state);
        return;
      }
      nodes += 1;
      const key = JSON.stringify([cluster, evidence]);
      const known = groups.get(key);
      const group = known ?? { ...(cluster !== undefined && { cluster }), evidence, nodes: 0, examples: [] };
      if (!known && groups.size < MOST_GROUPS) groups.set(key, group);
      group.nodes += 1;
      if (group.examples.length < EXAMPLES) group.examples.push(id);
    },
    /** Nothing where there is none. */
    lookalikes(): Lookalikes | undefined {
      return nodes > 0 ? { nodes, groups: [...groups.values()].sort((a, b) => b.nodes - a.nodes) } : undefined;
    },
  };
}

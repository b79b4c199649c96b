/**
 * Instances that the tags do not select and that a scan must not be silent about: nodes of the scan before that have left the
 * inventory, with what EC2 says of each now, and what looks like a node. Tested by test/nodes/unselected.test.ts.
 */
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { isHybrid } from '../platforms/signs.ts';
import { INSTANCE_STATES, type Unselected } from '../results/unselected.ts';
import type { Tags } from '../settings.ts';
import { registered } from './hybrid.ts';
import { type InventoryNode, instancesNow } from './inventory.ts';
import { lookalikes, type Selected } from './lookalikes.ts';

/** Yields them; `left` are the ids that the inventory has no longer. */
export async function* unselected(
  { ec2, ssm }: { ec2: EC2Client; ssm: SSMClient },
  tags: Tags,
  selected: Selected,
  left: readonly string[],
): AsyncGenerator<Unselected> {
  const instances = left.filter((id) => !isHybrid(id));
  const now = instances.length > 0 ? await instancesNow(ec2, instances) : new Map<string, InventoryNode>();
  const managed = await registered(ssm, left);
  // A hybrid node that is registered still runs as far as anybody knows; it is only not selected any more.
  for (const id of left) yield lineOf(now.get(id) ?? (managed.has(id) ? { id } : { id, state: 'terminated' }));
  const known = new Set(left);
  for await (const { node, evidence } of lookalikes(ec2, tags, selected)) {
    if (!known.has(node.id)) yield { ...lineOf(node), evidence };
  }
}

function lineOf({ id, cluster, name, state = 'running' }: Omit<InventoryNode, 'tags'>): Unselected {
  return {
    id,
    ...(cluster !== undefined && { cluster }),
    ...(name !== undefined && { name }),
    state: INSTANCE_STATES.find((each) => each === state) ?? 'terminated',
  };
}

/**
 * Whether targets, or the nodes of one, became suspiciously few: a tag that changed takes away nodes, and no finding tells of it. Instances
 * that EC2 says were terminated are missed by nobody, unless all are: clusters scale by themselves.
 */

/** Whoever closes or suspends an account knows that nobody scans it any more. */
const ENDED: ReadonlySet<string | undefined> = new Set(['closed', 'suspended', 'pending-closure']);

/** Targets that the scan before had and this one has not, although nobody ended their account: another place has their nodes, or nobody. */
export function vanished<Left extends { why?: string }>(left: readonly Left[] = []): Left[] {
  return left.filter(({ why }) => !ENDED.has(why));
}

/** So few nodes come and go wherever clusters scale by themselves. */
const FEW = 5;

/** A target as the summary has it. */
type Population = { counts: { nodes: number }; previousNodes?: number; terminated?: number; error?: string };

/** Whether more than `percent` of a target's nodes, and more than a few, have left it since the scan before, or all of them. */
export function fellSharply(
  { counts: { nodes }, previousNodes = 0, terminated = 0, error }: Population,
  percent: number,
): boolean {
  if (error !== undefined) return false;
  if (nodes === 0) return previousNodes > 0;
  const missing = previousNodes - terminated - nodes;
  return missing >= FEW && missing * 100 > previousNodes * percent;
}

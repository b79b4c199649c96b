/** Whether a target's nodes became suspiciously few: a tag that changed takes away nodes, and no finding tells of it. */

/** So few nodes come and go wherever clusters scale by themselves. */
const FEW = 5;

/** A target as the summary has it. */
type Population = { counts: { nodes: number }; previousNodes?: number; error?: string };

/** Whether more than `percent` of a target's nodes, and more than a few, have left it since the scan before, or all of them. */
export function fellSharply({ counts: { nodes }, previousNodes = 0, error }: Population, percent: number): boolean {
  const missing = previousNodes - nodes;
  if (error !== undefined) return false;
  return missing > 0 && (nodes === 0 || (missing >= FEW && missing * 100 > previousNodes * percent));
}

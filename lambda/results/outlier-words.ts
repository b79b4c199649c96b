/** How an outlier is told, in one sentence. Tested by test/results/outliers.test.ts. */
import type { Difference, Outlier } from './outliers.ts';

/** `3 of 214 nodes of EKS node group workers differ in readOnlyPort (10255 by --read-only-port=10255 from …; others 0)`; units are nodes. */
export function outlierText(outlier: Outlier): string {
  const { nodes, of, by, group, kind, differences, more = 0, since, generation, accepted } = outlier;
  const what = [...differences.map(differenceText), ...(more > 0 ? [`${more} more`] : [])].join(', ');
  const where = `${by} ${group}`;
  const when = since === undefined ? '' : ` since ${since.slice(0, 10)}`;
  const waived = accepted ? `; accepted until ${accepted.until} by ${accepted.owner}: ${accepted.reason}` : '';
  const verb = nodes === 1 ? 'differs' : 'differ';
  const some = `${nodes} of ${of} nodes of ${where}`;
  switch (kind) {
    case 'pair':
      return `The 2 nodes of ${where} differ in ${what}${when}: nothing says which of them is right${waived}`;
    case 'split':
      return `${some} ${verb} in ${what}${when}: no value has two thirds of them${waived}`;
    case 'rollout':
      return `${some} ${nodes === 1 ? 'is' : 'are'} of ${generation ?? 'another generation'} and ${verb} in ${what}${when}: a rolling update is half done${waived}`;
    default:
      return `${some} ${verb} in ${what}${when}${waived}`;
  }
}

/** `readOnlyPort (10255 by --read-only-port=10255 from /etc/default/kubelet line 2; others 0)`. */
export function differenceText({ name, value, by, usual, usualBy }: Difference): string {
  const from = by === undefined ? '' : ` by ${by}`;
  const other = by === undefined && usualBy !== undefined ? ` by ${usualBy}` : '';
  return `${name} (${value}${from}; others ${usual}${other})`;
}

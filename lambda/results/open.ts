/** Which findings somebody has to act on. Tested by test/results/tally.test.ts. */
import type { Finding } from '../criteria/rule.ts';

/** A finding that somebody has to act on: a failure that no waiver accepts. */
export function isOpen(finding: Finding): boolean {
  return finding.status === 'fail' && !finding.waiver;
}

/** Every benchmark that asks leaves it to people; that it was decided all the same is ours. */
export function isManualByBenchmark({ controls }: Pick<Finding, 'controls'>): boolean {
  return controls.length > 0 && controls.every(({ manual }) => manual);
}

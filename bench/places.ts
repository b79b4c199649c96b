/** Where the nights of benchmarks take place. Tested by test/bench/run.test.ts. */
import { ACCOUNT } from '../simulator/fleet/nodes.ts';

export const BUCKET = 'reports';
export const TOPIC = 'kubevigil';
/** The role that the scanner assumes in each account but its own, before its region. */
export const ROLE = 'kubevigil-member';
/** What a coordinator invokes once a target. */
export const SHARD = 'arn:aws:lambda:eu-central-1:111122223333:function:scan:live';

/** The accounts of the targets; the first one is the scanner's own. */
export function accountsOf(targets: number): string[] {
  return Array.from({ length: targets }, (_, index) => (index === 0 ? ACCOUNT : `${500_000_000_000 + index}`));
}

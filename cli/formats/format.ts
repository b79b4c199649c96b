/** What `check` writes for programs: one node's findings as another tool reads them. Tested by test/cli/formats/formats.test.ts. */
import type { NodeLine } from '../../lambda/results/node-line.ts';

/** The node, and when it was judged: ISO 8601, UTC. */
export type Checked = { line: NodeLine; at: string };

export type CheckFormat = (checked: Checked) => string;

/** `fail`, `pass` …; an accepted failure is none. */
export type Outcome = 'pass' | 'fail' | 'manual' | 'not-applicable' | 'error' | 'accepted';

/** What became of a finding. */
export function outcomeOf({ status, waiver }: NodeLine['findings'][number]): Outcome {
  return status === 'fail' && waiver ? 'accepted' : status;
}

/** What a report gets of one node. Tested by test/formats/csv.test.ts. */
import type { Target } from '../settings.ts';
import type { NodeChanges } from './compare.ts';
import type { NodeLine } from './node-line.ts';

/** A node of the scan with what changed on it; without a line it is lost, and `changes` says what was open on it. */
export type Entry =
  | { line: NodeLine; changes?: NodeChanges }
  | { line?: undefined; changes: NodeChanges; target: Target };

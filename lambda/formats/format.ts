/**
 * The shape of a format: a report that is written while node lines pass by, once, for all formats together.
 * Tested by test/formats/html.test.ts.
 */

import type { Target } from '../archive/keys.ts';
import type { Rule } from '../criteria/rule.ts';
import type { NodeChanges } from '../results/compare.ts';
import type { NodeLine } from '../results/node-line.ts';
import type { Summary } from '../results/summary.ts';

/** What a report says about a rule besides its findings; reports name rules that are not in it by their name only. */
export type Catalog = Readonly<Record<string, Pick<Rule, 'title' | 'why' | 'severity' | 'references'>>>;

/** What is known before the first node. */
export type Head = { summary: Summary; catalog: Catalog };

/** A node of the scan with what changed on it; without a line it is lost, and `changes` says what was open on it. */
export type Entry =
  | { line: NodeLine; changes?: NodeChanges }
  | { line?: undefined; changes: NodeChanges; target: Target };

/** Texts in the order in which they are written. */
export type Sheet = {
  begin(): string;
  entry(entry: Entry): string;
  end(): Iterable<string>;
};

export type Format = {
  /** Name in the scan's folder. */
  file: string;
  contentType: string;
  /** Compress the file; its name says so. */
  gzip: boolean;
  open(head: Head): Sheet;
};

/** What the catalog says about a rule; nothing where an archive names a rule that it does not have. */
export function aboutRule(catalog: Catalog, rule: string): Catalog[string] | undefined {
  return Object.hasOwn(catalog, rule) ? catalog[rule] : undefined;
}

/** A rule's title, or its name where the catalog does not have it. */
export function titleOf(catalog: Catalog, rule: string): string {
  return aboutRule(catalog, rule)?.title ?? rule;
}

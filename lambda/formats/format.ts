/**
 * The shape of a format: a report that is written while node lines pass by, once, for all formats together.
 * Tested by test/formats/html.test.ts.
 */
import type { Catalog } from '../results/catalog.ts';
import type { Entry } from '../results/entry.ts';
import type { Piece } from '../results/line-pieces.ts';
import type { Summary } from '../results/summary.ts';

/** What is known before the first node. */
export type Head = { summary: Summary; catalog: Catalog };

/** What is written, in this order. */
export type Sheet = {
  begin(): string;
  entry(entry: Entry): Piece | readonly Piece[];
  end(): Iterable<string>;
};

export type Format = {
  /** Name in the scan's folder. */
  file: string;
  contentType: string;
  /** Compress the file; its name says so. */
  gzip: boolean;
  open(head: Head): Sheet;
  /** Files that are written with it, for what it names by a key. */
  beside?: readonly Format[];
};

/**
 * The shape of a format: a report that is written while node lines pass by, once, for all formats together.
 * Tested by test/formats/html.test.ts.
 */
import type { Catalog } from '../results/catalog.ts';
import type { Entry } from '../results/entry.ts';
import type { Summary } from '../results/summary.ts';

/** What is known before the first node. */
export type Head = { summary: Summary; catalog: Catalog };

/** Texts, or their bytes as UTF-8, in the order in which they are written. */
export type Sheet = {
  begin(): string;
  entry(entry: Entry): string | Uint8Array;
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

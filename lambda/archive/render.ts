/** Writes all formats of a scan in one pass over its nodes. Tested by test/archive/seal.test.ts. */

import type { Format, Head } from '../formats/format.ts';
import type { Entry } from '../results/entry.ts';
import type { StoredObject } from '../results/shapes.ts';
import { type Content, spool } from './content.ts';
import { readEntries } from './nodes.ts';
import type { Archive } from './store.ts';

export type Rendered = { format: Format; content: Content };

/** Reports that are being written while the nodes of a scan pass by. */
export type Reports = {
  entry(entry: Entry): Promise<void>;
  /** Whoever takes the contents discards them. */
  end(): Promise<Rendered[]>;
  /** Gives up and removes what was written; harmless after the end. */
  discard(): Promise<void>;
};

/** Begins a report in each format. */
export async function openReports(head: Head, formats: readonly Format[]): Promise<Reports> {
  const sheets = await Promise.all(
    formats.map(async (format) => ({
      format,
      sheet: format.open(head),
      writer: await spool({ gzip: format.gzip }),
    })),
  );
  let isOpen = true;
  for (const { sheet, writer } of sheets) await writer.write(sheet.begin());
  return {
    async entry(entry) {
      for (const { sheet, writer } of sheets) {
        const pieces = sheet.entry(entry);
        if (pieces.length > 0) await writer.write(pieces);
      }
    },
    async end() {
      const rendered: Rendered[] = [];
      for (const { format, sheet, writer } of sheets) {
        for (const text of sheet.end()) await writer.write(text);
        rendered.push({ format, content: await writer.end() });
      }
      isOpen = false;
      return rendered;
    },
    async discard() {
      if (isOpen) for (const { writer } of sheets) await writer.discard();
    },
  };
}

/** Renders a scan from its archived objects. Whoever takes the contents discards them. */
export async function renderScan(
  archive: Archive,
  objects: readonly StoredObject[],
  head: Head,
  formats: readonly Format[],
): Promise<Rendered[]> {
  if (formats.length === 0) return [];
  const reports = await openReports(head, formats);
  try {
    for await (const entry of readEntries(archive, objects)) await reports.entry(entry);
    return await reports.end();
  } finally {
    await reports.discard();
  }
}

/** Writes all formats of a scan in one pass over its nodes. Tested by test/archive/seal.test.ts. */

import type { Format, Head } from '../formats/format.ts';
import type { StoredObject } from '../results/shapes.ts';
import { type Content, spool } from './content.ts';
import { readEntries } from './nodes.ts';
import type { Archive } from './store.ts';

export type Rendered = { format: Format; content: Content };

/** Renders a scan from its archived objects. Whoever takes the contents discards them. */
export async function renderScan(
  archive: Archive,
  objects: readonly StoredObject[],
  head: Head,
  formats: readonly Format[],
): Promise<Rendered[]> {
  if (formats.length === 0) return [];
  const sheets = await Promise.all(
    formats.map(async (format) => ({
      format,
      sheet: format.open(head),
      writer: await spool({ gzip: format.gzip }),
    })),
  );
  try {
    for (const { sheet, writer } of sheets) await writer.write(sheet.begin());
    for await (const entry of readEntries(archive, objects)) {
      for (const { sheet, writer } of sheets) await writer.write(sheet.entry(entry));
    }
    const rendered: Rendered[] = [];
    for (const { format, sheet, writer } of sheets) {
      for (const text of sheet.end()) await writer.write(text);
      rendered.push({ format, content: await writer.end() });
    }
    return rendered;
  } catch (error) {
    for (const { writer } of sheets) await writer.discard();
    throw error;
  }
}

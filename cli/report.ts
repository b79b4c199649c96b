/** `kubevigil report`: writes a report of an archived scan again, in any format. Tested by test/cli/reports.test.ts. */

import { existsSync, writeFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { readEntries } from '../lambda/archive/nodes.ts';
import { renderScan } from '../lambda/archive/render.ts';
import type { Archive } from '../lambda/archive/store.ts';
import { checklistOf } from '../lambda/formats/cklb.ts';
import type { Head } from '../lambda/formats/format.ts';
import { FORMATS, type FormatName, filesOf } from '../lambda/formats/formats.ts';
import { printable } from '../lambda/formats/text.ts';
import type { Catalog } from '../lambda/results/catalog.ts';
import type { StoredObject } from '../lambda/results/shapes.ts';
import { openScan, readPlace } from './archive.ts';
import { run } from './command.ts';
import { InputError } from './problems.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';

const names = Object.keys(FORMATS) as FormatName[];

const help = `Writes the report of an archived scan again, from its findings.

Usage: ${PROGRAM} report DIR | s3://bucket[/prefix] [options]

  --scan ID            which scan (default: the newest one); a scan's folder
                       (out/reports/scans/2026/11/23/ID) will do instead of the
                       archive
  --format FORMAT      ${names.join(', ')} (default: html)
  --node ID            with cklb: the checklist of this node alone, as STIG Viewer
                       opens it
  --out FILE           where to write; a file that is there is not overwritten, and
                       - writes to the terminal or pipe (default: the format's own
                       name, here, unless this is a checkout; with csv the tables
                       of rules and remedies too)
  -h, --help           print this help

The archive is not verified while it is read; "verify" does that.
Exit codes: 0 the report was written, 2 it could not be.
`;

const options = {
  scan: { type: 'string' },
  format: { type: 'string', default: 'html' },
  node: { type: 'string' },
  out: { type: 'string' },
} as const;

/** Runs the command. `catalog` is what reports say about rules. */
export async function reportCommand(args: string[], catalog: Catalog, to: Terminal = terminal): Promise<number> {
  return run('report', { args, help, allowPositionals: true, options }, to, async ({ values, positionals }) => {
    const place = readPlace(positionals);
    const name = names.find((known) => known === values.format);
    if (!name) throw new InputError(`--format expects one of ${names.join(', ')}, got ${values.format}`);
    if (values.node !== undefined && name !== 'cklb') throw new InputError('--node goes with --format cklb');
    const { archive, manifest, summary } = await openScan(place, values.scan);
    const head = { summary, catalog };
    if (values.node !== undefined) {
      const text = await checklist(archive, manifest.objects, head, values.node);
      const file = values.out ?? `${values.node.replaceAll(/[^\w.-]/g, '_')}.cklb`;
      if (file === '-') to.out(text);
      else {
        checkFile(file, values.out);
        writeFileSync(file, text, { flag: 'wx' });
        to.out(printable(`${file}: node ${values.node} in scan ${summary.scanId}`).concat('\n'));
      }
      return 0;
    }
    // A name is one file's; what goes to a terminal or pipe is text.
    const chosen = values.out === undefined ? filesOf([name]) : [{ ...FORMATS[name], file: values.out }];
    for (const { file } of chosen) checkFile(file, values.out);
    const files = chosen.map((each) => ({ ...each, gzip: each.gzip && each.file !== '-' }));
    const reports = await renderScan(archive, manifest.objects, head, files);
    try {
      for (const { content, format } of reports) {
        const { file } = format;
        const opened = content.open();
        const bytes = opened instanceof Uint8Array ? Readable.from([opened]) : opened;
        if (file === '-') await pipeline(bytes, writeText(to));
        else await writeNew(file, bytes);
        if (file !== '-') to.out(printable(`${file}: scan ${summary.scanId} of ${summary.scheduledAt}`).concat('\n'));
      }
    } finally {
      for (const { content } of reports) await content.discard();
    }
    return 0;
  });
}

/** Refuses to overwrite a file, and to write one into a checkout that nobody has named. */
function checkFile(file: string, named: string | undefined): void {
  if (file === '-') return;
  if (existsSync(file))
    throw new InputError(`${file} is there already and is not overwritten: name another file by --out`);
  const checkout = named === undefined ? checkoutOf(process.cwd()) : undefined;
  if (checkout === undefined) return;
  throw new InputError(`${checkout} is a checkout: name by --out where the report goes, such as --out ../${file}`);
}

/** The checkout that a directory belongs to. */
function checkoutOf(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory;
  return dirname(directory) === directory ? undefined : checkoutOf(dirname(directory));
}

/** A file that was not there; of one that could not be written whole nothing stays. */
async function writeNew(file: string, bytes: Readable): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await pipeline(bytes, handle.createWriteStream());
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/** The checklist of one node as a file of STIG Viewer. */
async function checklist(archive: Archive, objects: readonly StoredObject[], head: Head, id: string): Promise<string> {
  for await (const { line } of readEntries(archive, objects)) {
    if (line?.node.id !== id) continue;
    const found = checklistOf(line, head);
    if (found) return `${JSON.stringify(found, null, 2)}\n`;
    throw new InputError(`node ${id} was not judged by a STIG: name one in the benchmarks of the scan`);
  }
  throw new InputError(`scan ${head.summary.scanId} has no node ${id}`);
}

/** Decodes pieces that may end in the middle of a character. */
function writeText(to: Terminal): Writable {
  const decoder = new StringDecoder('utf8');
  return new Writable({
    write(piece: Buffer, _encoding, done) {
      to.out(decoder.write(piece));
      done();
    },
  });
}

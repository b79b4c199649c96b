/** The folder of a pack: files are written once, and their digests are known at the end. Tested by test/audit/pack.test.ts. */

import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ascending } from '../lambda/results/order.ts';

/** A file of a pack: its path in it, size in bytes, SHA-256. */
export type PackFile = { path: string; size: number; sha256: string };

export type Folder = {
  /** Writes a whole file; texts in the order given. */
  write(path: string, content: string | Uint8Array | Iterable<string>): void;
  /** Opens a file to be written piece by piece. */
  open(path: string): { write(content: string | Uint8Array): void; end(): void };
  /** What was written, in the order of paths. */
  files(): PackFile[];
};

/** Opens a folder, which must be empty or not there yet. */
export function packFolder(root: string): Folder {
  const files: PackFile[] = [];
  const open = (path: string) => {
    const place = join(root, ...path.split('/'));
    mkdirSync(dirname(place), { recursive: true });
    const file = openSync(place, 'wx');
    const hash = createHash('sha256');
    let size = 0;
    return {
      write(content: string | Uint8Array): void {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content;
        hash.update(bytes);
        size += bytes.byteLength;
        for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at);
      },
      end(): void {
        closeSync(file);
        files.push({ path, size, sha256: hash.digest('hex') });
      },
    };
  };
  return {
    open,
    write(path, content) {
      const file = open(path);
      if (typeof content === 'string' || content instanceof Uint8Array) file.write(content);
      else for (const text of content) file.write(text);
      file.end();
    },
    files: () => files.toSorted((a, b) => ascending(a.path, b.path)),
  };
}

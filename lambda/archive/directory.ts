/**
 * The archive in a directory: the same layout, downloaded or written by a local scan. Read only.
 * Tested by test/archive/store.test.ts.
 */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Archive } from './store.ts';

/** Opens a directory that holds `scans/` and `latest.json`. */
export function directoryArchive(path: string): Archive {
  return {
    location: path,
    async open(key) {
      // A manifest's keys are not to be trusted: none may lead out of the directory.
      if (!/^[^/]+(\/[^/]+)*$/.test(key) || /(^|\/)\.\.?(\/|$)|\0|\\/.test(key)) return undefined;
      const file = join(path, ...key.split('/'));
      const found = await stat(file).catch(() => undefined);
      return found?.isFile() ? createReadStream(file) : undefined;
    },
    async *list(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      yield* listFolder(path, folder, prefix);
    },
  };
}

async function* listFolder(
  root: string,
  folder: string,
  prefix: string,
): AsyncGenerator<{ key: string; size: number }> {
  const entries = await readdir(join(root, ...folder.split('/')), { withFileTypes: true }).catch(() => []);
  // As S3 orders keys: a folder counts with its slash.
  const keys = entries.map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`).sort();
  for (const key of keys) {
    if (key.endsWith('/')) {
      if (key.startsWith(prefix) || prefix.startsWith(key)) yield* listFolder(root, key, prefix);
    } else if (key.startsWith(prefix)) {
      // A link that leads nowhere is an object, too: somebody has put it there.
      const found = await stat(join(root, ...key.split('/'))).catch(() => undefined);
      yield { key, size: found?.size ?? 0 };
    }
  }
}

/**
 * A directory that is written like a bucket: an object once, by its key. Quicker than the endpoints where an archive of a year is
 * made, and what comes out is what `aws s3 sync` would bring. Tested by test/audit/pack.test.ts.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { sha256 } from '../../lambda/archive/content.ts';
import { directoryArchive } from '../../lambda/archive/directory.ts';
import { LATEST } from '../../lambda/archive/keys.ts';
import { ArchiveConflict, readBytes, storedObject, type WritableArchive } from '../../lambda/archive/store.ts';

/** Opens a directory as the bucket of this name. */
export function writableDirectory(path: string, bucket: string): WritableArchive {
  const archive = directoryArchive(path);
  const write = (key: string, bytes: Uint8Array) => {
    const file = join(path, ...key.split('/'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  };
  return {
    ...archive,
    bucket,
    async putOnce(key, content) {
      const opened = content.open();
      const bytes = opened instanceof Uint8Array ? opened : await buffer(opened);
      if (existsSync(join(path, ...key.split('/')))) {
        if ((await storedObject(archive, key))?.sha256 !== content.sha256) throw new ArchiveConflict(path, key);
      } else write(key, bytes);
      return { key, size: bytes.byteLength, sha256: sha256(bytes) };
    },
    async readLatest() {
      const bytes = await readBytes(archive, LATEST);
      return bytes && { bytes, tag: sha256(bytes) };
    },
    async putLatest(text, tag) {
      const bytes = await readBytes(archive, LATEST);
      if ((bytes && sha256(bytes)) !== tag) return false;
      write(LATEST, Buffer.from(text));
      return true;
    },
  };
}

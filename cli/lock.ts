/**
 * One scan at a time writes to a directory: two would begin two chains of manifests, with two keys. Our own, because a lock
 * whose holder is gone must not be waited for: after `kill -9`, proper-lockfile 4.1.2 let the next scan in after 9.1 s,
 * this one at once, and it leaves nothing in the directory itself.
 */
import { linkSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { sha256 } from '../lambda/archive/content.ts';
import { isAlive } from './leftovers.ts';
import { InputError } from './problems.ts';

/**
 * Locks a directory, which need not exist yet, for this process; returns what unlocks it. The lock lies beside other
 * temporary files, so that a scan that is refused leaves nothing in the directory, and holds the process's id: one that
 * was killed holds nothing. Throws an InputError where another process has it.
 */
export function lock(directory: string): () => void {
  const path = join(tmpdir(), `kubevigil-${sha256(real(directory)).slice(0, 16)}.lock`);
  for (let attempt = 0; ; attempt += 1) {
    try {
      claim(path);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 2) throw error;
      const holder = holderOf(path);
      if (holder !== undefined) {
        throw new InputError(
          `another scan (process ${holder}) writes to ${directory}: wait for it, or choose another --out`,
        );
      }
      rmSync(path, { force: true });
    }
  }
}

/** Creates the lock with what it holds at once: nobody must see it empty. Throws EEXIST where it is there. */
function claim(path: string): void {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, path);
  } finally {
    rmSync(own, { force: true });
  }
}

/** The process that holds a lock, while it lives. */
function holderOf(path: string): number | undefined {
  const pid = Number(readFileSync(path, 'utf8'));
  return isAlive(pid) ? pid : undefined;
}

/** The same for every way to name a directory. */
function real(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return dirname(directory) === directory ? directory : join(real(dirname(directory)), basename(directory));
  }
}

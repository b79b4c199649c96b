/**
 * Which code made a scan: SHA-256 over sources, the same wherever they run. Node.js reads them beside this file; the bundle
 * has the digests in the place of this file (infra/bundle.ts). Tested by test/results/sources.test.ts.
 */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What verdicts follow from: rules, benchmarks, the tables of flags, gates and settings, and the derivation. */
const RULES = '{go,kubelet,platforms,criteria,rules,judging}/**/*.{ts,json}';

const commit = commitOf(resolve(ROOT, '..'));

/**
 * `rules`: the sources that verdicts follow from. `code`: all that is deployed. `commit`: what was checked out, or what
 * KUBEVIGIL_COMMIT names, for builds outside of a git repository; absent where neither tells. Lower-case hexadecimal.
 */
export const SOURCES: { readonly rules: string; readonly code: string; readonly commit?: string } = {
  rules: digestOf(RULES),
  code: digestOf('**/*.{ts,json,js,css,sh,awk}'),
  ...(commit !== undefined && { commit }),
};

/** The commit of a work tree, read as git keeps it (gitrepository-layout(5)), without a process. */
export function commitOf(root: string, given = process.env.KUBEVIGIL_COMMIT): string | undefined {
  const isCommit = (text: string | undefined) => (text !== undefined && /^[0-9a-f]{40}$/.test(text) ? text : undefined);
  if (given) return isCommit(given);
  const read = (...path: string[]) => {
    try {
      return readFileSync(join(...path), 'utf8').trim();
    } catch {
      return undefined;
    }
  };
  // Of a further work tree `.git` is a file that names its own folder, which names the common one.
  const git = resolve(root, /^gitdir: (.+)$/.exec(read(root, '.git') ?? '')?.[1] ?? '.git');
  const common = resolve(git, read(git, 'commondir') ?? '.');
  const head = read(git, 'HEAD');
  const name = /^ref: (refs\/.+)$/.exec(head ?? '')?.[1];
  if (name === undefined) return isCommit(head);
  const packed = read(common, 'packed-refs')
    ?.split('\n')
    .find((line) => line.endsWith(` ${name}`));
  return isCommit(read(common, name) ?? packed?.split(' ')[0]);
}

/** Paths and texts in the order of paths; line ends do not count, because git may change them. */
function digestOf(pattern: string): string {
  const hash = createHash('sha256');
  const paths = globSync(pattern, { cwd: ROOT }).map((path) => path.replaceAll('\\', '/'));
  for (const path of paths.sort()) {
    const text = readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${path}\n${Buffer.byteLength(text)}\n${text}`);
  }
  return hash.digest('hex');
}

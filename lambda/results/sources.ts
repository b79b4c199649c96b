/**
 * Which code made a scan: SHA-256 over sources, the same wherever they run. Node.js reads them beside this file; the bundle
 * has the digests in the place of this file (infra/bundle.ts). Tested by test/results/sources.test.ts.
 */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What verdicts follow from: rules, benchmarks, the tables of flags, gates and settings, and the derivation. */
const RULES = '{go,kubelet,platforms,criteria,rules,judging}/**/*.{ts,json}';

/** `rules`: the sources that verdicts follow from. `code`: all that is deployed. Lower-case hexadecimal. */
export const SOURCES: { readonly rules: string; readonly code: string } = {
  rules: digestOf(RULES),
  code: digestOf('**/*.{ts,json,js,css,sh,awk}'),
};

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

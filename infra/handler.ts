/**
 * The folder that becomes the code of the functions, and what Node.js is told there. Tested by test/infra/kubevigil.test.ts.
 */
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The bundled handler that the package brings beside this module; in the repository bundle.ts writes one elsewhere. */
export const PACKED_HANDLER = fileURLToPath(new URL('./handler', import.meta.url));

/**
 * Environment in which the function runs Node.js, for little memory at little more time (npm run bench). Node.js gives young
 * objects up to 96 MiB (three semi-spaces of 32 MiB) before it looks for garbage in them; what old ones may grow to says
 * lambda/scan/v8.ts, and a scan of 100,000 nodes keeps some 60 MiB. glibc keeps what it frees in up to
 * eight arenas a core, and buffers move between Node.js' threads (mallopt(3), M_ARENA_MAX).
 */
export const ENVIRONMENT = {
  NODE_OPTIONS: '--enable-source-maps --max-semi-space-size=8 --max-old-space-size=384',
  MALLOC_ARENA_MAX: '2',
};

/** Name of the waivers file beside the handler. */
export const WAIVERS = 'waivers.yaml';

/** Name of the list of targets beside the handler: the environment of a function holds 4 KB, which is some 100 of them. */
export const TARGETS = 'targets.json';

/**
 * The folder of a handler with the waivers file and the list of targets beside it, where there are such: a copy, of which the CDK
 * takes its own at once.
 */
export function withFiles(
  handler: string,
  { waivers, targets }: { waivers: string | undefined; targets: readonly string[] | undefined },
): string {
  if (waivers === undefined && targets === undefined) return handler;
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-handler-'));
  cpSync(handler, folder, { recursive: true });
  if (waivers !== undefined) cpSync(waivers, join(folder, WAIVERS));
  if (targets !== undefined) writeFileSync(join(folder, TARGETS), `${JSON.stringify(targets, null, 2)}\n`);
  return folder;
}

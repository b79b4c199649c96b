/** The page's format as it is deployed: out of a bundle, with its script and styles minified in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { textsInPlace } from '../../infra/bundle.ts';
import type { html } from '../../lambda/formats/html.ts';

export async function bundledPage(): Promise<typeof html> {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-page-'));
  const outfile = join(folder, 'html.mjs');
  const entryPoints = [fileURLToPath(new URL('../../lambda/formats/html.ts', import.meta.url))];
  try {
    await build({
      entryPoints,
      outfile,
      plugins: [textsInPlace],
      bundle: true,
      platform: 'node',
      format: 'esm',
      minify: true,
    });
    return ((await import(pathToFileURL(outfile).href)) as { html: typeof html }).html;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

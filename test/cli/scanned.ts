/** What tests of commands on an archive begin with: one scan of the embedded fleet, and what a command says of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { scanCommand } from '../../cli/scan.ts';
import type { Terminal } from '../../cli/terminal.ts';
import { capture } from './capture.ts';

/** A folder for the tests of a file, and in it `out`, the archive of a scan that is made before them; `printed` is what the scan said. */
export function scanned(): { folder: string; out: string; printed: () => string } {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-scanned-'));
  const out = join(folder, 'out');
  const to = capture();
  before(async () => {
    assert.equal(await scanCommand(['--out', out], to), 0);
  });
  after(() => rmSync(folder, { recursive: true }));
  return { folder, out, printed: () => to.stdout };
}

/** A command as a function of its words. */
export function saying(command: (args: string[], to: Terminal) => Promise<number>) {
  return async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    const to = capture();
    const code = await command(args, to);
    return { code, out: to.stdout, err: to.stderr };
  };
}

/**
 * Runs the real collect.sh on this machine, or on another root directory.
 * Tested by test/nodes/collector/collect.test.ts.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../lambda/nodes/collector/collect.sh', import.meta.url));
/** Stands before the real tools for simulated nodes: see simulator/fleet/bin/stat. */
const SIMULATED_TOOLS = fileURLToPath(new URL('./fleet/bin', import.meta.url));

export type Collection = { stdout: string; stderr: string; exitCode: number };

/**
 * Runs the collector with `sh` (or another shell). `root` is another root directory; `simulated` gives its files the
 * owners that the simulation wrote down. Rejects only where the shell itself cannot be started.
 */
export function collect(
  root?: string,
  { shell = 'sh', simulated = false }: { shell?: string; simulated?: boolean } = {},
): Promise<Collection> {
  const path = process.env.PATH ?? '/usr/bin:/bin';
  const [command = 'sh', ...words] = shell.split(' ');
  return new Promise((resolve, reject) => {
    execFile(
      command,
      [...words, SCRIPT],
      {
        env: { PATH: simulated ? `${SIMULATED_TOOLS}:${path}` : path, ...(root ? { KUBEVIGIL_ROOT: root } : {}) },
        maxBuffer: 4 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ stdout, stderr, exitCode: typeof error?.code === 'number' ? error.code : 0 });
      },
    );
  });
}

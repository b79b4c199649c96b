/**
 * Runs the real collector on this machine, or on another root directory.
 * Tested by test/nodes/collector/collect.test.ts.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collector } from '../lambda/nodes/script.ts';

/** Stands before the real stat where files cannot be given to others: see simulator/fleet/bin/stat. */
const SIMULATED_STAT = fileURLToPath(new URL('./fleet/bin/stat', import.meta.url));
/** Stands for the client of Bottlerocket's API: see simulator/fleet/bin/apiclient. */
const SIMULATED_CLIENT = fileURLToPath(new URL('./fleet/bin/apiclient', import.meta.url));

export type Collection = { stdout: string; stderr: string; exitCode: number };

export type Run = {
  /** `sh` by default; `busybox sh` is two words. */
  shell?: string;
  /** The awk that the script finds; the machine's by default. */
  awk?: string;
  /** Files have the owners that the simulation wrote down, as only root can give files away for real; Bottlerocket's API answers. */
  simulated?: boolean;
  /** A folder with programs that the script finds before the machine's own. */
  tools?: string;
  /** A folder with the only programs that the script finds. */
  only?: string;
  /** Runs as this user and group. */
  uid?: number;
};

const script = collector();
const folders = new Map<string, string>();

/** Where a program of this machine is; the name where it is not. */
export const place = (name: string): string =>
  spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).stdout.trim() || name;

/** A folder with the programs that a run wants instead of the machine's own; kept until this process ends. */
function tools({ shell = 'sh', awk = 'awk', simulated = false }: Run): string {
  const owners = simulated && process.getuid?.() !== 0;
  const key = `${shell}|${awk}|${owners}|${simulated}`;
  const known = folders.get(key);
  // Whoever clears the temporary files away may have taken it too.
  if (known !== undefined && existsSync(known)) return known;
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-tools-'));
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const [name, words] of [
    ['sh', shell],
    ['awk', awk],
  ] as const) {
    const [command = name] = words.split(' ');
    if (command !== name) symlinkSync(place(command), join(folder, name));
  }
  if (owners) symlinkSync(SIMULATED_STAT, join(folder, 'stat'));
  if (simulated) symlinkSync(SIMULATED_CLIENT, join(folder, 'apiclient'));
  folders.set(key, folder);
  return folder;
}

/**
 * Runs the collector. `root` is another root directory. Rejects only where the shell itself cannot be started.
 */
export function collect(root?: string, run: Run = {}): Promise<Collection> {
  const [command = 'sh', ...words] = (run.shell ?? 'sh').split(' ');
  const env = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    ...(root ? { KUBEVIGIL_ROOT: root, KUBEVIGIL_TOOLS: `${run.tools ? `${run.tools}:` : ''}${tools(run)}` } : {}),
  };
  return new Promise((resolve, reject) => {
    // Without a standard input: of a socket bash thinks that it is a remote shell's.
    const text = run.only === undefined ? script : script.replace(/^PATH=\S+/m, `PATH='${run.only}'`);
    const child = spawn(place(command), [...words, '-c', text], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(run.uid !== undefined && { uid: run.uid, gid: run.uid }),
    });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        texts[name] += chunk;
      });
    }
    child.once('error', reject).once('close', (code) => resolve({ ...texts, exitCode: code ?? 0 }));
  });
}

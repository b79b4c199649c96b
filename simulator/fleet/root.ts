/**
 * A simulated node on disk: a root directory with the /proc entries and files that collect.sh reads.
 * Tested by test/nodes/collector/collect.test.ts.
 */
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type SimulatedFile = {
  text: string;
  /** Octal, `644` by default. */
  mode?: string;
  /** uid and gid, root's by default. */
  owner?: [number, number];
  /** Seconds since the epoch; a day before the process's start by default. */
  modifiedAt?: number;
};

export type SimulatedProcess = {
  pid: number;
  /** As /proc/PID/comm shows it. */
  name: string;
  /** The whole command line with the program's name. */
  argv: string[];
  exe?: string;
  cwd?: string;
  uid?: number;
  unit?: string;
  /** Seconds since the epoch. */
  startedAt: number;
  environment?: Record<string, string>;
};

export type SimulatedRoot = {
  os: { id: string; version?: string; variant?: string };
  processes: SimulatedProcess[];
  files: Record<string, string | SimulatedFile>;
  /** Symbolic links: path → target. */
  links?: Record<string, string>;
  /** What `kubelet --version` prints; written where the processes' exe points. */
  version?: string;
};

/** Ticks a second of /proc/PID/stat: getconf CLK_TCK is 100 on every Linux architecture that Kubernetes supports. */
const TICKS = 100;
/** How long the simulated machine has been up before its first process started, in seconds. */
const UPTIME = 600;

/** Writes a node below `directory`, which is emptied first. Not for Windows: paths and links are those of Linux. */
export function writeRoot(directory: string, { os, processes, files, links = {}, version }: SimulatedRoot): void {
  rmSync(directory, { recursive: true, force: true });
  const write = (path: string, content: string) => {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    return target;
  };
  const started = Math.min(...processes.map(({ startedAt }) => startedAt));
  const booted = Number.isFinite(started) ? started - UPTIME : 0;
  write('proc/stat', `cpu 1 2 3\nbtime ${booted}\n`);
  write(
    'etc/os-release',
    `ID="${os.id}"\n${os.version ? `VERSION_ID="${os.version}"\n` : ''}${os.variant ? `VARIANT_ID=${os.variant}\n` : ''}`,
  );
  for (const each of processes) {
    const folder = `proc/${each.pid}`;
    write(`${folder}/comm`, `${each.name}\n`);
    write(`${folder}/cmdline`, each.argv.map((argument) => `${argument}\0`).join(''));
    write(`${folder}/status`, `Name:\t${each.name}\nUid:\t${[0, 0, 0, 0].map(() => each.uid ?? 0).join('\t')}\n`);
    const ticks = (each.startedAt - booted) * TICKS;
    write(`${folder}/stat`, `${each.pid} (${each.name}) S${' 0'.repeat(18)} ${ticks} 0 0\n`);
    write(`${folder}/cgroup`, each.unit ? `0::/system.slice/${each.unit}\n` : '0::/\n');
    write(
      `${folder}/environ`,
      Object.entries(each.environment ?? {})
        .map(([key, value]) => `${key}=${value}\0`)
        .join(''),
    );
    symlinkSync(each.exe ?? each.argv[0] ?? '', join(directory, folder, 'exe'));
    symlinkSync(each.cwd ?? '/', join(directory, folder, 'cwd'));
    if (version && each.exe) {
      chmodSync(write(each.exe, `#!/bin/sh\necho "Kubernetes ${version}"\n`), 0o755);
    }
  }
  const owners: string[] = [];
  for (const [path, file] of Object.entries(files)) {
    const {
      text,
      mode = '644',
      owner,
      modifiedAt = booted - 86_400,
    } = typeof file === 'string' ? { text: file } : file;
    const target = write(path, text);
    chmodSync(target, Number.parseInt(mode, 8));
    if (owner) owners.push(`${owner[0]} ${owner[1]} ${path}`);
    if (owner && process.getuid?.() === 0) chownSync(target, ...owner);
    utimesSync(target, modifiedAt, modifiedAt);
  }
  write('.owners', `${owners.join('\n')}\n`);
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    symlinkSync(target, join(directory, path));
  }
}

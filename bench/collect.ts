/**
 * What the collector costs a node and how long its answer is, by type of node, under the shells that nodes have.
 * Below a simulated root nothing is executed, so what `kubelet --version` itself takes (a real one: some 50 ms) is not
 * in here. Nearly all of it is starting processes, so what one takes on this machine is told first. node bench/collect.ts
 * Tested by test/bench/run.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collector } from '../lambda/nodes/script.ts';
import { eksAl2, eksAl2023, kubeadm } from '../simulator/fleet/images.ts';
import { writeRoot } from '../simulator/fleet/root.ts';
import { median, print, times } from './line.ts';

const SCRIPT = collector();
const ROUNDS = times(15);
const PROCESSES = times(100);

const image = { host: 'ip-10-0-1-2.internal', version: 'v1.32.3', startedAt: Math.floor(Date.now() / 1000) - 86_400 };
const KINDS = {
  'EKS AL2023': eksAl2023(image, { maxPods: 58 }),
  'EKS AL2': eksAl2(image),
  kubeadm: kubeadm(image),
  'no kubelet': { os: { id: 'ubuntu', version: '24.04' }, processes: [], files: {} },
};

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-bench-'));
try {
  print('collect', 'starting a process', millisecondsPerProcess(), 'ms');
  for (const [kind, root] of Object.entries(KINDS)) {
    writeRoot(join(folder, kind), root);
    for (const shell of ['dash', 'bash', 'busybox']) measure(kind, shell);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What a shell needs to start a process that does nothing, and to wait for it. */
function millisecondsPerProcess(): number {
  const script = `i=0; while [ $i -lt ${PROCESSES} ]; do /bin/true; i=$((i + 1)); done`;
  const measured = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    spawnSync('sh', ['-c', script]);
    return performance.now() - start;
  });
  return median(measured) / PROCESSES;
}

function measure(kind: string, shell: string): void {
  if (spawnSync('sh', ['-c', `command -v ${shell}`]).status !== 0) return;
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', KUBEVIGIL_ROOT: join(folder, kind) };
  const command = [...(shell === 'busybox' ? ['busybox', 'sh'] : [shell]), '-c', SCRIPT];
  const walls: number[] = [];
  const processors: number[] = [];
  let answer = '';
  // The first run warms the disk's cache.
  for (let round = 0; round <= ROUNDS; round += 1) {
    // bash adds up what a command and its children took; Node.js does not tell.
    const { stdout, stderr } = spawnSync(
      'bash',
      ['--norc', '-c', 'TIMEFORMAT="%R %U %S"; time "$@"', 'bash', ...command],
      { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const [wall = Number.NaN, user = 0, system = 0] = stderr.trim().split(' ').map(Number);
    answer = stdout.trimEnd();
    if (round > 0) walls.push(wall * 1000);
    if (round > 0) processors.push((user + system) * 1000);
  }
  print('collect', `${kind} under ${shell}, wall time`, median(walls), 'ms');
  print('collect', `${kind} under ${shell}, CPU time`, median(processors), 'ms');
  if (shell === 'dash') print('collect', `${kind}, answer`, answer.length, 'characters');
}

/** The combinations of shell and awk under which the collector must run, and what it makes of many files in one run. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '../../../lambda/nodes/answer/envelope.ts';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { collect, type Run } from '../../../simulator/collector.ts';
import { type SimulatedRoot, writeRoot } from '../../../simulator/fleet/root.ts';
import { kubelet, node } from './kubelets.ts';

const has = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/** Each shell with another awk, so that every one of both runs; `missing` names what is not installed here. */
export const runs: { name: string; run: Run; options: { skip?: string } }[] = (
  [
    ['dash', 'mawk'],
    ['bash', 'gawk'],
    ['busybox sh', 'busybox awk'],
  ] as const
).map(([shell, awk]) => {
  const missing = [shell, awk].map((words) => words.split(' ')[0] ?? words).filter((command) => !has(command));
  return {
    name: `${shell} with ${awk}`,
    run: { shell, awk, simulated: true },
    options: missing.length > 0 ? { skip: `${missing.join(' and ')} is not installed on this machine` } : {},
  };
});

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-runs-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
let roots = 0;

/** A root directory of this node; `change` may spoil it. */
export function rootOf(root: SimulatedRoot, change: (directory: string) => void = () => {}): string {
  roots += 1;
  const directory = join(folder, String(roots));
  writeRoot(directory, root);
  change(directory);
  return directory;
}

/** What the collector prints of a node: the text inside the envelope, and the evidence that is read from it. */
export async function collected(directory: string, run: Run = {}) {
  const { stdout, stderr, exitCode } = await collect(directory, { simulated: true, ...run });
  assert.deepEqual([stderr, exitCode], ['', 0]);
  assert.match(stdout, /^kubevigil\/1 \d+ [0-9a-f]{64} \S+\n$/);
  const unwrapped = unwrap(stdout);
  assert.ok('text' in unwrapped, JSON.stringify(unwrapped));
  const answer = readAnswer(stdout);
  return { text: unwrapped.text, answer, length: stdout.length };
}

/** The evidence of a node; fails where there is none. */
export async function evidenceOf(directory: string, run: Run = {}) {
  const { answer } = await collected(directory, run);
  assert.ok('evidence' in answer, JSON.stringify(answer));
  return answer.evidence;
}

/** So many files are read in one run: their answer must fit. */
const FILES_A_RUN = 40;

/** What the collector makes of each text as a drop-in, or as a kubeconfig, of one kubelet: many texts share a run. */
export async function filtered(kind: 'drop-in' | 'kubeconfig', texts: readonly string[], run: Run = {}) {
  const made: { text: string; sent: string; content?: string; withheld?: string; shape?: object }[] = [];
  for (let start = 0; start < texts.length; start += FILES_A_RUN) {
    const some = texts.slice(start, start + FILES_A_RUN);
    const path = (index: number) => `/f/${String(index).padStart(3, '0')}.conf`;
    const argv = kind === 'drop-in' ? ['--config-dir=/f'] : some.map((_, index) => `--kubeconfig=${path(index)}`);
    const files = Object.fromEntries(some.map((text, index) => [path(index), text]));
    const { text, answer } = await collected(rootOf(node([kubelet(argv)], files)), run);
    assert.ok('evidence' in answer, JSON.stringify(answer));
    const [seen] = answer.evidence.kubelets;
    for (const [index, each] of some.entries()) {
      const file = seen?.files.find((one) => one.path === path(index));
      const shape = seen?.kubeconfigs.find((one) => one.path === path(index));
      const sent = text.split(/^(?=file )/m).find((part) => part.includes(` ${path(index)}\n`)) ?? '';
      made.push({
        text: each,
        sent,
        ...(file?.content !== undefined && { content: file.content }),
        ...(file?.withheld !== undefined && { withheld: file.withheld }),
        ...(shape && { shape }),
      });
    }
  }
  return made;
}

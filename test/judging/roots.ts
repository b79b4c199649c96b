/** From the files of a node to its findings: the real collector reads a root directory, and what it answers is judged. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Finding } from '../../lambda/criteria/rule.ts';
import { type JudgedNode, type JudgeOptions, judge } from '../../lambda/judging/judge.ts';
import type { Evidence } from '../../lambda/kubelet/evidence.ts';
import { readAnswer } from '../../lambda/nodes/answer/evidence.ts';
import { collect } from '../../simulator/collector.ts';
import { type SimulatedRoot, writeRoot } from '../../simulator/fleet/root.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-situations-'));
after(() => rmSync(folder, { recursive: true, force: true }));

export const NOW = Math.floor(Date.now() / 1000);

type Signs = { id: string; tags: Readonly<Record<string, string>> };

export type Change = { files?: SimulatedRoot['files']; links?: Record<string, string>; without?: string[] };

/** The same node with other files. */
export function changed(root: SimulatedRoot, { files = {}, links = {}, without = [] }: Change): SimulatedRoot {
  const kept = <T>(entries: Record<string, T>) =>
    Object.fromEntries(Object.entries(entries).filter(([path]) => !without.includes(path)));
  return { ...root, files: { ...kept(root.files), ...files }, links: { ...kept(root.links ?? {}), ...links } };
}

export async function findings(root: SimulatedRoot, benchmarks?: string[]): Promise<Finding[]> {
  return (await judged(root, benchmarks)).findings;
}

/** The node as the collector finds it, judged. */
export async function judged(
  root: SimulatedRoot,
  benchmarks = ['auto'],
  { id = 'i-0', tags = {}, ...options }: Partial<Signs & JudgeOptions> = {},
): Promise<JudgedNode> {
  const evidence = await evidenceOf(root);
  const node = judge({ id, tags, evidence }, { now: NOW, benchmarks, ...options });
  assert.ok('findings' in node);
  return node;
}

export async function evidenceOf(root: SimulatedRoot): Promise<Evidence> {
  const directory = mkdtempSync(join(folder, 'root-'));
  writeRoot(directory, root);
  const answer = readAnswer((await collect(directory, { simulated: true })).stdout);
  assert.ok('evidence' in answer, 'problem' in answer ? answer.problem : '');
  return answer.evidence;
}

/** Rule → what is found of it. */
export type Expected = Record<string, [status: string, reason: RegExp]>;

/** Kind of situation → node → what is found of it. */
export function situations(
  kinds: Record<string, Record<string, [SimulatedRoot, Expected]>>,
  benchmarks?: string[],
): void {
  for (const [kind, nodes] of Object.entries(kinds)) {
    describe(kind, () => {
      for (const [name, [root, expected]] of Object.entries(nodes)) {
        test(name, async () => {
          const found = await findings(root, benchmarks);
          for (const [rule, [status, reason]] of Object.entries(expected)) {
            const finding = found.find((each) => each.rule === rule);
            assert.equal(finding?.status, status, `${rule}: ${finding?.reason}`);
            assert.match(finding?.reason ?? '', reason);
          }
        });
      }
    });
  }
}

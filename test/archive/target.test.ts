import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepEvidence, keepTarget, keepUnselected } from '../../lambda/archive/target.ts';
import type { EvidenceLine } from '../../lambda/results/evidence-line.ts';
import { judgeLine } from '../../lambda/results/judge-line.ts';
import { NODES, STARTED_AT } from '../../simulator/fleet/node-types.ts';
import { memoryArchive, nightly } from './memory.ts';
import { target } from './samples.ts';

const { kubelet, os } = NODES['eks-al2023'] ?? assert.fail();

async function* evidence(): AsyncGenerator<EvidenceLine> {
  for (const pid of [1, 2, 3, 4, 5]) {
    const own = { collectedAt: STARTED_AT + pid, hostname: `node-${pid}`, addresses: [] };
    const seen = { format: 2 as const, ...own, os, kubelets: [{ ...kubelet, pid }], proxies: [], notes: [] };
    yield { node: { id: `i-${pid}` }, tags: {}, evidence: seen };
  }
}

test('a scan reads the evidence of nodes of a kind by its pattern', async () => {
  const archive = memoryArchive();
  const scan = nightly(1);
  const kept = [
    await keepUnselected(archive, scan, target, (async function* () {})()),
    await keepEvidence(archive, scan, target, evidence()),
  ];
  const recognised: string[] = [];
  const judge = (line: EvidenceLine) => {
    // What nodes of a kind have alike is one frozen object.
    if ('evidence' in line && Object.isFrozen(line.evidence.os)) recognised.push(line.node.id);
    return judgeLine(line, { now: STARTED_AT });
  };
  await keepTarget(archive, scan, target, { kept, judge, previous: null, acceptance: { waivers: [], now: 0 } });
  // The first two make the kind, and the third shows in what its nodes differ.
  assert.deepEqual(recognised, ['i-4', 'i-5']);
});

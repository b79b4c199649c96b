/** The message of 10,000 nodes with fourteen kinds of trouble, as it was read and found good. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { message } from '../../lambda/alerts/message.ts';
import { scanKeys } from '../../lambda/archive/keys.ts';
import { readAnswer } from '../../lambda/nodes/answer/evidence.ts';
import type { EvidenceLine } from '../../lambda/results/evidence-line.ts';
import { judgeLine } from '../../lambda/results/judge-line.ts';
import type { NodeLine, UnreachableReason } from '../../lambda/results/node-line.ts';
import { secondsOf } from '../../lambda/results/summary.ts';
import { gatherAlerts } from '../../lambda/scan/notify.ts';
import { parseScanSettings } from '../../lambda/settings.ts';
import { type Answer, keepScan, memoryArchive, nightly } from '../archive/memory.ts';
import { target, unreachable } from '../archive/samples.ts';
import { answerOf, type RecordedKind } from './nights.ts';

const NIGHTS = [23, 24].map((day) => nightly(day));

/** How many nodes of which kind each cluster has, the first night and the second. */
const CLUSTERS: Record<string, [kind: RecordedKind | UnreachableReason, before: number, now: number][]> = {
  payments: [
    ['good', 2_400, 2_000],
    ['ends in 12 days', 0, 91],
    ['ends in 4 days', 0, 12],
    ['expired', 2, 2],
    ['broken configuration', 0, 3],
    ['rotation off', 0, 180],
    ['anonymous', 0, 20],
    ['connection-lost', 0, 40],
  ],
  shop: [
    ['eks', 5_000, 4_400],
    ['eks, rotation forced', 0, 300],
    ['not-managed', 30, 30],
    ['no-kubelet', 0, 8],
    ['bad-answer', 0, 2],
  ],
  batch: [
    ['good', 3_000, 2_500],
    ['no chains', 0, 200],
    ['unset, ends in 12 days', 0, 60],
    ['anonymous', 40, 0],
    ['delivery-timed-out', 0, 152],
  ],
};

/** Nodes keep their ids where their number is the same; each kind is judged once. */
async function answersOf(night: 0 | 1): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const [cluster, kinds] of Object.entries(CLUSTERS)) {
    let index = 0;
    for (const [kind, ...counts] of kinds) {
      const line = isReason(kind) ? unreachable('', kind) : await judged(kind, night);
      for (let number = 0; number < counts[night]; number += 1) {
        index += 1;
        const id = `i-${cluster.length.toString(16)}${index.toString(16).padStart(16, '0')}`;
        const node = { id, ...target, cluster, name: `${cluster}-workers` };
        answers.push({ line: { ...line, node } as NodeLine });
      }
    }
  }
  return answers;
}

function isReason(kind: RecordedKind | UnreachableReason): kind is UnreachableReason {
  return ['connection-lost', 'not-managed', 'no-kubelet', 'bad-answer', 'delivery-timed-out'].includes(kind);
}

async function judged(kind: RecordedKind, night: 0 | 1): Promise<NodeLine> {
  const answer = readAnswer((await answerOf(kind)).stdout);
  assert.ok('evidence' in answer, kind);
  const now = secondsOf(NIGHTS[night]?.startedAt ?? '');
  const line: EvidenceLine = { node: { id: 'i-0' }, tags: {}, evidence: { ...answer.evidence, collectedAt: now } };
  return judgeLine(line, { now });
}

test('10,000 nodes with fourteen kinds of trouble are read in 20 seconds', async (t) => {
  const archive = memoryArchive();
  let before: string[] = [];
  for (const night of [0, 1] as const) {
    const scan = NIGHTS[night];
    assert.ok(scan);
    const answers = await answersOf(night);
    const now = new Set(answers.map(({ line }) => line.node.id));
    const left = before.filter((id) => !now.has(id));
    // Most were terminated; the tags of a few have changed.
    const instances = left.map((id, index) => ({
      id,
      state: index % 12 === 0 ? ('running' as const) : ('terminated' as const),
    }));
    before = [...now];
    const shadow = {
      cluster: 'shadow',
      state: 'running' as const,
      evidence: 'it has the tag kubernetes.io/cluster/shadow, which the cloud provider sets',
    };
    const others = night === 0 ? [] : [1, 2, 3].map((number) => ({ id: `i-5ad0${number}`, ...shadow }));
    await keepScan(archive, scan, answers, undefined, { instances: [...instances, ...others] });
  }
  const settings = parseScanSettings(
    JSON.stringify({
      targets: [target],
      tags: [{ key: 'scan' }],
      documentName: 'kubevigil',
      bucket: 'reports',
      topicArn: 'arn:aws:sns:eu-central-1:123456789012:alerts',
      reportUrl: 'https://reports.example.com/',
      runbookUrl: 'https://wiki.example.com/kubevigil/runbook',
    }),
  );
  const { summary } = scanKeys(NIGHTS[1] ?? assert.fail());
  const input = (await gatherAlerts(archive, summary, { settings, waivers: [] })).get(settings.topicArn);
  assert.ok(input);
  const sent = message(input, 'changes');
  assert.ok(sent);
  const read = sent.email.split('\n').filter((line) => !/^\[\d+\] /.test(line));
  assert.ok(read.length <= 25, `${read.length} lines to read`);
  assert.ok(
    read.every((line) => line.length <= 260),
    'none so long that one forgets how it began',
  );
  const { title, description, nextSteps } = JSON.parse(sent.https).content;
  const folder = join(import.meta.dirname, 'rendered');
  const asText = { serializers: [(text: string) => text] };
  const steps = nextSteps.map((step: string) => `- ${step}`).join('\n');
  t.assert.fileSnapshot(`Subject: ${sent.subject}\n\n${sent.email}\n`, join(folder, 'ten-thousand.email.txt'), asText);
  t.assert.fileSnapshot(`${title}\n\n${description}\n\n${steps}\n`, join(folder, 'ten-thousand.chat.txt'), asText);
});

/** The scan of one target (account × region): plan → ask → wait → read → judge and keep. */

import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { type Judgement, judge } from './judge.ts';
import { readAnswer } from './nodes/evidence.ts';
import { type InventoryNode, inventory, stillRunning } from './nodes/inventory.ts';
import {
  EXECUTION_SECONDS,
  type Invocation,
  invocations,
  progress,
  sendOnce,
  withoutInvocation,
} from './nodes/run-command.ts';
import type { WritableArchive } from './reports/archive.ts';
import type { ScanName } from './reports/keys.ts';
import type { Previous } from './reports/manifest.ts';
import type { TargetResult } from './reports/summary.ts';
import { type EvidenceLine, keepEvidence, keepInventory, keepTarget, readInventory } from './reports/target.ts';
import { isFinal, retryStrategy } from './retry.ts';
import { usedWaivers } from './rules/index.ts';
import type { ScanSettings, Target } from './settings.ts';

/** What became of a target, and the positions of the waivers that it needed. */
export type Scanned = TargetResult & { usedWaivers: number[] };

export type TargetScan = {
  scan: ScanName & { startedAt: string };
  target: Target;
  settings: ScanSettings;
  archive: WritableArchive;
  previous: Previous | null;
  ec2: EC2Client;
  ssm: SSMClient;
  judgement: Judgement;
};

/** Seconds between looks at a command: quick at first, because most nodes answer within seconds. */
const FIRST_LOOK = 5;
const SLOWEST_LOOK = 30;
/** What SSM may be late with its own bookkeeping, in seconds. */
const GRACE = 60;

/**
 * Scans one target as durable steps. Checkpoints carry counts, keys and digests only; inventory and evidence lie in the
 * archive, where the first that was written counts, so that a repeated step continues with the same nodes and answers.
 */
export async function scanTarget(context: DurableContext, job: TargetScan): Promise<Scanned> {
  const { scan, target, settings, archive, ssm } = job;
  const planned = await context.step('plan', () =>
    keepInventory(archive, scan, target, inventory(job.ec2, settings.tags)),
  );
  let commandId: string | undefined;
  if (planned.nodes > 0) {
    commandId = await context.step(
      'ask',
      () =>
        sendOnce(
          ssm,
          {
            documentName: settings.documentName,
            documentVersion: settings.documentVersion,
            documentHash: settings.documentHash,
            tags: settings.tags,
            comment: `kubevigil ${scan.scanId}`,
            deliveryTimeoutSeconds: settings.deliveryTimeoutSeconds,
            concurrency: settings.concurrency,
          },
          new Date(scan.startedAt),
        ),
      { retryStrategy },
    );
    await waitForAnswers(context, ssm, commandId, settings.deliveryTimeoutSeconds);
  }
  const asked = commandId;
  const evidence = await context.step('read', () => keepEvidence(archive, scan, target, answers(job, asked)), {
    retryStrategy,
  });
  return context.step(
    'judge',
    async () => {
      const { now, waivers = [] } = job.judgement;
      const used = new Set<number>();
      const result = await keepTarget(archive, scan, target, {
        kept: [planned.object, evidence],
        judge: (line) => {
          const judged = judge(line, job.judgement);
          const of = { id: judged.node.id, cluster: judged.node.cluster, tags: line.tags };
          for (const position of usedWaivers(waivers, of, judged.findings, now)) used.add(position);
          return judged;
        },
        previous: job.previous,
      });
      return { ...result, usedWaivers: [...used] };
    },
    { retryStrategy },
  );
}

/** Waits until the command is done, or until the last node could have answered. */
async function waitForAnswers(
  context: DurableContext,
  ssm: SSMClient,
  commandId: string,
  delivery: number,
): Promise<void> {
  const limit = delivery + EXECUTION_SECONDS + GRACE;
  await context.waitForCondition(
    'wait',
    (state) =>
      progress(ssm, commandId).catch((error: unknown) => {
        // The command goes on without us; a look that failed is taken again at the next.
        if (isFinal(error)) throw error;
        return state;
      }),
    {
      initialState: { done: false, status: 'Pending', targets: 0, completed: 0 },
      waitStrategy: (state, attempt) => {
        const delay = Math.min(FIRST_LOOK * attempt, SLOWEST_LOOK);
        // Pauses of 5, 10, … 30, 30 s: how long we have waited follows from the number of looks, on a replay too.
        const growing = Math.min(attempt, SLOWEST_LOOK / FIRST_LOOK + 1);
        const waited = (FIRST_LOOK * growing * (growing - 1)) / 2 + SLOWEST_LOOK * (attempt - growing);
        return state.done || waited >= limit
          ? { shouldContinue: false }
          : { shouldContinue: true, delay: { seconds: delay } };
      },
    },
  );
}

/** Every planned node exactly once: those that answered as their answers come, then those that did not. */
async function* answers(job: TargetScan, commandId: string | undefined): AsyncGenerator<EvidenceLine> {
  const waiting = new Map<string, InventoryNode>();
  for await (const node of readInventory<InventoryNode>(job.archive, job.scan, job.target)) waiting.set(node.id, node);
  if (commandId === undefined) return;
  for await (const invocation of invocations(job.ssm, commandId)) {
    const node = waiting.get(invocation.id);
    // A node that appeared after the plan, or that a page repeats: the plan says who is accounted for.
    if (!node) continue;
    waiting.delete(invocation.id);
    yield toLine(job.target, node, invocation);
  }
  const silent = [...waiting.values()].filter(({ windows }) => !windows);
  const running = await stillRunning(
    job.ec2,
    silent.map(({ id }) => id),
  );
  const outcomes = await withoutInvocation(job.ssm, [...running]);
  for (const node of waiting.values()) {
    const outcome = node.windows
      ? ({ reason: 'unsupported-platform', detail: 'This node runs Windows; kubevigil reads Linux nodes.' } as const)
      : (outcomes.get(node.id) ?? GONE);
    yield toLine(job.target, node, { id: node.id, ...outcome });
  }
}

const GONE = {
  reason: 'gone',
  detail: 'The instance was stopped or terminated after the scan had listed it.',
} as const;

function toLine({ account, region }: Target, known: InventoryNode, invocation: Invocation): EvidenceLine {
  const { tags, windows: _windows, ...identity } = known;
  const node = { ...identity, account, region };
  if ('reason' in invocation) return { node, tags, reason: invocation.reason, detail: invocation.detail };
  const answer = readAnswer(invocation.output);
  if ('problem' in answer) {
    return { node, tags, reason: 'bad-answer', detail: `Its answer cannot be used: ${answer.problem}.` };
  }
  return { node, tags, evidence: answer.evidence };
}

/**
 * The scan of one target (account × region): plan → ask → wait → read → judge and keep.
 * Tested by test/scan/handler.test.ts.
 */

import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { sha256 } from '../archive/content.ts';
import type { Previous } from '../archive/manifest.ts';
import type { WritableArchive } from '../archive/store.ts';
import { earlierEvidence, keepEvidence, keepInventory, keepTarget, readInventory } from '../archive/target.ts';
import { usedWaivers } from '../judging/index.ts';
import type { JudgeOptions } from '../judging/judge.ts';
import { readAnswer } from '../nodes/answer/evidence.ts';
import { type InventoryNode, inventory, stillRunning } from '../nodes/inventory.ts';
import {
  type CommandToSend,
  EXECUTION_SECONDS,
  type Invocation,
  invocations,
  progress,
  sendOnce,
  withoutInvocation,
} from '../nodes/run-command.ts';
import type { EvidenceLine } from '../results/evidence-line.ts';
import { judgeLine } from '../results/judge-line.ts';
import type { ScanName } from '../results/shapes.ts';
import type { TargetResult } from '../results/summary.ts';
import { isFinal, retryStep } from '../retries.ts';
import type { ScanSettings, Target } from '../settings.ts';
import type { TargetClients } from './clients.ts';

/** What became of a target, the positions of the waivers that it needed, and the requests to EC2 and SSM that it took. */
export type Scanned = TargetResult & { usedWaivers: number[]; calls: number };

export type TargetScan = {
  scan: ScanName & { startedAt: string };
  target: Target;
  settings: ScanSettings;
  archive: WritableArchive;
  previous: Previous | null;
  clients: TargetClients;
  judgement: JudgeOptions;
};

/** Seconds between looks at a command: quick at first, because most nodes answer within seconds. */
const FIRST_LOOK = 5;
const SLOWEST_LOOK = 30;
/** What SSM may be late with its own bookkeeping, in seconds. */
const GRACE = 60;
const CLOCK_SKEW_MS = 5 * 60 * 1000;

/**
 * Scans one target as durable steps. Checkpoints carry counts, keys and digests only; inventory and evidence lie in the
 * archive, where the first that was written counts, so that a repeated step continues with the same nodes and answers.
 */
export async function scanTarget(context: DurableContext, job: TargetScan): Promise<Scanned> {
  const { scan, target, settings, archive, clients } = job;
  // Steps are counted one by one, because a replay in another process only sees their results.
  const step = async <Result extends object>(name: string, run: () => Promise<Result>) =>
    context.step(
      name,
      async () => {
        const before = clients.calls();
        return { ...(await run()), calls: clients.calls() - before };
      },
      { retryStrategy: retryStep },
    );

  const planned = await step('plan', async () => ({
    ...(await keepInventory(archive, scan, target, inventory(clients.ec2, settings.tags))),
    // An earlier execution of this scan has asked already: its answers count.
    evidence: await earlierEvidence(archive, scan, target),
  }));
  let { calls, evidence } = planned;
  if (!evidence) {
    let commandId: string | undefined;
    if (planned.nodes > 0) {
      const asked = await step('ask', async () => ({
        id: await sendOnce(clients, commandOf(job), sentSince(scan)),
      }));
      commandId = asked.id;
      calls += asked.calls + (await waitForAnswers(context, clients.ssm, asked.id, settings.deliveryTimeoutSeconds));
    }
    const read = await step('read', async () => ({
      object: await keepEvidence(archive, scan, target, answers(job, commandId)),
    }));
    evidence = read.object;
    calls += read.calls;
  }
  const kept = [planned.object, evidence];
  const { judgement, previous } = job;
  const judged = await step('judge', async () => {
    const { now, waivers = [] } = judgement;
    const used = new Set<number>();
    const judgeCounted = (line: EvidenceLine) => {
      const judged = judgeLine(line, judgement);
      const of = { id: judged.node.id, cluster: judged.node.cluster, tags: line.tags };
      for (const position of usedWaivers(waivers, of, judged.findings, now)) used.add(position);
      return judged;
    };
    const result = await keepTarget(archive, scan, target, { kept, judge: judgeCounted, previous });
    return { ...result, usedWaivers: [...used] };
  });
  return { ...judged, calls };
}

/** The comment names scan and archive: another scanner may scan the same place at the same time, with other tags. */
function commandOf({ scan, settings, archive }: TargetScan): CommandToSend {
  const { documentName, documentVersion, documentHash, tags, deliveryTimeoutSeconds, concurrency } = settings;
  const comment = `kubevigil ${scan.scanId} ${sha256(archive.location).slice(0, 12)}`;
  return { documentName, documentVersion, documentHash, tags, comment, deliveryTimeoutSeconds, concurrency };
}

/** Where to begin looking for a command of this scan: our clock may be ahead of the service's. */
function sentSince({ startedAt }: { startedAt: string }): Date {
  return new Date(Date.parse(startedAt) - CLOCK_SKEW_MS);
}

/** Waits until the command is done, or until the last node could have answered. Returns how often it looked. */
async function waitForAnswers(
  context: DurableContext,
  ssm: SSMClient,
  commandId: string,
  delivery: number,
): Promise<number> {
  const limit = delivery + EXECUTION_SECONDS + GRACE;
  const { looks } = await context.waitForCondition(
    'wait',
    async ({ looks, ...seen }) => {
      // The command goes on without us; a look that failed is taken again at the next.
      const state = await progress(ssm, commandId).catch((error: unknown) => {
        if (isFinal(error)) throw error;
        return seen;
      });
      return { ...state, looks: looks + 1 };
    },
    {
      initialState: { done: false, status: 'Pending', targets: 0, completed: 0, looks: 0 },
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
  return looks;
}

/** Every planned node exactly once: those that answered as their answers come, then those that did not. */
async function* answers(job: TargetScan, commandId: string | undefined): AsyncGenerator<EvidenceLine> {
  // As text, which takes half of the memory that 100,000 objects with their tags would.
  const waiting = new Map<string, string>();
  for await (const node of readInventory<InventoryNode>(job.archive, job.scan, job.target)) {
    waiting.set(node.id, JSON.stringify(node));
  }
  if (commandId === undefined) return;
  for await (const invocation of invocations(job.clients.ssm, commandId)) {
    const node = waiting.get(invocation.id);
    // A node that appeared after the plan, or that a page repeats: the plan says who is accounted for.
    if (!node) continue;
    waiting.delete(invocation.id);
    yield toLine(job.target, JSON.parse(node), invocation);
  }
  const rest = [...waiting.values()].map((node): InventoryNode => JSON.parse(node));
  const silent = rest.filter(({ windows }) => !windows);
  const running = await stillRunning(
    job.clients.ec2,
    silent.map(({ id }) => id),
  );
  const outcomes = await withoutInvocation(job.clients.ssm, [...running]);
  for (const node of rest) {
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

/**
 * The scan of one target (account × region): plan → ask → judge and keep.
 * Tested by test/scan/handler.test.ts.
 */
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { Previous } from '../archive/manifest.ts';
import type { Again } from '../archive/previous.ts';
import { leftSince } from '../archive/previous.ts';
import {
  earlierAnswers,
  earlierEvidence,
  keepInventory,
  keepTarget,
  keepUnselected,
  readInventory,
} from '../archive/target.ts';
import { usedWaivers } from '../judging/index.ts';
import type { JudgeOptions } from '../judging/judge.ts';
import { nodesOf } from '../nodes/hybrid.ts';
import type { InventoryNode } from '../nodes/inventory.ts';
import { unselected } from '../nodes/unselected.ts';
import type { EvidenceLine } from '../results/evidence-line.ts';
import { judgeLine } from '../results/judge-line.ts';
import type { StoredObject } from '../results/shapes.ts';
import type { TargetResult } from '../results/summary.ts';
import { retryStep } from '../retries.ts';
import { askNodes } from './asking.ts';
import type { Asking } from './blocks.ts';
import { breathe, isLarge } from './breath.ts';
import { isAsked, mayAnswer } from './windows.ts';

/** What became of a target, the positions of the waivers that it needed, the requests to EC2 and SSM and the time that it took. */
export type Scanned = TargetResult & { usedWaivers: number[]; calls: number; phases?: TargetPhases };

/** Seconds that the parts of a target's scan took, each by the last try of its step; asking includes all waiting. */
export type TargetPhases = { plan: number; ask: number; judge: number };

export type TargetScan = Asking & {
  previous: Previous | null;
  judgement: JudgeOptions;
  again: Again;
};

/**
 * Scans one target as durable steps. Checkpoints carry counts, keys and digests only; inventory and evidence lie in the
 * archive, where the first that was written counts, so that a repeated step continues with the same nodes and answers.
 */
export async function scanTarget(context: DurableContext, job: TargetScan): Promise<Scanned> {
  const { scan, target, settings, archive, clients } = job;
  let calls = 0;
  // Steps are counted one by one, because a replay in another process only sees their results.
  const step = async <Result extends object>(
    name: string,
    run: () => Promise<Result>,
    options: object = { retryStrategy: retryStep },
  ): Promise<Result & { began: number; ended: number }> => {
    const done = await context.step(
      name,
      async () => {
        const [before, began] = [clients.calls(), Date.now()];
        const result = await run();
        return { ...result, calls: clients.calls() - before, began, ended: Date.now() };
      },
      options,
    );
    calls += done.calls;
    return done;
  };

  const planned = await step('plan', async () => {
    const { object } = await keepInventory(archive, scan, target, nodesOf(clients, settings));
    let [listed, toAsk] = [0, 0];
    const [ids, clusters] = [new Set<string>(), new Set<string>()];
    for await (const node of readInventory<InventoryNode>(archive, scan, target)) {
      ids.add(node.id);
      if (node.cluster !== undefined) clusters.add(node.cluster);
      if (!isAsked(node, settings)) continue;
      listed += 1;
      if (mayAnswer(node)) toAsk += 1;
    }
    const left = await leftSince(archive, job.previous, target, ids);
    const others = await keepUnselected(
      archive,
      scan,
      target,
      unselected(clients, settings.tags, { ids, clusters }, left),
    );
    // An earlier execution of this scan has asked already: its answers count.
    const evidence = await earlierEvidence(archive, scan, target);
    return {
      objects: [object, others],
      listed,
      toAsk,
      evidence,
      answers: evidence ? await earlierAnswers(archive, scan, target) : [],
    };
  });
  const kept: StoredObject[] = [...planned.objects, ...planned.answers];
  if (planned.evidence) kept.push(planned.evidence);
  else {
    const count = (looks: number) => {
      calls += looks;
    };
    const { evidence, objects } = await askNodes(context, { step, count }, job, planned);
    kept.push(...objects, evidence);
  }
  if (isLarge(planned.listed)) await breathe(context);
  const { judgement, previous, again } = job;
  const { began, ended, ...result } = await step('judge', async () => {
    const { now, waivers = [] } = judgement;
    const used = new Set<number>();
    const judgeCounted = (line: EvidenceLine) => {
      const node = judgeLine(line, judgement);
      const of = { id: node.node.id, cluster: node.node.cluster, tags: line.tags };
      for (const position of usedWaivers(waivers, of, node.findings, now)) used.add(position);
      return node;
    };
    const result = await keepTarget(archive, scan, target, {
      kept,
      judge: judgeCounted,
      previous,
      again,
      acceptance: { waivers, now },
    });
    return { ...result, usedWaivers: [...used] };
  });
  const seconds = (milliseconds: number) => Math.max(0, milliseconds / 1000);
  const phases = {
    plan: seconds(planned.ended - planned.began),
    ask: seconds(began - planned.ended),
    judge: seconds(ended - began),
  };
  return { ...result, calls, phases };
}

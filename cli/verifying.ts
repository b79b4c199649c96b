/**
 * Verifying in threads: half of the scans each, while the caller reads them, too. How many there are does not depend on the machine,
 * so that it finds the same everywhere. This file is also what the threads run. Tested by test/cli/verifying.test.ts.
 */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { joinParts, type Verification, type VerifyOptions } from '../lambda/archive/verification.ts';
import { verifyArchive } from '../lambda/archive/verify.ts';
import { ArchiveError } from '../lambda/results/errors.ts';
import { openArchive } from './archive.ts';
import { InputError } from './problems.ts';
import { stampChecker } from './timestamps.ts';

/** What is plain data of the options, for another thread. */
export type Verifying = Pick<VerifyOptions, 'from' | 'to' | 'now' | 'publicKeys' | 'unsigned'> & {
  /** PEM file of the authorities that must have signed time stamps; absent: who signed is not checked. */
  timestampCa?: string;
};

const PARTS = 2;

/** What a thread is given, under a name that no other has. */
type Work = { kubevigilVerifies: { place: string; options: Verifying & Pick<VerifyOptions, 'part'> } };

type Answer = { verification: Verification } | { problem: string };

/** Verifies the archive at a place, as its name stands on the command line. */
export async function verifyInThreads(place: string, options: Verifying): Promise<Verification> {
  const parts = Array.from({ length: PARTS }, async (_, number) => {
    const work: Work = { kubevigilVerifies: { place, options: { ...options, part: { number, of: PARTS } } } };
    const worker = new Worker(new URL(import.meta.url), { workerData: work });
    const [answer] = (await once(worker, 'message')) as [Answer];
    await worker.terminate();
    if ('problem' in answer) throw new ArchiveError(answer.problem);
    return answer.verification;
  });
  return joinParts(await Promise.all(parts));
}

if (!isMainThread && isWork(workerData)) {
  const { place, options } = workerData.kubevigilVerifies;
  parentPort?.postMessage(await work(place, options));
}

async function work(place: string, { timestampCa, ...options }: Work['kubevigilVerifies']['options']): Promise<Answer> {
  try {
    const checkStamp = timestampCa === undefined ? undefined : await stampChecker(timestampCa);
    return {
      verification: await verifyArchive(await openArchive(place), { ...options, ...(checkStamp && { checkStamp }) }),
    };
  } catch (error) {
    if (error instanceof ArchiveError || error instanceof InputError) return { problem: error.message };
    throw error;
  }
}

function isWork(value: unknown): value is Work {
  return typeof value === 'object' && value !== null && 'kubevigilVerifies' in value;
}

/** Runs plans in a thread, which has an environment and a clock of its own, and tells what became of each. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { checkNight } from './check.ts';
import { hurry } from './clock.ts';
import { planOf, type Recorded } from './plan.ts';

export type Work = { seeds: number[]; recorded: Recorded; folder: string };
export type Done = { seed: number; problem?: string };

const { seeds, recorded, folder } = workerData as Work;
hurry();
for (const seed of seeds) {
  const place = join(folder, String(seed));
  const done: Done = { seed };
  try {
    await checkNight(planOf(seed, recorded), place);
  } catch (error) {
    done.problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  rmSync(place, { recursive: true, force: true });
  parentPort?.postMessage(done);
}

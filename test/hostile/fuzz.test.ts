/** Thousands of answers that chance made worse: each becomes one row. `KUBEVIGIL_ANSWERS=1000000` reads more. */
import { test } from 'node:test';
import { checkRow, rowOf } from '../../simulator/hostile/row.ts';
import { worse } from './fuzz.ts';

const ANSWERS = Number(process.env.KUBEVIGIL_ANSWERS ?? 3_000);

test(`${ANSWERS} answers that chance made worse become one row each`, () => {
  for (let seed = 1; seed <= ANSWERS; seed += 1) {
    try {
      checkRow(rowOf(worse(seed)));
    } catch (error) {
      throw new Error(`answer ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
});

/**
 * `npm run soak`: the fault, crash, hostile and secret tests for longer, with a new seed's worth of nights and answers, and
 * what each hostile answer costs, which no unit test may time. Exits 1 when a test fails or an answer costs too much.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PLANS = process.env.KUBEVIGIL_PLANS ?? '3000';
const ANSWERS = process.env.KUBEVIGIL_ANSWERS ?? '500000';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { status: cost } = spawnSync(process.execPath, ['bench/run.ts', 'hostile'], { cwd: root, stdio: 'inherit' });

const tests = ['faults', 'hostile', 'secrets'].map((folder) => `test/${folder}/*.test.ts`);
const { status } = spawnSync(process.execPath, ['--test', ...tests, 'test/nodes/collector/degraded.test.ts'], {
  cwd: root,
  env: { ...process.env, KUBEVIGIL_SOAK: '1', KUBEVIGIL_PLANS: PLANS, KUBEVIGIL_ANSWERS: ANSWERS },
  stdio: 'inherit',
});
if (status !== 0 || cost !== 0) process.exitCode = 1;

/**
 * Times the derivation of typical nodes; prints a JSON line each: `node bench/derive.ts`.
 * Tested by test/bench/run.test.ts.
 */
import { derive } from '../lambda/kubelet/derive.ts';
import { eksAl2023, kubeadm } from '../simulator/fleet/node-types.ts';
import { median, print, times } from './line.ts';

/** Enough for the compiler to settle, and for a stable median. */
const WARM_UP = times(3000);
const ROUNDS = times(15);
const RUNS = times(1000);

for (const [name, kubelet] of Object.entries({ 'eks-al2023': eksAl2023, kubeadm })) {
  for (let run = 0; run < WARM_UP; run += 1) derive(kubelet);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = process.hrtime.bigint();
    for (let run = 0; run < RUNS; run += 1) derive(kubelet);
    return Number(process.hrtime.bigint() - start) / RUNS / 1000;
  });
  print('derive', `${name}, median`, median(rounds), 'µs');
}

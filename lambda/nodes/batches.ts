/** Many ids asked for in few requests, some of them side by side. Tested by test/nodes/run-command.test.ts. */

/** Requests on their way at once: 100,000 ids at half a second a request are asked for within minutes. */
const AT_ONCE = 8;

/** Calls `ask` for all ids, at most `size` at a time. Throws the first error. */
export async function inBatches(
  ids: readonly string[],
  size: number,
  ask: (batch: string[]) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < ids.length) {
      const start = next;
      next += size;
      await ask(ids.slice(start, start + size));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, Math.ceil(ids.length / size)) }, worker));
}

/** How much of a list a checkpoint or a report has room for. Tested by test/results/outliers.test.ts. */

/** So many, and so many bytes of JSON. */
export type Room = { items: number; bytes: number };

/** The first of them that there is room for. */
export function fitting<T>(all: readonly T[], { items, bytes }: Room): T[] {
  const some = all.slice(0, items);
  let left = bytes - JSON.stringify({ items: [], total: all.length }).length;
  const end = some.findIndex((each) => {
    left -= Buffer.byteLength(JSON.stringify(each)) + 1;
    return left < 0;
  });
  return end === -1 ? some : some.slice(0, end);
}

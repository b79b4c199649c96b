/** The order of texts in everything that is written. Tested by test/audit/order.test.ts. */

/** By UTF-16 code units, whatever the language of the machine. */
export function ascending(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

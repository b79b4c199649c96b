/**
 * Lists of CPUs: `0-3,8`. Source: k8s.io/utils/cpuset, Parse; up to 1.27 kubernetes pkg/kubelet/cm/cpuset.
 * Tested by test/go/cpus.test.ts.
 */
import { fits, parseInteger } from './literals.ts';
import { goQuote } from './quoting.ts';

/** Why the kubelet of a minor cannot read the list, in its words. */
export function cpusProblem(text: string, minor: number): string | undefined {
  if (text === '') return undefined;
  for (const range of text.split(',')) {
    const dash = range.indexOf('-');
    const bounds = dash === -1 ? [range] : [range.slice(0, dash), range.slice(dash + 1)];
    for (const bound of bounds) {
      const value = parseInteger(bound, 10);
      if (value === undefined) return `strconv.Atoi: parsing ${goQuote(bound)}: invalid syntax`;
      if (!fits(value, 64)) return `strconv.Atoi: parsing ${goQuote(bound)}: value out of range`;
    }
    const [start = 0n, end = start] = bounds.map((bound) => parseInteger(bound, 10) ?? 0n);
    if (start > end) return `invalid range ${goQuote(range)} (${start} ${minor <= 27 ? '>=' : '>'} ${end})`;
  }
  return undefined;
}

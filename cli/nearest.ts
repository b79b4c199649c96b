/**
 * What somebody may have meant who mistyped a word. Our own, because leven 4.1 and fastest-levenshtein 1.0 take two letters
 * that changed places for two mistakes.
 */

/** The candidate that begins with a word, or is a few mistakes away from it: a third of its letters at most. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  const begun = typed.length > 1 ? candidates.filter((candidate) => candidate.startsWith(typed)) : [];
  if (begun.length === 1) return begun[0];
  const [best] = candidates
    .map((candidate) => ({ candidate, mistakes: mistakes(typed, candidate) }))
    .sort((a, b) => a.mistakes - b.mistakes);
  return best && best.mistakes <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined;
}

/** `; did you mean WORD?`, or nothing. */
export function didYouMean(word: string, candidates: readonly string[], before = ''): string {
  const found = nearest(word, candidates);
  return found === undefined ? '' : `; did you mean ${before}${found}?`;
}

/** Letters to add, drop, replace or swap with their neighbour until one word is the other (optimal string alignment). */
function mistakes(one: string, other: string): number {
  let [before, above]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row[j] = Math.min(
        (above[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (above[j - 1] as number) + same,
        swapped ? (before[j - 2] as number) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, above] = [above, row];
  }
  return above[other.length] as number;
}

/** How message, page and log alike tell of a target that left. Tested by test/results/left-words.test.ts. */

/** What was there, where `nodes` says how many nodes: of one that could not be scanned the night before, when it was last, or since when not. */
export function whatWasThere(
  { notAssessedSince, lastAssessed }: { notAssessedSince?: string; lastAssessed?: string },
  nodes: string,
): string {
  if (lastAssessed !== undefined) return `had ${nodes} when it was scanned last, on ${lastAssessed.slice(0, 10)}`;
  if (notAssessedSince !== undefined) return `could not be scanned since ${notAssessedSince.slice(0, 10)}`;
  return `had ${nodes}`;
}

/** Why it left: the state of its account, or that nobody names it. */
export function whyLeft(why: string | undefined): string {
  if (why === undefined) return 'neither settings nor organization name it';
  return why === 'region-not-enabled' ? 'its account has not enabled the region' : `its account is ${why}`;
}

/** Rules that could not be judged, by their cause: what one cause keeps from being judged is told once. Tested by test/formats/html.test.ts. */
import type { Finding } from '../criteria/rule.ts';

/** Findings of status `error`, by their reason. */
export function notJudged(findings: readonly Finding[]): Map<string, Finding[]> {
  return Map.groupBy(
    findings.filter(({ status }) => status === 'error'),
    ({ reason }) => reason,
  );
}

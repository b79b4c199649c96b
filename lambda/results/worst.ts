/** Of several findings of one rule on one node, that which stands for the node. Tested by test/formats/asff.test.ts. */
import type { Finding } from '../criteria/rule.ts';
import { isOpen } from './open.ts';

const URGENCIES: Record<Finding['status'], number> = { error: 3, manual: 2, fail: 1, pass: 0, 'not-applicable': 0 };

/** The worst of the findings; what a waiver accepts is better than what nobody could judge. */
export function worstOf(findings: readonly [Finding, ...Finding[]]): Finding {
  const urgency = (finding: Finding) => (isOpen(finding) ? 4 : URGENCIES[finding.status]);
  return findings.reduce((worst, one) => (urgency(one) > urgency(worst) ? one : worst));
}

/** A node with several kubelets has several findings of a rule, which are one finding of the node: the worst of each rule. */
export function worstByRule(findings: readonly Finding[]): Map<string, Finding> {
  const byRule = Map.groupBy(findings, ({ rule }) => rule);
  return new Map([...byRule].map(([rule, all]) => [rule, worstOf(all as [Finding, ...Finding[]])]));
}

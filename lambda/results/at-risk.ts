/**
 * Which nodes are at risk: those with an open finding of a rule that says what will stop the node, on a day or at its
 * kubelet's next start. Page, table, terminal and messages all ask here; a node at risk is never clean, whatever else passes.
 */
import type { Finding, Hazard } from '../criteria/rule.ts';
import { rules } from '../judging/index.ts';
import type { NodeLine } from './node-line.ts';
import { isOpen } from './open.ts';
import { ascending } from './order.ts';

/** What will stop a node. */
export type Risk = {
  hazard: Hazard;
  finding: Finding;
  /** When the certificate ends, ISO 8601; absent where the date was not seen, and where the next start is awaited. */
  on?: string;
};

const HAZARDS: ReadonlyMap<string, Hazard> = new Map(
  rules.flatMap(({ name, hazard }) => (hazard === undefined ? [] : [[name, hazard] as const])),
);

/** Whether an open finding of this rule says what will stop the node. */
export function isHazard(rule: string): boolean {
  return HAZARDS.has(rule);
}

/** What will stop this node, the first to come first; what waits for the next start may come at any time. */
export function risksOf(line: NodeLine): Risk[] {
  return line.findings
    .filter(isOpen)
    .flatMap((finding): Risk[] => {
      const hazard = HAZARDS.get(finding.rule);
      if (hazard === undefined) return [];
      const on = endOf(line, hazard);
      return [{ hazard, finding, ...(on !== undefined && { on }) }];
    })
    .sort((a, b) => ascending(a.on ?? '', b.on ?? ''));
}

/** A node that will stop unless somebody acts. */
export function isAtRisk(line: NodeLine): boolean {
  return line.findings.some((finding) => isOpen(finding) && HAZARDS.has(finding.rule));
}

/** The end of the certificate that a hazard speaks of: of those that nothing renews, the first to end. */
function endOf({ certificates = [] }: NodeLine, hazard: Hazard): string | undefined {
  const ends = certificates.filter(({ role, renews }) => hazard === `${role}-certificate` && renews !== true);
  return ends.map(({ notAfter }) => notAfter).sort()[0];
}

/** What reports say about a rule besides its findings. Its tests are also test/formats/html.test.ts. */
import type { Rule, Severity, Status } from '../criteria/rule.ts';

/** Rules by name; reports name a rule that is not in it by its name only, because an archive may have another version's. */
export type Catalog = Readonly<
  Record<
    string,
    Pick<Rule, 'title' | 'failureTitle' | 'why' | 'severity' | 'references'> & {
      /** `nist-800-53/AC-3`: what it serves of other frameworks. */
      requirements?: readonly string[];
    }
  >
>;

/** What the catalog says about a rule; nothing where an archive names a rule that it does not have. */
export function aboutRule(catalog: Catalog, rule: string): Catalog[string] | undefined {
  return Object.hasOwn(catalog, rule) ? catalog[rule] : undefined;
}

/** A rule's title, of a finding that fails what it then says; its name where the catalog does not have it. */
export function titleOf(catalog: Catalog, rule: string, status?: Status): string {
  const about = aboutRule(catalog, rule);
  return (status === 'fail' ? about?.failureTitle : about?.title) ?? rule;
}

/** Failures that no waiver accepts, by the severity of their rules; of a rule that the catalog does not have, medium. */
export function openBySeverity(
  catalog: Catalog,
  rules: Readonly<Record<string, { fail: number; waived: number }>>,
): Record<Severity, number> {
  const open = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const [rule, { fail, waived }] of Object.entries(rules)) {
    open[aboutRule(catalog, rule)?.severity ?? 'medium'] += fail - waived;
  }
  return open;
}

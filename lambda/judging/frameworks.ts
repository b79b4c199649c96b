/** Which requirements of other frameworks a rule serves, as data: NIST SP 800-53, CIS Controls and PCI DSS. */
import * as v from 'valibot';
import data from './frameworks.json' with { type: 'json' };

const words = v.pipe(v.string(), v.minLength(1));

/** What it does not know does not load. */
const FrameworksSchema = v.array(
  v.strictObject({
    /** `nist-800-53` */
    name: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)),
    title: words,
    /** Who mapped it, and what is not in it. */
    notes: v.array(words),
    sources: v.pipe(v.array(v.pipe(v.string(), v.regex(/^https:\/\/\S+$/))), v.minLength(1)),
    /** Numbers of requirements, by rule. */
    rules: v.record(v.string(), v.pipe(v.array(words), v.minLength(1))),
  }),
);

export const frameworks = v.parse(FrameworksSchema, data);

/** `nist-800-53/AC-3`, `cis-controls-v8/3.3`: what a rule serves besides benchmarks; empty where nobody mapped it. */
export function requirementsOf(rule: string): string[] {
  return frameworks.flatMap(({ name, rules }) =>
    Object.hasOwn(rules, rule) ? (rules[rule] ?? []).map((requirement) => `${name}/${requirement}`) : [],
  );
}

/** The names by which people call a rule: its own, `<benchmark>/<control>`, or a control's number where it is unambiguous. */
import * as all from './all.ts';
import { benchmark, benchmarks } from './benchmarks.ts';
import type { ControlReference, Rule } from './rule.ts';
import { quote } from './setting.ts';

/** Every rule, by name in alphabetical order. */
export const rules: readonly Rule[] = Object.values(all).sort((a, b) => (a.name < b.name ? -1 : 1));

/** The same by name. */
export const catalog: Readonly<Record<string, Rule>> = Object.fromEntries(rules.map((rule) => [rule.name, rule]));

/** What a name means: the rule, and the control if the name was one. */
export type Meaning = { rule: Rule; control?: ControlReference };

const texts = {
  unknown: (name: string) =>
    `"${quote(name)}" is not a rule, nor a control: expected a rule's name such as rotate-client-certificates, or a control such as cis-kubernetes-1.5.1/4.2.11`,
  near: (name: string) => `; did you mean ${name}?`,
  noControl: (name: string, control: string) => `benchmark ${name} has no control ${quote(control)} for worker nodes`,
  noBenchmark: (name: string) =>
    `there is no benchmark ${quote(name)}: expected one of ${benchmarks.map((candidate) => candidate.name).join(', ')}`,
  ambiguous: (name: string, meanings: string) =>
    `control ${quote(name)} means different rules in different benchmarks (${meanings}): write it as <benchmark>/${quote(name)}`,
};

/** All that a name can mean; empty where it means nothing. A control's number may mean several rules. */
export function meanings(name: string): Meaning[] {
  const own = rules.filter((rule) => rule.name === name);
  if (own.length > 0) return own.map((rule) => ({ rule }));
  const [first = '', second] = name.split('/');
  const searched = second === undefined ? benchmarks : [benchmark(first)].filter((found) => found !== undefined);
  return searched.flatMap(({ name: of, controls }) =>
    controls
      .filter(({ control }) => control === (second ?? first))
      .flatMap((control) =>
        rules
          .filter((rule) => rule.name === control.rule)
          .map((rule) => ({ rule, control: { benchmark: of, control: control.control } })),
      ),
  );
}

/** The one rule that a name means, or one line that says what is wrong with the name. */
export function resolveRule(name: string): Meaning | { problem: string } {
  const found = meanings(name);
  const [first] = found;
  if (!first) return { problem: problemOf(name) };
  const distinct = new Set(found.map(({ rule }) => rule.name));
  if (distinct.size > 1) return { problem: texts.ambiguous(name, spread(found)) };
  return found.length > 1 ? { rule: first.rule } : first;
}

/** `rotate-client-certificates in cis-kubernetes-1.5.1, …`: each rule with the first and last benchmark that means it. */
function spread(found: Meaning[]): string {
  const groups = Map.groupBy(found, ({ rule }) => rule.name);
  return [...groups]
    .map(([rule, group]) => `${rule} in ${group.map(({ control }) => control?.benchmark).join(' ')}`)
    .join('; ');
}

function problemOf(name: string): string {
  const [first = '', second] = name.split('/');
  if (second !== undefined) return benchmark(first) ? texts.noControl(first, second) : texts.noBenchmark(first);
  const near = rules.find((rule) => rule.name.includes(name) || name.includes(rule.name));
  return texts.unknown(name) + (near && name.length > 3 ? texts.near(near.name) : '');
}

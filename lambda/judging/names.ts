/** The names by which people call a rule: its own, `<benchmark>/<control>`, or a control's number where it is unambiguous. */

import type { ControlReference, Rule } from '../criteria/rule.ts';
import { oneLine } from '../platforms/wording.ts';
import * as all from '../rules/index.ts';
import { benchmark, benchmarks, spelling } from './benchmarks.ts';
import { requirementsOf } from './frameworks.ts';

/** Every rule, by name in alphabetical order. */
export const rules: readonly Rule[] = Object.values(all).sort((a, b) => (a.name < b.name ? -1 : 1));

/** The same by name, each with the requirements of other frameworks that it serves. */
export const catalog: Readonly<Record<string, Rule & { requirements: readonly string[] }>> = Object.fromEntries(
  rules.map((rule) => [rule.name, { ...rule, requirements: requirementsOf(rule.name) }]),
);

/** What a name means: the rule, and the control if the name was one. */
export type Meaning = { rule: Rule; control?: ControlReference };

const texts = {
  unknown: (name: string) =>
    `"${oneLine(name)}" is not a rule, nor a control: expected a rule's name such as rotate-client-certificates, or a control such as cis-kubernetes-1.5.1/4.2.11`,
  near: (name: string) => `; did you mean ${name}?`,
  noControl: (name: string, control: string) => `benchmark ${name} has no control ${oneLine(control)} for worker nodes`,
  whole: (name: string) => `${oneLine(name)} is a whole benchmark: name one of its controls, as <benchmark>/<control>`,
  noBenchmark: (name: string) =>
    `there is no benchmark ${oneLine(name)}: expected one of ${benchmarks.map((candidate) => candidate.name).join(', ')}`,
  ambiguous: (name: string, meanings: string) =>
    `control ${oneLine(name)} means different rules in different benchmarks (${meanings}): write it as <benchmark>/${oneLine(name)}`,
};

/** All that a name can mean; empty where it means nothing. A control's number may mean several rules. */
export function meanings(name: string): Meaning[] {
  const own = rules.filter((rule) => rule.name === spelling(name));
  if (own.length > 0) return own.map((rule) => ({ rule }));
  const [first = '', second] = parts(name);
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
  const [first = '', second] = parts(name);
  if (second !== undefined) return benchmark(first) ? texts.noControl(first, second) : texts.noBenchmark(first);
  if (benchmark(first)) return texts.whole(first);
  const near = nearest(name);
  return texts.unknown(name) + (near ? texts.near(near.name) : '');
}

/** `<benchmark>/<control>`, with or without spaces around the slash. */
function parts(name: string): string[] {
  return name.split('/').map((part) => part.trim());
}

/** The rule that shares the most words with a name, of its own or of its flag or setting: `rotateCertificates`. */
function nearest(name: string): Rule | undefined {
  const words = spelling(name.replaceAll(/([a-z])([A-Z])/g, '$1-$2'))
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 2);
  const alike = (one: string, other: string) => one.startsWith(other) || other.startsWith(one);
  const shared = ({ name: own }: Rule) =>
    words.filter((word) => own.split('-').some((each) => alike(each, word))).length;
  const [best] = rules.toSorted((a, b) => shared(b) - shared(a));
  return best && shared(best) > 0 ? best : undefined;
}

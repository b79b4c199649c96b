/**
 * What is said of input that a kubelet refuses: its words, where the input stands, why the kubelet runs all the same, and
 * what to do on this kind of node. Tested by test/rules/kubelet-restart.test.ts.
 */
import type { About } from '../go/outcome.ts';
import type { Refusal } from '../kubelet/configuration.ts';
import { platformOf } from '../platforms/index.ts';
import { placeOf } from '../platforms/places.ts';
import type { NodeFacts } from '../platforms/platform.ts';
import { step } from '../platforms/step.ts';
import { capital, listed, oneLine } from '../platforms/wording.ts';
import { changedSince } from './check-settings.ts';
import type { NodeView, Verdict } from './rule.ts';

/** The kubelet's words are searched for in its log: they are cut later than other texts of a node. */
const LONGEST_WORDS = 600;

const texts = {
  refused: (words: string, places: string) =>
    `A kubelet would not start with the inputs found on this node: ${words}${places && ` (${places})`}`,
  other: 'it runs, so it was started with other input: a file changed since',
  program: 'it runs with these arguments, so its program was replaced since it started',
  mend: (what: string) => `${what} before the kubelet restarts: with it the node would not come back.`,
  input: 'its input',
};

/** The verdict over a refusal. */
export function refusedInput(node: NodeView, refusal: Refusal): Verdict {
  const places = placesOf(node, refusal);
  const words = wordsOf(refusal);
  return {
    status: 'fail',
    reason: `${texts.refused(words, listed(places, '; '))}; ${whyItRuns(node, refusal)}.`,
    advisories: [],
    remediation: [step(texts.mend(mending(refusal, places))), ...platformOf(node).afterChange(node)],
  };
}

/** The kubelet's words on one line, without a full stop. */
export function wordsOf({ error }: Refusal): string {
  return oneLine(error.replace(/\s+/g, ' '), LONGEST_WORDS).replace(/\.$/, '');
}

/** A kubelet that runs was started with input that it took. */
function whyItRuns({ kubelet, configuration }: NodeView, { about }: Refusal): string {
  const changed = configuration.changedAfterStart;
  if (changed.length > 0) return changedSince(changed);
  const isArgument = about.length > 0 && about.every(({ where }) => where?.kind === 'flag');
  return isArgument && kubelet.host === 'kubelet' ? texts.program : texts.other;
}

/** `argument --x=1, written in /etc/default/kubelet line 3`, `line 12 of /etc/k.yaml (maxPods)`. */
export function placesOf(node: NodeFacts, { about }: Refusal): string[] {
  return [...new Set(about.flatMap((each) => placeIn(node, each) ?? []))];
}

function placeIn(node: NodeFacts, { setting, gate, where }: About): string | undefined {
  if (where?.where === undefined) return undefined;
  const name = gate ?? setting;
  const place = placeOf(node, where, gate === undefined ? setting : `featureGates.${gate}`);
  return where.kind === 'flag' || name === undefined ? place : `${place} (${oneLine(name)})`;
}

/** What a person does about it: what a version does not know or let itself be told is removed, the rest corrected. */
export function mending({ error }: Refusal, places: readonly string[]): string {
  const removes = /unknown (?:shorthand )?flag|unrecognized feature gate|cannot set feature gate/.test(error);
  const what = places.length > 0 ? listed(places, ' and ') : texts.input;
  return capital(`${removes ? 'remove' : 'correct'} ${what}`);
}

/**
 * A rehearsal of many nodes: those of one group of nodes with one answer are one line of it, so that the answer for
 * ten thousand nodes is a page. Tested by test/results/readiness.test.ts.
 */

import { plannedFor } from '../criteria/announced.ts';
import { wordsOf } from '../criteria/refused-input.ts';
import { type ChangeAt, type Rehearsal, rehearse, type Stop } from '../criteria/rehearsal.ts';
import { changeText, told } from '../criteria/rehearsal-words.ts';
import { kubeletsOf } from '../judging/judge.ts';
import { type Change, planned } from '../kubelet/plan.ts';
import { platformOf } from '../platforms/index.ts';
import type { NodeFacts } from '../platforms/platform.ts';
import { type Step, step } from '../platforms/step.ts';
import { oneLine } from '../platforms/wording.ts';
import type { EvidenceLine } from './evidence-line.ts';

/**
 * `stops`: it would not start. `unknown`: it cannot be asked. `newer`: it runs that version already, or a later one.
 */
export type Outcome = 'stops' | 'unknown' | 'starts' | 'newer';

/** What a version refuses, for people. */
export type ToldStop = { version: string; words: string; where?: string[]; do?: Step[] };

/** Nodes of one group with one answer. */
export type Group = {
  cluster?: string;
  /** EKS node group, Karpenter node pool or Auto Scaling group. */
  group?: string;
  /** The kind of node, and the minor that runs. */
  platform?: string;
  from?: string;
  outcome: Outcome;
  /** The first version that would not start. */
  stops?: ToldStop;
  /** Why it cannot be asked. */
  problem?: string;
  /** Versions on the way that would not start, though a later one would. */
  passing: ToldStop[];
  /** What a newer image leaves behind, and what the upgrade takes out. */
  staysBehind: ToldStop[];
  takenOut: ToldStop[];
  /** What changes although nobody touches it. */
  changes: { version: string; text: string; setting: string; from: unknown; to: unknown }[];
  /** Planned by the Kubernetes project, judged by nothing. */
  planned: { version: string; text: string }[];
  /** What of the planned change has no effect here. */
  notes: string[];
  /** How many, and the ids of the first of them. */
  nodes: number;
  examples: string[];
};

export type Readiness = { to: string; nodes: Record<Outcome, number>; groups: Group[] };

/** What is asked: the last minor (absent: each node's own), and a change. */
export type Question = { to?: number; change?: Change };

const MOST_EXAMPLES = 5;
const ORDER: readonly Outcome[] = ['stops', 'unknown', 'starts', 'newer'];

const texts = {
  version: 'the version of its kubelet is not in the evidence',
  today: 'its kubelet would not start with this input today: the rule kubelet-restart tells why',
  hidden: (title: string) => `${title} hides arguments of its kubelet`,
  none: 'no kubelet was found on it',
  refused: 'Correct the planned change before it is rolled out: the version that runs now would not start with it.',
};

const minorText = (minor: number) => `1.${minor}`;

/** Adds node after node to the groups; keeps no node. */
export function readinessOf(question: Question): { add(line: EvidenceLine): void; result(): Readiness } {
  const groups = new Map<string, Group>();
  const add = (line: EvidenceLine) => {
    const { id, cluster, group } = line.node;
    const where = { ...(cluster !== undefined && { cluster }), ...(group !== undefined && { group }) };
    const answer = { ...where, ...worst(answersOf(line, question)) };
    const key = JSON.stringify(answer);
    const known = groups.get(key) ?? { ...answer, nodes: 0, examples: [] };
    known.nodes += 1;
    if (known.examples.length < MOST_EXAMPLES) known.examples.push(id);
    groups.set(key, known);
  };
  const result = (): Readiness => {
    const sorted = [...groups.values()].sort(
      (a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) || b.nodes - a.nodes,
    );
    const nodes = Object.fromEntries(
      ORDER.map((outcome) => [
        outcome,
        sorted.filter((each) => each.outcome === outcome).reduce((sum, each) => sum + each.nodes, 0),
      ]),
    ) as Record<Outcome, number>;
    return { to: question.to === undefined ? 'its own version' : minorText(question.to), nodes, groups: sorted };
  };
  return { add, result };
}

type Answer = Omit<Group, 'nodes' | 'examples' | 'cluster' | 'group'>;

/** Of several kubelets of a node the one that needs most to be done. */
function worst(answers: readonly Answer[]): Answer {
  return answers.toSorted((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome))[0] ?? untold(texts.none);
}

function untold(problem: string, more: Partial<Answer> = {}): Answer {
  return {
    ...more,
    outcome: 'unknown',
    problem,
    passing: [],
    staysBehind: [],
    takenOut: [],
    changes: [],
    planned: [],
    notes: [],
  };
}

function answersOf(line: EvidenceLine, question: Question): Answer[] {
  if (!('evidence' in line)) return [untold(oneLine(line.detail, 300))];
  const { evidence, tags, node } = line;
  return kubeletsOf(line).map(({ process, configuration }) =>
    answerOf({ evidence, kubelet: process, configuration, tags, id: node.id }, question),
  );
}

function answerOf(node: NodeFacts, { to, change }: Question): Answer {
  const { version, starts } = node.configuration;
  const { title, hiddenArguments } = platformOf(node);
  const kind = { platform: title, ...(version.known && { from: minorText(version.minor) }) };
  if (!version.known) return untold(texts.version, kind);
  const last = to ?? version.minor;
  const empty = { ...kind, passing: [], staysBehind: [], takenOut: [], changes: [], planned: [], notes: [] };
  if (last < version.minor || (last === version.minor && change === undefined)) return { ...empty, outcome: 'newer' };
  const plan = change && planned(node.kubelet, change);
  const found = rehearse(node, last, plan && ((kubelet) => planned(kubelet, change ?? {}).kubelet));
  if (found === undefined) return untold(starts === 'unknown' ? oneLine(problemIn(node)) : texts.today, kind);
  const about = (stop: Stop) => asTold(node, stop, version.minor);
  const told = {
    ...empty,
    passing: found.passing.map(about),
    staysBehind: found.stays.map(shortly),
    takenOut: found.cleaned.map(shortly),
    changes: found.changes.map(changed),
    planned: plannedIn(node, last),
    notes: plan?.notes ?? [],
  };
  if (found.stops) return { ...told, outcome: 'stops', stops: about(found.stops) };
  const problem = problemOf(found, hiddenArguments(node.kubelet) !== undefined ? texts.hidden(title) : undefined);
  return problem === undefined ? { ...told, outcome: 'starts' } : { ...told, outcome: 'unknown', problem };
}

function problemIn({ configuration }: NodeFacts): string {
  return configuration.starts === 'unknown' ? configuration.problem : '';
}

function problemOf({ unknown }: Rehearsal, hidden: string | undefined): string | undefined {
  return unknown === undefined ? hidden : oneLine(`${minorText(unknown.minor)}: ${unknown.problem}`, 300);
}

/** What the version that runs now refuses is not on the node yet, so there is nothing to mend there. */
function asTold(node: NodeFacts, stop: Stop, running: number): ToldStop {
  const { words, places, steps } = told(node, stop);
  return {
    version: minorText(stop.minor),
    words,
    where: places,
    do: stop.minor === running ? [step(texts.refused)] : steps,
  };
}

function shortly({ minor, refusal }: Stop): ToldStop {
  return { version: minorText(minor), words: wordsOf(refusal) };
}

function changed(step: ChangeAt): Group['changes'][number] {
  const { setting, from, to } = step;
  return { version: minorText(step.minor), text: changeText(step), setting: oneLine(setting), from, to };
}

function plannedIn(node: NodeFacts, last: number): Group['planned'] {
  return plannedFor(node).flatMap(({ minor, text }) =>
    minor === last + 1 ? [{ version: minorText(minor), text }] : [],
  );
}

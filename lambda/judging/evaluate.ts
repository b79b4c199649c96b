/** Judges one node by the rules of its benchmarks. Long because what several benchmarks and kubelets say of one rule becomes one finding here. */

import { follow } from '../criteria/procedure.ts';
import type {
  AnsweredControl,
  ControlReference,
  Finding,
  NodeView,
  Parameters,
  Rule,
  Status,
  Verdict,
} from '../criteria/rule.ts';
import { isOnWindows } from '../kubelet/files.ts';
import { isEks } from '../platforms/eks.ts';
import { platformOf } from '../platforms/index.ts';
import type { HiddenArguments } from '../platforms/platform.ts';
import { inOneLine } from '../platforms/step.ts';
import { EXPIRY_DAYS } from '../settings.ts';
import type { Kubelet, Once, Seen } from './alike.ts';
import {
  benchmark,
  benchmarks,
  type Choice,
  type Control,
  chooseBenchmark,
  controlsOf,
  parametersOf,
  SEED,
} from './benchmarks.ts';
import { certainOf, forPerson, type Judged } from './hidden-arguments.ts';
import { type Meaning, resolveRule, rules } from './names.ts';
import { asSeen } from './unseen.ts';
import { type Waiver, waive } from './waive.ts';

export type EvaluationInput = {
  evidence: NodeView['evidence'];
  /** Each kubelet of the node with what it is effectively configured to do. */
  kubelets: readonly Kubelet[];
  /** EC2 tags; they tell EKS nodes and select waivers. */
  tags?: NodeView['tags'];
  /** Tells machines outside of EC2. */
  id?: string;
  now: NodeView['now'];
};

export type EvaluationOptions = {
  /** Names of benchmarks; `auto` stands for the one that fits the node. Default: `['auto']`. */
  benchmarks?: readonly string[];
  /** Rules or controls to judge; default: every rule of the benchmarks, and ours. */
  rules?: readonly string[];
  /** `client-certificate-expiry` fails within this many days; default 30. */
  expiryDays?: number;
  /** False: `next-version` is not judged unless `rules` names it. */
  rehearse?: boolean;
  waivers?: readonly Waiver[];
  /** Which node this is, for waivers. */
  node?: { id: string; cluster?: string | undefined };
};

/** How many other kubelets of a node are told of beside the worst; nodes have one, test clusters a few. */
const MOST_OTHERS = 5;

/** One rule, the controls that its answer answers, as they are answered where their audits say the same, and what each group of them gives to it. */
type Task = { rule: Rule; controls: Asked[]; groups: Group[]; answers: AnsweredControl[] };
/** A control that is asked about, and at what position its group stands. */
type Asked = Control & ControlReference & { group: number };
/** The parameters of some controls; the strictest group comes first. */
type Group = { parameters: Partial<Parameters>; controls: ControlReference[] };

/** From the least to the most that somebody must act on; a failure that is certain outweighs evidence that is lacking. */
const WORSE: readonly Status[] = ['not-applicable', 'pass', 'manual', 'error', 'fail'];

const texts = {
  also: (kubelet: string, { status, reason, remediation }: Verdict) =>
    `${kubelet}: ${status}: ${reason}${remediation === undefined ? '' : ` ${inOneLine(remediation)}`}`,
  within: (mode: string, controls: string) => `Mode ${mode}, the most that ${controls} allows, is not exceeded.`,
  linuxOnly: (why: string) => `This is for Linux nodes, as the CIS benchmarks are, and ${why}.`,
  kept: (controls: string) => `What ${controls} asks for is kept.`,
};

/** The benchmark that `auto` stands for on this node, and why; nothing where no kubelet runs. */
export function automaticBenchmark(input: EvaluationInput): Choice | undefined {
  return viewsOf(input).map(choose)[0];
}

function choose(view: NodeView): Choice {
  const platform = isEks(view) ? 'eks' : platformOf(view).name === 'openshift' ? 'openshift' : 'kubernetes';
  return chooseBenchmark({ platform, version: view.configuration.version });
}

function viewsOf({ evidence, kubelets, tags = {}, id, now }: EvaluationInput): NodeView[] {
  return kubelets.map(({ process, configuration }) => ({
    evidence,
    kubelet: process,
    configuration,
    tags,
    ...(id !== undefined && { id }),
    now,
  }));
}

/**
 * Findings of one node, one a rule, by rule name. Of several kubelets the worst verdict counts and its reason names the
 * process. A node without a kubelet has no findings: its coverage says so. Throws an Error with one line where
 * `benchmarks` or `rules` name what does not exist.
 */
export function evaluate(
  input: EvaluationInput,
  options: EvaluationOptions = {},
  once: Once = ofItself(input),
): Finding[] {
  if (input.kubelets.length === 0) return [];
  const { now, tags = {} } = input;
  const { expiryDays = EXPIRY_DAYS, waivers, node } = options;
  const automatic = once('', 'automatic', (seen) => automaticBenchmark({ ...seen, now })?.name ?? '');
  const { tasks, key } = plan(automatic, options);
  const scope = `${now} ${expiryDays} ${key}`;
  const asking: Asking = (index) => (name, compute) =>
    once(scope, `${index} ${name}`, (seen) => compute(look(seen).views[index] as NodeView));
  const looks = new Map<Seen, Look>();
  const look = (seen: Seen): Look => {
    // What a stand-in is asked it says itself.
    const found = looks.get(seen) ?? lookAt({ ...seen, now }, seen.kubelets === input.kubelets ? asking : undefined);
    looks.set(seen, found);
    return found;
  };
  const findings = tasks.map((task) => once(scope, task.rule.name, (seen) => findingOf(task, look(seen), expiryDays)));
  if (!waivers || waivers.length === 0) return findings;
  const target = { id: node?.id ?? '', cluster: node?.cluster, tags };
  return findings.map((finding) => waive(finding, waivers, target, now));
}

/** Of a node of whose kind nothing is known. */
function ofItself(input: EvaluationInput): Once {
  const seen = { ...input, tags: input.tags ?? {} };
  return (_scope, _name, compute) => compute(seen);
}

/** What there is to see of a node's kubelets, and what of each is hidden. */
type Look = { views: NodeView[]; hidden: (HiddenArguments | undefined)[] };

/** How a part is asked of the kubelet at this position. */
type Asking = (index: number) => NonNullable<NodeView['ofKind']>;

function lookAt(input: EvaluationInput, asking: Asking | undefined): Look {
  const views = viewsOf(input).map((view, index) => (asking ? { ...view, ofKind: asking(index) } : view));
  return { views, hidden: views.map((view) => platformOf(view).hiddenArguments(view.kubelet)) };
}

function findingOf(task: Task, { views, hidden }: Look, expiryDays: number): Finding {
  const judgements = views.map((view, index) => asSeen(view, task.rule, judge(task, view, hidden[index], expiryDays)));
  const judged = worst(judgements, views);
  const { name, severity } = task.rule;
  return withMembers({ rule: name, severity, controls: answered(task, judged) }, judged, 'audits') as Finding;
}

/** The target with the members of the source but one, in their order; a copy by rest and spread takes many times as long. */
function withMembers<T extends object>(target: T, source: object, but: string): T {
  const members = source as Readonly<Record<string, unknown>>;
  // By entries it takes three times as long as by keys.
  for (const key of Object.keys(members)) if (key !== but) (target as Record<string, unknown>)[key] = members[key];
  return target;
}

function answered({ controls, answers }: Task, { audit, audits }: Judged): AnsweredControl[] {
  if (audits.every((each) => each === undefined || each === audit)) return answers;
  return controls.map((control, index) => {
    const own = audits[index];
    return { ...answerOf(control), ...(own !== undefined && own !== audit && { audit: own }) };
  });
}

function answerOf({ benchmark: of, control, assessment }: Asked): AnsweredControl {
  return { benchmark: of, control, ...(assessment === 'manual' && { manual: true }) };
}

/** Plans depend on names alone, of which a scan has few; they are kept because a scan judges many nodes. */
const plans = new Map<string, Plan>();
const MOST_PLANS = 64;

/** `key` tells it from others. */
type Plan = { tasks: Task[]; key: string };

function plan(automatic: string, options: EvaluationOptions): Plan {
  const key = JSON.stringify([automatic, options.benchmarks, options.rules, options.rehearse]);
  const kept = plans.get(key);
  if (kept) return kept;
  const made = { tasks: makePlan(automatic, options), key };
  if (plans.size >= MOST_PLANS) plans.clear();
  plans.set(key, made);
  return made;
}

function makePlan(automatic: string, options: EvaluationOptions): Task[] {
  const chosen = new Set((options.benchmarks ?? ['auto']).map((name) => known(name === 'auto' ? automatic : name)));
  const named = options.rules?.map(meant);
  return rules.flatMap((rule): Task[] => {
    if (rule.name === 'next-version' && options.rehearse === false && !named) return [];
    const asked = named?.filter((meaning) => meaning.rule === rule);
    if (asked?.length === 0) return [];
    const all = controlsOf(rule.name);
    const controls = all.filter(
      (entry) =>
        !entry.related &&
        (chosen.has(entry.benchmark) || asked?.some(({ control }) => control !== undefined && same(control, entry))),
    );
    // A rule of our own is judged with every benchmark, also where one that is never chosen by itself asks for it too.
    const ours = all.every((entry) => entry.related || benchmark(entry.benchmark)?.kubernetes === undefined);
    if (controls.length === 0 && !asked && !ours) return [];
    const seed = all.find((entry) => same(entry, SEED) && !entry.related);
    const answers = seed && !controls.some((entry) => same(entry, SEED)) ? [...controls, seed] : controls;
    const groups = groupsOf(controls.length > 0 ? answers : newestOf(all));
    const group = (entry: ControlReference) =>
      groups.findIndex((each) => each.controls.some((own) => same(own, entry)));
    const answering = answers.map((entry) => ({ ...entry, group: Math.max(0, group(entry)) }));
    return [{ rule, controls: answering, groups, answers: answering.map(answerOf) }];
  });
}

function known(name: string): string {
  const found = benchmark(name);
  if (found) return found.name;
  const names = benchmarks.map((each) => each.name).join(', ');
  throw new Error(`there is no benchmark ${name}: expected auto or one of ${names}`);
}

function meant(name: string): Meaning {
  const meaning = resolveRule(name);
  if ('problem' in meaning) throw new Error(meaning.problem);
  return meaning;
}

function same(one: ControlReference, other: ControlReference): boolean {
  return one.benchmark === other.benchmark && one.control === other.control;
}

/** Where no chosen benchmark has the rule, the newest CIS Kubernetes that has it says what it asks for, or else the last. */
function newestOf<C extends ControlReference>(all: C[]): C[] {
  const newest = all.findLast((entry) => entry.benchmark.startsWith('cis-kubernetes-')) ?? all.at(-1);
  return newest ? [newest] : [];
}

/** Controls that ask for the same are one group; without any control there is one that asks for nothing in particular. */
function groupsOf(controls: (Control & ControlReference)[]): Group[] {
  const groups = Map.groupBy(controls, (control) => JSON.stringify(parametersOf(control)));
  const found = [...groups.values()].flatMap((own): Group[] => {
    const [first] = own;
    return first ? [{ parameters: parametersOf(first), controls: own }] : [];
  });
  return found.length > 0 ? found.sort((a, b) => laxity(a) - laxity(b)) : [{ parameters: {}, controls: [] }];
}

/** Less is stricter: a smaller mode, fewer suites, one thing more that is asked for. */
function laxity({ parameters: { maximumMode = '0', suites = [], bootstrap } }: Group): number {
  return Number.parseInt(maximumMode, 8) + suites.length - (bootstrap ? 1 : 0);
}

function judge(task: Task, view: NodeView, hidden: HiddenArguments | undefined, expiryDays: number): Judged {
  const judged = () => decide(task, view, expiryDays);
  if (isOnWindows(view.kubelet)) return onWindows(task.rule, judged);
  return hidden === undefined
    ? judged()
    : (certainOf(task.rule, view, hidden, judged) ?? forPerson(task.rule, view, hidden));
}

/** On Windows no benchmark's procedure can be run; what a rule asks for may mean nothing there. */
function onWindows({ linuxOnly }: Rule, judged: () => Judged): Judged {
  if (linuxOnly !== undefined) {
    return { status: 'not-applicable', reason: texts.linuxOnly(linuxOnly), advisories: [], audits: [] };
  }
  const { audit: _, ...verdict } = judged();
  return { ...verdict, audits: [] };
}

/** One kubelet's verdict; where benchmarks ask for different things, the worst decides and those that are kept are named. */
function decide(task: Task, view: NodeView, expiryDays: number): Judged {
  const { rule, controls, groups } = task;
  const verdicts = groups.map(({ parameters }) => rule.check(view, { expiryDays, ...parameters }));
  const audits = controls.map(({ audit, group }) => {
    const own = verdicts[group]?.audit;
    return audit ? follow(audit, view, own) : own;
  });
  const [position, verdict] = worstOf(verdicts);
  const first = controls.findIndex(({ group }) => group === position);
  const audit = first < 0 ? verdict.audit : audits[first];
  const said = withMembers({} as Verdict, verdict, 'audit');
  if (audit !== undefined) said.audit = audit;
  const kept = groups.filter((_, index) => verdict.status === 'fail' && verdicts[index]?.status === 'pass');
  if (kept.length > 0) {
    said.advisories = [
      ...verdict.advisories,
      ...kept.map((group) => ({ id: 'other-benchmark-kept', text: keptText(group) })),
    ];
  }
  return Object.assign(said, { audits });
}

function keptText({ parameters: { maximumMode }, controls }: Group): string {
  const names = controls.map((each) => `${each.benchmark}/${each.control}`).join(', ');
  return maximumMode === undefined ? texts.kept(names) : texts.within(maximumMode, names);
}

/** The worst verdict, the first of equals, and its position. */
function worstOf<V extends Verdict>(verdicts: readonly V[]): [position: number, verdict: V] {
  const [first] = verdicts;
  if (!first) throw new Error('nothing was judged');
  if (verdicts.length === 1) return [0, first];
  const rank = ({ status }: Verdict) => WORSE.indexOf(status);
  return verdicts.reduce<[number, V]>(
    (most, verdict, index) => (rank(verdict) > rank(most[1]) ? [index, verdict] : most),
    [0, first],
  );
}

/** Of several kubelets the worst verdict, with the process it speaks of, unless all say the same, advisories and all. */
function worst(verdicts: Judged[], views: NodeView[]): Judged {
  const [position, found] = worstOf(verdicts);
  if (verdicts.length === 1) return found;
  if (new Set(verdicts.map((verdict) => JSON.stringify(verdict))).size === 1) return found;
  const of = (index: number) => `Kubelet process ${views[index]?.kubelet.pid}`;
  const rest = verdicts.flatMap(({ advisories }, index) =>
    index === position ? [] : advisories.map(({ id, text }) => ({ id, text: `${of(index)}: ${text}` })),
  );
  // What somebody must act on as well does not hide behind the worst.
  const also = verdicts
    .map((verdict, index) => ({ verdict, index }))
    .filter(({ verdict: { status }, index }) => index !== position && status !== 'pass' && status !== 'not-applicable')
    .slice(0, MOST_OTHERS)
    .map(({ verdict, index }) => ({ id: 'other-kubelet', text: texts.also(of(index), verdict) }));
  const own = new Set(found.advisories.map(({ id }) => id));
  const others = new Map(rest.filter(({ id }) => !own.has(id)).map((advisory) => [advisory.id, advisory]));
  return {
    ...found,
    reason: `${of(position)}: ${found.reason}`,
    advisories: [...found.advisories, ...also, ...others.values()],
  };
}

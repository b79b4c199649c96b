/** Judges one node by the rules of its benchmarks. */

import type { ControlReference, Finding, NodeView, Rule, Status, Verdict } from '../criteria/rule.ts';
import type { EffectiveConfiguration } from '../kubelet/configuration.ts';
import type { Evidence, KubeletHost, KubeletProcess } from '../kubelet/evidence.ts';
import { isEks } from '../platforms/eks.ts';
import { platformOf } from '../platforms/index.ts';
import { benchmark, benchmarks, chooseBenchmark, controlsOf, SEED } from './benchmarks.ts';
import { type Meaning, resolveRule, rules } from './names.ts';
import { type Waiver, waive } from './waive.ts';

export type EvaluationInput = {
  evidence: Evidence;
  /** Each kubelet of the node with what it is effectively configured to do. */
  kubelets: { process: KubeletProcess; configuration: EffectiveConfiguration }[];
  /** EC2 tags; they tell EKS nodes and select waivers. */
  tags?: Readonly<Record<string, string>>;
  /** Seconds since the epoch. */
  now: number;
};

export type EvaluationOptions = {
  /** Names of benchmarks; `auto` stands for the one that fits the node. Default: `['auto']`. */
  benchmarks?: readonly string[];
  /** Rules or controls to judge; default: every rule of the benchmarks, and ours. */
  rules?: readonly string[];
  /** `client-certificate-expiry` fails within this many days; default 30. */
  expiryDays?: number;
  waivers?: readonly Waiver[];
  /** Which node this is, for waivers. */
  node?: { id: string; cluster?: string | undefined };
};

const EXPIRY_DAYS = 30;

/** How many other kubelets of a node are told of beside the worst; nodes have one, test clusters a few. */
const MOST_OTHERS = 5;

/** One rule to be judged, the controls that its answer answers, and the largest file mode that each group allows. */
type Task = { rule: Rule; controls: ControlReference[]; limits: Limit[]; eksOnly: boolean };
type Limit = { mode: string; controls: ControlReference[] };

/** From the least to the most that somebody must act on; a failure that is certain outweighs evidence that is lacking. */
const WORSE: readonly Status[] = ['not-applicable', 'pass', 'manual', 'error', 'fail'];

const texts = {
  embedded: (host: KubeletHost, title: string) =>
    `This node's kubelet is embedded in ${host}, which hides its arguments, so no verdict rests on them. A person must check: ${title.charAt(0).toLowerCase()}${title.slice(1)}.`,
  also: (kubelet: string, { status, reason, remediation }: Verdict) =>
    `${kubelet}: ${status}: ${reason}${remediation === undefined ? '' : ` ${remediation}`}`,
  within: (mode: string, controls: string) => `Mode ${mode}, the most that ${controls} allows, is not exceeded.`,
};

/**
 * Findings of one node, one a rule, by rule name. Of several kubelets the worst verdict counts and its reason names the
 * process. A node without a kubelet has no findings: its coverage says so. Throws an Error with one line where
 * `benchmarks` or `rules` name what does not exist.
 */
export function evaluate(input: EvaluationInput, options: EvaluationOptions = {}): Finding[] {
  const tags = input.tags ?? {};
  const views = input.kubelets.map(
    ({ process, configuration }): NodeView => ({
      evidence: input.evidence,
      kubelet: process,
      configuration,
      tags,
      now: input.now,
    }),
  );
  const [first] = views;
  if (!first) return [];
  const automatic = chooseBenchmark({ eks: isEks(first), version: first.configuration.version });
  const findings = plan(automatic, options).map((task): Finding => {
    const verdicts = views.map((view) => judge(task, view, options.expiryDays ?? EXPIRY_DAYS));
    return { rule: task.rule.name, controls: task.controls, ...worst(verdicts, views) };
  });
  const { waivers, node } = options;
  if (!waivers || waivers.length === 0) return findings;
  const target = { id: node?.id ?? '', cluster: node?.cluster, tags };
  return findings.map((finding) => waive(finding, waivers, target, input.now));
}

/** Plans depend on names alone, of which a scan has few; they are kept because a scan judges many nodes. */
const plans = new Map<string, Task[]>();
const MOST_PLANS = 64;

function plan(automatic: string, options: EvaluationOptions): Task[] {
  const key = JSON.stringify([automatic, options.benchmarks, options.rules]);
  const kept = plans.get(key);
  if (kept) return kept;
  const tasks = makePlan(automatic, options);
  if (plans.size >= MOST_PLANS) plans.clear();
  plans.set(key, tasks);
  return tasks;
}

function makePlan(automatic: string, options: EvaluationOptions): Task[] {
  const chosen = new Set((options.benchmarks ?? ['auto']).map((name) => known(name === 'auto' ? automatic : name)));
  const named = options.rules?.map(meant);
  return rules.flatMap((rule): Task[] => {
    const asked = named?.filter((meaning) => meaning.rule === rule);
    if (asked?.length === 0) return [];
    const all = controlsOf(rule.name);
    const controls = all.filter(
      (entry) =>
        !entry.related &&
        (chosen.has(entry.benchmark) || asked?.some(({ control }) => control !== undefined && same(control, entry))),
    );
    // A rule of our own belongs to no benchmark and is judged with every one.
    const ours = all.every((entry) => entry.related);
    if (controls.length === 0 && !asked && !ours) return [];
    const references = controls.map(({ benchmark, control }) => ({ benchmark, control }));
    const seed =
      all.some((entry) => same(entry, SEED) && !entry.related) && !references.some((each) => same(each, SEED));
    // Where no chosen benchmark has the rule, the newest one that has it says how large a mode may be.
    const limits = limitsOf(controls.length > 0 ? controls : all.slice(-1));
    const eksOnly = controls.length > 0 && controls.every((entry) => entry.benchmark.startsWith('cis-eks-'));
    return [{ rule, controls: seed ? [...references, SEED] : references, limits, eksOnly }];
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

function limitsOf(controls: (ControlReference & { maximumMode?: string })[]): Limit[] {
  const limits = new Map<string, ControlReference[]>();
  for (const { maximumMode, benchmark: of, control } of controls) {
    if (maximumMode === undefined) continue;
    limits.set(maximumMode, [...(limits.get(maximumMode) ?? []), { benchmark: of, control }]);
  }
  return [...limits].map(([mode, of]) => ({ mode, controls: of }));
}

/** One kubelet's verdict; where benchmarks allow different modes, the strictest decides and the others are named. */
function judge({ rule, limits, eksOnly }: Task, view: NodeView, expiryDays: number): Verdict {
  const look = platformOf(view).hiddenArguments(view.kubelet);
  if (look !== undefined) {
    return {
      status: 'manual',
      reason: texts.embedded(view.kubelet.host, rule.title),
      advisories: [],
      remediation: look,
    };
  }
  const check = (maximumMode?: string) =>
    rule.check(view, { expiryDays, eksOnly, ...(maximumMode && { maximumMode }) });
  const [limit] = limits;
  if (limits.length <= 1) return check(limit?.mode);
  const strictest = limits.reduce((mode, each) => mode & Number.parseInt(each.mode, 8), 0o7777).toString(8);
  const verdict = check(strictest);
  if (verdict.status !== 'fail') return verdict;
  const kept = limits.filter(({ mode }) => check(mode).status === 'pass');
  const advisories = kept.map(({ mode, controls }) => ({
    id: 'other-benchmark-kept',
    text: texts.within(mode, controls.map((each) => `${each.benchmark}/${each.control}`).join(', ')),
  }));
  return { ...verdict, advisories: [...verdict.advisories, ...advisories] };
}

/** Of several kubelets the worst verdict, with the process it speaks of, unless all say the same, advisories and all. */
function worst(verdicts: Verdict[], views: NodeView[]): Verdict {
  const [first] = verdicts;
  if (!first) throw new Error('a node without kubelets has no verdict');
  if (verdicts.length === 1 || new Set(verdicts.map((verdict) => JSON.stringify(verdict))).size === 1) return first;
  const position = verdicts.reduce(
    (most, { status }, index) =>
      WORSE.indexOf(status) > WORSE.indexOf(verdicts[most]?.status ?? 'not-applicable') ? index : most,
    0,
  );
  const found = verdicts[position] ?? first;
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

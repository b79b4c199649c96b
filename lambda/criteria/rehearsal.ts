/**
 * What later minors would make of what a kubelet is started with: the first that would not start, and which effective
 * values change on the way although nobody touches them. What travels with an upgrade the kind of node says.
 * Tested by test/criteria/rehearsal.test.ts.
 */
import type { About } from '../go/outcome.ts';
import { goQuote } from '../go/quoting.ts';
import { type Change, changesBetween } from '../kubelet/changes.ts';
import type { EffectiveConfiguration, Refusal } from '../kubelet/configuration.ts';
import { deriveOnce } from '../kubelet/derive-once.ts';
import type { KubeletProcess } from '../kubelet/evidence.ts';
import { flagsOf, NEWEST_MINOR } from '../kubelet/tables.ts';
import { rulesFor } from '../kubelet/version.ts';
import { platformOf, withOwn } from '../platforms/index.ts';
import type { NodeFacts, Platform } from '../platforms/platform.ts';
import type { Started } from './setting.ts';

/** What a minor refuses, in its words and with the places that they speak of. */
export type Stop = { minor: number; refusal: Refusal };

/** One value that is another from this minor on. */
export type ChangeAt = Change & { minor: number };

export type Rehearsal = {
  from: number;
  to: number;
  /** The first minor that would not start, where none up to `to` starts again. */
  stops?: Stop;
  /** Minors on the way that would not start, though a later one would. */
  passing: Stop[];
  /** The first minor of which the evidence does not tell, and why. */
  unknown?: { minor: number; problem: string };
  /** What would be refused, but does not travel: the bootstrap of a newer image writes it anew. */
  stays: Stop[];
  /** What would be refused, but the upgrade takes it out itself. */
  cleaned: Stop[];
  /** Between the minors that start. */
  changes: ChangeAt[];
};

/** A change that is planned beside the version. */
export type Plan = (kubelet: KubeletProcess) => KubeletProcess;

/** Hostile input could be refused for ever; nodes have a handful of arguments that a later version refuses. */
const MOST_REFUSALS = 64;

/** The kubelet as far as it is taken along, what was taken out of it, and what is its user's for certain: flags and paths. */
type Travelling = { kubelet: KubeletProcess; stays: Stop[]; cleaned: Stop[]; users: ReadonlySet<string> };

/**
 * Rehearses one kubelet up to the minor `to`, with a planned change if there is one; `to` of its own minor rehearses the
 * change alone. Undefined where its version is not known or its configuration does not start today: nothing can be compared.
 */
export function rehearse(node: NodeFacts, to: number, plan?: Plan): Rehearsal | undefined {
  const { configuration } = node;
  const { version } = configuration;
  if (!version.known || configuration.starts !== true || version.minor > NEWEST_MINOR) return undefined;
  const rehearsal: Rehearsal = { from: version.minor, to, passing: [], stays: [], cleaned: [], changes: [] };
  const given = withOwn(node);
  const kubelet = plan ? plan(given) : given;
  const travelling: Travelling = { kubelet, stays: [], cleaned: [], users: addedTo(given, kubelet) };
  let before: Started = configuration;
  let input = travelling.kubelet;
  if (plan) {
    const now = start(node, travelling, version.minor);
    if (now.starts === false) return { ...rehearsal, stops: { minor: version.minor, refusal: now.refusal } };
    if (now.starts === 'unknown') return { ...rehearsal, unknown: { minor: version.minor, problem: now.problem } };
    rehearsal.changes.push(...steps(node, configuration, now, version.minor));
    before = now;
    input = travelling.kubelet;
  }
  for (let minor = version.minor + 1; minor <= to; minor++) {
    const next = start(node, travelling, minor);
    if (next.starts === 'unknown') {
      rehearsal.unknown = { minor, problem: next.problem };
      break;
    }
    if (next.starts === false) {
      rehearsal.stops ??= { minor, refusal: next.refusal };
      continue;
    }
    if (rehearsal.stops) rehearsal.passing.push(rehearsal.stops);
    delete rehearsal.stops;
    // What was taken out since has not changed: the version before is asked without it too.
    const same =
      travelling.kubelet === input
        ? before
        : deriveOnce(travelling.kubelet, { as: before.version.minor, ...hostOf(node) });
    if (same.starts === true) rehearsal.changes.push(...steps(node, same, next, minor));
    before = next;
    input = travelling.kubelet;
  }
  return { ...rehearsal, stays: travelling.stays, cleaned: travelling.cleaned };
}

/** Names of the flags and paths of the files that a planned change brings. */
function addedTo(given: KubeletProcess, { argv, files }: KubeletProcess): ReadonlySet<string> {
  const paths = files.filter((file) => !given.files.includes(file)).map(({ path }) => path);
  return new Set([...argv.slice(given.argv.length).flatMap(namesIn), ...paths]);
}

type Outcome = Started | { starts: false; refusal: Refusal } | { starts: 'unknown'; problem: string };

/** Starts a minor; what does not travel is taken out until it starts, or is refused for what does. */
function start(node: NodeFacts, travelling: Travelling, minor: number): Outcome {
  for (let round = 0; round < MOST_REFUSALS; round++) {
    const outcome = outcomeOf(node, deriveOnce(travelling.kubelet, { as: minor, ...hostOf(node) }), minor);
    if (outcome.starts !== false) {
      if (outcome.starts === true) tellOfHost(node, travelling, minor);
      return outcome;
    }
    const { refusal } = outcome;
    const fate = fateOf(node, travelling, refusal, minor);
    if (fate === undefined) return outcome;
    travelling[fate].push({ minor, refusal });
    travelling.kubelet = without(travelling.kubelet, refusal);
  }
  return { starts: 'unknown', problem: `more than ${MOST_REFUSALS} things are refused` };
}

/** The host travels only where the node stays. */
function hostOf(node: NodeFacts): { cgroup?: 1 | 2 } {
  const { cgroup } = node.evidence;
  return cgroup === undefined || platformOf(node).upgrade.node === 'is replaced' ? {} : { cgroup };
}

/** What this host would be refused for, once: the host of a newer image is another. */
function tellOfHost(node: NodeFacts, travelling: Travelling, minor: number): void {
  const { cgroup } = node.evidence;
  // The templates of Bottlerocket for versions that refuse cgroup v1 let them run with it.
  if (node.kubelet.settings !== undefined) return;
  if (platformOf(node).upgrade.node !== 'is replaced' || cgroup === undefined) return;
  const derived = deriveOnce(travelling.kubelet, { as: minor, cgroup });
  const refusal = derived.starts === false ? derived.refusal : undefined;
  const known = travelling.stays.some((stop) => stop.refusal.error === refusal?.error);
  if (refusal !== undefined && !known) travelling.stays.push({ minor, refusal });
}

/** What lets a kubelet exit beyond its configuration counts as well: it cannot set up its server, or talk to its runtime. */
function outcomeOf(node: NodeFacts, derived: EffectiveConfiguration, minor: number): Outcome {
  if (derived.starts !== true) return derived;
  // What would stop this version as well is another rule's to tell.
  const today = node.configuration.starts === true ? node.configuration.later : [];
  const later = derived.later.find(({ error }) => today.every((known) => known.error !== error));
  const refusal = later ?? runtimeRefusal(node, derived, minor);
  return refusal ? { starts: false, refusal } : derived;
}

/**
 * Since then a runtime must speak version 1 of its interface, which containerd does since 1.6 (pkg/kubelet/cri/remote of
 * 1.26, validateServiceConnection; kubernetes.io/blog/2022/11/18, CRI v1alpha2 removed).
 */
const FIRST_WITH_RUNTIME_V1 = 26;

function runtimeRefusal(node: NodeFacts, { settings }: Started, minor: number): Refusal | undefined {
  const { runtime } = node.evidence;
  const stays = platformOf(node).upgrade.node === 'stays';
  // A newer kubelet that runs talks to it, whatever it says its version is.
  if (node.configuration.version.minor >= FIRST_WITH_RUNTIME_V1) return undefined;
  if (!stays || minor < FIRST_WITH_RUNTIME_V1 || runtime?.name !== 'containerd') return undefined;
  const [, version] = /^v?1\.(\d+)\./.exec(runtime.version ?? '') ?? [];
  if (version === undefined || Number(version) >= 6) return undefined;
  const flag = node.kubelet.argv.find((argument) => /^--container[-_]runtime[-_]endpoint=/.test(argument));
  const endpoint = settings.containerRuntimeEndpoint?.value ?? flag?.replace(/^[^=]*=/, '') ?? '';
  const words = `validate service connection: CRI v1 runtime API is not implemented for endpoint ${goQuote(String(endpoint))}`;
  const error = `failed to run Kubelet: ${words}: rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService`;
  return { stage: 'late', error, messages: [], about: [] };
}

/** What becomes of refused input where it does not travel; undefined where it does. */
function fateOf(
  node: NodeFacts,
  { kubelet, users }: Travelling,
  { about, error }: Refusal,
  minor: number,
): 'stays' | 'cleaned' | undefined {
  const { upgrade } = platformOf(node);
  if (about.some(({ where }) => where?.where !== undefined && isUsers(where.where, users))) return undefined;
  if (about.length === 0) {
    const isImages = upgrade.node === 'is replaced' && upgrade.bootstrap.flags.includes(ENDPOINT);
    return isImages && error.includes(NO_ENDPOINT) ? 'stays' : undefined;
  }
  if (upgrade.node === 'is replaced') {
    return about.every((each) => isImages(each, upgrade)) ? 'stays' : undefined;
  }
  const cleans = (upgrade.cleans ?? []).filter((each) => each.minor <= minor);
  return about.every((each) => isCleaned(each, cleans, kubelet)) ? 'cleaned' : undefined;
}

function isUsers(where: string, users: ReadonlySet<string>): boolean {
  return users.has(where) || namesIn(where).some((name) => users.has(name));
}

const ENDPOINT = 'container-runtime-endpoint';
const NO_ENDPOINT = 'the container runtime endpoint address was not specified or empty';

/** What a gate of any version is called; what else a node calls so is no image's, and is looked for in no text. */
const GATE = /^\w{1,128}$/;

type Replaced = Extract<Platform['upgrade'], { node: 'is replaced' }>;

function isImages({ gate, where }: About, upgrade: Replaced): boolean {
  const { gates } = upgrade.bootstrap;
  if (gate === undefined) return where?.kind === 'flag' && isImagesPlace(where, upgrade);
  return GATE.test(gate) && (gates === 'all' || gates.includes(gate)) && isImagesPlace(where, upgrade);
}

function isImagesPlace(where: About['where'], { bootstrap }: Replaced): boolean {
  if (where?.where === undefined) return false;
  if (where.kind === 'flag') return areAll(namesIn(where.where), (name) => bootstrap.flags.includes(name));
  return bootstrap.files.includes(where.where);
}

/** Each place where the flag is written is one that the upgrade cleans. */
function isCleaned(
  { where }: About,
  cleans: readonly { flag: string; file: string }[],
  { files }: KubeletProcess,
): boolean {
  if (where?.kind !== 'flag' || where.where === undefined) return false;
  return areAll(namesIn(where.where), (name) => {
    const own = cleans.filter(({ flag }) => flag === name);
    const places = files.filter(({ flags }) => flags?.some((flag) => flag.name.replaceAll('_', '-') === name));
    return places.length > 0 && places.every(({ path }) => own.some(({ file }) => path.split('/').at(-1) === file));
  });
}

/** Of a word that is no flag, such as the `false` of `--x false`, there is no name, and nobody writes it for a version. */
function areAll(names: readonly string[], is: (name: string) => boolean): boolean {
  return names.length > 0 && names.every(is);
}

/** The names of the flags in arguments as they were written, which stand side by side. */
function namesIn(written: string): string[] {
  return [...written.matchAll(/(?:^|\s)--([^\s=]+)/g)].map(([, name = '']) => name.replaceAll('_', '-'));
}

/** The input without what was refused: without the arguments, and without the gates of files. */
function without(kubelet: KubeletProcess, { about }: Refusal): KubeletProcess {
  if (about.length === 0) {
    return { ...kubelet, argv: [...kubelet.argv, `--${ENDPOINT}=unix:///run/containerd/containerd.sock`] };
  }
  const written = about.flatMap(({ where }) => (where?.kind === 'flag' ? [where.where ?? ''] : []));
  const names = new Set(written.flatMap(namesIn));
  const argv: string[] = [];
  for (let at = 0; at < kubelet.argv.length; at++) {
    const argument = kubelet.argv[at] ?? '';
    if (namesIn(argument).every((name) => !names.has(name))) argv.push(argument);
    else if (takesNext(argument, kubelet)) at += 1;
  }
  const files = kubelet.files.map((file) => {
    const gates = about.flatMap(({ gate, where }) => (gate !== undefined && where?.where === file.path ? [gate] : []));
    return gates.length === 0 || file.content === undefined ? file : { ...file, content: ungated(file.content, gates) };
  });
  return { ...kubelet, argv, files };
}

/** The argument after it is its value, as the kubelet that runs with it reads it. */
function takesNext(argument: string, { version }: KubeletProcess): boolean {
  const [name] = argument.includes('=') ? [] : namesIn(argument);
  const flag = name === undefined ? undefined : flagsOf(rulesFor(version).minor).get(name);
  return flag !== undefined && flag.type !== 'bool' && flag.bare === undefined;
}

/** The text with a gate in the place of each of these that is off in every version and may be set to that. */
function ungated(content: string, gates: readonly string[]): string {
  return gates.reduce(
    (text, gate) => text.replaceAll(new RegExp(`\\b${gate}(["']?\\s*:\\s*)(?:true|false)`, 'g'), 'AllAlpha$1false'),
    content,
  );
}

/** What changes on the way to this minor, but for what the image's own bootstrap decides and what the host makes moot. */
function steps(node: NodeFacts, before: Started, after: Started, minor: number): ChangeAt[] {
  const { upgrade } = platformOf(node);
  return changesBetween(before, after)
    .filter(({ setting }) => setting !== 'failCgroupV1' || hostOf(node).cgroup === 1)
    .filter(({ source }) => {
      if (upgrade.node === 'stays' || source.where === undefined) return true;
      return !isImagesPlace(source as About['where'], upgrade);
    })
    .map((change) => ({ ...change, minor }));
}

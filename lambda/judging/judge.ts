/** derive and evaluate: the evidence of one node → its findings. Pure, so that a replay gives the same. */
import { ignoredLines } from '../criteria/explanation.ts';
import type { Finding } from '../criteria/rule.ts';
import { type EffectiveConfiguration, keptSettings, type Setting, type Settings } from '../kubelet/configuration.ts';
import { ignoredKeysNote } from '../kubelet/decode.ts';
import type { Evidence } from '../kubelet/evidence.ts';
import { platformOf } from '../platforms/index.ts';
import { placeOf } from '../platforms/places.ts';
import type { NodeFacts } from '../platforms/platform.ts';
import { listed, oneLine } from '../platforms/wording.ts';
import { type Alike, alikeOf, type Kubelet, type Seen } from './alike.ts';
import type { Choice } from './benchmarks.ts';
import { type CertificateLife, certificatesOf } from './certificates.ts';
import { EvidenceFormatError } from './errors.ts';
import { automaticBenchmark, type EvaluationOptions, evaluate } from './evaluate.ts';

/** Most notes of one node, the collector's first; the archived evidence has all of those. */
const MOST_NOTES = 20;

/** Of a node of the kind `unknown`. */
const UNKNOWN =
  'what installed this node is not known: it is judged as far as what was seen on it is certain, and advice names nothing else';

export type JudgeOptions = Pick<EvaluationOptions, 'benchmarks' | 'rules' | 'expiryDays' | 'rehearse' | 'waivers'> & {
  /** Seconds since the epoch: the scan's own start, so that a repeated step judges alike. */
  now: number;
};

/** What is read; what an older collector saw had another meaning, and is refused rather than misread. */
const FORMAT: Evidence['format'] = 2;

/** A node that answered: what tells it apart for waivers, and its evidence. */
type AnsweredNode = { id: string; cluster?: string; tags: Readonly<Record<string, string>>; evidence: Evidence };

/** Settings as they are kept, each with the place where it stands, for people; absent for a default. */
type PlacedSettings = { [P in keyof Settings]: Settings[P] & { place?: string } };

export type JudgedNode = {
  /** The kubelet that was judged (the first where there are several); without settings where they are not known. */
  kubelet: { pid: number; version?: string; settings?: PlacedSettings };
  /** The benchmark that was chosen for this node, and why; absent where the settings name all of them. */
  benchmark?: Choice;
  /** The certificates that it lives by; absent where no dates were seen. */
  certificates?: CertificateLife[];
  /** What could not be read, in the collector's words; absent where everything was. */
  notes?: string[];
  findings: Finding[];
};

/**
 * Judges one node. One on which no kubelet runs has no findings: `problem` says in a sentence what to look at. Throws an
 * EvidenceFormatError where the evidence is of another format. By `alone` as `ask` it is judged without what is kept of others.
 */
export function judge(
  node: AnsweredNode,
  { now, ...options }: JudgeOptions,
  ask: typeof alikeOf = alikeOf,
): JudgedNode | { problem: string } {
  const { evidence, tags, id } = node;
  const { seen, once } = askable(node, ask);
  const { kubelets } = seen;
  const [first] = kubelets;
  if (!first) return { problem: withoutKubelet(evidence) };
  const input = { evidence, kubelets, tags, id, now };
  const automatic = (options.benchmarks ?? ['auto']).includes('auto')
    ? once('', 'benchmark', (each) => automaticBenchmark({ ...each, now }))
    : undefined;
  const certificates = certificatesOf(kubelets, input);
  const notes = once('', 'notes', notesOf);
  const { pid, version } = first.process;
  const alike = once('', 'settings', settingsOf);
  const settings = alike && withOwn(alike, first.configuration);
  return {
    kubelet: { pid, ...(version !== undefined ? { version } : {}), ...(settings ? { settings } : {}) },
    ...(automatic && { benchmark: automatic }),
    ...(certificates.length > 0 ? { certificates } : {}),
    ...(notes.length > 0 ? { notes } : {}),
    findings: evaluate(input, { ...options, node }, once),
  };
}

/**
 * Those of the first kubelet, where they are known: what is derived from some of the arguments is not what it runs with. The value of
 * providerID, which is each node's own, is left to withOwn.
 */
function settingsOf({ kubelets, ...rest }: Seen): PlacedSettings | undefined {
  const [{ process, configuration }] = kubelets as [Kubelet];
  const node = { ...rest, kubelet: process, configuration };
  return configuration.starts === true && platformOf(node).hiddenArguments(process) === undefined
    ? withPlaces(node, withProvider(configuration.settings, ''))
    : undefined;
}

function withOwn(settings: PlacedSettings, configuration: EffectiveConfiguration): PlacedSettings {
  const own = configuration.starts === true ? configuration.settings.providerID : undefined;
  return own ? withProvider(settings, own.value) : settings;
}

function withProvider<T extends Partial<Settings>>(settings: T, value: Settings['providerID']['value']): T {
  return settings.providerID ? { ...settings, providerID: { ...settings.providerID, value } } : settings;
}

/** The collector's notes, and ours. */
function notesOf({ kubelets, ...rest }: Seen): string[] {
  const nodes = kubelets.map(({ process, configuration }) => ({ ...rest, kubelet: process, configuration }));
  const isUnknown = nodes.some((node) => platformOf(node).name === 'unknown');
  const ours = [...nodes.flatMap(notesOfKubelet), ...(isUnknown ? [UNKNOWN] : [])];
  const notes = [...new Set([...rest.evidence.notes, ...ours])];
  return notes.slice(0, MOST_NOTES).map((note) => oneLine(note));
}

/** What is kept of the settings, with the line of each that is written somewhere. */
function withPlaces(node: NodeFacts, settings: Settings): PlacedSettings {
  const placed = <T extends Pick<Setting<unknown>, 'source'>>(path: string, { ...each }: T): T & { place?: string } =>
    each.source.where === undefined ? each : { ...each, place: placeOf(node, each.source, path) };
  const all = Object.entries(keptSettings(settings)).map(([path, setting]) => {
    const { overrode } = setting;
    const beneath = overrode && { overrode: overrode.map((each) => placed(path, each)) };
    return [path, { ...placed(path, setting), ...beneath }];
  });
  return Object.fromEntries(all) as PlacedSettings;
}

/** What is written and not read is told with its line and why, where it can be. */
function notesOfKubelet(node: NodeFacts): string[] {
  const { notes, ignoredKeys } = node.configuration;
  const ignored = ignoredLines(node, MOST_NOTES);
  return [...notes, ...(ignored.length > 0 ? ignored : ignoredKeys.map(ignoredKeysNote))];
}

/**
 * Each kubelet of a node with what it is effectively configured to do. Throws an EvidenceFormatError where the evidence is of
 * another format.
 */
export function kubeletsOf(node: Askable): readonly Kubelet[] {
  return askable(node).seen.kubelets;
}

type Askable = Pick<AnsweredNode, 'evidence' | 'tags'> & { id?: string };

/** A node as it can be asked among others that are alike. Throws an EvidenceFormatError where the evidence is of another format. */
export function askable({ evidence, tags, id }: Askable, ask = alikeOf): Alike {
  if (evidence.format !== FORMAT) {
    throw new EvidenceFormatError(
      `its evidence has the format ${evidence.format}, and this version reads format ${FORMAT}: use the version that archived it`,
    );
  }
  return ask({ evidence, tags, ...(id !== undefined && { id }) });
}

function withoutKubelet({ notes }: Evidence): string {
  const look = 'If this node belongs to a cluster, its kubelet is down; otherwise it need not be scanned.';
  return `The collector ran, but no kubelet process was found. ${notes.length > 0 ? `It notes: ${listed(notes, '; ')}.` : look}`;
}

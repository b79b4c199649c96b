/** derive and evaluate: the evidence of one node → its findings. Pure, so that a replay gives the same. */
import { ignoredLines } from '../criteria/explanation.ts';
import type { Finding } from '../criteria/rule.ts';
import { rendered } from '../kubelet/bottlerocket.ts';
import { keptSettings, type Setting, type Settings } from '../kubelet/configuration.ts';
import { ignoredKeysNote } from '../kubelet/decode.ts';
import { deriveOnce } from '../kubelet/derive-once.ts';
import type { Evidence } from '../kubelet/evidence.ts';
import { platformOf, withOwn } from '../platforms/index.ts';
import { placeOf } from '../platforms/places.ts';
import type { NodeFacts } from '../platforms/platform.ts';
import { listed, oneLine } from '../platforms/wording.ts';
import type { Choice } from './benchmarks.ts';
import { type CertificateLife, certificatesOf } from './certificates.ts';
import { EvidenceFormatError } from './errors.ts';
import { automaticBenchmark, type EvaluationInput, type EvaluationOptions, evaluate } from './evaluate.ts';

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

type Kubelet = EvaluationInput['kubelets'][number];

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
 * EvidenceFormatError where the evidence is of another format.
 */
export function judge(node: AnsweredNode, { now, ...options }: JudgeOptions): JudgedNode | { problem: string } {
  const { evidence, tags, id } = node;
  const kubelets = kubeletsOf(node);
  const [first] = kubelets;
  if (!first) return { problem: withoutKubelet(evidence) };
  const { configuration, process } = first;
  const hidden = platformOf({ evidence, kubelet: process, tags, id }).hiddenArguments(process) !== undefined;
  const input = { evidence, kubelets, tags, id, now };
  const automatic = (options.benchmarks ?? ['auto']).includes('auto') ? automaticBenchmark(input) : undefined;
  const certificates = certificatesOf(kubelets, input);
  const ofKubelets = kubelets.flatMap(({ process: kubelet, configuration }) =>
    notesOf({ evidence, kubelet, configuration, tags, id }),
  );
  const isUnknown = kubelets.some(
    ({ process: kubelet }) => platformOf({ evidence, kubelet, tags, id }).name === 'unknown',
  );
  const notes = [...new Set([...evidence.notes, ...ofKubelets, ...(isUnknown ? [UNKNOWN] : [])])];
  return {
    kubelet: {
      pid: process.pid,
      ...(process.version !== undefined ? { version: process.version } : {}),
      // What is derived from some of the arguments is not what the kubelet runs with.
      ...(configuration.starts === true && !hidden
        ? { settings: withPlaces({ evidence, kubelet: process, configuration, tags, id }, configuration.settings) }
        : {}),
    },
    ...(automatic && { benchmark: automatic }),
    ...(certificates.length > 0 ? { certificates } : {}),
    ...(notes.length > 0 ? { notes: notes.slice(0, MOST_NOTES).map((note) => oneLine(note)) } : {}),
    findings: evaluate(input, { ...options, node }),
  };
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
function notesOf(node: NodeFacts): string[] {
  const { notes, ignoredKeys } = node.configuration;
  const ignored = ignoredLines(node, MOST_NOTES);
  return [...notes, ...(ignored.length > 0 ? ignored : ignoredKeys.map(ignoredKeysNote))];
}

/**
 * Each kubelet of a node with what it is effectively configured to do. Throws an EvidenceFormatError where the evidence is of
 * another format.
 */
export function kubeletsOf({ evidence, tags }: Pick<AnsweredNode, 'evidence' | 'tags'>): Kubelet[] {
  const known = derived.get(evidence);
  if (known?.tags === tags) return known.kubelets;
  const kubelets = deriveAll(evidence, tags);
  derived.set(evidence, { tags, kubelets });
  return kubelets;
}

/** What judges a node and what compares it with its group ask for the same. */
const derived = new WeakMap<Evidence, { tags: AnsweredNode['tags']; kubelets: Kubelet[] }>();

function deriveAll(evidence: Evidence, tags: AnsweredNode['tags']): Kubelet[] {
  if (evidence.format !== FORMAT) {
    throw new EvidenceFormatError(
      `its evidence has the format ${evidence.format}, and this version reads format ${FORMAT}: use the version that archived it`,
    );
  }
  const host = evidence.cgroup === undefined ? {} : { cgroup: evidence.cgroup };
  return evidence.kubelets.map((seen) => {
    const process = rendered(seen);
    return { process, configuration: deriveOnce(withOwn({ evidence, kubelet: process, tags }), host) };
  });
}

function withoutKubelet({ notes }: Evidence): string {
  const look = 'If this node belongs to a cluster, its kubelet is down; otherwise it need not be scanned.';
  return `The collector ran, but no kubelet process was found. ${notes.length > 0 ? `It notes: ${listed(notes, '; ')}.` : look}`;
}

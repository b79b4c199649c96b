/**
 * Changes of a setting where it stands on the node: in the file, the drop-in or the arguments that hold it now.
 * Tested by test/criteria/remedy.test.ts.
 */
import type { Setting } from '../kubelet/configuration.ts';
import type { FileEvidence } from '../kubelet/evidence.ts';
import { isDropIn } from '../kubelet/files.ts';
import { addFlag, removeFlags, unwind, writeSetting } from './flags.ts';
import { argumentsFile, flagPlaces, lineOf } from './places.ts';
import type { Advice, Change, NodeFacts, Platform } from './platform.ts';
import type { Step } from './step.ts';
import { restartUnit } from './systemd.ts';
import { oneLine, shown } from './wording.ts';

/** What an edit in place leaves to the kind of the node. */
type InPlace = {
  /** What else must be changed so that it lasts, by the file in which the value is written, if it is one. */
  also?: (file: FileEvidence | undefined) => readonly Step[];
  /** Where arguments stand that no file holds. */
  commandLine?: string;
  restart?: Platform['restart'];
};

/** The flags to remove, the value to write and where, and the restart. */
export function editInPlace(
  node: NodeFacts,
  change: Change,
  { also = () => [], commandLine = "the kubelet's command line", restart = restartUnit }: InPlace = {},
): Advice {
  const { flags, remains } = unwind(change);
  const place = argumentsFile(node) ?? commandLine;
  const { edits, file } = remains ? { edits: [], file: undefined } : edition(node, change, place);
  const removal = removeFlags(change, flags, flagPlaces(node, change.flag) ?? place, remains);
  return {
    steps: [...removal, ...edits, ...also(file), restart(node)],
    writes: remains === undefined,
  };
}

/** The change itself, and the file in which it is made, if it is one; else `place` is where arguments stand. */
function edition(node: NodeFacts, change: Change, place: string): { edits: Step[]; file?: FileEvidence | undefined } {
  const { setting, value, current } = change;
  const sources = [current.source, ...(current.overrode ?? []).map((entry) => entry.source)];
  const beneath = sources.find(({ kind }) => kind === 'file' || kind === 'drop-in')?.where;
  const fileAt = (path: string | undefined) => node.kubelet.files.find((file) => file.path === path);
  const file = fileAt(beneath) ?? configFile(node);
  const path = beneath ?? file?.path;
  const heard = nonZeroPaths(node, value, current);
  if (path === undefined || heard?.length === 0) {
    return { edits: [addFlag(change, place)] };
  }
  const paths = heard ?? [path];
  const written = paths.map((each) => {
    // Where the file does not say it, keys of the same name would only mislead.
    const said = sources.some(({ where }) => where === each);
    const line = said ? lineOf(fileAt(each)?.content, setting) : undefined;
    return `${oneLine(each)}${line ? ` (line ${line})` : ''}`;
  });
  return {
    edits: written.map((where) => writeSetting(change, where)),
    file: paths[0] === path ? file : fileAt(paths[0]),
  };
}

/** As a value of YAML. */
const ZEROS: readonly string[] = ['false', '0', '""'];

/**
 * Where kubelet 1.28 with drop-ins takes a value from. It reads each of them with all defaults and lets what is not zero
 * override: the last one decides, but a zero (false, 0, "") only counts where every file says it (cmd/kubelet/app/server.go,
 * 1.28, mergeKubeletConfigurations). Without a file of --config what it merges into are the defaults of flags, which no
 * drop-in turns into a zero: no file is heard then, only a flag.
 */
function nonZeroPaths(
  { kubelet, configuration }: NodeFacts,
  value: string,
  current: Setting<unknown>,
): string[] | undefined {
  const { version } = configuration;
  const last = kubelet.files.findLast(
    ({ role, state, path }) => role === 'drop-in' && state === 'file' && isDropIn(path),
  );
  if (!version.known || version.minor !== 28 || last === undefined) return undefined;
  if (!ZEROS.includes(value)) return [last.path];
  if (configuration.starts === true && configuration.configFile === '') return [];
  const others = [current, ...(current.overrode ?? [])]
    .filter((entry) => entry.source.kind !== 'flag' && shown(entry.value) !== value)
    .flatMap(({ source: { where } }) => where ?? []);
  return others.length > 0 ? [...new Set(others)] : undefined;
}

/** The file that --config names, if the collector found it. */
function configFile({ kubelet, configuration }: NodeFacts): FileEvidence | undefined {
  const files = kubelet.files.filter((file) => file.role === 'config' && file.state === 'file');
  return configuration.starts === true ? files.find(({ path }) => path === configuration.configFile) : files[0];
}

/**
 * What a kubelet is effectively configured to do, from what is known of its process.
 * Tested by test/kubelet/facts.test.ts, test/kubelet/sources.test.ts and test/kubelet/properties.test.ts.
 */
import { Exit, type Stage, Unknown, within } from '../go/outcome.ts';
import { directoryOf } from '../go/paths.ts';
import { type FlagUse, readArguments } from './arguments.ts';
import { isGuessed, readsUnseen, sourceIn, UNSEEN_NOTE } from './bottlerocket.ts';
import type {
  EffectiveConfiguration,
  FlagName,
  IgnoredKeys,
  Reached,
  Refusal,
  Setting,
  Source,
} from './configuration.ts';
import { credentialsOf } from './credentials.ts';
import { decode, listed } from './decode.ts';
import { readDocument } from './document.ts';
import { mergeDropIns } from './drop-ins.ts';
import type { FileEvidence, KubeletProcess } from './evidence.ts';
import { absolute, configFile, dropInFiles, isNewerThan, isOnWindows, resolvePaths } from './files.ts';
import { validateFlags } from './flag-rules.ts';
import { flagGates, putFlags, putSeccomp, resetByFlags } from './flag-settings.ts';
import { effectiveGates, type GateValues, panicOverGates, refuseGates } from './gates.ts';
import { refuseLate } from './late.ts';
import {
  defaultDependents,
  defaults,
  gatesIn,
  type Layers,
  mergeThresholds,
  putFound,
  putGates,
  settled,
} from './layers.ts';
import { schemaOf } from './schema.ts';
import { serverProblems } from './serving.ts';
import { type Host, validate } from './validation/validate.ts';
import { asMinor, type Rules, rulesFor } from './version.ts';

/** Hosts that embed the kubelet: its arguments are those of a file, not of a process. */
const HOST_NOTES: Partial<Record<KubeletProcess['host'], string>> = {
  k3s: 'k3s runs the kubelet in its own process and adds arguments of its own to these: what neither its configuration nor a file in its data directory decides, a person must look up',
  microk8s: 'MicroK8s runs the kubelet in its own process: the arguments are those of its file args/kubelet',
};

const GUESSED_NOTE =
  "this release of Bottlerocket, or its version of Kubernetes, is not one whose templates are known here: what its settings make of the kubelet's configuration was taken from others";

/** DynamicKubeletConfig, up to 1.23: it takes the place of the config file (cmd/kubelet/app/server.go, 1.23). */
const DYNAMIC_NOTE =
  '--dynamic-config-dir lets the API server replace the config file: what it sent, if anything, is not looked at';

/** From here on defaulting panics over a gate of a file (defaults.go, 1.32). */
const FIRST_WITH_PANIC = 32;

/** What grows while the inputs are read. */
type Progress = { notes: string[]; ignoredKeys: IgnoredKeys[]; used: FileEvidence[]; stage: Stage; reached?: Reached };

/**
 * Derives the effective configuration of one kubelet. Never throws: a kubelet that would exit is `starts: false`,
 * one that cannot be judged from this evidence is `starts: 'unknown'`. `as` asks what another minor would make of the
 * same input; `cgroup` is the version of the host's control groups, where it is known.
 * The order is that of kubernetes cmd/kubelet/app/server.go, NewKubeletCommand, 1.20 to 1.37.
 */
export function derive(process: KubeletProcess, { as, ...host }: { as?: number } & Host = {}): EffectiveConfiguration {
  const rules = rulesFor(as === undefined ? process.version : asMinor(process.version, as));
  const progress: Progress = { notes: [], ignoredKeys: [], used: [], stage: 'flags' };
  if (rules.note !== undefined) progress.notes.push(rules.note);
  const hosted = HOST_NOTES[process.host];
  if (hosted !== undefined) progress.notes.push(hosted);
  if (isGuessed(process)) progress.notes.push(GUESSED_NOTE);
  if (readsUnseen(process)) progress.notes.push(UNSEEN_NOTE);
  try {
    return configure(process, rules, progress, host);
  } catch (error) {
    const { version } = rules;
    const { notes, ignoredKeys, used } = progress;
    const rest = { version, changedAfterStart: changedAfterStart(process, used), notes, ignoredKeys };
    if (error instanceof Exit) {
      const { reached } = progress;
      const refusal = refusalOf(error, progress.stage);
      return { starts: false, error: sentence(refusal), refusal, ...(reached && { reached }), ...rest };
    }
    if (error instanceof Unknown) return { starts: 'unknown', problem: error.message, ...rest };
    // Evidence comes from machines that are not trusted: whatever it provokes concerns this one kubelet only.
    return { starts: 'unknown', problem: `its evidence could not be evaluated: ${String(error)}`, ...rest };
  }
}

/** The words with the argument or file that they speak of, where they do not name it themselves. */
function sentence({ error, about }: Refusal): string {
  const places = about.flatMap(({ where }) => where?.where ?? []).filter((place) => !error.includes(place));
  const [first] = places;
  return first === undefined ? error : `${error} (${first})`;
}

/** The kubelet's words hold texts of the node: each is cut. */
const LONGEST_WORDS = 2000;
const MOST_MESSAGES = 50;

function refusalOf({ message, details }: Exit, stage: Stage): Refusal {
  const cut = (text: string) => (text.length > LONGEST_WORDS ? `${text.slice(0, LONGEST_WORDS)}…` : text);
  return {
    stage: details.stage ?? stage,
    error: cut(message),
    messages: (details.messages ?? []).slice(0, MOST_MESSAGES).map(cut),
    about: (details.about ?? []).slice(0, MOST_MESSAGES),
  };
}

function configure(process: KubeletProcess, rules: Rules, progress: Progress, host: Host): EffectiveConfiguration {
  const { minor, version } = rules;
  const { notes, ignoredKeys } = progress;
  if (process.unread !== undefined) throw new Unknown(process.unread);
  const { uses, strange, again } = readArguments(process, rules);
  if (strange.length > 0) notes.push(`flags that are not known here were left out: ${listed(strange)}`);
  const ofFlags = flagGates(uses);
  progress.stage = 'gates';
  refuseGates(ofFlags.gates, rules, ofFlags.source);
  progress.stage = 'flags';
  validateFlags(uses, ofFlags.gates, rules);

  progress.stage = 'decoding';
  const configPath = lastText(uses, 'config');
  const directory = lastText(uses, 'config-dir');
  const layers = defaults(minor, configPath !== '');
  if (configPath !== '') readConfigFile(process, configPath, layers, rules, ofFlags.gates, progress);
  if (directory !== '') readDropIns(process, directory, layers, rules, ofFlags.gates, progress);
  const hasFiles = configPath !== '' || directory !== '';
  if (hasFiles) resetByFlags(layers, minor);
  if (hasFiles && again instanceof Exit) throw again;
  putFlags(layers, hasFiles && !(again instanceof Exit) ? again : uses);
  progress.stage = 'gates';
  const set = gatesIn(layers);
  const unjudged = refuseGates(set, rules, layers.featureGates?.source);
  if (unjudged.length > 0) notes.push(`feature gates that are not judged here: ${listed(unjudged)}`);
  progress.stage = 'validation';
  const given = (flag: string) => lastGiven(uses, flag);
  validate(layers, set, rules, given, { ...host, windows: isOnWindows(process) });
  if (lastText(uses, 'dynamic-config-dir') !== '') notes.push(DYNAMIC_NOTE);

  putSeccomp(layers, uses);
  const flags = flagSettings(uses);
  const gates = effectiveGates({ value: set, source: layers.featureGates?.source ?? { kind: 'default' } }, rules);
  const reached: Reached = { settings: settled(layers), flags, gates };
  progress.reached = reached;
  progress.stage = 'late';
  refuseLate({ layers, uses, gates: set, rules });

  const bootstrapKubeconfig = flags['bootstrap-kubeconfig'].value;
  const kubeconfig = flags.kubeconfig.value;
  const later = serverProblems(reached.settings, gates, rules.minor, kubeconfig === '');
  notes.push(...later.map(({ error }) => error));
  return {
    starts: true,
    version,
    ...reached,
    configFile: configPath === '' ? '' : absolute(process, configPath),
    credentials: credentialsOf(process, { kubeconfig, bootstrapKubeconfig, certDir: flags['cert-dir'].value }),
    bootstraps: kubeconfig !== '' && bootstrapKubeconfig !== '',
    later,
    changedAfterStart: changedAfterStart(process, progress.used),
    notes,
    ignoredKeys,
  };
}

function readConfigFile(
  process: KubeletProcess,
  path: string,
  layers: Layers,
  rules: Rules,
  flagGates: GateValues,
  { ignoredKeys, used }: Progress,
): void {
  const { minor } = rules;
  const where = absolute(process, path);
  const source: Source = { kind: 'file', where };
  // Up to 1.27 the path stands at the end (loadConfigFile's caller).
  const around = (message: string) => {
    const inner = `failed to load Kubelet config file ${path}, error ${message}`;
    return minor <= 27
      ? `failed to load kubelet config file, error: ${inner}, path: ${path}`
      : `failed to load kubelet config file, path: ${path}, error: ${inner}`;
  };
  const { found, unknown } = within(around, { where: source }, () => {
    const { file, text } = configFile(process, where);
    used.push(file);
    return within(
      (message) => `failed to decode: ${message}`,
      { where: source },
      () => decode(readDocument(text, 'file'), 'exact', schemaOf(minor)),
    );
  });
  if (unknown.length > 0) ignoredKeys.push({ where, keys: unknown });
  const gates = found.get('featureGates')?.value;
  const ofFile: GateValues = gates instanceof Map ? (gates as GateValues) : new Map();
  if (minor >= FIRST_WITH_PANIC) panicOverGates(new Map([...flagGates, ...ofFile]), rules, source);
  for (const [setting, { value }] of found) {
    if (layers[setting] === undefined) continue;
    if (value instanceof Map && setting === 'featureGates') putGates(layers, value, source);
    else
      putFound(
        layers,
        minor,
        setting,
        resolvePaths(setting, value, directoryOf(where)),
        sourceIn(process, where, setting),
      );
  }
  defaultDependents({ layers, gates: new Map([...flagGates, ...ofFile]), rules });
  mergeThresholds(layers, minor);
}

function readDropIns(
  process: KubeletProcess,
  directory: string,
  layers: Layers,
  rules: Rules,
  flagGates: GateValues,
  { notes, ignoredKeys, used }: Progress,
): void {
  if (rules.minor <= 29 && process.dropInEnvironment !== true) {
    throw new Exit(
      `flag ${directory} specified but environment variable KUBELET_CONFIG_DROPIN_DIR_ALPHA not set, cannot start kubelet`,
      { about: [{ where: { kind: 'drop-in', where: directory } }] },
    );
  }
  const around = (message: string) => `failed to merge kubelet configs: ${message}`;
  const { files, dropIns } = within(around, { where: { kind: 'drop-in', where: directory } }, () =>
    dropInFiles(process, directory),
  );
  used.push(...files);
  const told = mergeDropIns(layers, dropIns, { directory, rules, flagGates });
  notes.push(...told.notes);
  ignoredKeys.push(...told.ignoredKeys);
  if (rules.minor >= FIRST_WITH_PANIC) {
    const set = gatesIn(layers);
    panicOverGates(new Map([...flagGates, ...set]), rules, layers.featureGates?.source);
  }
}

/** Values of flags that have no setting (NewKubeletFlags in cmd/kubelet/app/options/options.go). */
const FLAG_DEFAULTS: Readonly<Record<FlagName, string>> = {
  'hostname-override': '',
  kubeconfig: '',
  'bootstrap-kubeconfig': '',
  'cert-dir': '/var/lib/kubelet/pki',
  'image-credential-provider-config': '',
  'image-credential-provider-bin-dir': '',
};

/** Up to 1.22 this was the same variable under another name. */
const ALIASES: Readonly<Record<string, string>> = { 'experimental-bootstrap-kubeconfig': 'bootstrap-kubeconfig' };

function flagSettings(uses: readonly FlagUse[]): Record<FlagName, Setting<string>> {
  const settings: Record<string, Setting<string>> = {};
  for (const [name, value] of Object.entries(FLAG_DEFAULTS)) settings[name] = { value, source: { kind: 'default' } };
  for (const { name, text, written } of uses) {
    const target = ALIASES[name] ?? name;
    const below = Object.hasOwn(settings, target) ? settings[target] : undefined;
    if (below === undefined) continue;
    const { value, source, overrode = [] } = below;
    const before = source.kind === 'default' ? overrode : [{ value, source }, ...overrode];
    const setting: Setting<string> = { value: text, source: { kind: 'flag', where: written } };
    settings[target] = before.length > 0 ? { ...setting, overrode: before } : setting;
  }
  return settings as Record<FlagName, Setting<string>>;
}

function lastText(uses: readonly FlagUse[], name: string): string {
  return uses.findLast((use) => use.name === name)?.text ?? '';
}

/** A flag's last value as its type prints it. */
function lastGiven(uses: readonly FlagUse[], name: string): string | undefined {
  const use = uses.findLast((found) => found.name === name);
  return use === undefined ? undefined : String(use.value);
}

function changedAfterStart(process: KubeletProcess, files: readonly FileEvidence[]): string[] {
  return files.filter((file) => isNewerThan(process, file)).map(({ path }) => path);
}

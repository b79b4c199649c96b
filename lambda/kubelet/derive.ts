/**
 * What a kubelet is effectively configured to do, from what is known of its process.
 * Tested by test/kubelet/agreement.test.ts.
 */

import { parseGates } from '../go/flag-values.ts';
import { formatDuration, parseBool, parseDuration, parseInteger, parseList } from '../go/literals.ts';
import { Exit, Unknown, within } from '../go/outcome.ts';
import { directoryOf } from '../go/paths.ts';
import { type FlagUse, readArguments } from './arguments.ts';
import type { EffectiveConfiguration, FlagName, Setting, SettingPath, Settings, Source } from './configuration.ts';
import { credentialsOf } from './credentials.ts';
import { decode, ignoredKeys, listed } from './decode.ts';
import { readDocument } from './document.ts';
import { mergeDropIns } from './drop-ins.ts';
import type { FileEvidence, KubeletProcess } from './evidence.ts';
import { type Field, fieldsOf, SETTING_PATHS, type Value } from './fields.ts';
import { absolute, configFile, dropInFiles, isNewerThan, resolvePaths } from './files.ts';
import { effectiveGates, refuseGates } from './gates.ts';
import { defaults, type Layers, plain, put, putFound, putGates } from './layers.ts';
import { lateProblems, validate, validateFlags } from './validate.ts';
import { type Rules, rulesFor } from './version.ts';

/** Hosts that embed the kubelet: its arguments are those of a file, not of a process. */
const HOST_NOTES: Partial<Record<KubeletProcess['host'], string>> = {
  k3s: 'k3s runs the kubelet in its own process and adds arguments of its own to these',
  microk8s: 'MicroK8s runs the kubelet in its own process: the arguments are those of its file args/kubelet',
};

/** DynamicKubeletConfig, up to 1.23: it takes the place of the config file (cmd/kubelet/app/server.go, 1.23). */
const DYNAMIC_NOTE =
  '--dynamic-config-dir lets the API server replace the config file: what it sent, if anything, is not looked at';

/** What grows while the inputs are read. */
type Progress = { notes: string[]; used: FileEvidence[] };

/**
 * Derives the effective configuration of one kubelet. Never throws: a kubelet that would exit is `starts: false`,
 * one that cannot be judged from this evidence is `starts: 'unknown'`.
 * The order is that of kubernetes cmd/kubelet/app/server.go, NewKubeletCommand, 1.20 to 1.36.
 */
export function derive(process: KubeletProcess): EffectiveConfiguration {
  const rules = rulesFor(process.version);
  const progress: Progress = { notes: [], used: [] };
  if (rules.note !== undefined) progress.notes.push(rules.note);
  const hosted = HOST_NOTES[process.host];
  if (hosted !== undefined) progress.notes.push(hosted);
  try {
    return configure(process, rules, progress);
  } catch (error) {
    const { version } = rules;
    const rest = { version, changedAfterStart: changedAfterStart(process, progress.used), notes: progress.notes };
    if (error instanceof Exit) return { starts: false, error: error.message, ...rest };
    if (error instanceof Unknown) return { starts: 'unknown', problem: error.message, ...rest };
    // Evidence comes from machines that are not trusted: whatever it provokes concerns this one kubelet only.
    return { starts: 'unknown', problem: `its evidence could not be evaluated: ${String(error)}`, ...rest };
  }
}

function configure(process: KubeletProcess, rules: Rules, progress: Progress): EffectiveConfiguration {
  const { minor, version } = rules;
  const { notes } = progress;
  if (process.unread !== undefined) throw new Unknown(process.unread);
  const { uses, strange } = readArguments(process.argv, version);
  if (strange.length > 0) notes.push(`flags that are not known here were left out: ${listed(strange)}`);
  const fields = fieldsOf(minor);
  const flagGates: Layers = defaults(fields, false);
  putFlagGates(flagGates, uses);
  // Gates have their whole history here, other rules only that of OLDEST_MINOR on.
  refuseGates(gatesIn(flagGates), rules, '--feature-gates');
  validateFlags(uses, rules, effectiveGates(flagGates, version.minor).SeccompDefault);

  const configPath = lastValue(uses, 'config');
  const layers = defaults(fields, configPath !== '');
  if (configPath !== '') readConfigFile(process, configPath, layers, fields, minor, progress);
  // Defaulting panics over a gate that does not exist, although a drop-in might have taken it away (defaults.go, 1.32).
  if (minor >= 32) refuseGates(gatesIn(layers), rules, `config file ${configPath}`);
  const directory = lastValue(uses, 'config-dir');
  if (directory !== '') readDropIns(process, directory, layers, fields, minor, progress);
  const seccompFlag = putFlags(layers, uses, fields, minor);
  const unjudged = refuseGates(gatesIn(layers), rules, 'the merged configuration');
  if (unjudged.length > 0) notes.push(`feature gates that are not judged here: ${listed(unjudged)}`);
  const gates = effectiveGates(layers, version.minor);
  validate(layers, gates);
  if (lastValue(uses, 'dynamic-config-dir') !== '') notes.push(DYNAMIC_NOTE);

  const flags = flagSettings(uses);
  const bootstrapKubeconfig = flags['bootstrap-kubeconfig'].value;
  const kubeconfig = flags.kubeconfig.value;
  notes.push(...lateProblems(layers, kubeconfig === ''));
  return {
    starts: true,
    version,
    settings: settingsOf(layers),
    configFile: configPath === '' ? '' : absolute(process, configPath),
    ...(seccompFlag !== undefined && { seccompFlag }),
    flags,
    gates,
    credentials: credentialsOf(process, { kubeconfig, bootstrapKubeconfig, certDir: flags['cert-dir'].value }),
    bootstraps: kubeconfig !== '' && bootstrapKubeconfig !== '',
    changedAfterStart: changedAfterStart(process, progress.used),
    notes,
  };
}

function readConfigFile(
  process: KubeletProcess,
  path: string,
  layers: Layers,
  fields: readonly Field[],
  minor: number,
  { notes, used }: Progress,
): void {
  const where = absolute(process, path);
  const { file, text } = configFile(process, where);
  used.push(file);
  const { found, unknown } = within(`config file ${where}`, () => decode(readDocument(text, 'file'), 'exact', minor));
  if (unknown.length > 0) notes.push(ignoredKeys(where, unknown));
  const source: Source = { kind: 'file', where };
  for (const field of fields) {
    const entry = found.get(field.path);
    if (entry === undefined) continue;
    const value = plain(entry);
    if (value instanceof Map) putGates(layers, value, source);
    else putFound(layers, field, resolvePaths(field.path, value, directoryOf(where)), source);
  }
}

function readDropIns(
  process: KubeletProcess,
  directory: string,
  layers: Layers,
  fields: readonly Field[],
  minor: number,
  { notes, used }: Progress,
): void {
  if (minor <= 29 && process.dropInEnvironment !== true) {
    throw new Exit(`--config-dir needs the environment variable KUBELET_CONFIG_DROPIN_DIR_ALPHA in kubelet 1.${minor}`);
  }
  const { files, dropIns } = dropInFiles(process, directory);
  used.push(...files);
  notes.push(...mergeDropIns(layers, dropIns, fields, minor));
}

/** The only setting that is a duration. */
const DURATION = 'streamingConnectionIdleTimeout';

/**
 * Flags are applied over everything else (kubeletConfigFlagPrecedence). Returns --seccomp-default where it is on and the
 * setting does not show it.
 */
function putFlags(
  layers: Layers,
  uses: readonly FlagUse[],
  fields: readonly Field[],
  minor: number,
): string | undefined {
  let hidden: string | undefined;
  for (const { path, flag } of fields) {
    const own = uses.filter(({ name }) => name === flag);
    if (own.length === 0) continue;
    if (path === 'featureGates') putFlagGates(layers, own);
    else if (path === 'tlsCipherSuites') putFlagList(layers, path, own);
    else if (path === 'seccompDefault') hidden = putSeccomp(layers, own, minor);
    else {
      const current = layers.get(path)?.value;
      for (const { value, written } of own) {
        put(layers, path, flagValue(path, current, value), { kind: 'flag', where: written });
      }
    }
  }
  return hidden;
}

/**
 * --seccomp-default is a variable of its own, OR-ed with the setting where pods are started (RunKubelet in
 * cmd/kubelet/app/server.go): false changes nothing. Recorded kubelets up to 1.26 leave their KubeletConfiguration alone.
 */
function putSeccomp(layers: Layers, uses: readonly FlagUse[], minor: number): string | undefined {
  const last = uses.at(-1);
  if (last === undefined || parseBool(last.value) !== true) return undefined;
  if (minor <= 26) return last.written;
  put(layers, 'seccompDefault', true, { kind: 'flag', where: last.written });
  return undefined;
}

/** The type of a setting is that of its present value. The texts were checked with the arguments. */
function flagValue(path: string, current: Value | undefined, text: string): Value {
  if (path === DURATION) return formatDuration(parseDuration(text) ?? 0n);
  if (typeof current === 'boolean') return parseBool(text) ?? false;
  if (typeof current === 'number') return Number(parseInteger(text, 0) ?? 0n);
  return text;
}

/** Lists replace what is there at their first use and grow with each further one (pflag, string_slice.go). */
function putFlagList(layers: Layers, path: string, uses: readonly FlagUse[]): void {
  const values = uses.flatMap(({ value }) => parseList(value) ?? []);
  put(layers, path, values, { kind: 'flag', where: uses.map(({ written }) => written).join(' ') });
}

function putFlagGates(layers: Layers, uses: readonly FlagUse[]): void {
  const own = uses.filter(({ name }) => name === 'feature-gates');
  const gates = own.flatMap(({ value }) => parseGates(value) ?? []);
  putGates(layers, gates, { kind: 'flag', where: own.map(({ written }) => written).join(' ') });
}

function gatesIn(layers: Layers): ReadonlyMap<string, boolean> {
  const value = layers.get('featureGates')?.value;
  return value instanceof Map ? value : new Map();
}

function settingsOf(layers: Layers): Settings {
  const entries = SETTING_PATHS.map((path): [SettingPath, Setting<unknown>] => {
    const setting = layers.get(path) ?? { value: '', source: { kind: 'default' } };
    const { value } = setting;
    return [path, value instanceof Map ? { ...setting, value: Object.fromEntries(value) } : setting];
  });
  // The fields' types are those of SettingValues; fields.ts holds them together.
  return Object.fromEntries(entries) as Settings;
}

/** Values of flags that have no setting (NewKubeletFlags in cmd/kubelet/app/options/options.go). */
const FLAG_DEFAULTS: Readonly<Record<FlagName, string>> = {
  'hostname-override': '',
  kubeconfig: '',
  'bootstrap-kubeconfig': '',
  'cert-dir': '/var/lib/kubelet/pki',
};

/** Up to 1.22 this was the same variable under another name. */
const ALIASES: Readonly<Record<string, string>> = { 'experimental-bootstrap-kubeconfig': 'bootstrap-kubeconfig' };

function flagSettings(uses: readonly FlagUse[]): Record<FlagName, Setting<string>> {
  const layers: Layers = new Map(
    Object.entries(FLAG_DEFAULTS).map(([name, value]) => [name, { value, source: { kind: 'default' } }]),
  );
  for (const { name, value, written } of uses) {
    const target = ALIASES[name] ?? name;
    if (layers.has(target)) put(layers, target, value, { kind: 'flag', where: written });
  }
  return Object.fromEntries(layers) as Record<FlagName, Setting<string>>;
}

function lastValue(uses: readonly FlagUse[], name: string): string {
  return uses.findLast((use) => use.name === name)?.value ?? '';
}

function changedAfterStart(process: KubeletProcess, files: readonly FileEvidence[]): string[] {
  return files.filter((file) => isNewerThan(process, file)).map(({ path }) => path);
}

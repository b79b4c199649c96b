/**
 * The shape of an effective configuration: each setting as the real kubelet computes it, with its source.
 * Tested by test/kubelet/sources.test.ts.
 */
import * as v from 'valibot';
import type { About, Stage } from '../go/outcome.ts';

const SOURCE_KINDS = ['flag', 'drop-in', 'file', 'setting', 'default', 'legacy-default'] as const;

/** Where a value comes from. */
export const SourceSchema = v.strictObject({
  kind: v.picklist(SOURCE_KINDS),
  where: v.exactOptional(
    v.pipe(
      v.string(),
      v.description(
        "The argument as written, the file's path, or the name of Bottlerocket's setting; absent for a default.",
      ),
    ),
  ),
});

export type Source = v.InferOutput<typeof SourceSchema>;

export type Setting<T> = {
  value: T;
  source: Source;
  /** What this value replaced, nearest first; defaults are not listed. */
  overrode?: { value: unknown; source: Source }[];
};

/** The settings that rules speak of, by v1beta1 path. Durations are written as Go prints them. */
export const SettingValuesSchema = v.strictObject({
  rotateCertificates: v.boolean(),
  serverTLSBootstrap: v.boolean(),
  readOnlyPort: v.number(),
  'authentication.anonymous.enabled': v.boolean(),
  'authentication.webhook.enabled': v.boolean(),
  'authentication.x509.clientCAFile': v.string(),
  'authorization.mode': v.string(),
  tlsCertFile: v.string(),
  tlsPrivateKeyFile: v.string(),
  tlsCipherSuites: v.array(v.string()),
  tlsMinVersion: v.string(),
  streamingConnectionIdleTimeout: v.string(),
  makeIPTablesUtilChains: v.boolean(),
  eventRecordQPS: v.number(),
  podPidsLimit: v.number(),
  protectKernelDefaults: v.boolean(),
  featureGates: v.record(v.string(), v.boolean()),
  seccompDefault: v.boolean(),
});

export type SettingValues = v.InferOutput<typeof SettingValuesSchema>;

export type SettingPath = keyof SettingValues;

/** In the order in which they are shown. */
export const SETTING_PATHS = Object.keys(SettingValuesSchema.entries) as SettingPath[];

const POSITIONS: ReadonlyMap<string, number> = new Map(SETTING_PATHS.map((path, position) => [path, position]));

/** Every field of KubeletConfiguration that this kubelet has, null where it is unset; those of rules with their types. */
export type Settings = { [P in SettingPath]: Setting<SettingValues[P]> } & { [path: string]: Setting<unknown> };

/** What an archive keeps of them: those that rules name, and those that somebody set. All others follow by replay. */
export function keptSettings(settings: Settings): Settings {
  const kept = Object.entries(settings).filter(
    ([path, { source, overrode }]) => POSITIONS.has(path) || !isDefault(source) || overrode !== undefined,
  );
  const order = (path: string) => POSITIONS.get(path) ?? SETTING_PATHS.length;
  return Object.fromEntries(kept.toSorted(([left], [right]) => order(left) - order(right))) as Settings;
}

function isDefault({ kind }: Source): boolean {
  return kind === 'default' || kind === 'legacy-default';
}

/** Flags without a v1beta1 setting that decide verdicts. */
export type FlagName =
  | 'hostname-override'
  | 'kubeconfig'
  | 'bootstrap-kubeconfig'
  | 'cert-dir'
  | 'image-credential-provider-config'
  | 'image-credential-provider-bin-dir';

export type GateName = 'RotateKubeletClientCertificate' | 'RotateKubeletServerCertificate' | 'SeccompDefault';

/** `known` is false where the node did not say: the newest rules were used. */
export type KubeletVersion = { text?: string; minor: number; known: boolean };

/** How this kubelet proves to the API server who it is. */
export type Credentials =
  | { kind: 'exec'; command: string; where: string }
  | { kind: 'token'; where: string }
  /** `inCertDir`: the file lies in --cert-dir, where the kubelet itself renews it. */
  | { kind: 'client-certificate'; path: string; inCertDir: boolean; where: string }
  | { kind: 'embedded-certificate'; where: string }
  /** Only --bootstrap-kubeconfig so far: a certificate from the API server will come. */
  | { kind: 'bootstrap'; where: string }
  /** No --kubeconfig: a standalone kubelet. */
  | { kind: 'none' }
  /** `cause`: the file is not there, or it was read and a kubelet cannot use it; absent where it could not be read. */
  | { kind: 'unknown'; problem: string; cause?: 'missing' | 'unusable' };

/** What a kubelet refuses its input for. */
export type Refusal = {
  stage: Stage;
  /** The kubelet's own words, on one line and cut where they are long; what it says of it in its log. */
  error: string;
  /** The single errors where it lists them, to the letter. */
  messages: readonly string[];
  /** Arguments, files, settings and gates that they speak of. */
  about: readonly About[];
};

/** What a kubelet had computed when it came so far. */
export type Reached = {
  settings: Settings;
  flags: Record<FlagName, Setting<string>>;
  /** Only gates that exist in this version. */
  gates: Partial<Record<GateName, Setting<boolean>>>;
};

/** A file that was read, and those of its keys that mean nothing to this kubelet. */
export type IgnoredKeys = { where: string; keys: readonly string[] };

export type EffectiveConfiguration =
  | ({
      starts: true;
      version: KubeletVersion;
      /** Path of the file that --config names, the last one where it is given twice; empty without one. */
      configFile: string;
      credentials: Credentials;
      /** --bootstrap-kubeconfig is set: the API server signs this kubelet's client certificate. */
      bootstraps: boolean;
      /** What lets the kubelet exit beyond the point up to which recorded ones were asked: it cannot set up its server. */
      later: readonly Refusal[];
      /** Files that went into the result and are newer than the kubelet's start: it does not have their values yet. */
      changedAfterStart: string[];
      /** What the reader should know: unknown version, unknown gates. */
      notes: string[];
      ignoredKeys: IgnoredKeys[];
    } & Reached)
  | {
      /** A kubelet with these inputs exits. */
      starts: false;
      version: KubeletVersion;
      /** One sentence: what is wrong and where. */
      error: string;
      refusal: Refusal;
      /** Where the configuration itself was accepted: stage `late`. */
      reached?: Reached;
      changedAfterStart: string[];
      notes: string[];
      ignoredKeys: IgnoredKeys[];
    }
  | {
      /** The evidence does not suffice: a file could not be read, or it is beyond our bounds. Says nothing about the kubelet. */
      starts: 'unknown';
      version: KubeletVersion;
      /** One sentence: what is missing. */
      problem: string;
      changedAfterStart: string[];
      notes: string[];
      ignoredKeys: IgnoredKeys[];
    };

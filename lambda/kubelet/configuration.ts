/**
 * The shape of an effective configuration: each setting as the real kubelet computes it, with its source.
 * Tested by test/kubelet/sources.test.ts.
 */

export type SourceKind = 'flag' | 'drop-in' | 'file' | 'default' | 'legacy-default';

/** Where a value comes from: the argument as written, the file's path, or nothing for a default. */
export type Source = { kind: SourceKind; where?: string };

export type Setting<T> = {
  value: T;
  source: Source;
  /** What this value replaced, nearest first; defaults are not listed. */
  overrode?: { value: unknown; source: Source }[];
};

/** Every setting that CIS controls speak of, by its v1beta1 path. Durations are written as Go prints them. */
export type SettingValues = {
  rotateCertificates: boolean;
  serverTLSBootstrap: boolean;
  readOnlyPort: number;
  'authentication.anonymous.enabled': boolean;
  'authentication.webhook.enabled': boolean;
  'authentication.x509.clientCAFile': string;
  'authorization.mode': string;
  tlsCertFile: string;
  tlsPrivateKeyFile: string;
  tlsCipherSuites: string[];
  tlsMinVersion: string;
  streamingConnectionIdleTimeout: string;
  makeIPTablesUtilChains: boolean;
  eventRecordQPS: number;
  podPidsLimit: number;
  protectKernelDefaults: boolean;
  featureGates: Record<string, boolean>;
  seccompDefault: boolean;
};

export type SettingPath = keyof SettingValues;

export type Settings = { [P in SettingPath]: Setting<SettingValues[P]> };

/** Flags without a v1beta1 setting that decide verdicts. */
export type FlagName = 'hostname-override' | 'kubeconfig' | 'bootstrap-kubeconfig' | 'cert-dir';

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

export type EffectiveConfiguration =
  | {
      starts: true;
      version: KubeletVersion;
      settings: Settings;
      /** Path of the file that --config names, the last one where it is given twice; empty without one. */
      configFile: string;
      /** `--seccomp-default`, where it turns the default seccomp profile on without being seen in `seccompDefault`. */
      seccompFlag?: string;
      flags: Record<FlagName, Setting<string>>;
      /** Only gates that exist in this version. */
      gates: Partial<Record<GateName, Setting<boolean>>>;
      credentials: Credentials;
      /** --bootstrap-kubeconfig is set: the API server signs this kubelet's client certificate. */
      bootstraps: boolean;
      /** Files that went into the result and are newer than the kubelet's start: it does not have their values yet. */
      changedAfterStart: string[];
      /** What the reader should know: unknown version, unknown keys, unknown gates. */
      notes: string[];
    }
  | {
      /** A kubelet with these inputs exits. */
      starts: false;
      version: KubeletVersion;
      /** One sentence: what is wrong and where. */
      error: string;
      changedAfterStart: string[];
      notes: string[];
    }
  | {
      /** The evidence does not suffice: a file could not be read, or it is beyond our bounds. Says nothing about the kubelet. */
      starts: 'unknown';
      version: KubeletVersion;
      /** One sentence: what is missing. */
      problem: string;
      changedAfterStart: string[];
      notes: string[];
    };

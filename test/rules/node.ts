/** Builds nodes by hand for the tests of single rules: a kubeadm node with a config file, and what a case changes. */

import type { NodeView } from '../../lambda/criteria/rule.ts';
import type { Started } from '../../lambda/criteria/setting.ts';
import type {
  Credentials,
  GateName,
  KubeletVersion,
  Refusal,
  Setting,
  SettingPath,
  Settings,
  SettingValues,
  Source,
} from '../../lambda/kubelet/configuration.ts';
import type { Evidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';

export const NOW = Date.UTC(2026, 10, 23, 2) / 1000;
export const DAY = 86_400;
export const CONFIG = '/var/lib/kubelet/config.yaml';

const DEFAULTS: SettingValues = {
  rotateCertificates: false,
  serverTLSBootstrap: false,
  readOnlyPort: 0,
  'authentication.anonymous.enabled': false,
  'authentication.webhook.enabled': true,
  'authentication.x509.clientCAFile': '',
  'authorization.mode': 'Webhook',
  tlsCertFile: '',
  tlsPrivateKeyFile: '',
  tlsCipherSuites: [],
  tlsMinVersion: '',
  streamingConnectionIdleTimeout: '4h0m0s',
  makeIPTablesUtilChains: true,
  eventRecordQPS: 50,
  podPidsLimit: -1,
  protectKernelDefaults: false,
  featureGates: {},
  seccompDefault: false,
};

const LEGACY: Partial<SettingValues> = {
  readOnlyPort: 10255,
  'authentication.anonymous.enabled': true,
  'authentication.webhook.enabled': false,
  'authorization.mode': 'AlwaysAllow',
};

export const inFile = <T>(value: T, where = CONFIG): Setting<T> => ({ value, source: { kind: 'file', where } });
export const byFlag = <T>(value: T, where: string): Setting<T> => ({ value, source: { kind: 'flag', where } });
export const inDropIn = <T>(value: T, where: string, over?: Setting<unknown>): Setting<T> => ({
  value,
  source: { kind: 'drop-in', where },
  ...(over && { overrode: [over] }),
});

export const CERTIFICATE: Credentials = {
  kind: 'client-certificate',
  path: '/var/lib/kubelet/pki/kubelet-client-current.pem',
  inCertDir: true,
  where: '/etc/kubernetes/kubelet.conf',
};

export type Case = {
  settings?: Partial<Settings>;
  /** No config file: the legacy defaults. */
  legacy?: boolean;
  /** The file of --config; by default the first one of `kubelet`, or CONFIG. */
  configFile?: string;
  gates?: Partial<Record<GateName, Setting<boolean>>>;
  credentials?: Credentials;
  bootstraps?: boolean;
  flags?: Partial<Started['flags']>;
  changedAfterStart?: string[];
  /** A kubelet with these inputs exits. */
  error?: string;
  /** What else is known of that exit. */
  refusal?: Partial<Refusal>;
  /** What lets it exit when it sets up its server. */
  later?: Refusal[];
  /** The evidence does not suffice to compute the configuration. */
  problem?: string;
  version?: KubeletVersion;
  kubelet?: Partial<KubeletProcess>;
  /** The kubelet is no systemd unit. */
  noUnit?: true;
  evidence?: Partial<Evidence>;
  tags?: Record<string, string>;
  id?: string;
};

/** Days from now: `{from: -300, to: 65}`. */
export function certificate(from: number, to: number, path = '/var/lib/kubelet/pki/kubelet-client-current.pem') {
  return { clientCertificates: [{ path, notBefore: NOW + from * DAY, notAfter: NOW + to * DAY }] };
}

export function node(given: Case = {}): NodeView {
  const kubelet: KubeletProcess = {
    pid: 812,
    host: 'kubelet',
    argv: [
      '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
      '--kubeconfig=/etc/kubernetes/kubelet.conf',
      ...(given.legacy ? [] : [`--config=${CONFIG}`]),
    ],
    cwd: '/',
    ...(given.noUnit ? {} : { unit: 'kubelet.service' }),
    version: given.version?.text ?? 'v1.32.3',
    files: given.legacy ? [] : [{ path: CONFIG, role: 'config', state: 'file', mode: '644', uid: 0, gid: 0 }],
    dropInDirectories: [],
    kubeconfigs: [],
    clientCertificates: [],
    servingCertificates: [],
    authorities: [],
    ...given.kubelet,
  };
  const evidence: Evidence = {
    format: 2,
    collectedAt: NOW,
    os: { id: 'ubuntu', version: '24.04' },
    kubelets: [kubelet],
    proxies: [],
    notes: [],
    ...given.evidence,
  };
  return {
    evidence,
    kubelet,
    configuration: configuration(given),
    tags: given.tags ?? {},
    ...(given.id !== undefined && { id: given.id }),
    now: NOW,
  };
}

function configuration(given: Case): NodeView['configuration'] {
  const version = given.version ?? { text: 'v1.32.3', minor: 32, known: true };
  const changedAfterStart = given.changedAfterStart ?? [];
  if (given.error !== undefined) {
    const refusal = { stage: 'flags' as const, error: given.error, messages: [], about: [], ...given.refusal };
    return { starts: false, version, error: given.error, refusal, changedAfterStart, notes: [], ignoredKeys: [] };
  }
  if (given.problem !== undefined) {
    return { starts: 'unknown', version, problem: given.problem, changedAfterStart, notes: [], ignoredKeys: [] };
  }
  const empty: Setting<string> = { value: '', source: { kind: 'default' } };
  return {
    starts: true,
    version,
    settings: Object.assign(defaults(given.legacy ?? false), given.settings),
    configFile: given.legacy ? '' : (given.configFile ?? fileOf(given)),
    flags: {
      'hostname-override': empty,
      kubeconfig: byFlag('/etc/kubernetes/kubelet.conf', '--kubeconfig=/etc/kubernetes/kubelet.conf'),
      'bootstrap-kubeconfig': empty,
      'cert-dir': { value: '/var/lib/kubelet/pki', source: { kind: 'default' } },
      'image-credential-provider-config': empty,
      'image-credential-provider-bin-dir': empty,
      ...given.flags,
    },
    gates: { RotateKubeletServerCertificate: { value: true, source: { kind: 'default' } }, ...given.gates },
    credentials: given.credentials ?? CERTIFICATE,
    bootstraps: given.bootstraps ?? true,
    later: given.later ?? [],
    changedAfterStart,
    notes: [],
    ignoredKeys: [],
  };
}

/** What --config names: the first config file of the case. */
function fileOf({ kubelet }: Case): string {
  return kubelet?.files?.find(({ role }) => role === 'config')?.path ?? CONFIG;
}

function defaults(legacy: boolean): Settings {
  const values = { ...DEFAULTS, ...(legacy && LEGACY) };
  const source = (path: SettingPath): Source => ({
    kind: legacy && path in LEGACY ? 'legacy-default' : 'default',
  });
  return Object.fromEntries(
    (Object.keys(values) as SettingPath[]).map((path) => [path, { value: values[path], source: source(path) }]),
  ) as Settings;
}

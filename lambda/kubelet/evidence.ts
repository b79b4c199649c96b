/**
 * The shape of evidence: all that one node told about itself, redacted, and all that a verdict may rest on.
 * It is plain JSON (no Map, no Date, no undefined that matters), because the archive keeps it and `verify --replay`
 * reads it again a year later. Tested by test/kubelet/sources.test.ts.
 */

/** One file as `stat` and the collector saw it. `path` is absolute, as the process that uses it would name it. */
export type FileEvidence = {
  path: string;
  /** What controls call this file; one file may be listed under several roles. */
  role: FileRole;
  state: 'file' | 'missing' | 'directory' | 'unreadable' | 'other';
  /** The path is a symbolic link; mode and owner are those of its target. */
  symlink?: true;
  /** Permission bits in octal without leading zeros: `644`. */
  mode?: string;
  uid?: number;
  gid?: number;
  /** Bytes. */
  size?: number;
  /** Seconds since the epoch. */
  modifiedAt?: number;
  /** The text, only of configuration files of kubelet and kube-proxy; secrets in it are already replaced. */
  content?: string;
  /** Why the text was not sent although it is a configuration file. */
  withheld?: string;
  /** Where flags of the kubelet are written in a service or environment file: name without dashes, 1-based line. */
  flags?: { name: string; line: number }[];
};

export type FileRole =
  | 'config'
  | 'drop-in'
  | 'kubeconfig'
  | 'client-ca'
  | 'service'
  | 'environment'
  | 'proxy-kubeconfig'
  | 'proxy-config';

/** A kubeconfig without its secrets: which ways of authentication its current user has. */
export type KubeconfigShape = {
  path: string;
  state: 'read' | 'missing' | 'unreadable';
  /** Why it could not be read or understood. */
  problem?: string;
  /** Name of the current context's user. */
  user?: string;
  /** The exec plugin's command, without its arguments and environment. */
  exec?: { command: string };
  /** The user has a bearer token in the file. */
  token?: true;
  tokenFile?: string;
  /** Path in `client-certificate`, as written. */
  clientCertificate?: string;
  /** The certificate is embedded (`client-certificate-data`). */
  clientCertificateData?: true;
  /** Basic authentication or an auth-provider is present. */
  other?: string;
};

/** The public facts of a client certificate; never a byte of its key. */
export type CertificateFacts = {
  /** File that holds it, or the kubeconfig that embeds it. */
  path: string;
  subject?: string;
  issuer?: string;
  /** Hexadecimal. */
  serial?: string;
  /** Seconds since the epoch. */
  notBefore?: number;
  notAfter?: number;
  /** SHA-256 of the DER form, lower-case hexadecimal. */
  fingerprint?: string;
  /** Why there are no facts. */
  problem?: string;
};

/** How the kubelet is hosted; `k3s` and `microk8s` embed it in a process of their own. */
export type KubeletHost = 'kubelet' | 'hyperkube' | 'k3s' | 'microk8s';

/** One process that is, or embeds, a kubelet. */
export type KubeletProcess = {
  pid: number;
  host: KubeletHost;
  /**
   * The kubelet's arguments without the program's name (and without hyperkube's `kubelet`), empty arguments kept,
   * secret values replaced.
   */
  argv: string[];
  /** Why the arguments are not known: nothing can be said of this process but that it is there. */
  unread?: string;
  /** Target of /proc/PID/exe. */
  exe?: string;
  /** Working directory, `/` where unknown. */
  cwd: string;
  uid?: number;
  /** It lives in another mount namespace; its paths are those of that namespace. */
  contained?: true;
  /** Seconds since the epoch. */
  startedAt?: number;
  /** As `kubelet --version` prints it: `v1.32.3-eks-473151a`. */
  version?: string;
  /** The environment has KUBELET_CONFIG_DROPIN_DIR_ALPHA (any value). */
  dropInEnvironment?: true;
  /** Systemd unit of the process, from its cgroup: `kubelet.service`. */
  unit?: string;
  /** Every file that this process may use: candidates of --config, drop-ins, kubeconfigs, client CA, unit and environment. */
  files: FileEvidence[];
  /** Directories named by --config-dir, and whether they could be listed. */
  dropInDirectories: { path: string; state: 'directory' | 'missing' | 'unreadable' | 'other' }[];
  kubeconfigs: KubeconfigShape[];
  clientCertificates: CertificateFacts[];
};

/** A kube-proxy process on the node (in a pod or as a service). */
export type ProxyProcess = {
  pid: number;
  argv: string[];
  cwd: string;
  files: FileEvidence[];
};

export type Evidence = {
  /** Version of the collector's answer format. */
  format: 1;
  /** Seconds since the epoch, by the node's clock. */
  collectedAt: number;
  /** From os-release: ID, VERSION_ID, VARIANT_ID. */
  os: { id?: string; version?: string; variant?: string };
  kubelets: KubeletProcess[];
  proxies: ProxyProcess[];
  /** What could not be read, in the collector's words. */
  notes: string[];
};

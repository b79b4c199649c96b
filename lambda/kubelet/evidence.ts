/**
 * The shape of evidence: all that one node told about itself, redacted, and all that a verdict may rest on.
 * It is plain JSON (no Map, no Date, no undefined that matters), because the archive keeps it and `verify --replay`
 * reads it again a year later. Tested by test/kubelet/sources.test.ts.
 */

/**
 * One file as the collector saw it: the facts are those of the very file whose text was read. `path` is absolute, as the
 * process that uses it would name it. Every file that any layer names (flag, file, drop-in, kubeconfig, unit) has a record:
 * what rules judge is picked by its path.
 */
export type FileEvidence = {
  path: string;
  /** What named this file; one file may be listed under several roles. */
  role: FileRole;
  state: 'file' | 'missing' | 'directory' | 'unreadable' | 'other';
  /** The path is a symbolic link; mode and owner are those of its target. */
  symlink?: true;
  /** Permission bits in octal without leading zeros: `644`. */
  mode?: string;
  uid?: number;
  gid?: number;
  /**
   * On Windows, in place of mode and owners: the security identifier of its owner, and those whose access control list lets
   * them write it, delete it or change who may, at most 20.
   */
  access?: { owner: string; writers: string[] };
  /** Bytes. */
  size?: number;
  /** Seconds since the epoch, with the fraction that the file system keeps (whole seconds where stat shows no more). */
  modifiedAt?: number;
  /**
   * What the allow-list lets out of a configuration file, printed anew on the lines on which it stood: JSON stays JSON, YAML
   * stays YAML. A name that is not listed has the value null; values that are not sent are REDACTED.
   */
  content?: string;
  /** Why the text was not sent although it is a configuration file, with the line. */
  withheld?: string;
  /** Where flags of the kubelet are written in a service or environment file: name without dashes, 1-based line. */
  flags?: { name: string; line: number }[];
};

/**
 * `kubeconfig`: of --kubeconfig and --bootstrap-kubeconfig. `client-certificate` and `client-key`: named by a kubeconfig, and
 * kubelet-client-current.pem of --cert-dir. `serving-certificate` and `serving-key`: tlsCertFile and tlsPrivateKeyFile, else
 * kubelet-server-current.pem and the self-signed kubelet.crt of --cert-dir. `authority`: a kubeconfig's certificate-authority.
 * `program`: the kubelet's binary and what its unit starts. `credential-provider`, `static-pods`, `volume-plugins`, `cni`:
 * files and directories that decide what runs as root. `folder`: a directory on the way to a unit, environment file or
 * program, or one in which systemd looks for drop-ins, and /etc/systemd/system.
 * `named`: any other file that a flag or setting names.
 */
export type FileRole =
  | 'config'
  | 'drop-in'
  | 'kubeconfig'
  | 'client-ca'
  | 'client-certificate'
  | 'client-key'
  | 'serving-certificate'
  | 'serving-key'
  | 'authority'
  | 'service'
  | 'environment'
  | 'folder'
  | 'program'
  | 'static-pods'
  | 'credential-provider'
  | 'volume-plugins'
  | 'cni'
  | 'named'
  | 'proxy-kubeconfig'
  | 'proxy-config';

/** A kubeconfig without its secrets: which ways of authentication its current user has. */
export type KubeconfigShape = {
  path: string;
  /** `refused`: it was read, and no kubelet can use it; `unreadable`: what it says is not known here. */
  state: 'read' | 'missing' | 'unreadable' | 'refused';
  /** Why it could not be read, understood or used. */
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
  /** The certificate is embedded (`client-certificate-data`); its facts are in `clientCertificates` under this path. */
  clientCertificateData?: true;
  /** Path in `client-key`, as written. */
  clientKey?: string;
  /** Path in `certificate-authority` of the current context's cluster, as written. */
  certificateAuthority?: string;
  /** The authorities are embedded (`certificate-authority-data`); their facts are in `authorities` under this path. */
  certificateAuthorityData?: true;
  /** Basic authentication or an auth-provider is present. */
  other?: string;
};

/** The public facts of a certificate; never a byte of its key. */
export type CertificateFacts = {
  /** File that holds it, or the kubeconfig that embeds it. */
  path: string;
  /** As RFC 2253 writes it: `CN=system:node:a,O=system:nodes`. Characters that are not sent are `?`. */
  subject?: string;
  issuer?: string;
  /** Hexadecimal. */
  serial?: string;
  /** Seconds since the epoch. */
  notBefore?: number;
  notAfter?: number;
  /** SHA-256 of the DER form, lower-case hexadecimal; of authorities alone. */
  fingerprint?: string;
  /** subjectAltName: `DNS:name` and `IP:address`, at most 32. */
  names?: string[];
  /** Why there are no facts. */
  problem?: string;
  /** The file was read, and what reads certificates finds none in it, or this one of a bundle cannot be parsed. */
  damaged?: true;
};

/** A certificate of those that the kubelet trusts: `of` says which file or kubeconfig named it. At most ten of each. */
export type AuthorityFacts = CertificateFacts & { of: 'kubeconfig' | 'client-ca' };

/** How the kubelet is hosted; `k3s` and `microk8s` embed it in a process of their own. */
export type KubeletHost = 'kubelet' | 'hyperkube' | 'k3s' | 'microk8s';

/** What Bottlerocket's API said: `os.version_id`, `os.variant_id`, and settings by their names below `settings.kubernetes.`; certificates are REDACTED. */
export type BottlerocketSettings = Readonly<Record<string, string | number | boolean | string[]>>;

/** One process that is, or embeds, a kubelet. */
export type KubeletProcess = {
  pid: number;
  host: KubeletHost;
  /**
   * The kubelet's arguments without the program's name (and without hyperkube's `kubelet`), empty arguments kept,
   * secret values replaced.
   */
  argv: string[];
  /**
   * Bottlerocket's API said these, and nothing of the process itself was seen: its arguments and files follow from them
   * (bottlerocket.ts). Its pid is 0.
   */
  settings?: BottlerocketSettings;
  /** Why the arguments are not known: nothing can be said of this process but that it is there. */
  unread?: string;
  /** Target of /proc/PID/exe. */
  exe?: string;
  /** Working directory, `/` where unknown; on Windows, whose processes tell none, that of its services. */
  cwd: string;
  /** It lives in another mount namespace; its paths are those of that namespace. */
  contained?: true;
  /** Seconds since the epoch: the earliest moment at which it can have started. */
  startedAt?: number;
  /** Seconds by which it may have started later than `startedAt`: a file is changed after start only beyond both. */
  startedWithin?: number;
  /** As `kubelet --version` prints it: `v1.32.3-eks-473151a`. */
  version?: string;
  /** The environment has KUBELET_CONFIG_DROPIN_DIR_ALPHA (any value). */
  dropInEnvironment?: true;
  /** Systemd unit of the process, from its cgroup: `kubelet.service`; on Windows the name of the service that runs it. */
  unit?: string;
  /** Every file that a layer of this process's configuration names, and those that start it. */
  files: FileEvidence[];
  /** Directories named by --config-dir, and whether they could be listed. */
  dropInDirectories: { path: string; state: 'directory' | 'missing' | 'unreadable' | 'other' }[];
  kubeconfigs: KubeconfigShape[];
  /** Those of kubeconfigs, embedded or in a file, kubelet-client-current.pem of --cert-dir, and a hybrid node's for IAM Roles Anywhere. */
  clientCertificates: CertificateFacts[];
  /** Those of tlsCertFile, kubelet-server-current.pem and kubelet.crt, as far as they exist: which one serves, its path says. */
  servingCertificates: CertificateFacts[];
  /** Those of the kubeconfig's authority and of clientCAFile, in the order of their files. */
  authorities: AuthorityFacts[];
};

/** A kube-proxy process on the node (in a pod or as a service). */
export type ProxyProcess = {
  pid: number;
  argv: string[];
  cwd: string;
  /** Why its arguments are not known, or whether it is the node's own. */
  unread?: string;
  /** It has a root of its own: a pod's, mostly. Files of a ConfigMap volume are links there. */
  contained?: true;
  files: FileEvidence[];
};

export type Evidence = {
  /** Version of the collector's answer format; evidence of format 1 is not read as this. */
  format: 2;
  /** Seconds since the epoch, by the node's clock. */
  collectedAt: number;
  /** From os-release, or from Bottlerocket's API: ID, VERSION_ID, VARIANT_ID. */
  os: { id?: string; version?: string; variant?: string };
  /** Version of the control groups in /sys/fs/cgroup. */
  cgroup?: 1 | 2;
  /** The container runtime that runs on the node, as its program prints its version: `containerd`, `1.7.27`. */
  runtime?: { name: string; version?: string };
  /** The kernel's host name. */
  hostname?: string;
  /** Addresses of the node's own interfaces; absent where they were not read or are more than 64. */
  addresses?: string[];
  kubelets: KubeletProcess[];
  proxies: ProxyProcess[];
  /** What could not be read, in the collector's words. */
  notes: string[];
};

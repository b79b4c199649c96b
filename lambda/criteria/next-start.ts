/**
 * By what a kubelet would authenticate after its next start, or why it would not start: what buildKubeletClientConfig of
 * kubernetes cmd/kubelet/app/server.go, LoadClientConfig, LoadClientCert and isClientConfigStillValid of
 * pkg/kubelet/certificate/bootstrap/bootstrap.go, and getCurrentCertificateOrBootstrap of client-go's
 * certificate_manager.go make of the files on the machine.
 */
import { beside, directoryOf } from '../go/paths.ts';
import type { CertificateFacts, FileRole, KubeconfigShape, KubeletProcess } from '../kubelet/evidence.ts';
import { absolute } from '../kubelet/files.ts';
import { isDated } from './certificate.ts';
import { type Deciding, ownFacts, ownFile, ownPath, rotates } from './client-certificate.ts';
import { ofKind } from './of-kind.ts';
import type { NodeView } from './rule.ts';

/** A file that a start needs, and what is wrong with it. */
export type Trouble = {
  /** As a sentence calls it: `bootstrap kubeconfig`. */
  what: string;
  path: string;
  /**
   * `refused`: it can be read, and a kubelet cannot use it (`detail` says why); `none`: its user has no certificate;
   * `damaged`: no certificate can be read in it; `partly-damaged`: one of several cannot, where each must; `expired`: at
   * least one in it has; `alone`: what belongs to it is not named (`detail`).
   */
  cause:
    | 'missing'
    | 'no-file'
    | 'no-directory'
    | 'refused'
    | 'none'
    | 'damaged'
    | 'partly-damaged'
    | 'expired'
    | 'alone';
  detail?: string;
};

/** A file of which the evidence does not tell whether it can be used. */
export type Unjudged = {
  path: string;
  /** Half a sentence: `/etc/k.conf could not be read`. */
  unknown: string;
  /** It was read, and not all that is in it: certificates. */
  certificates?: true;
};

export type NextStart =
  /** It exits over this file. `because`: why it needs the bootstrap kubeconfig at all. */
  | { kind: 'exits'; trouble: Trouble; because?: Trouble }
  /** It presents its own certificate of --cert-dir, or what the kubeconfig has. */
  | { kind: 'authenticates'; by: 'own' | 'kubeconfig'; because?: Trouble }
  /** It starts and must be given a new certificate by the credentials of the bootstrap kubeconfig `where`. */
  | { kind: 'bootstraps'; where: string; because: Trouble }
  /** It starts, has no certificate to present, and drops exec and token credentials because rotation is on. */
  | { kind: 'anonymous' }
  /** The evidence does not tell. */
  | { kind: 'unknown'; of: Unjudged };

/** Nothing is wrong, or what is, or why that is not known. */
type Outcome = 'fine' | Trouble | Unjudged;

const texts = {
  unseen: (path: string) => `${path} is not in the evidence`,
  unread: (path: string, problem?: string) => `${path} could not be read${problem === undefined ? '' : `: ${problem}`}`,
  unjudged: (path: string, problem = 'they have no dates') => `the certificates in ${path} were not judged: ${problem}`,
};

/** The collector did not read it. */
export function unread(path: string, problem?: string): Unjudged {
  return { path, unknown: texts.unread(path, problem) };
}

/** What the collector could not say of the certificates in it is not known. */
export function unjudged(path: string, found: readonly CertificateFacts[]): Unjudged {
  const problem = found.find((each) => !each.damaged && each.problem !== undefined)?.problem;
  return { path, unknown: texts.unjudged(path, problem), certificates: true };
}

function unseen(path: string): Unjudged {
  return { path, unknown: texts.unseen(path) };
}

/** What comes after the next start; undefined for a kubelet without --kubeconfig, which asks no API server. */
export function nextStart(node: NodeView, configuration: Deciding): NextStart | undefined {
  const { kubelet, now } = node;
  const { flags } = configuration;
  if (flags.kubeconfig.value === '') return undefined;
  const path = absolute(kubelet, flags.kubeconfig.value);
  const loads = ofKind(node, 'kubeconfig', (each, its) =>
    loading(each.kubelet, absolute(each.kubelet, its.flags.kubeconfig.value), 'kubeconfig'),
  );
  if (flags['bootstrap-kubeconfig'].value === '') {
    if (loads !== 'fine') return refusal(loads);
    return withCredentials(kubelet, configuration, now);
  }
  const because = loads === 'fine' ? validity(kubelet, path, now) : loads;
  if (because === 'fine') return withCredentials(kubelet, configuration, now);
  if ('unknown' in because) return refusal(because);
  const bootstrap = absolute(kubelet, flags['bootstrap-kubeconfig'].value);
  const asks = ofKind(node, 'bootstrap kubeconfig', (each, its) =>
    loading(each.kubelet, absolute(each.kubelet, its.flags['bootstrap-kubeconfig'].value), 'bootstrap kubeconfig'),
  );
  if (asks !== 'fine') return refusal(asks, because);
  return withBootstrap(kubelet, configuration, now, { where: bootstrap, because });
}

function refusal(trouble: Exclude<Outcome, 'fine'>, because?: Trouble): NextStart {
  if ('unknown' in trouble) return { kind: 'unknown', of: trouble };
  return { kind: 'exits', trouble, ...(because && { because }) };
}

/** The kubeconfig is used as it is. Whether its certificate has expired is not asked again: it is presented. */
function withCredentials(kubelet: KubeletProcess, configuration: Deciding, now: number): NextStart {
  const mine = rotates(configuration) ? standing(kubelet, configuration, now) : undefined;
  if (typeof mine === 'object') return refusal(mine);
  if (mine === 'valid') return { kind: 'authenticates', by: 'own' };
  const { credentials } = configuration;
  const path =
    credentials.kind === 'embedded-certificate'
      ? credentials.where
      : credentials.kind === 'client-certificate' && mine !== 'expired'
        ? credentials.path
        : undefined;
  const first = kubelet.clientCertificates.find((facts) => facts.path === path);
  // Those of files are parsed at each connection only, unless rotation begins with them (client-go transport.go, loadTLSFiles).
  const parsed = credentials.kind === 'embedded-certificate' || mine === 'missing';
  if (parsed && first?.damaged) return refusal({ what: 'client certificate', path: first.path, cause: 'damaged' });
  if (mine === undefined) return { kind: 'authenticates', by: 'kubeconfig' };
  return first && isDated(first) && first.notAfter > now
    ? { kind: 'authenticates', by: 'kubeconfig' }
    : { kind: 'anonymous' };
}

/** The kubeconfig is written anew: it names the kubelet's own certificate, which may still be valid. */
function withBootstrap(
  kubelet: KubeletProcess,
  configuration: Deciding,
  now: number,
  bootstrap: { where: string; because: Trouble },
): NextStart {
  if (!rotates(configuration)) return { kind: 'bootstraps', ...bootstrap };
  const mine = standing(kubelet, configuration, now);
  if (typeof mine === 'object') return refusal(mine);
  return mine === 'valid'
    ? { kind: 'authenticates', by: 'own', because: bootstrap.because }
    : { kind: 'bootstraps', ...bootstrap };
}

/** Whether client-go would take the kubelet's own certificate; its beginning is not asked for. */
function standing(
  kubelet: KubeletProcess,
  configuration: Deciding,
  now: number,
): 'valid' | 'expired' | 'missing' | Trouble | Unjudged {
  const file = ownFile(kubelet, configuration);
  const facts = ownFacts(kubelet, configuration);
  const path = ownPath(kubelet, configuration);
  if (facts && isDated(facts)) return facts.notAfter > now ? 'valid' : 'expired';
  const trouble = { what: 'client certificate', path } as const;
  if (facts?.damaged) return { ...trouble, cause: 'damaged' };
  if (file?.state === 'directory' || file?.state === 'other') return { ...trouble, cause: 'no-file' };
  if (facts) return unjudged(path, [facts]);
  return file === undefined || file.state === 'missing' ? 'missing' : unread(path);
}

/** What keeps client-go from loading this kubeconfig (clientcmd validation.go, transport.go); `fine` where nothing does. */
function loading(kubelet: KubeletProcess, path: string, what: string): Outcome {
  const shape = kubelet.kubeconfigs.find((each) => each.path === path);
  if (shape === undefined) return unseen(path);
  if (shape.state === 'missing') return { what, path, cause: 'missing' };
  if (shape.state === 'unreadable') return unread(path, shape.problem);
  if (shape.state === 'refused')
    return { what, path, cause: 'refused', ...(shape.problem && { detail: shape.problem }) };
  const folder = directoryOf(path);
  const named: [string, FileRole, string | undefined][] = [
    ['certificate authority', 'authority', shape.certificateAuthority],
    ['client certificate', 'client-certificate', shape.clientCertificate],
    ['client key', 'client-key', shape.clientKey],
    // Read where no token stands beside it (client_config.go, getUserIdentificationPartialConfig).
    ['token file', 'named', shape.token ? undefined : shape.tokenFile],
  ];
  for (const [kind, role, written] of named) {
    const wrong = written === undefined ? undefined : openable(kubelet, kind, role, beside(folder, written));
    if (wrong) return wrong;
  }
  return authorities(kubelet, shape);
}

/** The file of that role and path is one that can be opened; the evidence must have it to say that it is not. */
function openable(kubelet: KubeletProcess, what: string, role: FileRole, path: string): Trouble | undefined {
  const state = kubelet.files.find((file) => file.role === role && file.path === path)?.state;
  if (state === 'missing') return { what, path, cause: 'missing' };
  return state === 'directory' || state === 'other' ? { what, path, cause: 'no-file' } : undefined;
}

/**
 * Without one good certificate in them, TLS cannot be set up (client-go transport.go, rootCertPool: x509.AppendCertsFromPEM
 * passes over those that it cannot parse). An empty file stands for the system's own authorities, or none: that starts.
 */
function authorities(kubelet: KubeletProcess, shape: KubeconfigShape): Outcome {
  const path = shape.certificateAuthorityData
    ? shape.path
    : shape.certificateAuthority && beside(directoryOf(shape.path), shape.certificateAuthority);
  const found = kubelet.authorities.filter((facts) => facts.of === 'kubeconfig' && facts.path === path);
  const empty = kubelet.files.some((file) => file.role === 'authority' && file.path === path && file.size === 0);
  if (path === undefined || found.length === 0 || found.some(isDated) || empty) return 'fine';
  if (found.some((facts) => !facts.damaged)) return unjudged(path, found);
  return { what: 'certificate authority', path, cause: 'damaged' };
}

/** What keeps the certificate of a kubeconfig that loads from being still valid; every certificate of its file counts. */
function validity(kubelet: KubeletProcess, path: string, now: number): Outcome {
  const shape = kubelet.kubeconfigs.find((each) => each.path === path);
  const holder = shape?.clientCertificateData
    ? path
    : shape?.clientCertificate && beside(directoryOf(path), shape.clientCertificate);
  if (holder === undefined) return { what: 'kubeconfig', path, cause: 'none' };
  const found = kubelet.clientCertificates.filter((facts: CertificateFacts) => facts.path === holder);
  if (found.length === 0) return unseen(holder);
  const trouble = { what: 'client certificate', path: holder } as const;
  if (found.some((facts) => isDated(facts) && now > facts.notAfter)) return { ...trouble, cause: 'expired' };
  if (found.every((facts) => facts.damaged)) return { ...trouble, cause: 'damaged' };
  return found.every(isDated) ? 'fine' : unjudged(holder, found);
}

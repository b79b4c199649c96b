/**
 * Which file a rule on files speaks of: the one that is effectively used, or why there is none.
 * Tested by test/rules/client-ca-permissions.test.ts.
 */
import { clean, resolve } from '../go/paths.ts';
import { hidesHost } from '../kubelet/bottlerocket.ts';
import type { FileEvidence, FileRole } from '../kubelet/evidence.ts';
import { isDropIn } from '../kubelet/files.ts';
import { platformOf } from '../platforms/index.ts';
import { argumentsFile } from '../platforms/places.ts';
import { sh } from '../platforms/shell.ts';
import { step } from '../platforms/step.ts';
import { oneLine } from '../platforms/wording.ts';
import { notJudged } from './check-settings.ts';
import type { NodeView, Verdict } from './rule.ts';

/**
 * The files to judge, all of them: `extra` ones weigh in the status, but the benchmark's audit does not look at them.
 * Or a verdict, where no file can be judged.
 */
export type Subject = { files: FileEvidence[]; extra?: FileEvidence[] } | Verdict;

export type FindSubject = (node: NodeView) => Subject;

const texts = {
  volume: (path: string) => `kube-proxy runs in a pod, and ${path} comes from a ConfigMap`,
  unused: (what: string, why: string) => `${why}: there is no ${what} to check.`,
  notSeen: (what: string, path: string) => `The ${what} ${oneLine(path)} was not read by the collector.`,
  look: step('Look at the file on the node: no verdict rests on one that was not read.'),
  settle: step('Fix what the reason names, then scan this node again.'),
  noProcesses: (what: string) => `Which ${what} counts is not known: no process of the host was seen.`,
  process: (what: string, pid: number, why: string) =>
    `Which ${what} counts is not in the evidence of process ${pid}: ${why}`,
  unread: (what: string, path: string, why: string) =>
    `Which ${what} this node uses is unknown: the configuration ${path} of kube-proxy could not be read (${why}).`,
  embedded: (title: string, path: string) =>
    `kube-proxy is a part of ${title}, and its kubeconfig ${path} is not in the evidence: a person must look at its mode and owner.`,
  stat: (path: string) => step('Look at its mode and owner on the node.', sh`stat -c '%a %U:%G' ${path}`),
};

function notApplicable(what: string, why: string): Verdict {
  return { status: 'not-applicable', reason: texts.unused(what, why), advisories: [] };
}

/** The kubelet's systemd unit with its drop-ins. */
export function serviceFiles({ kubelet }: NodeView): Subject {
  const files = withRole(kubelet.files, 'service');
  if (files.length > 0) return { files };
  if (kubelet.unread !== undefined) return notJudged('configuration');
  if (kubelet.unit === undefined) {
    return notApplicable('service file', 'The kubelet does not run as a systemd unit');
  }
  return error(texts.notSeen('service file of unit', kubelet.unit));
}

/** The file of --config or of its arguments, which the audit looks at, and its drop-ins, which configure the kubelet just as well. */
export function configFiles(node: NodeView): Subject {
  const { kubelet, configuration } = node;
  const extra = [
    ...withRole(kubelet.files, 'drop-in').filter(({ path, state }) => state === 'file' && isDropIn(path)),
    ...k3sFiles(kubelet),
  ];
  const files = inUse(withRole(kubelet.files, 'config'), configuration);
  if (files.length > 0) return { files, extra };
  if (extra.length > 0) return { files: [], extra };
  // MicroK8s keeps in a list of arguments what others keep in a configuration.
  const list = kubelet.files.find(({ path }) => path === argumentsFile(node));
  if (list) return { files: [list] };
  if (configuration.starts !== true) return notJudged('configuration');
  return configuration.configFile === ''
    ? notApplicable('config file', 'The kubelet runs without --config')
    : error(texts.notSeen('config file', configuration.configFile));
}

/** The configuration of k3s holds the arguments of its kubelet; no procedure knows it. */
function k3sFiles({ files, host }: NodeView['kubelet']): FileEvidence[] {
  const given = withRole(files, 'environment').filter(
    ({ path, state }) => state !== 'missing' && /\.ya?ml$/i.test(path),
  );
  return host === 'k3s' ? given : [];
}

/** The file of --kubeconfig. */
export function kubeconfigFiles({ kubelet, configuration }: NodeView): Subject {
  const files = withRole(kubelet.files, 'kubeconfig');
  if (configuration.starts !== true) {
    // The bootstrap kubeconfig is another file, which is usually gone once the node has joined.
    const named = files.filter(({ path }) => namesFile(kubelet.argv, '--kubeconfig', path));
    return named.length > 0 ? { files: named } : notJudged('configuration');
  }
  const path = configuration.flags.kubeconfig.value;
  if (path === '') return notApplicable('kubeconfig', 'The kubelet has no --kubeconfig');
  if (configuration.credentials.kind === 'bootstrap') {
    return notApplicable('kubeconfig', `The kubelet is still bootstrapping and has not written ${oneLine(path)}`);
  }
  return fileAt(kubelet, path, 'kubeconfig');
}

/** The file of `authentication.x509.clientCAFile`. */
export function clientCaFiles({ kubelet, configuration }: NodeView): Subject {
  const files = withRole(kubelet.files, 'client-ca');
  if (configuration.starts !== true) {
    return files.length > 0 ? { files } : notJudged('configuration');
  }
  const path = configuration.settings['authentication.x509.clientCAFile'].value;
  if (path === '') return notApplicable('client CA file', 'authentication.x509.clientCAFile is not set');
  return fileAt(kubelet, path, 'client CA file');
}

/** The kubeconfigs of the kube-proxy processes on this node. */
export function proxyKubeconfigFiles(node: NodeView): Subject {
  const { evidence, kubelet } = node;
  const what = 'kube-proxy kubeconfig';
  const embedded = embeddedProxy(node);
  if (embedded) return embedded;
  if (hidesHost(kubelet)) return error(texts.noProcesses(what));
  if (evidence.proxies.length === 0) return notApplicable(what, 'No kube-proxy runs on this node');
  const named = evidence.proxies.flatMap((proxy) =>
    withRole(proxy.files, 'proxy-kubeconfig').map((file) => ({ file, volume: proxy.contained && file.symlink })),
  );
  const files = named.filter(({ volume }) => !volume).map(({ file }) => file);
  if (files.length > 0) return { files };
  // The kubelet writes such a volume as links (pkg/volume/util/atomic_writer.go); it holds the path of a token, no secret.
  const [first] = named;
  if (first) return notApplicable(what, texts.volume(oneLine(first.file.path)));
  const strange = evidence.proxies.find((proxy) => proxy.unread !== undefined);
  if (strange) return undecided(texts.process(what, strange.pid, oneLine(strange.unread ?? '')));
  const unread = evidence.proxies
    .flatMap((proxy) => withRole(proxy.files, 'proxy-config'))
    .find(({ content }) => content === undefined);
  if (unread) return undecided(texts.unread(what, oneLine(unread.path), oneLine(unread.withheld ?? unread.state)));
  return notApplicable(what, 'kube-proxy names no kubeconfig file on this node; in a pod it uses its service account');
}

/** kube-proxy can be a part of the kubelet's own process, which shows none of its files. */
function embeddedProxy(node: NodeView): Subject | undefined {
  const { embeddedProxy: proxy, title } = platformOf(node);
  if (!proxy) return undefined;
  const files = withRole(node.kubelet.files, 'proxy-kubeconfig');
  if (files.length > 0) return { files };
  const reason = texts.embedded(title, proxy.kubeconfig);
  return { status: 'manual', reason, advisories: [], remediation: [texts.stat(proxy.kubeconfig)] };
}

/** Of the candidates for --config the one that the kubelet reads; where that is unknown those that exist, else all. */
function inUse(candidates: FileEvidence[], configuration: NodeView['configuration']): FileEvidence[] {
  if (configuration.starts === true) return candidates.filter(({ path }) => clean(path) === configuration.configFile);
  const existing = candidates.filter((file) => file.state !== 'missing');
  return existing.length > 0 ? existing : candidates;
}

function withRole(files: FileEvidence[], role: FileRole): FileEvidence[] {
  return files.filter((file) => file.role === role);
}

/** The file of exactly this path, whatever named it first; another file of the same role says nothing about it. */
function fileAt({ files, cwd }: NodeView['kubelet'], path: string, what: string): Subject {
  const absolute = resolve(cwd === '' ? '/' : cwd, path);
  const found = files.find((file) => clean(file.path) === absolute);
  return found ? { files: [found] } : error(texts.notSeen(what, absolute));
}

/** `--kubeconfig=/path` or `--kubeconfig /path`. */
function namesFile(argv: string[], flag: string, path: string): boolean {
  return argv.some((each, index) => each === `${flag}=${path}` || (each === flag && argv[index + 1] === path));
}

function undecided(reason: string): Verdict {
  return { status: 'error', reason, advisories: [], remediation: [texts.settle] };
}

function error(reason: string): Verdict {
  return { status: 'error', reason, advisories: [], remediation: [texts.look] };
}

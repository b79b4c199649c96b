/**
 * One answer → Evidence, or the reason why there is none. The text inside the envelope is a list of records, one a
 * line: a keyword, a space, a value; content lines stand behind a bar. Records belong to the `process` above them:
 *
 *     time 1764000000                           seconds since the epoch, by the node's clock
 *     os amzn 2023 -                            ID, VERSION_ID, VARIANT_ID of os-release, - where absent
 *     cgroup 2 · runtime NAME VERSION · hostname NAME · address IP
 *     note TEXT                                 what could not be read
 *     refused WHY                               the collector could not answer: a whole answer would not fit
 *     process kubelet|hyperkube|k3s|microk8s|proxy PID
 *     settings (and lines behind a bar)         instead of what follows: what Bottlerocket's API said, see settings.ts
 *     unread WHY                                its arguments are not known: it may be the node's, and cannot be judged
 *     exe PATH · cwd PATH · contained · started SECONDS WITHIN · dropin-env · unit NAME · version vX.Y.Z · arg TEXT
 *     file ROLE STATE MODE UID GID SIZE MTIME link|- PATH
 *     content (and lines behind a bar) · withheld WHY · flag LINE NAME      of the file above
 *     access OWNER WRITER…                      of the file above, on Windows: security identifiers
 *     dir STATE PATH                            a --config-dir
 *     certificate USE PATH, then problem WHY or issuer · subject · from · to · serial · sha256 · name      see certificate.ts
 *
 * Nodes are not trusted: everything is bounded, unknown records are refused, and nothing here throws.
 * Long because the grammar of an answer is read in one place.
 */
import { posix } from 'node:path';
import type {
  AuthorityFacts,
  CertificateFacts,
  Evidence,
  FileEvidence,
  KubeletProcess,
  ProxyProcess,
} from '../../kubelet/evidence.ts';
import { oneLine } from '../../platforms/wording.ts';
import { addFact, canonical } from './certificate.ts';
import { unwrap } from './envelope.ts';
import { kubeconfigShape } from './kubeconfig.ts';
import { redact } from './redact.ts';
import { takeSettings } from './settings.ts';

/** Most lines of one answer besides arguments; the largest file that collect.sh reads has some 9,000 of usual length. */
const MOST_LINES = 10_000;
/** Most arguments of all processes. */
const MOST_ARGUMENTS = 12_000;
/** Most processes, as collect.sh lists them. */
const MOST_PROCESSES = 20;
/** Longest list of arguments, in characters, as collect.sh reads it. */
const LONGEST_ARGUMENTS = 131_072;
/** Most files of one process: 100 drop-ins a directory and what controls speak of. */
const MOST_FILES = 500;
/** Most certificates of one process: ten of each authority, and those that it presents. */
const MOST_CERTIFICATES = 100;

export type Answer = { evidence: Evidence } | { problem: string };

/** One of these words, or undefined; each answer has dozens of them, and a schema takes ten times as long to say the same. */
function oneOf<Word extends string>(words: readonly Word[]): (text: string | undefined) => Word | undefined {
  const known = new Map<string | undefined, Word>(words.map((each) => [each, each]));
  return (text) => known.get(text);
}

/** The number that up to 15 digits are, or undefined. Digit by digit, because most of an answer's words are counts. */
export function countOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '' || text.length > 15) return undefined;
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    count = count * 10 + digit;
  }
  return count;
}

/** Seconds with the fraction that is known, or undefined. */
export function timeOf(text: string | undefined): number | undefined {
  return countOf(text) ?? (text !== undefined && /^\d{1,15}\.\d{1,9}$/.test(text) ? Number(text) : undefined);
}

/** A path as it is written shortest; nearly all are. */
function normalized(path: string): string {
  return /^$|^\.|\/(?:[/.]|$)/.test(path) ? posix.normalize(path) : path;
}

const roleOf = oneOf([
  'config',
  'drop-in',
  'kubeconfig',
  'client-ca',
  'client-certificate',
  'client-key',
  'serving-certificate',
  'serving-key',
  'authority',
  'service',
  'environment',
  'folder',
  'program',
  'static-pods',
  'credential-provider',
  'volume-plugins',
  'cni',
  'named',
  'proxy-kubeconfig',
  'proxy-config',
] satisfies FileEvidence['role'][]);
const stateOf = oneOf(['file', 'missing', 'directory', 'unreadable', 'other'] satisfies FileEvidence['state'][]);
const directoryStateOf = oneOf(['directory', 'missing', 'unreadable', 'other']);
/** ROLE STATE MODE UID GID SIZE MTIME link|- PATH. */
export const FILE = /^([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) (.*)$/s;
/** What the certificate is for, as the collector names the file that holds it. */
const useOf = oneOf(['client-certificate', 'serving-certificate', 'authority', 'client-ca']);
/** A security identifier (Microsoft, MS-DTYP 2.4.2.1, SID string format), or an owner who is not known. */
const IDENTIFIER = /^(S-1-[0-9-]{1,180}|-)$/;
/** An owner, and 20 who may write. */
const MOST_IDENTIFIERS = 21;
/** Most addresses of a node. */
const MOST_ADDRESSES = 64;
/** As collect.sh takes it from what the kubelet prints. */
const VERSION = /^v\d[\w.+-]{0,100}$/;
const hostOf = oneOf(['kubelet', 'hyperkube', 'k3s', 'microk8s', 'proxy']);

type State = {
  evidence: Evidence;
  /** Of the arguments of the process. */
  characters: number;
  kubelet: KubeletProcess | undefined;
  proxy: ProxyProcess | undefined;
  file: FileEvidence | undefined;
  /** Lines behind a bar, of the file above. */
  content: string | undefined;
  certificate: CertificateFacts | undefined;
};

/** Reads what one node answered on standard output. Secrets that slipped through are replaced first. */
export function readAnswer(output: string): Answer {
  const unwrapped = unwrap(output);
  return 'problem' in unwrapped ? unwrapped : readRecords(redact(unwrapped.text));
}

/** Reads the records of an answer in which there are no secrets any more. */
export function readRecords(text: string): Answer {
  const problem = tooMany(text);
  if (problem) return { problem };
  const state: State = {
    evidence: { format: 2, collectedAt: 0, os: {}, kubelets: [], proxies: [], notes: [] },
    characters: 0,
    kubelet: undefined,
    proxy: undefined,
    file: undefined,
    content: undefined,
    certificate: undefined,
  };
  for (let start = 0, end: number; start < text.length; start = end + 1) {
    end = endOfLine(text, start);
    if (text[start] === '|') {
      if (state.content === undefined) return { problem: 'the answer has a content line without a record' };
      // Most lines of an answer are such, and taken as many as there are.
      while (text[end + 1] === '|') end = endOfLine(text, end + 1);
      state.content += `${text.slice(start + 1, end).replaceAll('\n|', '\n')}\n`;
      continue;
    }
    const line = text.slice(start, end);
    const space = line.indexOf(' ');
    const word = space === -1 ? line : line.slice(0, space);
    const value = space === -1 ? '' : line.slice(space + 1);
    if (word === '' && value === '') continue;
    if (word === 'refused') return { problem: value };
    settle(state);
    if (state.certificate && addFact(state.certificate, word, value)) continue;
    const wrong = record(state, word, value);
    if (wrong) return { problem: `the answer has ${wrong}` };
  }
  settle(state);
  for (const kubelet of state.evidence.kubelets) {
    if (kubelet.pid !== 0 || kubelet.settings) continue;
    kubelet.unread ??= 'no process has the number 0, and no settings stand for it';
    // What else it said is of the container in which its API was asked.
    state.evidence.os = { id: 'bottlerocket' };
  }
  return { evidence: state.evidence };
}

/** Where the line ends that begins or goes on at `start`. */
export function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end;
}

function tooMany(text: string): string | undefined {
  if (text.length < MOST_LINES) return undefined;
  const lines = text.split('\n');
  const given = lines.filter((line) => line.startsWith('arg ')).length;
  if (given > MOST_ARGUMENTS) return `the answer has ${given} arguments, more than ${MOST_ARGUMENTS}`;
  const rest = lines.length - given;
  return rest > MOST_LINES ? `the answer has ${rest} lines, more than ${MOST_LINES}` : undefined;
}

/** Puts collected lines where they belong. */
function settle(state: State): void {
  const { content, file, kubelet, evidence } = state;
  if (content === undefined) return;
  state.content = undefined;
  if (!file) {
    if (kubelet) takeSettings(evidence, kubelet, content);
    return;
  }
  // A kubeconfig's shape is what rules read; its lines are of no further use.
  if (file.role === 'kubeconfig') kubelet?.kubeconfigs.push(kubeconfigShape(file.path, content));
  else file.content = content;
}

/** Takes one record; returns what is wrong with it, or undefined. */
function record(state: State, word: string, value: string): string | undefined {
  const { evidence, kubelet, proxy } = state;
  switch (word) {
    case 'time':
      return number(value, (seconds) => {
        evidence.collectedAt = seconds;
      });
    case 'os': {
      const [id, version, variant] = value.split(' ').map((field) => (field === '-' ? undefined : field));
      evidence.os = { ...(id ? { id } : {}), ...(version ? { version } : {}), ...(variant ? { variant } : {}) };
      return undefined;
    }
    case 'cgroup':
      if (value !== '1' && value !== '2') return 'control groups of an unknown version';
      evidence.cgroup = value === '1' ? 1 : 2;
      return undefined;
    case 'runtime': {
      const [name = '', version = ''] = value.split(' ');
      evidence.runtime = { name, ...(version ? { version } : {}) };
      return undefined;
    }
    case 'hostname':
      evidence.hostname = value;
      return undefined;
    case 'address':
      if ((evidence.addresses?.length ?? 0) >= MOST_ADDRESSES) return `more than ${MOST_ADDRESSES} addresses`;
      evidence.addresses = [...(evidence.addresses ?? []), canonical(value)];
      return undefined;
    case 'note':
      evidence.notes.push(value);
      return undefined;
    case 'process':
      return startProcess(state, value);
    case 'file':
      return addFile(state, value);
    case 'content':
      if (!state.file) return 'content without a file';
      state.content = '';
      return undefined;
    case 'access':
      return addAccess(state, value);
    case 'withheld':
      if (state.file) withhold(state, state.file, value);
      return undefined;
    case 'flag': {
      const [line = '', name = ''] = value.split(' ');
      return number(line, (parsed) => {
        if (!state.file) return;
        state.file.flags ??= [];
        state.file.flags.push({ name: name.replaceAll('_', '-'), line: parsed });
      });
    }
  }
  if (word === 'arg' && (kubelet || proxy)) {
    state.characters += value.length + 1;
    if (state.characters > LONGEST_ARGUMENTS) return `arguments longer than ${LONGEST_ARGUMENTS} characters`;
    // collect.sh writes a line break inside an argument as \x01.
    (kubelet ?? proxy)?.argv.push(value.replaceAll('\u0001', '\n'));
    return undefined;
  }
  if (word === 'cwd' && (kubelet || proxy)) {
    if (kubelet) kubelet.cwd = value;
    if (proxy) proxy.cwd = value;
    return undefined;
  }
  if (proxy && word === 'contained') {
    proxy.contained = true;
    return undefined;
  }
  if (proxy && word === 'unread') {
    proxy.unread = value;
    return undefined;
  }
  if (kubelet) return kubeletRecord(state, kubelet, word, value);
  // What else a proxy's process record carries (exe, unit, start) decides nothing.
  return proxy && ['exe', 'started', 'unit'].includes(word) ? undefined : `an unknown record ${shown(word, 40)}`;
}

function kubeletRecord(state: State, kubelet: KubeletProcess, word: string, value: string): string | undefined {
  switch (word) {
    case 'exe':
      kubelet.exe = value;
      return undefined;
    case 'unread':
      kubelet.unread = value;
      return undefined;
    case 'contained':
      kubelet.contained = true;
      return undefined;
    case 'started': {
      const [at, within] = value.split(' ').map(timeOf);
      if (at === undefined || within === undefined) return `a start of an unknown form ${shown(value, 40)}`;
      kubelet.startedAt = at;
      kubelet.startedWithin = within;
      return undefined;
    }
    case 'version':
      if (!VERSION.test(value)) return `a version of an unknown form ${shown(value, 40)}`;
      kubelet.version = value;
      return undefined;
    case 'dropin-env':
      kubelet.dropInEnvironment = true;
      return undefined;
    case 'unit':
      kubelet.unit = value;
      return undefined;
    case 'dir': {
      const space = value.indexOf(' ');
      const state = directoryStateOf(value.slice(0, space));
      if (state === undefined) return 'a directory in an unknown state';
      kubelet.dropInDirectories.push({ path: normalized(value.slice(space + 1)), state });
      return undefined;
    }
    case 'settings':
      state.file = undefined;
      state.content = '';
      return undefined;
    case 'certificate':
      return startCertificate(state, kubelet, value);
    default:
      return `an unknown record ${shown(word, 40)}`;
  }
}

/** Facts of the certificate follow, a record each. */
function startCertificate(state: State, kubelet: KubeletProcess, value: string): string | undefined {
  const space = value.indexOf(' ');
  const use = useOf(value.slice(0, space));
  if (use === undefined) return `a certificate of an unknown use ${shown(value, 40)}`;
  const count = kubelet.clientCertificates.length + kubelet.servingCertificates.length + kubelet.authorities.length + 1;
  if (count > MOST_CERTIFICATES) return `more than ${MOST_CERTIFICATES} certificates of one process`;
  const path = normalized(value.slice(space + 1));
  if (use === 'client-certificate' || use === 'serving-certificate') {
    state.certificate = { path };
    const kind = use === 'client-certificate' ? 'clientCertificates' : 'servingCertificates';
    kubelet[kind].push(state.certificate);
    return undefined;
  }
  const authority: AuthorityFacts = { path, of: use === 'authority' ? 'kubeconfig' : 'client-ca' };
  state.certificate = authority;
  kubelet.authorities.push(authority);
  return undefined;
}

/** Who owns the file above, and who may write it. */
function addAccess({ file }: State, value: string): string | undefined {
  const [owner = '', ...writers] = value.split(' ');
  const all = [owner, ...writers];
  if (!file || all.length > MOST_IDENTIFIERS || !all.every((each) => IDENTIFIER.test(each))) {
    return `who may write a file in an unknown form ${shown(value, 40)}`;
  }
  file.access = { owner, writers };
  return undefined;
}

/** Of a kubeconfig that is withheld the shape is unknown, and says so. */
function withhold({ kubelet }: State, file: FileEvidence, why: string): void {
  file.withheld = why;
  if (file.role !== 'kubeconfig') return;
  const problem = `${file.path} cannot be read without its secrets: ${why}`;
  kubelet?.kubeconfigs.push({ path: file.path, state: 'unreadable', problem });
}

function startProcess(state: State, value: string): string | undefined {
  const { evidence } = state;
  const [word, id] = value.split(' ');
  const [host, pid] = [hostOf(word), countOf(id)];
  if (host === undefined || pid === undefined) return `a process of an unknown kind ${shown(value, 40)}`;
  if (evidence.kubelets.length + evidence.proxies.length >= MOST_PROCESSES)
    return `more than ${MOST_PROCESSES} processes`;
  state.file = undefined;
  state.certificate = undefined;
  state.kubelet = undefined;
  state.proxy = undefined;
  state.characters = 0;
  if (host === 'proxy') {
    state.proxy = { pid, argv: [], cwd: '/', files: [] };
    evidence.proxies.push(state.proxy);
    return undefined;
  }
  state.kubelet = {
    pid,
    host,
    argv: [],
    cwd: '/',
    files: [],
    dropInDirectories: [],
    kubeconfigs: [],
    clientCertificates: [],
    servingCertificates: [],
    authorities: [],
  };
  evidence.kubelets.push(state.kubelet);
  return undefined;
}

function addFile(state: State, value: string): string | undefined {
  const owner = state.kubelet ?? state.proxy;
  if (!owner) return 'a file without a process';
  if (owner.files.length >= MOST_FILES) return `more than ${MOST_FILES} files of one process`;
  const [, first, second, mode, user, group, bytes, time, link, path] = FILE.exec(value) ?? [];
  const role = roleOf(first);
  const what = stateOf(second);
  if (role === undefined || what === undefined || path === undefined) {
    return `a file record of an unknown form ${shown(value, 80)}`;
  }
  const file: FileEvidence = { path: normalized(path), role, state: what };
  if (link === 'link') file.symlink = true;
  if (mode !== undefined && /^[0-7]{1,5}$/.test(mode)) file.mode = mode;
  const uid = countOf(user);
  if (uid !== undefined) file.uid = uid;
  const gid = countOf(group);
  if (gid !== undefined) file.gid = gid;
  const size = countOf(bytes);
  if (size !== undefined) file.size = size;
  const modifiedAt = timeOf(time);
  if (modifiedAt !== undefined) file.modifiedAt = modifiedAt;
  owner.files.push(file);
  // A kubelet that is still bootstrapping has not written its own yet: there are no lines to read a shape from.
  if (file.role === 'kubeconfig' && file.state === 'missing') {
    state.kubelet?.kubeconfigs.push({ path: file.path, state: 'missing' });
  } else if (file.role === 'kubeconfig' && file.state === 'directory') {
    const problem = `the kubelet refuses ${file.path}: it is a directory`;
    state.kubelet?.kubeconfigs.push({ path: file.path, state: 'refused', problem });
  }
  state.file = file;
  state.certificate = undefined;
  return undefined;
}

function number(value: string, assign: (parsed: number) => void): string | undefined {
  const parsed = countOf(value);
  if (parsed === undefined) return `a number that is none: ${shown(value, 40)}`;
  assign(parsed);
  return undefined;
}

/** The beginning of what a node sent, as part of a sentence. */
function shown(text: string, longest: number): string {
  return JSON.stringify(oneLine(text.slice(0, longest)));
}

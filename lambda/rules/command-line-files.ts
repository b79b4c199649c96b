import { notJudged } from '../criteria/check-settings.ts';
import { onNode } from '../criteria/on-node.ts';
import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import { directoryOf } from '../go/paths.ts';
import type { FileEvidence, FileRole } from '../kubelet/evidence.ts';
import { platformOf } from '../platforms/index.ts';
import { sh, shellWord } from '../platforms/shell.ts';
import { step } from '../platforms/step.ts';
import { listed, oneLine } from '../platforms/wording.ts';

/**
 * Files that decide with which arguments root starts the kubelet, folders on their way, and what the kubelet itself starts as root
 * or as it finds it there.
 */
const ROLES: ReadonlySet<FileRole> = new Set([
  'service',
  'environment',
  'folder',
  'program',
  'static-pods',
  'credential-provider',
  'volume-plugins',
  'cni',
]);

/** How many paths a command takes. */
const MOST_PATHS = 5;

const GROUP_WRITES = 0o020;
const EVERYBODY_WRITES = 0o002;
/** In such a folder only the owner of a file may remove or rename it (inode(7)); everybody may add another. */
const STICKY = 0o1000;

/**
 * Folders of units and drop-ins: a file more there counts, so that none is kept by being sticky (systemd.unit(5), Unit File Load
 * Path; k3s and RKE2 read config.yaml.d in the same way).
 */
const TAKES_ANY_FILE =
  /\.d$|\/systemd\/(system|system\.control|system\.attached|transient|generator(\.early|\.late)?)$/;

const texts = {
  none: 'No file of this node decides the arguments of its kubelet: it is no systemd unit, and its program is not known.',
  owner: (path: string, uid: number) => `${path} belongs to user ${uid}`,
  group: (path: string, gid: number, mode: string) => `${path} may be written by group ${gid} (mode ${mode})`,
  everybody: (path: string, mode: string) => `${path} may be written by everybody (mode ${mode})`,
  means: 'whoever may write there decides what root runs on this node',
  unseen: (paths: string) => `Who may write ${paths} is not in the evidence.`,
  look: (node: NodeView, paths: readonly string[]) =>
    onNode(
      node,
      'Look at their modes and owners on the node.',
      paths.length > 0 ? sh`stat -L -c '%A %U:%G %n' ${paths}` : undefined,
    ),
  take: 'Give to root alone what it must own and write.',
  by: (paths: string) =>
    `Make root own ${paths}, and let nobody else write there (\`chown root:root\`, \`chmod go-w\`).`,
  safe: (count: number) =>
    `Only root may write what decides the kubelet's arguments and programs: ${count} files and folders were looked at.`,
  more: (count: number) => `Do the same for the ${count} more.`,
};

/** Whoever may write these files is root on the node with the next start of the kubelet. Ours: no benchmark has it. */
export const commandLineFiles: Rule = {
  name: 'command-line-files',
  title: "Only root may write what decides the kubelet's arguments and programs",
  failureTitle: "Others than root may write what decides the kubelet's arguments or programs",
  why: 'The kubelet runs as root. Who may write its unit, an environment file, its program, a plugin, a static pod, or a folder on the way to one of them, runs what they like as root with its next start, and no setting of the kubelet matters any more.',
  severity: 'critical',
  withoutArguments: true,
  linuxOnly: 'the files from which a kubelet of Windows starts have access control lists in place of modes',
  references: [
    'https://man7.org/linux/man-pages/man5/systemd.unit.5.html',
    'https://man7.org/linux/man-pages/man5/systemd.exec.5.html#ENVIRONMENT',
    'https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/',
    'https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/',
  ],
  check(node) {
    const files = node.kubelet.files.filter(({ role, state }) => ROLES.has(role) && state !== 'missing');
    if (files.length === 0 && node.kubelet.unread !== undefined) return notJudged('configuration');
    if (files.length === 0) return { status: 'not-applicable', reason: texts.none, advisories: [] };
    const distinct = [...new Map(files.map((file) => [file.path, file])).values()];
    const absent = new Set(
      node.kubelet.files.flatMap(({ role, state, path }) =>
        ROLES.has(role) && state === 'missing' ? [directoryOf(path)] : [],
      ),
    );
    const wrong = distinct.flatMap((file) => {
      const told = writers(file, absent);
      return told === undefined ? [] : [{ file, told }];
    });
    if (wrong.length > 0) return writable(node, wrong);
    const unseen = distinct.filter(
      ({ mode, uid, gid }) =>
        mode === undefined || uid === undefined || (gid === undefined && sets(mode, GROUP_WRITES)),
    );
    if (unseen.length === 0) return { status: 'pass', reason: texts.safe(distinct.length), advisories: [] };
    const paths = unseen.map(({ path }) => path);
    const remediation = [texts.look(node, typedOf(paths))];
    return { status: 'error', reason: texts.unseen(listed(paths)), advisories: [], remediation };
  },
};

/**
 * Who else than root may write it, as a sentence; undefined where nobody may, or where it was not seen. A folder on the way that is
 * sticky keeps what is in it; of the folders `absent` something that would be read is missing, and of others any file would be read.
 */
function writers({ path, role, state, mode, uid, gid }: FileEvidence, absent: ReadonlySet<string>): string | undefined {
  const has = (bits: number) => mode !== undefined && sets(mode, bits);
  if (uid !== undefined && uid !== 0) return texts.owner(oneLine(path), uid);
  const keeps = role === 'folder' && state === 'directory' && has(STICKY);
  if (keeps && !absent.has(path) && !TAKES_ANY_FILE.test(path)) return undefined;
  if (has(EVERYBODY_WRITES)) return texts.everybody(oneLine(path), mode ?? '');
  const group = gid !== undefined && gid !== 0 && has(GROUP_WRITES);
  return group ? texts.group(oneLine(path), gid, mode ?? '') : undefined;
}

function sets(mode: string, bits: number): boolean {
  return (Number.parseInt(mode, 8) & bits) !== 0;
}

function writable(node: NodeView, wrong: readonly { file: FileEvidence; told: string }[]): Verdict {
  const reason = `${listed(wrong.map(({ told }) => told))}: ${texts.means}.`;
  const platform = platformOf(node);
  const paths = wrong.map(({ file }) => file.path);
  if (!platform.files.byHand) {
    return { status: 'fail', reason, advisories: [], remediation: [platform.files.instead(listed(paths, ' '))] };
  }
  const typed = typedOf(paths);
  const first =
    typed.length > 0
      ? step(texts.take, sh`chown root:root ${typed} && chmod go-w ${typed}`)
      : step(texts.by(listed(paths, ' and ')));
  const more = typed.length > 0 && paths.length > typed.length ? [step(texts.more(paths.length - typed.length))] : [];
  const lasting = platform.files.lasting(
    wrong.map(({ file }) => file),
    'mode',
  );
  return { status: 'fail', reason, advisories: [], remediation: [first, ...more, ...lasting] };
}

/** Paths that a command takes, the first of them. */
function typedOf(paths: readonly string[]): string[] {
  return paths.filter((path) => shellWord(path) !== undefined).slice(0, MOST_PATHS);
}

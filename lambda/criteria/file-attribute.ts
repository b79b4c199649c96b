/**
 * Judges an attribute of the files that a rule speaks of: their mode or their owner.
 * Tested by test/rules/kubelet-config-permissions.test.ts.
 */
import type { FileEvidence } from '../kubelet/evidence.ts';
import { isOnWindows } from '../kubelet/files.ts';
import { platformOf } from '../platforms/index.ts';
import type { FileAttribute } from '../platforms/platform.ts';
import { sh, shellWord } from '../platforms/shell.ts';
import { type Step, step } from '../platforms/step.ts';
import { listed, oneLine } from '../platforms/wording.ts';
import { accessOf } from './access.ts';
import type { NodeView, Parameters, Verdict } from './rule.ts';
import type { FindSubject } from './subject.ts';

type Attribute = {
  name: FileAttribute;
  /** The value as people read it (`mode 644`), or undefined where the collector could not see it. */
  show(file: FileEvidence): string | undefined;
  keeps(file: FileEvidence, parameters: Parameters): boolean;
  /** What is wanted: `at most 600`. */
  wanted(parameters: Parameters): string;
  /** The command that mends these files, without their paths. It must only ever take away. */
  command(files: FileEvidence[], parameters: Parameters): 'chown root:root' | `chmod ${string}`;
};

/** Systems whose packages have dpkg-statoverride(1), by ID of os-release(5). */
const PACKAGED_BY_DPKG: ReadonlySet<string> = new Set(['debian', 'ubuntu']);

/**
 * Systems whose /usr nobody can write, image and extensions alike, by ID of os-release(5) (flatcar.org, Filesystem placement;
 * systemd-sysext(8)).
 */
const READ_ONLY_USR: ReadonlySet<string> = new Set(['flatcar']);

/** How many different modes or owners a sentence takes. */
const MOST_VALUES = 3;

/** How many paths a command takes. */
const MOST_PATHS = 5;

const texts = {
  seen: (paths: string, value: string, several: boolean) => `${paths} ${several ? 'have' : 'has'} ${value}`,
  allowed: (wanted: string) => `the benchmark allows ${wanted}`,
  lacking: (path: string, why: string) => `${path} ${why}`,
  states: {
    missing: 'does not exist',
    directory: 'is a directory',
    unreadable: 'could not be looked at by the collector',
    other: 'is neither a file nor a directory',
  },
  unseen: 'has no attributes in the evidence',
  look: 'Look at the file on the node: the verdict needs its mode and owner.',
  take: 'Take away the permissions beyond what the benchmark allows.',
  own: 'Give it to root.',
  /** The path goes through the kubelet's process to the file, which the mounts of its container take from elsewhere. */
  contained: (what: string) =>
    `${what.replace(/\.$/, '')}, on the host: the path leads through the process of the kubelet, which runs in a container.`,
  by: (command: string, paths: string) => `Do \`${command}\` on ${paths}.`,
  more: (count: number) => `Do the same for the ${count} more.`,
  pod: 'Set its mode in the volume instead where kube-proxy runs in a pod (defaultMode of the ConfigMap volume in the DaemonSet).',
  /** dpkg and rpm set the mode of a package's files anew when they unpack it (dpkg-statoverride(1)). */
  package: 'Run the command again after each update of the package that the file belongs to, which restores its mode.',
  shadow: 'Put a copy with the wanted mode in front of it, because /usr is read-only here: systemd takes that of /etc.',
  reload: step('Let systemd read its units anew.', 'systemctl daemon-reload'),
  override: 'Have the mode kept, which each update of the package that the file belongs to would restore.',
};

/** A check of every file that `find` names; the worst decides, and the reason names the files concerned. */
export function fileAttribute(find: FindSubject, attribute: Attribute) {
  const check = (node: NodeView, parameters: Parameters): Verdict => {
    const subject = find(node);
    if (isOnWindows(node.kubelet)) {
      const files = 'status' in subject ? [] : subject.files;
      return { status: 'not-applicable', reason: accessOf(files), advisories: [] };
    }
    if ('status' in subject) return subject;
    const all = [...subject.files, ...(subject.extra ?? [])];
    const audit = auditOf(subject.files, attribute, parameters);
    const wrong = all.filter((file) => attribute.show(file) !== undefined && !attribute.keeps(file, parameters));
    if (wrong.length > 0) {
      return {
        status: 'fail',
        ...audit,
        reason: `${describe(wrong, attribute)}; ${texts.allowed(attribute.wanted(parameters))}.`,
        advisories: [],
        remediation: mend(node, wrong, attribute, attribute.command(wrong, parameters)),
      };
    }
    const lacking = all.find((file) => file.state !== 'file' || attribute.show(file) === undefined);
    if (lacking) {
      const why = lacking.state === 'file' ? texts.unseen : texts.states[lacking.state];
      return {
        status: 'error',
        ...audit,
        reason: `${texts.lacking(oneLine(lacking.path), why)}.`,
        advisories: [],
        remediation: [step(texts.look)],
      };
    }
    return { status: 'pass', ...audit, reason: `${describe(all, attribute)}.`, advisories: [] };
  };
  return Object.assign(check, { restsOn: 'files' as const });
}

/** The audit looks at the named file alone, and says nothing where it cannot. */
function auditOf(files: FileEvidence[], attribute: Attribute, parameters: Parameters): Pick<Verdict, 'audit'> {
  if (files.length === 0 || files.some((file) => attribute.show(file) === undefined)) return {};
  return { audit: files.every((file) => attribute.keeps(file, parameters)) ? 'pass' : 'fail' };
}

function describe(files: FileEvidence[], attribute: Attribute): string {
  const groups = Map.groupBy(files, (file) => attribute.show(file) ?? '');
  return [...groups]
    .slice(0, MOST_VALUES)
    .map(([value, group]) => texts.seen(pathsOf(group, ' and '), value, group.length > 1))
    .join(', ');
}

function pathsOf(files: FileEvidence[], separator: string): string {
  return listed(
    files.map((file) => file.path),
    separator,
  );
}

function mend(node: NodeView, files: FileEvidence[], attribute: Attribute, command: string): Step[] {
  const { name } = attribute;
  const platform = platformOf(node);
  if (!platform.files.byHand) return [platform.files.instead(pathsOf(files, ' '))];
  const shadowed = shadow(node, files, command);
  if (shadowed.length > 0) {
    const others = files.filter((file) => !isFrozen(node, file));
    return [...(others.length > 0 ? mend(node, others, attribute, command) : []), ...shadowed];
  }
  const contained = isContained(node, files);
  const below = contained ? `/proc/${node.kubelet.pid}/root` : '';
  const paths = files.map(({ path }) => `${below}${path}`);
  // A path that no line of a shell can hold is told of, and its name is not shown whole.
  const typed = paths.filter((path) => shellWord(path) !== undefined).slice(0, MOST_PATHS);
  const what = name === 'mode' ? texts.take : texts.own;
  const first =
    typed.length > 0
      ? step(contained ? texts.contained(what) : what, `${command} ${typed.map(shellWord).join(' ')}`)
      : step(texts.by(command, pathsOf(files, ' and ')));
  const left = typed.length > 0 ? paths.length - typed.length : 0;
  const more = left > 0 ? [step(texts.more(left))] : [];
  const pod = files.some(({ role }) => role === 'proxy-kubeconfig');
  const lasting = pod ? [step(texts.pod)] : platform.files.lasting(files, name);
  const beforehand = platform.files.beforehand && !pod ? [platform.files.beforehand] : [];
  return [...beforehand, first, ...more, ...afterUpdates(node, files, command), ...lasting];
}

/** Units of an image whose /usr is read-only: a file of the same name in /etc hides them (systemd.unit(5)). */
function isFrozen({ evidence }: NodeView, { path }: FileEvidence): boolean {
  return READ_ONLY_USR.has(evidence.os.id ?? '') && path.startsWith('/usr/lib/systemd/system/');
}

function shadow(node: NodeView, files: FileEvidence[], command: string): Step[] {
  const [, mode] = /^chmod ([0-7]+)$/.exec(command) ?? [];
  const frozen = files.filter((file) => isFrozen(node, file)).slice(0, MOST_PATHS);
  if (mode === undefined || frozen.length === 0) return [];
  const copies = frozen.map(({ path }) =>
    step(texts.shadow, sh`install -D -m ${mode} ${path} ${path.replace('/usr/lib', '/etc')}`),
  );
  return [...copies, texts.reload];
}

/** A kubelet in a container names files by paths of that container; a kube-proxy has its own. */
function isContained({ kubelet }: NodeView, files: FileEvidence[]): boolean {
  return kubelet.contained === true && files.every((file) => kubelet.files.includes(file));
}

/** Only packages write below these folders (systemd.unit(5), Unit File Load Path; file-hierarchy(7)). */
function afterUpdates({ evidence }: NodeView, files: FileEvidence[], command: string): Step[] {
  const [, mode] = /^chmod ([0-7]+)$/.exec(command) ?? [];
  const packaged = files.filter(({ path }) => /^(\/usr)?\/lib\/systemd\//.test(path)).slice(0, MOST_PATHS);
  if (packaged.length === 0 || !command.startsWith('chmod')) return [];
  if (mode === undefined || !PACKAGED_BY_DPKG.has(evidence.os.id ?? '')) return [step(texts.package)];
  return packaged.map(({ path }) =>
    step(texts.override, sh`dpkg-statoverride --update --add root root ${mode} ${path}`),
  );
}

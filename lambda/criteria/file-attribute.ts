/**
 * Judges an attribute of the files that a rule speaks of: their mode or their owner.
 * Tested by test/rules/kubelet-config-permissions.test.ts.
 */
import type { FileEvidence } from '../kubelet/evidence.ts';
import { platformOf } from '../platforms/index.ts';
import type { FileAttribute } from '../platforms/platform.ts';
import { listed, oneLine, shellWord } from '../platforms/wording.ts';
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
  command(files: FileEvidence[], parameters: Parameters): string;
};

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
  more: (count: number) => `, and the same for the ${count} more`,
  pod: ' Where kube-proxy runs in a pod, the file comes from a volume: set its mode there (defaultMode of the ConfigMap volume in the DaemonSet) instead.',
  contained:
    " The kubelet runs in a container: the path goes through its process to the file, which the container's mounts take from elsewhere.",
  /** dpkg and rpm set the mode of a package's files anew when they unpack it (dpkg-statoverride(1)). */
  package: (mode: string, path: string) =>
    ` An update of the package that the file belongs to restores its mode: run the command after each, or keep it on Debian and Ubuntu by \`dpkg-statoverride --update --add root root ${mode} ${path}\`.`,
};

/** A check of every file that `find` names; the worst decides, and the reason names the files concerned. */
export function fileAttribute(find: FindSubject, attribute: Attribute) {
  const check = (node: NodeView, parameters: Parameters): Verdict => {
    const subject = find(node);
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
        remediation: texts.look,
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

function mend(node: NodeView, files: FileEvidence[], { name }: Attribute, command: string): string {
  const platform = platformOf(node);
  if (!platform.files.byHand) return platform.files.instead(pathsOf(files, ' '));
  const below = isContained(node, files) ? `/proc/${node.kubelet.pid}/root` : '';
  const shown = files.slice(0, MOST_PATHS);
  const run = `Run \`${command} ${shown.map(({ path }) => shellWord(`${below}${path}`)).join(' ')}\``;
  const more = files.length > MOST_PATHS ? texts.more(files.length - MOST_PATHS) : '';
  const pod = files.some(({ role }) => role === 'proxy-kubeconfig');
  return `${run}${more}.${below && texts.contained}${afterUpdates(files, command)}${pod ? texts.pod : platform.files.lasting(files, name)}`;
}

/** A kubelet in a container names files by paths of that container; a kube-proxy has its own. */
function isContained({ kubelet }: NodeView, files: FileEvidence[]): boolean {
  return kubelet.contained === true && files.every((file) => kubelet.files.includes(file));
}

/** Only packages write below these folders (systemd.unit(5), Unit File Load Path; file-hierarchy(7)). */
function afterUpdates(files: FileEvidence[], command: string): string {
  const [, mode] = /^chmod ([0-7]+)$/.exec(command) ?? [];
  const file = files.find(({ path }) => /^(\/usr)?\/lib\/systemd\//.test(path));
  return file && mode !== undefined ? texts.package(mode, shellWord(file.path)) : '';
}

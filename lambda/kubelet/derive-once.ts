/**
 * A fleet of thousands has few kubelets that are given different things: what follows from arguments and files is derived once
 * for all that are alike but for their own names, and kept. Whoever gets it changes nothing in it.
 */
import type { EffectiveConfiguration, Reached } from './configuration.ts';
import { derive } from './derive.ts';
import type { FileEvidence, KubeletProcess } from './evidence.ts';
import { isNewerThan } from './files.ts';

/** Kinds of nodes times versions that are asked. */
const MOST_KEPT = 256;
/** Larger ones are nobody's but the node's that sent them. Characters. */
const LONGEST_KEY = 32_768;

/** What stands in the place of a node's own names. */
export type Names = { host: string; address: string; instance: string };

/** No node is called so (RFC 2606, RFC 5737), and what is called so all the same is taken for a name too. */
export const ANY: Readonly<Names> = {
  host: 'any-node.invalid',
  address: '192.0.2.1',
  instance: 'aws:///any/i-00000000',
};

const FLAG = '--hostname-override';
const HOST = /^[\w.][\w.-]*$/;
const ADDRESS = /^--node-ip=(?:(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.){3}(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/;
/** As nodeadm writes it into the config file (awslabs/amazon-eks-ami, nodeadm internal/kubelet/config.go). */
const INSTANCE = /aws:\/\/\/[a-z0-9-]{1,30}\/i-[0-9a-f]{8,17}(?![\w/])/;

type Host = Parameters<typeof derive>[1];

/** The names that were taken out: the argument, or the two, as they were written, and the value of providerID. */
export type Own = { host?: string; instance?: string };

/** Of one that cannot be told for others nothing is kept; `read` are the paths of the files that were. */
type Kept = { configuration: EffectiveConfiguration; read: string[] } | 'alone';

const kept = new Map<string, Kept>();

/** The same as derive gives, in a fraction of the time where a process that is alike was asked of before. */
export function deriveOnce(process: KubeletProcess, host: Host = {}): EffectiveConfiguration {
  const files = process.files.filter(isRead);
  // Of Bottlerocket's API and of two records of one file derive itself knows what they say.
  if (process.settings !== undefined || new Set(files.map(({ path }) => path)).size < files.length)
    return derive(process, host);
  const { own, ...given } = withoutNames(process, ANY);
  const alike = decisive(process, given);
  const key = JSON.stringify([host, alike]);
  if (key.length > LONGEST_KEY) return derive(process, host);
  const known = kept.get(key) ?? keep(key, alike, host);
  if (known === 'alone') return derive(process, host);
  const newer = known.read.filter((path) => files.some((file) => file.path === path && isNewerThan(process, file)));
  return named({ ...known.configuration, changedAfterStart: newer }, own);
}

const isRead = ({ role }: FileEvidence) => role === 'config' || role === 'drop-in';

/** Arguments and files of a process with these names in the place of its own, and those. */
export function withoutNames(
  { argv, files }: Pick<KubeletProcess, 'argv' | 'files'>,
  names: Readonly<Names>,
): Pick<KubeletProcess, 'argv' | 'files'> & { own: Own } {
  const own: Own = {};
  const isOnce = argv.filter((each) => each.includes('hostname')).length === 1;
  return {
    own,
    argv: argv.map((each, at) => {
      if (ADDRESS.test(each)) return `--node-ip=${names.address}`;
      const before = each.startsWith(`${FLAG}=`) ? `${FLAG}=` : argv[at - 1] === FLAG ? '' : undefined;
      if (!isOnce || before === undefined || !HOST.test(each.slice(before.length))) return each;
      own.host = before === '' ? `${FLAG} ${each}` : each;
      return `${before}${names.host}`;
    }),
    files: files.map((file) => {
      const [instance] = file.role === 'config' ? (INSTANCE.exec(file.content ?? '') ?? []) : [];
      if (instance === undefined || own.instance !== undefined) return file;
      own.instance = instance;
      return { ...file, content: file.content?.replace(instance, names.instance) ?? '' };
    }),
  };
}

/** The process as far as its configuration follows from it; all of its files were written after its start, so that those that are read are told. */
function decisive(process: KubeletProcess, { argv, files }: Pick<KubeletProcess, 'argv' | 'files'>): KubeletProcess {
  const { host, unread, cwd, version, dropInEnvironment, dropInDirectories } = process;
  const kubeconfigs = process.kubeconfigs.map(({ user: _user, ...each }) => each);
  const alike = files.filter(isRead).map(({ mode: _mode, uid: _uid, gid: _gid, size: _size, ...file }) => ({
    ...file,
    modifiedAt: 1,
  }));
  const given = { host, unread, cwd, version, dropInEnvironment, dropInDirectories, kubeconfigs, argv, files: alike };
  given satisfies Record<Exclude<keyof KubeletProcess, keyof typeof UNDECISIVE | 'contained' | 'settings'>, unknown>;
  return { ...(given as KubeletProcess), ...UNDECISIVE };
}

/** What nothing is derived from. */
const UNDECISIVE = {
  ...{ pid: 0, startedAt: 0, startedWithin: 0, exe: '', unit: '' },
  ...{ clientCertificates: [], servingCertificates: [], authorities: [] },
};

function keep(key: string, alike: KubeletProcess, host: Host): Kept {
  const configuration = derive(alike, host);
  const isAlone = saysNames(key, configuration);
  const entry: Kept = isAlone ? 'alone' : { configuration, read: configuration.changedAfterStart };
  const [oldest] = kept.keys();
  if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(key, entry);
  return entry;
}

/** Whether a name stands elsewhere than where `named` puts the own one. */
function saysNames(key: string, configuration: EffectiveConfiguration): boolean {
  const [host, instance] = [ANY.host, ANY.instance].map((name) => key.split(name).length - 1);
  const reached = reachedOf(configuration);
  const isThere = {
    host: reached?.flags['hostname-override'].value === ANY.host,
    instance: reached?.settings.providerID?.value === ANY.instance,
  };
  const rest = JSON.stringify(named(configuration, { host: '', instance: '' }));
  const isElsewhere = Object.values(ANY).some((name) => rest.includes(name));
  return isElsewhere || host !== Number(isThere.host) || instance !== Number(isThere.instance);
}

function reachedOf(configuration: EffectiveConfiguration): Reached | undefined {
  return configuration.starts === true ? configuration : configuration.starts ? undefined : configuration.reached;
}

/** With the names of the node in their places. */
export function named(configuration: EffectiveConfiguration, own: Own): EffectiveConfiguration {
  if (configuration.starts === 'unknown') return configuration;
  if (configuration.starts === true) return { ...configuration, ...withNames(configuration, own) };
  const { reached } = configuration;
  return reached ? { ...configuration, reached: withNames(reached, own) } : configuration;
}

function withNames({ settings, flags, gates }: Reached, { host, instance }: Own): Reached {
  const provider = settings.providerID;
  const override = flags['hostname-override'];
  const value = host?.slice(FLAG.length + 1) ?? '';
  return {
    settings:
      instance === undefined || !provider ? settings : { ...settings, providerID: { ...provider, value: instance } },
    flags:
      host === undefined
        ? flags
        : { ...flags, 'hostname-override': { ...override, value, source: { kind: 'flag', where: host } } },
    gates,
  };
}

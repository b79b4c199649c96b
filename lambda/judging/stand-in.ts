/**
 * A node with other names, and no more of tags, times and sizes than what they are asked for: two nodes of which that is the same
 * are of one kind. Tested by test/judging/alike.test.ts.
 */
import { hidesHost } from '../kubelet/bottlerocket.ts';
import { ANY, type Own, withoutNames } from '../kubelet/derive-once.ts';
import type { Evidence, FileEvidence, KubeletProcess } from '../kubelet/evidence.ts';
import { isNewerThan } from '../kubelet/files.ts';
import { isHybrid, signTags } from '../platforms/signs.ts';
import type { Path } from './pattern.ts';

/** The tags of an instance, and its id, where that is known. */
export type Instance = { tags: Readonly<Record<string, string>>; id?: string };

/** A node's evidence, and of which instance it is. */
export type Given = Instance & { evidence: Evidence };

/** Names that neither begin alike nor are of one length nor of one sort, of a node on EC2 and of one elsewhere (RFC 2606, RFC 5737). */
export const STAND_INS = [
  { ...ANY, pid: 1, user: 'any', id: '00000000000000001' },
  {
    host: 'mi-00000000000000002',
    address: '198.51.100.20',
    instance: 'aws:///b/i-000000002',
    pid: 22,
    user: 'b',
    id: '00000000000000002',
  },
] as const;

type Names = (typeof STAND_INS)[number];

/** What each node has for itself, and what looks at it asks for this node alone. */
export const OWN_OF_NODE = ['collectedAt', 'hostname', 'addresses'] as const;
export const OWN_OF_KUBELET = ['clientCertificates', 'servingCertificates'] as const;
const WITHOUT = {
  ofNode: Object.fromEntries(OWN_OF_NODE.map((name) => [name, undefined])) as object,
  ofKubelet: Object.fromEntries(OWN_OF_KUBELET.map((name) => [name, undefined])) as object,
};

/** A node as it stands in for others, and its own names, by kubelet. */
export type StandIn = { given: Given; own: Own[] };

/** The stand-in for a node that has these names. */
export function standIn({ evidence, ...instance }: Given, names: Names): StandIn {
  const kubelets = evidence.kubelets.map((kubelet) => {
    const { own, argv, files } = withoutNames(kubelet, names);
    const times = kubelet.startedAt !== undefined && { startedAt: 0, startedWithin: 1 };
    const kubeconfigs = kubelet.kubeconfigs.map(({ user, ...each }) =>
      user === undefined ? each : { ...each, user: names.user },
    );
    const alike = {
      ...{ ...kubelet, ...WITHOUT.ofKubelet, ...times },
      ...{ pid: pidOf(kubelet, names), argv, kubeconfigs, files: files.map((file) => leveled(file, kubelet)) },
    };
    return { own, kubelet: alike as KubeletProcess };
  });
  const proxies = evidence.proxies.map((proxy) => ({
    ...proxy,
    pid: names.pid,
    files: proxy.files.map((file) => leveled(file, {})),
  }));
  return {
    given: {
      evidence: { ...evidence, ...WITHOUT.ofNode, kubelets: kubelets.map(({ kubelet }) => kubelet), proxies },
      ...signsOf(instance, names),
    },
    own: kubelets.map(({ own }) => own),
  };
}

/** As much of an instance as tells its kind. */
export function signsOf({ tags, id }: Instance, names: Names): Instance {
  return { tags: signTags(tags), ...(id !== undefined && { id: `${isHybrid(id) ? 'mi' : 'i'}-${names.id}` }) };
}

/** Which process it is says nothing, but that none was seen does. */
const pidOf = (kubelet: KubeletProcess, names: Names) => (hidesHost(kubelet) ? kubelet.pid : names.pid);

/** Of a file's size is asked whether there is one. */
const sizeOf = ({ size }: FileEvidence) => size && Math.min(size, 1);

/** Of its time is asked whether that is before, within or after the kubelet's start. */
function timeOf(file: FileEvidence, kubelet: Partial<KubeletProcess>): number | undefined {
  const { modifiedAt } = file;
  const { startedAt = modifiedAt } = kubelet;
  if (modifiedAt === undefined) return undefined;
  return isNewerThan(kubelet, file) ? 2 : Number(modifiedAt > Number(startedAt));
}

function leveled(file: FileEvidence, kubelet: Partial<KubeletProcess>): FileEvidence {
  const [size, modifiedAt] = [sizeOf(file), timeOf(file, kubelet)];
  // A copy that leaves members out takes much longer than one that does not.
  const copy = { ...file };
  if (size !== undefined) copy.size = size;
  if (modifiedAt !== undefined) copy.modifiedAt = modifiedAt;
  return copy;
}

type Places = true | readonly [Places] | { readonly [name: string]: Places };

const OF_FILE = { size: true, modifiedAt: true, content: true } as const;

/** All that a stand-in may have otherwise than the node, or not at all. */
const OPEN: Places = {
  ...open(OWN_OF_NODE),
  kubelets: [
    {
      ...open([...OWN_OF_KUBELET, 'pid', 'startedAt', 'startedWithin']),
      argv: [true],
      files: [OF_FILE],
      kubeconfigs: [{ user: true }],
    },
  ],
  proxies: [{ pid: true, files: [OF_FILE] }],
};

function open(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, true] as const));
}

/** Where two nodes of which the stand-in is the same differ. */
export function differences(one: Evidence, other: Evidence): Path[] {
  return differing(OPEN, one, other, []);
}

function differing(places: Places, one: unknown, other: unknown, path: Path): Path[] {
  if (one === undefined) return [];
  if (places === true) return JSON.stringify(one) === JSON.stringify(other) ? [] : [path];
  const keys = Array.isArray(places) ? Object.keys(one as object).map(Number) : Object.keys(places);
  const at = (value: unknown, key: string | number) => (value as Record<string | number, unknown> | undefined)?.[key];
  return keys.flatMap((key) =>
    differing((Array.isArray(places) ? places[0] : at(places, key)) as Places, at(one, key), at(other, key), [
      ...path,
      key,
    ]),
  );
}

/**
 * The own names of a node that differs in open places alone from the one for which this stands in, where it stands in for this
 * one too; else undefined.
 */
export function ownOfSame({ kubelets, proxies }: Evidence, first: Evidence): Own[] | undefined {
  const all: Own[] = [];
  for (const [index, kubelet] of kubelets.entries()) {
    const { own, argv, files } = withoutNames(kubelet, STAND_INS[0]);
    const same = first.kubelets[index];
    if (pidOf(kubelet, STAND_INS[0]) !== same?.pid || argv.some((each, at) => each !== same.argv[at])) return undefined;
    if (!areSame(files, same.files, kubelet)) return undefined;
    all.push(own);
  }
  const isSame = proxies.every(({ files }, index) => areSame(files, first.proxies[index]?.files ?? [], {}));
  return isSame ? all : undefined;
}

/** Whether each file, which has the names of a stand-in, is what that has. */
function areSame(
  files: readonly FileEvidence[],
  others: readonly FileEvidence[],
  kubelet: Partial<KubeletProcess>,
): boolean {
  return files.every((file, at) => {
    const other = others[at];
    return (
      sizeOf(file) === other?.size && timeOf(file, kubelet) === other?.modifiedAt && file.content === other?.content
    );
  });
}

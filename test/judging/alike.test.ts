import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { alone, readAlike } from '../../lambda/judging/alike.ts';
import { type JudgedNode, judge, kubeletsOf } from '../../lambda/judging/judge.ts';
import type { Evidence, FileEvidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { NODES, STARTED_AT } from '../../simulator/fleet/node-types.ts';

const DAY = 86_400;
const NOW = STARTED_AT + 20 * DAY;
const HOSTS = [
  ...['ip-10-0-0-1.eu-central-1.compute.internal', 'ip-10-0-0-2.eu-central-1.compute.internal', 'node.example', 'n'],
  // As what stands in for it, as names are elsewhere, as a file is, as a setting is, as none may be.
  ...['any-node.invalid', 'mi-00000000000000002', 'mi-0123456789abcdef0', 'i-0123456789abcdef0', 'config.yaml'],
  ...['kubelet', 'rotateCertificates', 'a\u001bb', '…', '--v=2', ''],
];
const TIMES = [STARTED_AT - 3600, STARTED_AT, STARTED_AT + 0.5, STARTED_AT + 1.5, NOW - 30, undefined];
const ARN = 'arn:aws:eks:eu-central-1:111122223333:cluster/shop';

/** What each node has for itself. */
type Own = {
  host: string;
  pid: number;
  address: string;
  instance: string;
  collectedAt: number;
  /** Days until its certificates end. */
  ends: number | undefined;
};

const own: fc.Arbitrary<Own> = fc.record({
  host: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...HOSTS.slice(0, 3)) }, fc.constantFrom(...HOSTS)),
  pid: fc.constantFrom(0, 1, 22, 4711),
  address: fc.constantFrom('10.0.0.1', '192.0.2.1', '10.0.0.7', 'fd00::7'),
  instance: fc.constantFrom(
    'aws:///eu-central-1a/i-0123456789abcdef0',
    'aws:///any/i-00000000',
    'aws:///b/i-000000002',
    'aws:///any/i-0',
  ),
  collectedAt: fc.constantFrom(NOW, NOW + 60, NOW + 3 * DAY, NOW - 9 * DAY, 0),
  ends: fc.constantFrom(-1, 0, 5, 29, 100, 4_000, undefined),
});

/** What nodes of one image may have alike. */
type Shape = {
  startedAt: number | undefined;
  startedWithin: number | undefined;
  modified: number | undefined;
  size: number;
  id: 'i' | 'mi';
  tags: Record<string, string>;
  mode: string | undefined;
  uid: number;
  more: string[];
  contained: boolean;
  proxies: number;
  damaged: boolean;
  /** Paths of files are the host's name, and a note tells the process. */
  isNamed: boolean;
  /** The domain is the instance's name. */
  isDomain: boolean;
};

const shape: fc.Arbitrary<Shape> = fc.record({
  startedAt: fc.constantFrom(STARTED_AT, STARTED_AT + 0.1, NOW - 60, undefined),
  startedWithin: fc.constantFrom(undefined, 0, 1.01),
  modified: fc.constantFrom(...TIMES),
  size: fc.constantFrom(0, 1, 854),
  id: fc.constantFrom('i', 'mi'),
  tags: fc.dictionary(
    fc.constantFrom(
      'eks:a',
      'KubernetesCluster',
      'kops.k8s.io/instancegroup',
      'karpenter.sh/nodepool',
      'EKSClusterARN',
    ),
    fc.constantFrom('a', 'b c', ARN),
    { maxKeys: 2 },
  ),
  mode: fc.constantFrom('600', '644', '666', undefined),
  uid: fc.constantFrom(0, 0, 1000),
  more: fc.subarray(
    [
      ...['--rotate-certificates=false', '--read-only-port=10255', '--no-such=1', '--hostname-override', 'x'],
      ...['--hostname-override=y', '--node-ip=10.0.0.1', '--rotate-server-certificates=true', '--tls-cert-file=/c'],
    ],
    { maxLength: 3 },
  ),
  contained: fc.boolean(),
  proxies: fc.constantFrom(0, 1, 2),
  damaged: fc.boolean(),
  isNamed: fc.constantFrom(false, false, false, true),
  isDomain: fc.constantFrom(false, false, false, true),
});

/** Two shapes that differ in one thing, and which of them each node has. */
const fleet = fc.record({
  kinds: fc.array(fc.constantFrom(...Object.keys(NODES)), { minLength: 1, maxLength: 2 }),
  shape,
  other: shape,
  differs: fc.constantFrom<keyof Shape>(
    ...(['startedAt', 'startedWithin', 'modified', 'size', 'id', 'tags', 'mode', 'more', 'contained'] as const),
  ),
  nodes: fc.array(fc.tuple(own, fc.boolean()), { minLength: 8, maxLength: 14 }),
});

const given = <K extends string, T>(key: K, value: T | undefined) => (value === undefined ? {} : { [key]: value });

function kubeletOf(kubelet: KubeletProcess, node: Own, alike: Shape): KubeletProcess {
  const { mode, uid, more, contained, damaged, isNamed, isDomain, modified, size } = alike;
  const { host, instance, ends } = node;
  const dated = ends === undefined ? {} : { notBefore: STARTED_AT - 300 * DAY, notAfter: NOW + ends * DAY };
  const facts = { subject: `CN=system:node:${host},O=system:nodes`, ...(damaged ? { damaged: true as const } : dated) };
  const pki = '/var/lib/kubelet/pki';
  const { startedAt: _, ...rest } = kubelet;
  const added = ['kubeconfig', 'service', 'environment', 'authority', 'client-ca', 'client-certificate'] as const;
  const file = (each: FileEvidence): FileEvidence => ({
    ...{ ...each, uid, gid: uid, size },
    ...given('mode', mode),
    ...given('modifiedAt', modified),
    ...(each.content !== undefined && {
      content: each.content
        .replace('aws:///eu-north-1c/i-00112233445566778', isDomain ? 'x' : instance)
        .replace('cluster.local', isDomain ? instance : 'cluster.local'),
    }),
  });
  return {
    ...rest,
    ...{ pid: node.pid, ...(contained && { contained: true }) },
    ...given('startedAt', alike.startedAt),
    ...given('startedWithin', alike.startedWithin),
    argv: [
      ...kubelet.argv.map((each) =>
        each.replace('i-00112233445566778', host).replace('node1', host).replace('mi-0123456789abcdef0', host),
      ),
      ...more,
    ],
    files: [
      ...kubelet.files,
      ...added.map((role) => ({ path: `/etc/${role}/${isNamed ? host : 'k'}`, role, state: 'file' as const })),
      { path: `${pki}/kubelet-client-current.pem`, role: 'client-certificate' as const, state: 'file' as const },
      { path: '/etc/kubernetes/pki/ca.crt', role: 'client-ca' as const, state: 'file' as const },
    ].map(file),
    kubeconfigs: kubelet.kubeconfigs.map((each) => ({ ...each, user: `system:node:${host}` })),
    clientCertificates: [
      { path: `${pki}/kubelet-client-current.pem`, ...facts },
      ...kubelet.kubeconfigs.map(({ path }) => ({ path, ...facts })),
    ],
    servingCertificates: [{ path: `${pki}/kubelet-server-current.pem`, ...facts, names: [`DNS:${host}`] }],
    authorities: damaged
      ? []
      : [
          {
            path: '/etc/kubernetes/pki/ca.crt',
            of: 'client-ca',
            notBefore: 0,
            notAfter: NOW + DAY,
            fingerprint: 'a'.repeat(64),
          },
        ],
  };
}

function evidenceOf(kinds: readonly string[], node: Own, alike: Shape): Evidence {
  const known = kinds.map((kind) => NODES[kind] ?? assert.fail(kind));
  return {
    format: 2,
    collectedAt: node.collectedAt,
    os: known[0]?.os ?? {},
    hostname: node.host,
    addresses: [node.address],
    kubelets: known.map(({ kubelet }) => kubeletOf(kubelet, node, alike)),
    proxies: Array.from({ length: alike.proxies }, (_, index) => ({
      ...{ pid: node.pid + index, argv: ['--config=/p'], cwd: '/', files: [] },
      ...(index === 1 && { unread: 'it is gone' }),
    })),
    notes: alike.isNamed ? [`process ${node.pid} is gone`] : [],
  };
}

const waivers = [
  { rule: 'read-only-port', nodes: { id: ['*1'] }, reason: 'r', owner: 'o', until: '2099-01-01', line: 1 },
  {
    rule: 'anonymous-auth',
    nodes: { tag: { Name: ['node-1'] } },
    reason: 'r',
    owner: 'o',
    until: '2099-01-01',
    line: 2,
  },
];

/** What is archived of it, to the letter, or the error that judging gives. */
function judged(...about: Parameters<typeof judge>): string {
  try {
    return JSON.stringify(judge(...about));
  } catch (error) {
    return String(error);
  }
}

/** Its evidence, where it is of a kind by whose pattern it can be read. */
function readEvidence(text: string, instance: Parameters<typeof readAlike>[3]): Evidence | undefined {
  const bytes = Buffer.from(`[${text}]`).toString('latin1');
  return readAlike(bytes, 1, bytes.length - 1, instance);
}

describe('a node among others is judged as it would be alone', () => {
  test('whatever it is, whatever it is called, and whoever came before', () => {
    const options = fc.constantFrom(
      { now: NOW },
      { now: NOW, expiryDays: 3, waivers },
      { now: NOW + DAY, rehearse: false },
    );
    let read = 0;
    fc.assert(
      fc.property(fleet, options, ({ kinds, shape: usual, other, differs, nodes }, settings) => {
        const unusual = { ...usual, [differs]: other[differs] };
        for (const [index, [node, isUsual]] of nodes.entries()) {
          const alike = isUsual ? usual : unusual;
          const tags = { Name: `node-${index % 3}`, ...alike.tags };
          const instance = { id: `${alike.id}-0000000000000000${index}`, tags };
          const text = JSON.stringify(evidenceOf(kinds, node, alike));
          const evidence = readEvidence(text, instance) ?? JSON.parse(text);
          if (Object.isFrozen(evidence.os)) read += 1;
          assert.equal(JSON.stringify(evidence), text);
          const about = { ...instance, evidence };
          const same = { ...instance, evidence: JSON.parse(text) };
          assert.equal(judged(about, settings), judged(same, settings, alone));
          assert.deepEqual(kubeletsOf(about), alone(same).seen.kubelets);
        }
      }),
      { numRuns: 80 },
    );
    assert.ok(read > 50, `${read}`);
  });
});

/** The second and the third node of a kind. */
function pairOf(kind: string): [JudgedNode, JudgedNode] {
  const alike: Shape = {
    ...{ startedAt: STARTED_AT, startedWithin: 1, modified: STARTED_AT - 9, size: 1, id: 'i', tags: {}, mode: '644' },
    ...{ uid: 0, more: [], contained: false, proxies: 0, damaged: false, isNamed: false, isDomain: false },
  };
  const [, second, third] = [1, 2, 3].map((number) => {
    const node: Own = {
      ...{ host: `ip-10-0-0-${number}.internal`, pid: number, address: `10.0.0.${number}`, collectedAt: NOW + number },
      ...{ instance: `aws:///eu-west-1a/i-0000000${number}`, ends: 90 + number },
    };
    const evidence = evidenceOf([kind], node, { ...alike, startedAt: STARTED_AT + number, size: number });
    const found = judge({ id: `i-${number}`, tags: { Name: `a-${number}` }, evidence }, { now: NOW });
    return 'findings' in found ? found : assert.fail();
  });
  return [second ?? assert.fail(), third ?? assert.fail()];
}

test('what a kind has alike is there once, and frozen', () => {
  const [{ findings: second }, { findings: third }] = pairOf('eks-al2023');
  const same = second.filter((finding, at) => finding === third[at]);
  const other = second.filter((finding, at) => finding !== third[at]).map(({ rule }) => rule);
  assert.ok(same.length > 4 * other.length, `${other}`);
  assert.ok(same.every((finding) => Object.isFrozen(finding) && Object.isFrozen(finding.advisories)));
  // No list says which: these look at certificates or at the clock.
  assert.ok(
    ['serving-certificate-expiry', 'node-clock'].every((rule) => other.includes(rule)),
    `${other}`,
  );
});

test("of a verdict that is each node's own, a part may be there once", () => {
  const rules = Object.keys(NODES).flatMap((kind) => {
    const [{ findings: second }, { findings: third }] = pairOf(kind);
    const parts = second.filter(
      (each, at) => each !== third[at] && each.remediation && each.remediation === third[at]?.remediation,
    );
    return parts.map(({ rule }) => rule);
  });
  assert.deepEqual([...new Set(rules)].sort(), ['rotate-client-certificates']);
});

test("of the settings of a kind one is each node's own", () => {
  const own = Object.keys(NODES).flatMap((kind) => {
    const [one, other] = pairOf(kind).map(({ kubelet }) => new Map(Object.entries(kubelet.settings ?? {})));
    return [...(one ?? [])].filter(([path, setting]) => setting !== other?.get(path)).map(([path]) => path);
  });
  assert.deepEqual([...new Set(own)], ['providerID']);
});

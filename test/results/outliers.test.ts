/** How outliers are found, told and kept. Long because all of it is asked of the same groups of nodes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Waiver } from '../../lambda/judging/index.ts';
import type { Evidence, FileEvidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import type { EvidenceLine } from '../../lambda/results/evidence-line.ts';
import { outlierText } from '../../lambda/results/outlier-words.ts';
import { type Outlier, outliersOf } from '../../lambda/results/outliers.ts';
import { failedTarget, type Summary, summarize, type TargetResult } from '../../lambda/results/summary.ts';
import { traitsOf } from '../../lambda/results/traits.ts';
import { kubeletProcess } from '../../simulator/fleet/node-types.ts';

type Given = Partial<Omit<KubeletProcess, 'host'>> & {
  tags?: Record<string, string>;
  host?: Partial<Evidence>;
  image?: string;
};

const ENVIRONMENT: FileEvidence = {
  path: '/etc/default/kubelet',
  role: 'environment',
  state: 'file',
  mode: '644',
  uid: 0,
  gid: 0,
  flags: [{ name: 'read-only-port', line: 2 }],
};

function line(id: string, { tags, host, image, ...kubelet }: Given = {}): EvidenceLine {
  const process = kubeletProcess({ files: [ENVIRONMENT], ...kubelet });
  const evidence: Evidence = {
    format: 2,
    collectedAt: 0,
    os: {},
    kubelets: [process],
    proxies: [],
    notes: [],
    ...host,
  };
  const node = { id, cluster: 'payments', privateDnsName: `ip-${id}.internal`, ...(image && { image }) };
  return { node, tags: tags ?? { 'eks:nodegroup-name': 'workers' }, evidence };
}

function found(lines: readonly EvidenceLine[], waivers: Waiver[] = []): Outlier[] {
  const outliers = outliersOf({ waivers, now: 0 }, { items: 1_000, bytes: Number.POSITIVE_INFINITY });
  for (const each of lines) outliers.add(each);
  return outliers.result().items;
}

/** So many nodes, of which the first `few` are given something. */
function nodes(many: number, few: number, given: Given, others: Given = given === OPEN ? CLOSED : {}): EvidenceLine[] {
  return Array.from({ length: many }, (_, at) => line(`i-${1000 + at}`, at < few ? given : others));
}

const texts = (lines: readonly EvidenceLine[], waivers: Waiver[] = []) => found(lines, waivers).map(outlierText);

/** Without a config file 10255 is the default of a kubelet, so the others say 0. */
const OPEN = { argv: ['--read-only-port=10255'] };
const CLOSED = { argv: ['--read-only-port=0'] };
const TEMPLATE = (version: string) => ({ 'eks:nodegroup-name': 'workers', 'aws:ec2launchtemplate:version': version });

describe('who differs, in what, and what put it there', () => {
  const cases: Record<string, [lines: EvidenceLine[], told: RegExp[]]> = {
    nobody: [nodes(9, 0, {}), []],
    'a flag, by the line that wrote it': [
      nodes(214, 3, OPEN, { argv: ['--read-only-port=0'] }),
      [
        /^3 of 214 nodes of EKS node group workers differ in readOnlyPort \(10255 by --read-only-port=10255 from \/etc\/default\/kubelet line 2; others 0\)$/,
      ],
    ],
    'a flag that the others do not have': [
      nodes(9, 1, { argv: ['--root-dir=/data'] }),
      [/^1 of 9 nodes .* differs in --root-dir \(\/data; others not given\)$/],
    ],
    'a flag whose value looks like one, read as the kubelet reads it': [
      nodes(9, 1, { argv: ['--housekeeping-interval', '-2s'] }, { argv: ['--housekeeping-interval=-1s'] }),
      [/^1 of 9 nodes .* differs in --housekeeping-interval \(-2s; others -1s\)$/],
    ],
    'the same flags in two ways of writing': [
      nodes(
        9,
        1,
        { argv: ['--oom_score_adj', '-999', '--fail-swap-on', '--root-dir=/data'] },
        { argv: ['--fail-swap-on=true', '--root-dir', '/data', '--oom-score-adj=-999'] },
      ),
      [],
    ],
    'arguments that a kubelet would refuse are compared with nobody': [
      nodes(9, 1, { argv: ['--unheard-of', '--root-dir=/data'] }),
      [],
    ],
    'the nodes that lack what the others have': [
      [...nodes(9, 9, { argv: ['--root-dir=/data'] }), line('i-1')],
      [/^1 of 10 nodes .* --root-dir \(not given; others \/data\)$/],
    ],
    'the mode of a file': [
      nodes(9, 2, { files: [{ ...ENVIRONMENT, mode: '666' }] }),
      [/^2 of 9 .* \/etc\/default\/kubelet \(mode 666, owner 0:0; others mode 644, owner 0:0\)$/],
    ],
    'a drop-in: the setting tells it, not the file': [
      nodes(
        9,
        1,
        {
          argv: ['--config-dir=/etc/k.d', '--config=/etc/k.yaml'],
          dropInDirectories: [{ path: '/etc/k.d', state: 'directory' }],
          files: [
            config('config', '/etc/k.yaml', ''),
            config('drop-in', '/etc/k.d/90-hotfix.conf', 'podPidsLimit: 9\n'),
          ],
        },
        {
          argv: ['--config-dir=/etc/k.d', '--config=/etc/k.yaml'],
          dropInDirectories: [{ path: '/etc/k.d', state: 'directory' }],
          files: [config('config', '/etc/k.yaml', '')],
        },
      ),
      [/^1 of 9 .* differs in podPidsLimit \(9 by drop-in \/etc\/k\.d\/90-hotfix\.conf line 3; others -1\)$/],
    ],
    'runtime and authorities': [
      nodes(
        9,
        1,
        { host: { runtime: { name: 'containerd', version: '1.6' } }, authorities: [authority('ab')] },
        { host: { runtime: { name: 'containerd', version: '2.1' } }, authorities: [authority('cd')] },
      ),
      [
        /container runtime \(containerd 1\.6; others containerd 2\.1\), authority of the API server \(CN=k abababababab; others CN=k cd/,
      ],
    ],
    'a kubelet that was replaced by hand': [
      nodes(9, 1, { version: 'v1.31.0', tags: TEMPLATE('7') }, { version: 'v1.32.3', tags: TEMPLATE('7') }),
      [/^1 of 9 nodes .* differs in kubelet \(v1\.31\.0; others v1\.32\.3\)/],
    ],
    'a rolling update half done': [
      nodes(9, 2, { tags: TEMPLATE('8'), ...OPEN }, { tags: TEMPLATE('7'), ...CLOSED }),
      [
        /^2 of 9 nodes of EKS node group workers are of launch template version 8 and differ in launch template version \(8; others 7\), readOnlyPort \(10255 by .*: a rolling update is half done$/,
      ],
    ],
    'two generations in one, of three': [
      [
        ...nodes(9, 0, {}, { tags: TEMPLATE('7'), ...CLOSED }),
        line('i-1', { tags: TEMPLATE('8'), ...OPEN }),
        line('i-2', { tags: TEMPLATE('9'), ...OPEN }),
      ],
      [
        /^2 of 11 nodes .* are of launch template version 8 and 9 and differ in readOnlyPort/,
        /^1 of 11 nodes .* is of launch template version 8/,
        /^1 of 11 nodes .* is of launch template version 9/,
      ],
    ],
    'a group of two': [
      nodes(2, 1, OPEN),
      [/^The 2 nodes of EKS node group workers differ in readOnlyPort .*: nothing says which of them is right$/],
    ],
    'no value has two thirds': [
      nodes(10, 4, OPEN, { argv: ['--read-only-port=0'] }),
      [/^4 of 10 nodes .*: no value has two thirds of them$/],
    ],
    "what is each node's own": [
      Array.from({ length: 9 }, (_, at) =>
        line(`i-${1000 + at}`, {
          argv: [
            `--hostname-override=ip-i-${1000 + at}.internal`,
            `--node-ip=10.0.0.${at}`,
            `--node-labels=a=${at}`,
            `--max-pods=${at + 10}`,
            `--address=10.20.30.${at}`,
            `--tls-cert-file=/etc/pki/i-${1000 + at}.pem`,
            `--tls-private-key-file=/etc/pki/i-${1000 + at}.key`,
          ],
          host: { addresses: [`10.20.30.${at}`] },
        }),
      ),
      [],
    ],
    'a node that is called as paths of all nodes are': [
      [...nodes(8, 0, {}), line('i-kubernetes', { host: { hostname: 'kubernetes' } })].map((each) => ({
        ...each,
        evidence: {
          ...(each as { evidence: Evidence }).evidence,
          kubelets: [
            kubeletProcess({ argv: ['--tls-cert-file=/etc/kubernetes/pki/kubelet.crt'], files: [ENVIRONMENT] }),
          ],
        },
      })),
      [],
    ],
    'other groups, and nodes of none, are compared with nobody': [
      [
        ...nodes(5, 0, {}),
        ...nodes(5, 5, { ...OPEN, tags: { 'eks:nodegroup-name': 'ingress' } }),
        line('i-9', { ...OPEN, tags: {} }),
      ],
      [],
    ],
    'those who did not answer, and those whose arguments are hidden, differ in nothing': [
      [
        ...nodes(5, 0, {}),
        { node: { id: 'i-8' }, tags: { 'eks:nodegroup-name': 'workers' }, reason: 'gone', detail: '' },
        line('i-9', { argv: [], unread: 'of another namespace' }),
      ],
      [],
    ],
    'by image, where no tag says more': [
      Array.from({ length: 4 }, (_, at) =>
        line(`i-${at}`, { tags: {}, image: 'ami-1', ...(at === 0 ? OPEN : CLOSED) }),
      ),
      [/^1 of 4 nodes of image ami-1 differs in readOnlyPort/],
    ],
  };
  for (const [name, [lines, told]] of Object.entries(cases)) {
    test(name, () => {
      const said = texts(lines);
      assert.equal(said.length, told.length, said.join('\n'));
      for (const [index, pattern] of told.entries()) assert.match(said[index] ?? '', pattern);
    });
  }
});

function config(role: 'config' | 'drop-in', path: string, body: string): FileEvidence {
  const content = `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${body}`;
  return { path, role, state: 'file', mode: '644', uid: 0, gid: 0, content };
}

function authority(byte: string): KubeletProcess['authorities'][number] {
  return { of: 'kubeconfig', path: '/ca.crt', subject: 'CN=k', fingerprint: byte.repeat(32) };
}

test('who may differ by a waiver is told so, and only where it covers all of them', () => {
  const waiver = (id: string): Waiver => ({
    rule: 'outliers',
    nodes: { id: [id] },
    reason: 'canary',
    owner: 'ops',
    until: '2099-12-31',
    line: 1,
  });
  const lines = nodes(9, 2, OPEN);
  assert.match(texts(lines, [waiver('i-100[01]')])[0] ?? '', /10255/);
  assert.match(texts(lines, [waiver('i-1000')])[0] ?? '', /others 0\)$/);
  assert.match(texts(lines, [waiver('i-100*')])[0] ?? '', /; accepted until 2099-12-31 by ops: canary$/);
});

describe('since when', () => {
  const [MONDAY, TUESDAY] = ['2026-11-24T02:00:00.000Z', '2026-11-25T02:00:00.000Z'];
  const target = { account: '111122223333', region: 'eu-central-1' };
  const other = { argv: ['--read-only-port=1'] };
  const night = (scheduledAt: string, result: TargetResult, previous: Summary | null) =>
    summarize(
      { ...{ scanId: scheduledAt, scheduledAt, startedAt: scheduledAt, finishedAt: scheduledAt }, settings: {} },
      [result],
      { previous },
    );
  const saw = (lines: readonly EvidenceLine[], items = 25): TargetResult => {
    const outliers = outliersOf({ waivers: [], now: 0 }, { items, bytes: 65_536 });
    for (const each of lines) outliers.add(each);
    const { error: _, ...result } = failedTarget(target, '');
    return { ...result, outliers: outliers.result(target) };
  };
  const first = night(MONDAY, saw(nodes(9, 1, OPEN)), null);
  const datesOf = ({ outliers }: Summary) => outliers?.items.map((each) => each.since);

  test('is what the scan before knew, whoever came or went', () => {
    const [now] = night(TUESDAY, saw(nodes(30, 3, OPEN)), first).outliers?.items ?? [];
    assert.match(outlierText(now as Outlier), /^3 of 30 nodes .* since 2026-11-24$/);
  });
  test('is now, where the scan before had room for it', () => {
    assert.deepEqual(datesOf(night(TUESDAY, saw(nodes(9, 1, other, CLOSED)), first)), [TUESDAY]);
  });
  test('is not known where the list of the scan before was cut, nor in the next scan', () => {
    const cut = night(MONDAY, saw([...nodes(9, 1, OPEN), line('i-1', other)], 1), null);
    assert.deepEqual([cut.outliers?.total, cut.targets[0]?.moreOutliers], [2, 1]);
    const both = saw([...nodes(9, 1, OPEN), line('i-1', other)]);
    const second = night(TUESDAY, both, cut);
    assert.deepEqual(new Set(datesOf(second)), new Set([MONDAY, undefined]));
    assert.deepEqual(datesOf(night('2026-11-26T02:00:00.000Z', both, second)), datesOf(second));
  });
  test('is not known where the scan before could not scan the target', () => {
    const failed = night(MONDAY, failedTarget(target, 'No role.'), null);
    assert.deepEqual(datesOf(night(TUESDAY, saw(nodes(9, 1, OPEN)), failed)), [undefined]);
  });
});

test('what is kept of a target fits its checkpoint, in any script', () => {
  const long = '節'.repeat(400);
  const argv = ['root-dir', 'cert-dir', 'volume-plugin-dir'].map((flag) => `--${flag}=/${long}`);
  const waiver = {
    rule: 'outliers',
    nodes: { id: ['*'] },
    reason: long.repeat(9),
    owner: 'ops',
    until: '2099-12-31',
    line: 1,
  };
  const outliers = outliersOf({ waivers: [waiver], now: 0 });
  for (let group = 0; group < 40; group += 1) {
    const tags = { 'eks:nodegroup-name': `${group}${'群'.repeat(250)}` };
    for (let at = 0; at < 3; at += 1) outliers.add(line(`i-${group}-${at}`, { tags, ...(at === 0 && { argv }) }));
  }
  const kept = outliers.result();
  assert.equal(kept.total, 40);
  assert.ok(kept.items.length > 5 && kept.items.length < 25, `${kept.items.length}`);
  assert.ok(Buffer.byteLength(JSON.stringify(kept)) <= 64 * 1024);
  assert.ok((kept.items[0]?.accepted?.reason.length ?? 999) <= 301);
});

test('what streams by is what all nodes at once would say, in any order', () => {
  const node = fc.record({
    port: fc.constantFrom(0, 0, 0, 1),
    root: fc.constantFrom(undefined, undefined, '/a', '/b'),
    mode: fc.constantFrom('600', '600', '644', undefined),
    group: fc.constantFrom('a', 'b'),
    template: fc.constantFrom('1', '1', '2'),
  });
  fc.assert(
    fc.property(fc.array(node, { maxLength: 14 }), fc.infiniteStream(fc.nat()), (given, order) => {
      const lines = given.map(({ port, root, mode, group, template }, at) =>
        line(`i-${1000 + at}`, {
          tags: { ...TEMPLATE(template), 'eks:nodegroup-name': group },
          argv: [`--read-only-port=${port}`, ...(root === undefined ? [] : [`--root-dir=${root}`])],
          files: mode === undefined ? [] : [{ ...ENVIRONMENT, mode }],
        }),
      );
      const sets = (outliers: Outlier[]) =>
        outliers.map(({ group, nodes: many, of }) => `${group} ${many}/${of}`).sort();
      assert.deepEqual(sets(found(lines)), bruteForce(lines));
      const shuffled = lines
        .map((each) => [order.next().value, each] as const)
        .sort(([a], [b]) => Number(a) - Number(b));
      const other = shuffled.map(([, each]) => each);
      assert.deepEqual(sets(found(other)), bruteForce(other));
    }),
    { numRuns: 60 },
  );
});

test('nodes that are alike are counted together, and nothing else is said than of each for itself', () => {
  const usual: Given = { argv: ['--read-only-port=0'], tags: TEMPLATE('1') };
  const kinds: Given[] = [
    ...[
      usual,
      usual,
      { ...usual, argv: ['--read-only-port=1'] },
      { ...usual, files: [{ ...ENVIRONMENT, mode: '600' }] },
    ],
    ...['/a', '/i-1012'].map((root) => ({ ...usual, argv: ['--read-only-port=0', `--root-dir=${root}`] })),
    ...[
      { ...usual, files: [] },
      { ...usual, tags: TEMPLATE('2') },
      { ...usual, version: 'unheard of' },
    ],
    { ...usual, tags: { ...TEMPLATE('1'), may: 'yes' } },
    { argv: ['--read-only-port=0', '--root-dir=/b'], tags: { ...TEMPLATE('1'), may: 'yes' } },
  ];
  const waiver = {
    rule: 'outliers',
    nodes: { tag: { may: ['*'] } },
    reason: 'r',
    owner: 'o',
    until: '2099-01-01',
    line: 1,
  };
  const runs = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.constantFrom(1, 2, 8)), { minLength: 4, maxLength: 9 });
  fc.assert(
    fc.property(runs, (given) => {
      const fleet = given.flatMap(([kind, times]) => Array.from({ length: times }, () => kind));
      const [among, alone] = [() => [], (at: number) => [`note ${at}`]].map((notes) => {
        const outliers = outliersOf({ waivers: [waiver], now: 0 });
        for (const [at, kind] of fleet.entries())
          outliers.add(line(`i-${1000 + at}`, { ...kind, host: { notes: notes(at) } }));
        return outliers.result();
      });
      assert.deepEqual(among, alone);
    }),
    { numRuns: 60 },
  );
});

/** All nodes of a group at once: the distinct sets that differ in anything from what most have. */
function bruteForce(lines: readonly EvidenceLine[]): string[] {
  const all = lines.flatMap((each) => {
    const traits = traitsOf(each);
    return traits ? [{ id: each.node.id, ...traits }] : [];
  });
  return [...Map.groupBy(all, ({ group }) => group.name)]
    .flatMap(([group, members]) => {
      const features = new Set(members.flatMap(({ traits }) => traits.map(({ kind, name }) => `${kind} ${name}`)));
      const sets = [...features].flatMap((feature) => {
        const held = ({ traits }: (typeof members)[number]) =>
          traits.find(({ kind, name }) => `${kind} ${name}` === feature)?.value ?? 'absent';
        const byValue = [...Map.groupBy(members, held).values()];
        const holds = (set: typeof members) => Number(set[0]?.id === members[0]?.id);
        const [, ...others] = byValue.toSorted((a, b) => b.length - a.length || holds(b) - holds(a));
        return others.map((set) => set.map(({ id }) => id).join());
      });
      return [...new Set(sets)].map((set) => `${group} ${set.split(',').length}/${members.length}`);
    })
    .sort();
}

test('hostile nodes end in bounded memory, and hide nobody', () => {
  const hostile = ['a', 'b', 'c'].map((id) => {
    const files = Array.from({ length: 5_000 }, (_, at) => ({ ...ENVIRONMENT, path: `/${id}/${at}` }));
    return line(`i-${id}`, { ...CLOSED, files });
  });
  const outliers = found([...hostile, ...nodes(9, 1, OPEN)]);
  const files = outliers.filter(({ differences }) => differences[0]?.kind === 'file');
  const told = files.reduce((sum, { differences, more = 0 }) => sum + differences.length + more, 0);
  assert.ok(told > 900 && told <= 1_000, `${told}`);
  assert.ok(outliers.some((each) => outlierText(each).includes('10255')));
});

test('tags that give each node a group of its own end in bounded memory, and hide nobody who came before', () => {
  const outliers = outliersOf({ waivers: [], now: 0 });
  for (const each of nodes(9, 1, OPEN)) outliers.add(each);
  for (let at = 0; at < 2_100; at += 1) {
    const tags = { 'karpenter.sh/nodepool': `p${at}` };
    for (const [id, given] of [
      ['a', OPEN],
      ['b', CLOSED],
    ] as const)
      outliers.add(line(`i-${id}${at}`, { tags, ...given }));
  }
  const { items, total } = outliers.result();
  // Two thousand groups are kept, in each of which one differs.
  assert.deepEqual([items.length, total], [25, 2_000]);
  assert.match(outlierText(items[0] as Outlier), /^1 of 9 nodes of EKS node group workers differs in readOnlyPort/);
});

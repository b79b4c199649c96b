import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { explain, ignoredLines } from '../../lambda/criteria/explanation.ts';
import { processOf } from '../../lambda/judging/known-answers.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { FileEvidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { withOwn } from '../../lambda/platforms/index.ts';
import type { NodeFacts } from '../../lambda/platforms/platform.ts';
import { readCases } from '../../tools/agreement.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

function nodeOf(kubelet: KubeletProcess): NodeFacts {
  const evidence = { format: 2 as const, collectedAt: 0, os: {}, kubelets: [kubelet], proxies: [], notes: [] };
  return { evidence, kubelet, configuration: derive(kubelet), tags: {} };
}

type Input = {
  minor?: number;
  config?: string;
  dropIns?: Record<string, string>;
  argv?: string[];
  more?: FileEvidence[];
};

function node({ minor = 34, config, dropIns = {}, argv = [], more = [] }: Input): NodeFacts {
  const files: Record<string, string> = {};
  if (config !== undefined) files['/c.yaml'] = HEAD + config;
  for (const [name, text] of Object.entries(dropIns)) files[`/d/${name}`] = HEAD + text;
  const own = [
    '--container-runtime-endpoint=unix:///x',
    ...(config === undefined ? [] : ['--config=/c.yaml']),
    ...(Object.keys(dropIns).length > 0 ? ['--config-dir=/d'] : []),
  ];
  const process = processOf(
    { argv: [...own, ...argv], files, env: { KUBELET_CONFIG_DROPIN_DIR_ALPHA: '1' } },
    `1.${minor}`,
  );
  return nodeOf({ ...process, files: [...process.files, ...more] });
}

/** `effect value place: why` of each layer of a setting. */
function layers(input: Input, setting: string): string[] {
  const [only] = explain(node(input), setting).settings;
  return (only?.layers ?? []).map(
    ({ effect, value, place, why }) =>
      `${effect} ${JSON.stringify(value)} ${place}${why === undefined ? '' : `: ${why}`}`,
  );
}

const CASES: Record<string, [Input, setting: string, expected: string[]]> = {
  'a flag over a drop-in over a file': [
    { config: 'maxPods: 1\n', dropIns: { '1.conf': 'maxPods: 2\n' }, argv: ['--max-pods=3'] },
    'maxPods',
    [
      'overridden 1 line 3 of /c.yaml: an argument overrides every file',
      'overridden 2 line 3 of /d/1.conf: an argument overrides every file',
      'wins 3 argument --max-pods=3',
    ],
  ],
  'where an argument is written': [
    {
      argv: ['--max-pods=3'],
      more: [
        { path: '/etc/default/kubelet', role: 'environment', state: 'file', flags: [{ name: 'max-pods', line: 2 }] },
      ],
    },
    'maxPods',
    ['wins 3 argument --max-pods=3, written in /etc/default/kubelet line 2'],
  ],
  'an argument given twice': [
    { argv: ['--max-pods=3', '--max-pods=4'] },
    'maxPods',
    ['overridden 3 argument --max-pods=3: an argument that stands later overrides it', 'wins 4 argument --max-pods=4'],
  ],
  'drop-ins in the order of their names': [
    { config: 'maxPods: 1\n', dropIns: { 'b.conf': 'maxPods: 3\n', 'a.conf': 'maxPods: 2\n' } },
    'maxPods',
    [
      'overridden 1 line 3 of /c.yaml: a drop-in overrides the config file',
      'overridden 2 line 3 of /d/a.conf: a drop-in that is read later overrides it',
      'wins 3 line 3 of /d/b.conf',
    ],
  ],
  'gates add up': [
    { config: 'featureGates: {SeccompDefault: true}\n', minor: 28, argv: ['--feature-gates=NodeSwap=true'] },
    'featureGates',
    ['adds {"SeccompDefault":true} line 3 of /c.yaml', 'wins {"NodeSwap":true} argument --feature-gates=NodeSwap=true'],
  ],
  'a zero duration of a file is the default': [
    { config: 'streamingConnectionIdleTimeout: 0s\n' },
    'streamingConnectionIdleTimeout',
    ['none "0s" line 3 of /c.yaml: it counts as absent, so the default stands'],
  ],
  'kubelet 1.28 passes over a false of a drop-in': [
    { minor: 28, config: 'rotateCertificates: true\n', dropIns: { '1.conf': 'rotateCertificates: false\n' } },
    'rotateCertificates',
    [
      'wins true line 3 of /c.yaml',
      'none false line 3 of /d/1.conf: it counts as absent, so what is beneath it stands',
    ],
  ],
  'an argument that only turns on': [
    { config: 'seccompDefault: true\n', argv: ['--seccomp-default=false'] },
    'seccompDefault',
    ['wins true line 3 of /c.yaml', 'none false argument --seccomp-default=false: it can only turn this on'],
  ],
  'a drop-in of 1.28 brings its defaults with it': [
    { minor: 28, config: 'maxPods: 5\n', dropIns: { '1.conf': 'podsPerCore: 2\n' } },
    'maxPods',
    [
      'overridden 5 line 3 of /c.yaml: a drop-in overrides the config file',
      'wins 110 /d/1.conf: it does not mention it, but kubelet 1.28 reads a drop-in with all defaults, and these override',
    ],
  ],
  'a null of a drop-in takes away what is beneath it': [
    { config: 'authentication: {anonymous: {enabled: true}}\n', dropIns: { '1.conf': 'authentication: null\n' } },
    'authentication.anonymous.enabled',
    [
      'overridden true line 3 of /c.yaml: a drop-in overrides the config file',
      'wins false /d/1.conf: its null takes away what is beneath it, so the default stands',
    ],
  ],
  'a path of a drop-in of 1.28 is relative to its directory': [
    { minor: 28, config: 'staticPodPath: a\n', dropIns: { '1.conf': 'staticPodPath: b\n' } },
    'staticPodPath',
    ['overridden "/a" line 3 of /c.yaml: a drop-in overrides the config file', 'wins "/d/b" line 3 of /d/1.conf'],
  ],
  'later it stays as it is written': [
    { config: 'staticPodPath: a\n', dropIns: { '1.conf': 'staticPodPath: b\n' } },
    'staticPodPath',
    ['overridden "/a" line 3 of /c.yaml: a drop-in overrides the config file', 'wins "b" line 3 of /d/1.conf'],
  ],
  'nobody speaks of it': [{ config: 'maxPods: 1\n' }, 'podPidsLimit', []],
};

describe('every layer that speaks of a setting', () => {
  for (const [name, [input, setting, expected]] of Object.entries(CASES)) {
    test(name, () => assert.deepEqual(layers(input, setting), expected));
  }
});

test('of a kubelet that hides its arguments, what its host is known to give is a layer', () => {
  const kubelet: KubeletProcess = { ...processOf({ argv: ['--max-pods=3'], files: {} }, '1.30'), host: 'k3s' };
  const evidence = { format: 2 as const, collectedAt: 0, os: {}, kubelets: [kubelet], proxies: [], notes: [] };
  const signs = { evidence, kubelet, tags: {} };
  const of = (setting: string) => explain({ ...signs, configuration: derive(withOwn(signs)) }, setting).settings[0];
  assert.deepEqual(
    ['authorization.mode', 'maxPods'].map((setting) => of(setting)?.layers.map(({ effect, place }) => [effect, place])),
    [[['wins', 'argument --authorization-mode=Webhook']], [['wins', 'argument --max-pods=3']]],
  );
});

test('without a name: what somebody set, and what is not the default', () => {
  const { settings } = explain(node({ config: 'maxPods: 110\nreadOnlyPort: 10255\n' }));
  assert.deepEqual(
    settings.map(({ setting, value, default: standard }) => [setting, value, standard]),
    [
      ['containerRuntimeEndpoint', 'unix:///x', 'unix:///run/containerd/containerd.sock'],
      ['maxPods', 110, 110],
      ['readOnlyPort', 10255, 0],
    ],
  );
});

test('what is written and not read', () => {
  const dropIns = { '1.conf': 'kubeletCgroupz: a\n', '2.yaml': 'maxPods: 5\n' };
  const { ignored } = explain(
    node({ config: 'ReadOnlyPort: 10255\nauthentication: {Anonymous: {enabled: true}}\n', dropIns }),
  );
  assert.deepEqual(ignored, [
    {
      place: 'ReadOnlyPort, line 3 of /c.yaml',
      why: 'the kubelet reads readOnlyPort, and names count with their case',
    },
    {
      place: 'authentication.Anonymous, line 4 of /c.yaml',
      why: 'the kubelet reads authentication.anonymous, and names count with their case',
    },
    { place: 'kubeletCgroupz, line 3 of /d/1.conf', why: 'a kubelet of 1.34 does not know it' },
    { place: '/d/2.yaml', why: 'only files whose names end with .conf are drop-ins' },
  ]);
});

test('input that starts nothing has its reason, and what can be read of it', () => {
  const { settings, ignored, problem } = explain(node({ config: 'maxPods: a\n' }));
  assert.deepEqual(settings, []);
  assert.match(problem ?? '', /cannot unmarshal string/);
  assert.match(ignored[0]?.why ?? '', /^it is not read: json: cannot unmarshal string/);
});

test('of every recorded kubelet the layer that wins is the one that decides, and its value is what the kubelet has', () => {
  let asked = 0;
  for (const name of ['named', 'random']) {
    for (const recorded of readCases(fileURLToPath(new URL(`../kubelet/vectors/${name}.jsonl.gz`, import.meta.url)))) {
      if (!('kubelet' in recorded) || !recorded.starts || !('effective' in recorded)) continue;
      const of = nodeOf(processOf(recorded, recorded.kubelet));
      for (const { setting, value, source, layers: all } of explain(of).settings) {
        const winners = all.filter(({ effect }) => effect === 'wins');
        const isDefault = source.kind === 'default' || source.kind === 'legacy-default';
        if (isDefault || !(setting in recorded.effective)) continue;
        asked += 1;
        assert.equal(winners.length, 1, `${recorded.id} ${setting}`);
        const has: unknown = recorded.effective[setting];
        const { value: said, why } = winners[0] ?? assert.fail();
        if (typeof value !== 'object')
          assert.equal(
            said === has,
            why === undefined || /it does not|takes away/.test(why),
            `${recorded.id} ${setting}`,
          );
      }
    }
  }
  assert.ok(asked > 2000, String(asked));
});

test('in lines, for a node whose start says that it ignores something, and for no other', () => {
  assert.deepEqual(ignoredLines(node({ config: 'maxPods: 5\n' }), 20), []);
  assert.deepEqual(ignoredLines(node({ config: 'maxPods: a\nReadOnlyPort: 1\n' }), 20), []);
  assert.deepEqual(
    ignoredLines(node({ config: 'maxPods: 5\nReadOnlyPort: 10255\n', dropIns: { '2.yaml': 'a: b\n' } }), 20),
    [
      'ReadOnlyPort, line 4 of /c.yaml: the kubelet reads readOnlyPort, and names count with their case',
      '/d/2.yaml: only files whose names end with .conf are drop-ins',
    ],
  );
});

/**
 * Every flag and gate that a version removed or locked is found, and nothing else: what real kubelets register
 * (upgrades/) and what they answered (vectors/) are the witnesses. Long because one rehearsal is asked all of it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { plannedFor } from '../../lambda/criteria/announced.ts';
import { type Rehearsal, rehearse } from '../../lambda/criteria/rehearsal.ts';
import { processOf } from '../../lambda/judging/known-answers.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { Evidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import type { NodeFacts } from '../../lambda/platforms/platform.ts';
import { readCases } from '../../tools/agreement.ts';

const LAST = 37;

/** What the real kubelets of 1.24 to 1.37 register, by runs of minors. */
function recorded<T>(name: 'flags' | 'gates'): [string, [first: number, last: number, value: T][]][] {
  const text = gunzipSync(readFileSync(new URL(`upgrades/${name}.json.gz`, import.meta.url))).toString();
  return Object.entries(JSON.parse(text)[name]);
}

function nodeOf(kubelet: KubeletProcess, evidence: Partial<Evidence> = {}): NodeFacts {
  const whole: Evidence = {
    format: 2,
    collectedAt: 0,
    os: {},
    kubelets: [kubelet],
    proxies: [],
    notes: [],
    ...evidence,
  };
  const { cgroup } = whole;
  return { evidence: whole, kubelet, configuration: derive(kubelet, cgroup ? { cgroup } : {}), tags: {} };
}

/** A node of no known kind: all that it was given travels. */
function plain(minor: number, argv: string[], config?: string): NodeFacts {
  const files: Record<string, string> = {};
  if (config !== undefined)
    files['/c.yaml'] = `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${config}`;
  const base = ['--container-runtime-endpoint=unix:///x', ...(config === undefined ? [] : ['--config=/c.yaml'])];
  return nodeOf(processOf({ argv: [...base, ...argv], files }, `1.${minor}`));
}

function rehearsed(node: NodeFacts, to = LAST): Rehearsal {
  return rehearse(node, to) ?? assert.fail(JSON.stringify(node.configuration));
}

/** `1.35 unknown flag: --x`, or that nothing stops it. */
function stopOf({ stops, unknown }: Rehearsal): string {
  assert.equal(unknown, undefined);
  return stops ? `1.${stops.minor} ${stops.refusal.error}` : 'starts';
}

/** A value that the flag takes; most take their default. */
function given(name: string, { type, default: fallback = '' }: { type: string; default?: string }): string {
  if (name === 'container-runtime') return 'remote';
  if (name === 'container-runtime-endpoint') return 'unix:///x';
  if (type === 'traceLocation') return 'a.go:1';
  return fallback === '[]' ? '' : fallback;
}

describe('each removed flag is found where it is removed, and nothing else', () => {
  const flags = recorded<{ type: string; default?: string }>('flags');
  const removed = flags.flatMap(([name, runs]) => {
    const [, last, flag] = runs.at(-1) ?? assert.fail(name);
    return last < LAST ? [{ name, last, flag }] : [];
  });
  test('there are many', () => assert.ok(removed.length > 30, String(removed.length)));
  for (const { name, last, flag } of removed) {
    test(`--${name} of 1.${last}`, () => {
      const found = rehearsed(plain(last, [`--${name}=${given(name, flag)}`]));
      assert.match(stopOf(found), new RegExp(`^1\\.${last + 1} .*unknown flag: --${name}\\b`));
    });
  }
  test('those that stay stop nothing', () => {
    const kept = flags.filter(([name, runs]) => {
      const [[first = 0] = [], last] = [runs[0], runs.at(-1)?.[1]];
      return (
        first === 24 &&
        last === LAST &&
        !['help', 'version', 'config', 'config-dir', 'dynamic-config-dir'].includes(name)
      );
    });
    assert.ok(kept.length > 100);
    const stopped = kept.flatMap(([name, runs]) => {
      const node = plain(24, [`--${name}=${given(name, runs[0]?.[2] ?? assert.fail())}`]);
      // Some have a default that may not be given, such as no file.
      if (node.configuration.starts !== true) return [];
      const stop = stopOf(rehearsed(node));
      return stop === 'starts' ? [] : [`${name} ${stop}`];
    });
    assert.deepEqual(stopped, []);
  });
});

describe('each removed or locked gate is found where it goes or is locked, and nothing else', () => {
  type Gate = { stage: string; default: boolean; locked?: true };
  const gates = recorded<Gate>('gates').filter(([name]) => !['AllAlpha', 'AllBeta'].includes(name));
  const ways = {
    'on the command line': (minor: number, gate: string, on: boolean) =>
      plain(minor, [`--feature-gates=${gate}=${on}`]),
    'in the file': (minor: number, gate: string, on: boolean) => plain(minor, [], `featureGates:\n  ${gate}: ${on}\n`),
  };
  for (const [way, make] of Object.entries(ways)) {
    test(`removed ones ${way}`, () => {
      const found = gates.flatMap(([name, runs]) => {
        const [, last, gate] = runs.at(-1) ?? assert.fail(name);
        if (last >= LAST) return [];
        const stop = stopOf(rehearsed(make(last, name, gate.default)));
        return [
          [name, /^1\.\d+/.exec(stop)?.[0] === `1.${last + 1}` && stop.includes(`unrecognized feature gate: ${name}`)],
        ];
      });
      assert.ok(found.length > 150, String(found.length));
      assert.deepEqual(
        found.filter(([, isRight]) => !isRight),
        [],
      );
    });

    test(`those that get locked to another value ${way}`, () => {
      let asked = 0;
      const wrong = gates.flatMap(([name, runs]) =>
        runs.flatMap(([first, , gate], at) => {
          const before = runs[at - 1];
          if (!gate.locked || before === undefined || before[2].locked) return [];
          const node = make(first - 1, name, !gate.default);
          // Some values are refused over other gates or settings already, which is no matter of the upgrade.
          if (node.configuration.starts !== true) return [];
          asked += 1;
          const stop = stopOf(rehearsed(node));
          const words = `cannot set feature gate ${name} to ${!gate.default}, feature is locked to ${gate.default}`;
          return stop.startsWith(`1.${first} `) && stop.includes(words) ? [] : [`${name} ${first}: ${stop}`];
        }),
      );
      assert.ok(asked > 100, String(asked));
      assert.deepEqual(wrong, []);
    });

    test(`those that stay, at their default, stop nothing ${way}`, () => {
      const wrong = gates.flatMap(([name, runs]) => {
        const [first, last] = [runs[0]?.[0] ?? 0, runs.at(-1)?.[1]];
        const defaults = new Set(runs.map(([, , gate]) => gate.default));
        if (last !== LAST || first === LAST || defaults.size > 1) return [];
        const stop = stopOf(rehearsed(make(first, name, [...defaults][0] ?? false)));
        return stop === 'starts' ? [] : [`${name}: ${stop}`];
      });
      assert.deepEqual(wrong, []);
    });
  }
});

describe('real nodes, recorded on later versions', () => {
  const cases = readCases(fileURLToPath(new URL('../kubelet/vectors/next.jsonl.gz', import.meta.url)));
  const steps = cases.flatMap((each) => ('to' in each ? [each] : []));
  test('the recordings are there', () => assert.equal(steps.length, 60));
  for (const { id, from, to, ...input } of steps) {
    const [first, last] = [from, to].map((minor) => Number(minor.slice(2)));
    test(`${id} from ${from} to ${to}`, () => {
      const node = nodeOf(processOf(input, from));
      // Not every one was asked whether it started before.
      const kubelet = { ...node.kubelet, version: `v${from}.0` };
      const found = rehearse({ ...node, kubelet }, last ?? 0);
      if (found === undefined) return assert.notEqual(node.configuration.starts, true);
      assert.equal(found.from, first);
      if (input.starts) {
        assert.equal(stopOf(found), 'starts');
        const recordedChanges = new Set(input.changed.map(({ setting }) => setting));
        assert.deepEqual(
          found.changes.filter(({ setting, meaning }) => !meaning && !recordedChanges.has(setting)),
          [],
        );
      } else assert.ok(found.stops ?? found.stays[0], 'a later version was seen to refuse this');
    });
  }
});

describe('what real kubelets refuse, and nothing else', () => {
  const answersOf = (name: string) => {
    const cases = readCases(fileURLToPath(new URL(`../kubelet/vectors/${name}.jsonl.gz`, import.meta.url)));
    return cases.flatMap((each) => ('kubelet' in each ? [{ ...each, minor: Number(each.kubelet.slice(2)) }] : []));
  };
  const refused = answersOf('refused');
  const named = answersOf('named');
  /** Recordings of `named` end where the configuration is accepted, before what is refused late. */
  const isNotAsked = ({ id, starts }: { id: string; starts: boolean }, { stops }: Rehearsal) =>
    starts && id.startsWith('n') && stops?.refusal.stage === 'late';
  /** It asks callers by webhook and has no kubeconfig, as most recorded inputs: what that ends is not the plan's. */
  const bare = (minor: number) => plain(minor, [], '');
  const reasons = ({ stops }: Rehearsal) => stops && [stops.minor, ...stops.refusal.messages.toSorted()];

  test('planned for a node of that version', () => {
    assert.equal(refused.filter(({ starts }) => !starts).length, 88);
    for (const each of [...refused, ...named]) {
      const { id, minor, kubelet } = each;
      const found = rehearse(bare(minor), minor, () => processOf(each, kubelet)) ?? assert.fail(id);
      assert.equal(found.unknown, undefined, id);
      if (isNotAsked(each, found)) continue;
      const expected = each.starts ? undefined : [minor, ...(each.messages ?? []).toSorted()];
      if (each.starts || each.messages) assert.deepEqual(reasons(found), expected, id);
      else assert.equal(found.stops?.minor, minor, id);
    }
  });

  test('given to a node of the version before, where that takes it', () => {
    let [stopped, started] = [0, 0];
    for (const each of refused) {
      const { id, minor } = each;
      const node = nodeOf(processOf(each, `1.${minor - 1}`));
      if (minor === 24 || node.configuration.starts !== true) continue;
      const found = rehearsed(node, minor);
      assert.deepEqual(found.stops?.minor, each.starts ? undefined : minor, `${id} ${stopOf(found)}`);
      each.starts ? started++ : stopped++;
    }
    assert.ok(stopped > 10 && started > 3, `${stopped} ${started}`);
  });

  test('the same input recorded on an older and a later version', () => {
    const byInput = Map.groupBy([...refused, ...named], ({ argv, env, files }) => JSON.stringify([argv, env, files]));
    let [stopped, started] = [0, 0];
    for (const answers of byInput.values()) {
      const [first] = answers.filter(({ starts }) => starts).toSorted((a, b) => a.minor - b.minor);
      const node = first && nodeOf(processOf(first, first.kubelet));
      if (first === undefined || node?.configuration.starts !== true) continue;
      for (const each of answers.filter(({ minor }) => minor > first.minor)) {
        const found = rehearsed(node, each.minor);
        if (isNotAsked(each, found)) continue;
        assert.equal(found.stops === undefined, each.starts, `${first.id} to ${each.id}: ${stopOf(found)}`);
        each.starts ? started++ : stopped++;
      }
    }
    assert.ok(stopped > 2 && started > 200, `${stopped} ${started}`);
  });
});

describe('what travels', () => {
  const kubeadm = (
    argv: string[],
    flags: { path: string; name: string; line: number }[],
    evidence: Partial<Evidence> = {},
  ) => {
    const process = processOf(
      {
        argv: ['--kubeconfig=/etc/kubernetes/kubelet.conf', '--container-runtime-endpoint=unix:///x', ...argv],
        files: {},
      },
      '1.34',
    );
    const files = flags.map(({ path, ...flag }) => ({
      path,
      role: 'environment' as const,
      state: 'file' as const,
      flags: [flag],
    }));
    return nodeOf({ ...process, files: [...process.files, ...files] }, evidence);
  };
  const PAUSE = '--pod-infra-container-image=example.com/pause:3.10';
  const own = { path: '/var/lib/kubelet/kubeadm-flags.env', name: 'pod-infra-container-image', line: 1 };
  const extra = { path: '/etc/default/kubelet', name: 'pod-infra-container-image', line: 3 };

  test('kubeadm takes --pod-infra-container-image out of its own file', () => {
    const found = rehearsed(kubeadm([PAUSE], [own]));
    assert.equal(stopOf(found), 'starts');
    assert.deepEqual(
      found.cleaned.map(({ minor }) => minor),
      [35],
    );
  });
  for (const [where, flags] of Object.entries({
    'out of KUBELET_EXTRA_ARGS it does not': [extra],
    'nor where it stands in both': [own, extra],
    'nor where nobody saw it written': [],
  })) {
    test(where, () => {
      const found = rehearsed(kubeadm([PAUSE], flags));
      assert.match(stopOf(found), /^1\.35 .*unknown flag: --pod-infra-container-image/);
      assert.deepEqual(found.cleaned, []);
    });
  }

  const CONFIG = '/etc/kubernetes/kubelet/config.json';
  const image = (argv: string[], gates: Record<string, boolean> = {}, evidence: Partial<Evidence> = {}) => {
    const text = JSON.stringify({
      kind: 'KubeletConfiguration',
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      featureGates: { RotateKubeletServerCertificate: true, ...gates },
      containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    });
    const given = [
      '--cloud-provider=external',
      `--config=${CONFIG}`,
      '--kubeconfig=/var/lib/kubelet/kubeconfig',
      ...argv,
    ];
    const process = processOf({ argv: given, files: { [CONFIG]: text } }, '1.27');
    return nodeOf({ ...process, version: 'v1.27.16-eks-1' }, { os: { id: 'amzn', version: '2023' }, ...evidence });
  };
  test("an image's own gate and argument stay behind with it", () => {
    const found = rehearsed(image([PAUSE], { KubeletCredentialProviders: true }));
    assert.equal(stopOf(found), 'starts');
    assert.deepEqual(
      found.stays.map(({ minor, refusal }) => [minor, /: (-?-?\w[\w-]*)$/.exec(refusal.error)?.[1]]),
      [
        [28, 'KubeletCredentialProviders'],
        [35, '--pod-infra-container-image'],
      ],
    );
  });
  test("its user's gate in the same file comes along", () => {
    const found = rehearsed(image([PAUSE], { KubeletCredentialProviders: true, CPUManager: true }));
    assert.match(stopOf(found), /^1\.33 panic: .*unrecognized feature gate: CPUManager/);
    assert.equal(found.stays.length, 2);
  });
  test("its user's argument comes along", () => {
    assert.match(
      stopOf(rehearsed(image(['--register-schedulable=true']))),
      /^1\.34 .*unknown flag: --register-schedulable/,
    );
  });
  test('and so does a gate that no image would write, though its files go with it', () => {
    const path = '/etc/kubernetes/kubelet/config';
    const of = (gate: string) => {
      const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
      const files = { [path]: `${head}featureGates: {${JSON.stringify(gate)}: true}\n` };
      const argv = [`--config=${path}`, '--container-runtime-endpoint=unix:///x'];
      return rehearsed(nodeOf(processOf({ argv, files }, '1.22'), { os: { id: 'bottlerocket' } }));
    };
    assert.equal(stopOf(of('NoSuchGate')), 'starts');
    for (const gate of ['', '   ', 'a.*', 'g'.repeat(200)]) assert.match(stopOf(of(gate)), /unrecognized feature gate/);
  });
  test('and so does what a planned change brings, even where an image would write the same', () => {
    const found =
      rehearse(image([]), LAST, (kubelet) => ({ ...kubelet, argv: [...kubelet.argv, PAUSE] })) ?? assert.fail();
    assert.match(stopOf(found), /^1\.35 .*unknown flag: --pod-infra-container-image/);
  });
  test('a value that is an argument of its own goes with its flag', () => {
    const found = rehearsed(image(['--pod-infra-container-image', 'example.com/pause:3.5']));
    assert.equal(stopOf(found), 'starts');
  });

  test('control groups of version 1 end a node that stays with 1.35', () => {
    const found = rehearsed(plainWith({ cgroup: 1 }));
    assert.match(stopOf(found), /^1\.35 .*not run on a host using cgroup v1\. cgroup v1 support is unsupported/);
  });
  test('unless it was told to go on', () => {
    assert.equal(stopOf(rehearsed(plainWith({ cgroup: 1 }, 'failCgroupV1: false\n'))), 'starts');
  });
  test('and are left behind where the node is replaced', () => {
    const found = rehearsed(image([], {}, { cgroup: 1 }));
    assert.equal(stopOf(found), 'starts');
    assert.match(found.stays.map(({ minor, refusal }) => `${minor} ${refusal.error}`).join(), /^35 .*cgroup v1/);
    assert.equal(found.stays.length, 1);
  });

  function plainWith(evidence: Partial<Evidence>, config = ''): NodeFacts {
    const { kubelet } = plain(31, [], config);
    return nodeOf(kubelet, evidence);
  }

  test('a runtime without version 1 of its interface ends a node that stays with 1.26', () => {
    const { kubelet } = plain(25, []);
    const old = { runtime: { name: 'containerd', version: '1.5.9' } };
    const words = /^1\.26 failed to run Kubelet: .*CRI v1 runtime API is not implemented for endpoint "unix:\/\/\/x"/;
    assert.match(stopOf(rehearsed(nodeOf(kubelet, old))), words);
    assert.equal(stopOf(rehearsed(nodeOf(kubelet, { runtime: { name: 'containerd', version: '1.6.0' } }))), 'starts');
    assert.equal(stopOf(rehearsed(nodeOf(kubelet))), 'starts');
  });

  test('what is planned for 1.38 is told and judged by nothing', () => {
    const { kubelet } = plain(37, ['--cgroup-driver=systemd']);
    const node = nodeOf(kubelet, { runtime: { name: 'containerd', version: '1.7.27' }, cgroup: 1 });
    assert.deepEqual(plannedFor(nodeOf(kubelet, { runtime: { name: 'containerd', version: '2.1.0' } })).length, 1);
    assert.equal(plannedFor({ ...node, configuration: derive(kubelet) }).length, 3);
    assert.deepEqual(plannedFor(plain(36, [])), []);
  });
});

describe('the way', () => {
  test('a version that is passed is told apart from the one at its end', () => {
    // Recorded as q0145: 1.29 wants a gate for what 1.28 does not know and 1.30 takes.
    const node = plain(28, [], 'imageMaximumGCAge: 24h\n');
    const found = rehearsed(node, 30);
    assert.equal(stopOf(found), 'starts');
    assert.deepEqual(
      found.passing.map(({ minor }) => minor),
      [29],
    );
    assert.match(stopOf(rehearsed(node, 29)), /^1\.29 .*ImageMaximumGCAge feature gate is required/);
  });

  test('without a version, or with a configuration that starts nothing, there is nothing to rehearse', () => {
    const { kubelet } = plain(30, []);
    const { version: _, ...unknown } = kubelet;
    assert.equal(rehearse(nodeOf(unknown), LAST), undefined);
    assert.equal(rehearse(plain(30, ['--nope']), LAST), undefined);
  });

  test('a planned change is asked of the same version', () => {
    const node = plain(34, []);
    const plan = (argument: string) =>
      rehearse(node, 34, (kubelet) => ({ ...kubelet, argv: [...kubelet.argv, argument] }));
    assert.deepEqual(
      plan('--max-pods=9')?.changes.map(({ setting, from, to }) => [setting, from, to]),
      [['maxPods', 110, 9]],
    );
    assert.match(plan('--nope')?.stops?.refusal.error ?? '', /unknown flag: --nope/);
  });
});

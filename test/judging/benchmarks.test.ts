import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BenchmarkSchema, type Platform } from '../../lambda/judging/benchmarks.ts';
import {
  benchmark,
  benchmarks,
  chooseBenchmark,
  controlsOf,
  readBenchmark,
  rules,
} from '../../lambda/judging/index.ts';

const known = (minor: number) => ({ minor, known: true });

test('23 benchmarks are known, each control once, each with its section', () => {
  assert.equal(benchmarks.length, 23);
  for (const { name, controls, others = [], sections } of benchmarks) {
    const numbers = [...controls, ...others].map(({ control }) => control);
    assert.equal(new Set(numbers).size, numbers.length, name);
    for (const number of numbers) {
      assert.ok(
        Object.keys(sections).some((section) => number.startsWith(section)),
        `${name}/${number} stands in no section`,
      );
    }
    for (const { rule } of controls)
      assert.ok(
        rules.some((each) => each.name === rule),
        `${name} names ${rule}`,
      );
  }
});

test('a version without its last number means its only edition', () => {
  assert.equal(benchmark('cis-kubernetes-1.5')?.name, 'cis-kubernetes-1.5.1');
  assert.equal(benchmark('cis-eks-1.8')?.name, 'cis-eks-1.8.0');
  assert.equal(benchmark('cis-kubernetes-1.1'), undefined);
  assert.equal(benchmark(' CIS-EKS-1.8.0 ')?.name, 'cis-eks-1.8.0');
  assert.equal(benchmark('constructor'), undefined);
});

test('the seed control is answered by its rule, on level 1', () => {
  const found = benchmark('cis-kubernetes-1.5.1')?.controls.find(({ control }) => control === '4.2.11');
  assert.deepEqual(found, {
    control: '4.2.11',
    rule: 'rotate-client-certificates',
    assessment: 'automated',
    level: 1,
  });
});

const row = (name: string, control: string) => benchmark(name)?.controls.find((each) => each.control === control);

test('assessments, levels and modes are those of the benchmarks, where other tables differ', () => {
  // kube-bench calls 4.3.1 automated; two transcriptions of 1.12.0 say manual.
  assert.equal(row('cis-kubernetes-1.11', '4.3.1')?.assessment, 'manual');
  assert.equal(row('cis-kubernetes-1.12', '4.3.1')?.assessment, 'manual');
  for (const name of ['cis-eks-1.0.1', 'cis-eks-1.1.0', 'cis-eks-1.2.0']) {
    assert.equal(row(name, '3.2.9')?.assessment, 'automated', name);
  }
  // Tenable's audits of Level 2: event-record-qps alone, and 4.2.15 of 1.11.1.
  for (const name of ['1.20', '1.23', '1.24', '1.7', '1.8', '1.9', '1.10', '1.12', '2.0.1']) {
    const second = benchmark(`cis-kubernetes-${name}`)?.controls.filter(({ level }) => level === 2) ?? [];
    assert.deepEqual(
      second.map(({ rule }) => rule),
      ['event-record-qps'],
      name,
    );
  }
  assert.equal(row('cis-kubernetes-1.11', '4.2.15')?.level, 2);
  assert.equal(row('cis-kubernetes-1.11', '4.1.7')?.mode, '644');
  assert.equal(row('cis-eks-2.0.0', '3.2.5')?.rule, 'make-iptables-util-chains', 'the streaming timeout is gone');
  assert.equal(row('cis-kubernetes-1.11', '4.2.12')?.suites?.length, 8);
  assert.equal(row('cis-kubernetes-1.12', '4.2.12')?.suites?.length, 6);
});

// kube-bench docs/platforms.md and cmd/util.go (eksBenchmark), and its pull requests on 2.0: what each benchmark covers.
const choices: [platform: Platform, minor: number, name: string, why: RegExp][] = [
  ['kubernetes', 15, 'cis-kubernetes-1.5.1', /covers Kubernetes 1\.15; this node is 1\.15\./],
  ['kubernetes', 16, 'cis-kubernetes-1.6', /covers/],
  ['kubernetes', 18, 'cis-kubernetes-1.6', /covers/],
  ['kubernetes', 19, 'cis-kubernetes-1.20', /covers/],
  ['kubernetes', 21, 'cis-kubernetes-1.20', /covers/],
  ['kubernetes', 22, 'cis-kubernetes-1.23', /covers/],
  ['kubernetes', 23, 'cis-kubernetes-1.23', /covers/],
  ['kubernetes', 24, 'cis-kubernetes-1.24', /covers/],
  ['kubernetes', 25, 'cis-kubernetes-1.7', /covers/],
  ['kubernetes', 26, 'cis-kubernetes-1.8', /covers/],
  ['kubernetes', 27, 'cis-kubernetes-1.9', /covers/],
  ['kubernetes', 28, 'cis-kubernetes-1.10', /covers/],
  ['kubernetes', 29, 'cis-kubernetes-1.11', /covers/],
  ['kubernetes', 31, 'cis-kubernetes-1.11', /covers/],
  ['kubernetes', 32, 'cis-kubernetes-1.12', /covers Kubernetes 1\.32 to 1\.34/],
  ['kubernetes', 33, 'cis-kubernetes-1.12', /covers/],
  ['kubernetes', 34, 'cis-kubernetes-2.0.1', /covers Kubernetes 1\.34 to 1\.35; this node is 1\.34\./],
  ['kubernetes', 35, 'cis-kubernetes-2.0.1', /covers/],
  // What none covers takes the newest, says so, and names the one that is not known here.
  [
    'kubernetes',
    36,
    'cis-kubernetes-2.0.1',
    /^No benchmark .* covers Kubernetes 1\.36: the newest .* cis-kubernetes-2\.1\.0 is not known/,
  ],
  ['kubernetes', 14, 'cis-kubernetes-2.0.1', /^No benchmark .* covers Kubernetes 1\.14/],
  ['eks', 15, 'cis-eks-1.0.1', /covers/],
  ['eks', 20, 'cis-eks-1.5.0', /covers/],
  ['eks', 28, 'cis-eks-1.5.0', /covers/],
  ['eks', 29, 'cis-eks-1.7.0', /covers/],
  ['eks', 32, 'cis-eks-1.8.0', /this node is 1\.32 on EKS/],
  ['eks', 34, 'cis-eks-2.0.0', /covers/],
  ['eks', 36, 'cis-eks-2.0.0', /^No benchmark .* covers Kubernetes 1\.36 on EKS: the newest/],
  ['openshift', 27, 'cis-openshift-1.9.0', /1\.27 and later; this node is 1\.27 on OpenShift/],
  ['openshift', 31, 'cis-openshift-1.9.0', /covers/],
  ['openshift', 25, 'cis-openshift-1.9.0', /^No benchmark .* 1\.25 on OpenShift/],
];

for (const [platform, minor, name, why] of choices) {
  test(`a kubelet 1.${minor} on ${platform} is judged by ${name}`, () => {
    const choice = chooseBenchmark({ platform, version: known(minor) });
    assert.equal(choice.name, name);
    assert.match(choice.reason, why);
  });
}

test('a kubelet of unknown version gets the newest, and the reason says so', () => {
  const choice = chooseBenchmark({ platform: 'kubernetes', version: { minor: 15, known: false } });
  assert.equal(choice.name, 'cis-kubernetes-2.0.1');
  assert.match(choice.reason, /version is not known: the newest/);
});

test('controlsOf says what a rule answers, and to what a rule of ours is related', () => {
  assert.equal(controlsOf('kube-proxy-metrics-bind-address').length, 5);
  assert.equal(controlsOf('rotate-client-certificates').length, 22, 'all but the STIG');
  const related = controlsOf('client-certificate-expiry');
  assert.equal(related.length, 22);
  assert.ok(related.every((entry) => entry.related));
  assert.deepEqual(controlsOf('constructor'), []);
});

/** What the recipe of CONTRIBUTING.md makes: one file. */
const invented = {
  name: 'cis-kubernetes-9.9.9',
  title: 'CIS Kubernetes Benchmark 9.9.9',
  kubernetes: { first: 98, last: 99 },
  sources: ['https://example.com/9.9.9'],
  sections: { '4.2': 'The kubelet' },
  controls: [
    { control: '4.2.1', rule: 'anonymous-auth', assessment: 'automated', level: 1 },
    { control: '4.2.2', rule: 'kubelet-config-permissions', assessment: 'manual', mode: '640' },
    { control: '4.2.3', rule: 'read-only-port', audit: [{ written: 'readOnlyPort', equals: 0 }] },
  ],
  others: [{ control: '4.2.4', assessment: 'manual', title: 'Somebody looks', why: 'It is not in the evidence.' }],
};

test('an invented version is one file: it loads, and its range of versions chooses it', () => {
  const read = readBenchmark(invented);
  assert.deepEqual(read, invented);
  const chosen = chooseBenchmark({ platform: 'kubernetes', version: known(98) }, [...benchmarks, read]);
  assert.equal(chosen.name, 'cis-kubernetes-9.9.9');
  assert.match(chosen.reason, /covers Kubernetes 1\.98 to 1\.99; this node is 1\.98/);
});

const broken: [what: string, change: object, problem: RegExp][] = [
  ['an unknown key', { colour: 'red' }, /cis-kubernetes-9\.9\.9 does not load: colour/],
  ['an unknown key of a control', { controls: [{ ...invented.controls[0], weight: 3 }] }, /controls\.0\.weight/],
  ['an unknown key of a range', { kubernetes: { first: 98, last: 99, middle: 98 } }, /kubernetes\.middle/],
  ['a mode that is none', { controls: [{ ...invented.controls[1], mode: '0888' }] }, /controls\.0\.mode/],
  ['a demand that is none', { controls: [{ ...invented.controls[2], audit: [{ written: 'x', equals: 0 }] }] }, /audit/],
  ['no sources', { sources: [] }, /sources/],
  ['a third kind of assessment', { controls: [{ ...invented.controls[0], assessment: 'scored' }] }, /assessment/],
  ['a name without a version', { name: 'cis-kubernetes' }, /name/],
];

for (const [what, change, problem] of broken) {
  test(`a file with ${what} does not load`, () => {
    assert.throws(() => readBenchmark({ ...invented, ...change }), problem);
  });
}

test('what is no object at all does not load', () => {
  assert.throws(() => readBenchmark('text'), /benchmark without a name does not load/);
});

test('CONTRIBUTING.md shows every key that a benchmark may have', () => {
  const text = readFileSync(fileURLToPath(new URL('../../CONTRIBUTING.md', import.meta.url)), 'utf8');
  for (const key of Object.keys(BenchmarkSchema.entries)) assert.ok(text.includes(`\`${key}\``), key);
});

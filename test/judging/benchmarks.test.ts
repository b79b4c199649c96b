import assert from 'node:assert/strict';
import { test } from 'node:test';
import { benchmark, benchmarks, chooseBenchmark, controlsOf } from '../../lambda/judging/index.ts';

test('all 17 benchmarks are known, each control once', () => {
  assert.equal(benchmarks.length, 17);
  for (const { name, controls } of benchmarks) {
    assert.match(name, /^cis-(kubernetes|eks)-\d+\.\d+(\.\d+)?$/);
    assert.equal(new Set(controls.map(({ control }) => control)).size, controls.length, name);
    for (const { control, maximumMode, assessment } of controls) {
      assert.match(control, /^[34]\.[123]\.\d+$/);
      assert.match(maximumMode ?? '600', /^6[04][04]$/);
      assert.match(assessment, /^(automated|manual)$/);
    }
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

// kube-bench docs/platforms.md: the Kubernetes versions that each benchmark covers.
const minors: [minor: number, name: string][] = [
  [14, 'cis-kubernetes-1.5.1'],
  [15, 'cis-kubernetes-1.5.1'],
  [16, 'cis-kubernetes-1.6'],
  [18, 'cis-kubernetes-1.6'],
  [19, 'cis-kubernetes-1.20'],
  [21, 'cis-kubernetes-1.20'],
  [22, 'cis-kubernetes-1.23'],
  [23, 'cis-kubernetes-1.23'],
  [24, 'cis-kubernetes-1.24'],
  [25, 'cis-kubernetes-1.7'],
  [26, 'cis-kubernetes-1.8'],
  [27, 'cis-kubernetes-1.9'],
  [28, 'cis-kubernetes-1.10'],
  [29, 'cis-kubernetes-1.11'],
  [31, 'cis-kubernetes-1.11'],
  [32, 'cis-kubernetes-1.12'],
  [36, 'cis-kubernetes-1.12'],
];

for (const [minor, name] of minors) {
  test(`a kubelet 1.${minor} is judged by ${name}`, () => {
    assert.equal(chooseBenchmark({ eks: false, version: { minor, known: true } }), name);
    assert.ok(benchmark(name));
  });
}

test('EKS and unknown versions get the newest', () => {
  assert.equal(chooseBenchmark({ eks: true, version: { minor: 24, known: true } }), 'cis-eks-1.8.0');
  assert.equal(chooseBenchmark({ eks: false, version: { minor: 15, known: false } }), 'cis-kubernetes-1.12');
  assert.equal(benchmarks.at(-1)?.name, 'cis-eks-1.8.0');
});

test('controlsOf says what a rule answers, and to what a rule of ours is related', () => {
  assert.equal(controlsOf('kube-proxy-metrics-bind-address').length, 4);
  assert.equal(controlsOf('rotate-client-certificates').length, 17);
  const related = controlsOf('client-certificate-expiry');
  assert.equal(related.length, 17);
  assert.ok(related.every((entry) => entry.related));
});

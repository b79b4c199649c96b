import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byControl } from '../../cli/by-control.ts';
import { automaticBenchmark, evaluate, rules } from '../../lambda/judging/index.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import { type Case, inFile, NOW, node } from '../rules/node.ts';

function printed(given: Case, benchmarks: string[] = ['auto'], waived = false): string {
  const { evidence, kubelet, configuration, tags } = node(given);
  const input = { evidence, kubelets: [{ process: kubelet, configuration }], tags, now: NOW };
  const waiver = { rule: 'read-only-port', nodes: {}, reason: 'r', owner: 'ops', until: '2026-12-31', line: 1 };
  const automatic = automaticBenchmark(input);
  assert.ok(automatic);
  const line: NodeLine = {
    node: { id: 'i-1' },
    coverage: 'evaluated',
    benchmark: automatic,
    findings: evaluate(input, { benchmarks, ...(waived && { waivers: [waiver] }) }),
  };
  return byControl(
    line,
    evidence,
    benchmarks.map((name) => (name === 'auto' ? automatic.name : name)),
  );
}

const of = (text: string, control: string) =>
  text.split(/\n(?=[A-Z])/).find((part) => new RegExp(` ${control.replaceAll('.', '\\.')} {2}`).test(part)) ?? '';

test('controls stand in the order of the benchmark, below its sections, with its words and why it was taken', () => {
  const text = printed({});
  assert.match(text, /^CIS Kubernetes Benchmark 1\.12\n.*covers Kubernetes 1\.32 to 1\.34; this node is 1\.32\.\n/);
  const numbers = [...text.matchAll(/^[A-Z-]+ +(4\.\d\.\d+) {2}/gm)].map(([, number]) => number);
  assert.equal(numbers.length, 25);
  assert.deepEqual(numbers.slice(8, 12), ['4.1.9', '4.1.10', '4.2.1', '4.2.2']);
  assert.match(text, /\n4\.2 {2}The kubelet's settings\n/);
  assert.match(text, / 4\.2\.1 {2}The kubelet refuses anonymous requests \(Automated\)\n/);
  assert.match(text, / 4\.2\.4 .*\(Manual\)\n/);
});

test('a control says what is expected, what is, and what its audit says by which command', () => {
  const settings = { readOnlyPort: inFile(10255) };
  const port = of(printed({ settings }, ['auto'], true), '4.2.4');
  assert.match(port, /^FAIL /);
  assert.match(port, /expected +readOnlyPort is 0\n/);
  assert.match(
    port,
    /is +readOnlyPort is 10255 from \/var\/lib\/kubelet\/config\.yaml\. accepted until 2026-12-31 by ops/,
  );
  assert.match(port, /audit +fail; ps -ef \| grep '\[k\]ubelet'; cat \/var\/lib\/kubelet\/config\.yaml\n/);
  assert.match(port, /do +1\. First move/);
  const mode = of(printed({}), '4.1.9');
  assert.match(
    mode,
    /expected +no permission beyond 600\n.*\n +audit +fail; stat -c %a \/var\/lib\/kubelet\/config\.yaml/s,
  );
});

test('a command names only files that the node has, as words of a shell', () => {
  assert.match(of(printed({ legacy: true }), '4.2.4'), /audit +fail; ps -ef \| grep '\[k\]ubelet'\n/);
  const files = [
    { path: "/etc/k; reboot 'x", role: 'config' as const, state: 'file' as const, mode: '600', uid: 0, gid: 0 },
  ];
  assert.match(of(printed({ kubelet: { files } }), '4.1.9'), /stat -c %a '\/etc\/k; reboot '\\''x'$/);
});

test('a procedure of its own is what is expected, and decides the audit', () => {
  const text = printed({}, ['disa-kubernetes-stig-v2r6']);
  assert.match(text, /\nNever chosen by itself/);
  const mode = of(text, 'V-242392');
  assert.match(mode, /^PASS +V-242392 {2}The kubelet's API authorizes requests\n/, 'the STIG has no such words');
  assert.match(mode, /expected +--authorization-mode=Webhook is given\n/);
  assert.match(mode, /audit +fail; /);
  assert.match(of(text, 'V-242393'), /^MANUAL .*\n +is +Not judged: Whether sshd runs is not in the evidence\.$/);
});

test('the last lines count by our words, by the benchmark’s and by its audits', () => {
  const text = printed({});
  const [, totals = ''] = /\n(CIS Kubernetes Benchmark 1\.12: [\s\S]*?)\n\n/.exec(text) ?? [];
  assert.match(
    totals,
    /^CIS Kubernetes Benchmark 1\.12: (\d+ [a-z-]+, )*\d+ [a-z-]+\.\nOf these 14 are manual by the benchmark: /,
  );
  assert.match(totals, /By its audits: \d+ pass, \d+ fail\.$/);
  assert.match(printed({}, ['disa-kubernetes-stig-v2r6']), /, and 3 not judged\./);
});

test('what keeps many controls from being judged, and what to do about it, is told at the first of them', () => {
  const broken = { error: 'unknown flag: --x' };
  const text = printed(broken);
  assert.equal(text.split('Not judged because of what the rule kubelet-restart tells').length, 2);
  assert.equal(text.split('Do what kubelet-restart advises').length, 2);
  assert.match(of(text, '4.1.5'), /^ERROR .*\n +expected .*\n +is +Not judged because of what the rule/);
  assert.match(of(text, '4.2.1'), /^ERROR .*\n +expected .*\n +is +Not judged, as 4\.1\.5\.\n +audit /);
  assert.match(text, /\nERROR +static-pods\n +is +Not judged, as 4\.1\.5\.\n/);
  const both = printed(broken, ['cis-kubernetes-1.12', 'disa-kubernetes-stig-v2r6']);
  assert.match(of(both, 'V-242391'), /is +Not judged, as cis-kubernetes-1\.12\/4\.1\.5\./);
});

test('no title contradicts its status', () => {
  const text = printed({ settings: { readOnlyPort: inFile(10255), rotateCertificates: inFile(false) } });
  const heads = [
    ...text.matchAll(/^(PASS|FAIL|MANUAL|ERROR|NOT-APPLICABLE) +(?:[\d.]+ {2})?(.+?)(?: \((?:Manual|Automated)\))?$/gm),
  ];
  const seen = new Set<string>();
  for (const [, status = '', title = ''] of heads) {
    seen.add(status);
    const rule = rules.find((each) => [each.title, each.failureTitle, each.name].includes(title));
    const expected = { PASS: rule?.title, FAIL: rule?.failureTitle }[status] ?? rule?.name;
    assert.equal(title, expected, status);
  }
  assert.deepEqual([...seen].sort(), ['ERROR', 'FAIL', 'NOT-APPLICABLE', 'PASS']);
});

test('what no benchmark asks for comes last', () => {
  assert.match(printed({}), /\nWhat no benchmark asks for\n\n[\s\S]*\nERROR +client-certificate-expiry\n/);
});

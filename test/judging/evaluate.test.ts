/**
 * Which rules judge a node, by which benchmark, and what several kubelets make of it.
 * Long because it is one table of benchmarks, rules and nodes.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  automaticBenchmark,
  benchmark,
  controlsOf,
  type EvaluationInput,
  type EvaluationOptions,
  evaluate,
  type Finding,
  rules,
} from '../../lambda/judging/index.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { Evidence, FileEvidence } from '../../lambda/kubelet/evidence.ts';
import { inOneLine } from '../../lambda/platforms/step.ts';
import { NODES } from '../../simulator/fleet/node-types.ts';
import { byFlag, type Case, certificate, inFile, NOW, node } from '../rules/node.ts';

function input(...cases: Case[]): EvaluationInput {
  const views = cases.map((given, index) => node({ ...given, kubelet: { pid: 100 + index, ...given.kubelet } }));
  const [first] = views;
  return {
    evidence: first?.evidence ?? node().evidence,
    kubelets: views.map(({ kubelet, configuration }) => ({ process: kubelet, configuration })),
    tags: first?.tags ?? {},
    now: NOW,
  };
}

function finding(rule: string, given: EvaluationInput, options?: EvaluationOptions): Finding {
  const found = evaluate(given, options).find((each) => each.rule === rule);
  assert.ok(found, `no finding of ${rule}`);
  return found;
}

const eks: Case = { version: { text: 'v1.32.3-eks-473151a', minor: 32, known: true } };
/** Rules of our own. */
const OURS = rules.filter(({ name }) =>
  controlsOf(name).every(({ related, benchmark: of }) => related || of.startsWith('disa-')),
).length;
const names = (findings: Finding[]) => findings.map(({ rule }) => rule);

test('a node is judged by every rule of its benchmark and by ours, in the order of their names', () => {
  const findings = evaluate(input({}));
  assert.equal(findings.length, (benchmark('cis-kubernetes-1.12')?.controls.length ?? 0) + OURS);
  assert.deepEqual(names(findings), names(findings).toSorted());
  assert.ok(names(findings).includes('client-certificate-expiry'));
  assert.ok(!names(findings).includes('protect-kernel-defaults'));
});

test('a finding names the controls that it answers, the seed control always', () => {
  assert.deepEqual(finding('rotate-client-certificates', input({})).controls, [
    { benchmark: 'cis-kubernetes-1.12', control: '4.2.10' },
    { benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11' },
  ]);
  assert.deepEqual(finding('rotate-client-certificates', input(eks)).controls, [
    { benchmark: 'cis-eks-1.8.0', control: '3.2.8' },
    { benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11' },
  ]);
  assert.deepEqual(finding('client-certificate-expiry', input({})).controls, []);
});

test('an EKS node is judged by CIS EKS, which does not ask for service files', () => {
  const found = names(evaluate(input(eks)));
  assert.ok(found.includes('kubelet-config-permissions'));
  assert.ok(!found.includes('kubelet-service-permissions'));
});

test('EKS Distro in a cluster of one’s own is judged by CIS Kubernetes: its kubelet has a client certificate', () => {
  const kubeconfigs = [
    { path: '/etc/kubernetes/kubelet.conf', state: 'read' as const, clientCertificateData: true as const },
  ];
  const own = { ...eks, kubelet: { ...eks.kubelet, kubeconfigs } };
  assert.deepEqual(finding('rotate-client-certificates', input(own)).controls[0], {
    benchmark: 'cis-kubernetes-1.12',
    control: '4.2.10',
  });
});

test('an audit is that of the benchmark: CIS EKS wants the read-only port to be named, CIS Kubernetes does not', () => {
  assert.equal(finding('read-only-port', input({})).audit, 'pass');
  const own = finding('read-only-port', input(eks));
  assert.deepEqual([own.status, own.audit], ['pass', 'fail']);
  const both = finding('read-only-port', input(eks), { benchmarks: ['cis-eks-1.8.0', 'cis-kubernetes-1.12'] });
  assert.deepEqual(both.audit, 'fail');
  assert.deepEqual(both.controls, [
    { benchmark: 'cis-eks-1.8.0', control: '3.2.4' },
    { benchmark: 'cis-kubernetes-1.12', control: '4.2.4', manual: true, audit: 'pass' },
  ]);
});

test('benchmarks can be named, besides or instead of the automatic one', () => {
  const both = finding('read-only-port', input(eks), { benchmarks: ['auto', 'cis-kubernetes-1.5'] });
  assert.deepEqual(both.controls, [
    { benchmark: 'cis-eks-1.8.0', control: '3.2.4' },
    { benchmark: 'cis-kubernetes-1.5.1', control: '4.2.4', audit: 'pass' },
  ]);
  const one = finding('rotate-client-certificates', input(eks), { benchmarks: ['cis-kubernetes-1.5.1'] });
  assert.deepEqual(one.controls, [{ benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11' }]);
});

test('rules can be named by rule or control; a control brings its own number', () => {
  const findings = evaluate(input(eks), { rules: ['cis-kubernetes-1.5.1/4.2.6', 'anonymous-auth'] });
  assert.deepEqual(names(findings), ['anonymous-auth', 'protect-kernel-defaults']);
  assert.deepEqual(findings[1]?.controls, [{ benchmark: 'cis-kubernetes-1.5.1', control: '4.2.6' }]);
  assert.deepEqual(findings[0]?.controls, [{ benchmark: 'cis-eks-1.8.0', control: '3.2.1' }]);
});

test('names that mean nothing are one clear line', () => {
  assert.throws(
    () => evaluate(input({}), { rules: ['rotate'] }),
    /"rotate" is not a rule, nor a control.*did you mean rotate-/,
  );
  assert.throws(
    () => evaluate(input({}), { benchmarks: ['cis-eks-9'] }),
    /there is no benchmark cis-eks-9: expected auto or one of cis-eks-1\.1\.0/,
  );
});

test('file modes are those of the benchmark: 644 passes CIS EKS and fails CIS Kubernetes 1.12', () => {
  const given = {
    kubelet: { files: [{ path: '/k', role: 'config', state: 'file', mode: '644', uid: 0, gid: 0 }] },
  } satisfies Case;
  assert.equal(finding('kubelet-config-permissions', input({ ...eks, ...given })).status, 'pass');
  assert.equal(finding('kubelet-config-permissions', input(given)).status, 'fail');
  const both = finding('kubelet-config-permissions', input({ ...eks, ...given }), {
    benchmarks: ['auto', 'cis-kubernetes-1.12'],
  });
  assert.equal(both.status, 'fail', 'the strictest decides');
  assert.match(both.reason, /at most 600/);
  assert.deepEqual(both.advisories, [
    { id: 'other-benchmark-kept', text: 'Mode 644, the most that cis-eks-1.8.0/3.1.3 allows, is not exceeded.' },
  ]);
});

test('suites are those of the benchmark: what 1.11 accepts without forward secrecy, 1.12 does not', () => {
  const suites = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_GCM_SHA256'];
  const given = (minor: number): Case => ({
    settings: { tlsCipherSuites: inFile(suites) },
    version: { text: `v1.${minor}.0`, minor, known: true },
  });
  const verdict = ({ status, audit }: Finding) => [status, audit];
  assert.deepEqual(verdict(finding('tls-cipher-suites', input(given(31)))), ['pass', 'pass']);
  assert.deepEqual(verdict(finding('tls-cipher-suites', input(given(32)))), ['fail', 'fail']);
  const both = { benchmarks: ['cis-kubernetes-1.11', 'cis-kubernetes-1.12'] };
  const found = finding('tls-cipher-suites', input(given(32)), both);
  assert.equal(found.status, 'fail', 'the strictest decides');
  assert.deepEqual(found.advisories, [
    { id: 'other-benchmark-kept', text: 'What cis-kubernetes-1.11/4.2.12 asks for is kept.' },
  ]);
  assert.deepEqual(found.controls, [
    { benchmark: 'cis-kubernetes-1.11', control: '4.2.12', manual: true, audit: 'pass' },
    { benchmark: 'cis-kubernetes-1.12', control: '4.2.12', manual: true },
  ]);
});

// The text of CIS EKS 3.2.2 begins with webhook authentication, and 3.2.9 wants the gate by name.
test('an audit of CIS EKS is that of its own text', () => {
  const at = (minor: number, settings: Case['settings'] = {}) =>
    input({ version: { text: `v1.${minor}.1-eks-1`, minor, known: true }, settings });
  const verdict = (rule: string, given: EvaluationInput) => {
    const { status, audit } = finding(rule, given);
    return [status, audit];
  };
  const webhook = { 'authentication.webhook.enabled': inFile(true), 'authorization.mode': inFile('Webhook') };
  assert.deepEqual(verdict('authorization-mode', at(32, webhook)), ['pass', 'pass']);
  assert.deepEqual(verdict('authorization-mode', at(32, { 'authorization.mode': inFile('Webhook') })), [
    'pass',
    'fail',
  ]);
  assert.deepEqual(verdict('authorization-mode', at(34, { 'authorization.mode': inFile('Webhook') })), [
    'pass',
    'pass',
  ]);
  assert.deepEqual(verdict('authorization-mode', at(34)), ['pass', 'fail'], '2.0.0 wants Webhook by name');
  const gate = { featureGates: inFile({ RotateKubeletServerCertificate: true }) };
  const bootstrap = { serverTLSBootstrap: inFile(true) };
  assert.deepEqual(verdict('rotate-server-certificate', at(32, gate)), ['pass', 'pass']);
  assert.deepEqual(verdict('rotate-server-certificate', at(32, bootstrap)), ['pass', 'fail']);
  assert.deepEqual(verdict('rotate-server-certificate', at(34, gate)), ['fail', 'fail'], '2.0.0 wants both');
  assert.deepEqual(verdict('rotate-server-certificate', at(34, bootstrap)), ['pass', 'fail']);
  assert.deepEqual(verdict('rotate-server-certificate', at(34, { ...gate, ...bootstrap })), ['pass', 'pass']);
});

test('the STIG judges beside the other benchmarks, by its own procedures', () => {
  const both = { benchmarks: ['auto', 'disa-kubernetes-stig-v2r6'] };
  const closed = finding(
    'read-only-port',
    input({
      kubelet: { argv: ['--read-only-port=0', '--config=/c'] },
      settings: { readOnlyPort: byFlag(0, '--read-only-port=0') },
    }),
    both,
  );
  assert.deepEqual([closed.status, closed.audit], ['pass', 'pass']);
  assert.deepEqual(closed.controls.at(-1), {
    benchmark: 'disa-kubernetes-stig-v2r6',
    control: 'V-242387',
    audit: 'fail',
  });
  const serving = finding(
    'tls-serving-certificate',
    input({ settings: { tlsCertFile: inFile('/s.crt'), tlsPrivateKeyFile: inFile('/s.key') } }),
    both,
  );
  assert.deepEqual(
    serving.controls.map(({ control }) => control),
    ['4.2.9', 'V-242424', 'V-242425'],
  );
  assert.ok(
    serving.controls.every(({ audit }) => audit === undefined),
    'all pass',
  );
  assert.ok(!names(evaluate(input({}), { benchmarks: ['disa-kubernetes-stig-v2r6'] })).includes('pod-pids-limit'));
});

test('what no CIS benchmark asks for is judged with every one, also where the STIG asks for it', () => {
  assert.deepEqual(finding('static-pods', input(eks)).controls, []);
  const asked = finding('static-pods', input(eks), { benchmarks: ['auto', 'disa-kubernetes-stig-v2r6'] });
  assert.deepEqual(asked.controls, [{ benchmark: 'disa-kubernetes-stig-v2r6', control: 'V-242397' }]);
});

test('OpenShift is judged by its own benchmark', () => {
  const given = input({
    evidence: { os: { id: 'rhcos' } },
    version: { text: 'v1.31.8+6d1b1ab', minor: 31, known: true },
  });
  assert.deepEqual(finding('anonymous-auth', given).controls, [{ benchmark: 'cis-openshift-1.9.0', control: '4.2.2' }]);
  assert.match(automaticBenchmark(given)?.reason ?? '', /on OpenShift/);
  assert.equal(automaticBenchmark({ ...given, kubelets: [] }), undefined);
});

test('a rule that no chosen benchmark has takes its mode from the newest that has it', () => {
  const given = {
    kubelet: { files: [{ path: '/k', role: 'service', state: 'file', mode: '644', uid: 0, gid: 0 }] },
  } satisfies Case;
  const found = finding('kubelet-service-permissions', input({ ...eks, ...given }), {
    rules: ['kubelet-service-permissions'],
  });
  assert.match(found.reason, /at most 600/);
  assert.deepEqual(found.controls, []);
});

test('without rehearsing, what looks ahead is judged only by its name', () => {
  const names = (options: EvaluationOptions) => evaluate(input(node()), options).map(({ rule }) => rule);
  assert.ok(names({}).includes('next-version'));
  assert.ok(!names({ rehearse: false }).includes('next-version'));
  assert.deepEqual(names({ rehearse: false, rules: ['next-version'] }), ['next-version']);
});

test('expiryDays reaches the rule, 30 by default', () => {
  const given = { kubelet: certificate(-330, 35) };
  assert.equal(finding('client-certificate-expiry', input(given)).status, 'pass');
  assert.equal(finding('client-certificate-expiry', input(given), { expiryDays: 40 }).status, 'fail');
});

test('of two kubelets the worst verdict wins and names its process', () => {
  const found = finding(
    'anonymous-auth',
    input({}, { settings: { 'authentication.anonymous.enabled': byFlag(true, '--anonymous-auth') } }),
  );
  assert.equal(found.status, 'fail');
  assert.match(found.reason, /^Kubelet process 101: authentication\.anonymous\.enabled is true from flag/);
});

test('of two kubelets the advisories of the other one are kept', () => {
  const found = finding('rotate-client-certificates', input({}, { settings: { rotateCertificates: inFile(false) } }));
  assert.equal(found.status, 'fail');
  assert.match(found.reason, /^Kubelet process 101/);
  assert.deepEqual(
    found.advisories.map(({ id }) => id),
    ['unset-means-off'],
  );
  assert.match(found.advisories[0]?.text ?? '', /^Kubelet process 100: /);
});

test('of two kubelets one advisory that both have is told once', () => {
  const of = (days: number): Case => ({ kubelet: certificate(-1, days) });
  const { advisories } = finding('rotate-client-certificates', input(of(100), of(200)));
  assert.deepEqual(
    advisories.map(({ id }) => id),
    ['unset-means-off'],
  );
});

test('of two kubelets with one reason an advisory of the second is not lost', () => {
  const of = (changedAfterStart: string[]): Case => ({ settings: { readOnlyPort: inFile(0) }, changedAfterStart });
  const found = finding('read-only-port', input(of([]), of(['/etc/k.yaml'])));
  assert.deepEqual(
    found.advisories.map(({ id }) => id),
    ['changed-after-start'],
  );
});

test('two kubelets that agree are told as one', () => {
  assert.match(finding('anonymous-auth', input({}, {})).reason, /^authentication\.anonymous\.enabled is false/);
});

test('a failure outweighs an error, an error a pass', () => {
  const failing: Case = { settings: { readOnlyPort: inFile(10255) } };
  const broken: Case = { error: 'unknown flag: --x' };
  assert.equal(finding('read-only-port', input(broken, failing)).status, 'fail');
  assert.equal(finding('read-only-port', input({}, broken)).status, 'error');
});

test('what else fails or could not be read on another kubelet does not hide behind the worst', () => {
  const failing = (where: string): Case => ({ settings: { readOnlyPort: byFlag(10255, where) } });
  const found = finding(
    'read-only-port',
    input(failing('--read-only-port=10255'), failing('--read_only_port=10255'), { error: 'unknown flag: --x' }, {}),
  );
  assert.match(found.reason, /^Kubelet process 100: .*--read-only-port/);
  const [second, third, ...more] = found.advisories;
  assert.deepEqual([second?.id, third?.id, more], ['other-kubelet', 'other-kubelet', []]);
  assert.match(
    second?.text ?? '',
    /^Kubelet process 101: fail: .*--read_only_port=10255\. 1\. First move .* 2\. Remove `--read_only_port=10255`/,
  );
  assert.match(
    third?.text ?? '',
    /^Kubelet process 102: error: Not judged because of what the rule kubelet-restart tells/,
  );
});

test('of many kubelets that fail the first are told beside the worst', () => {
  const failing: Case = { settings: { readOnlyPort: inFile(10255) } };
  const found = finding('read-only-port', input(...Array.from({ length: 9 }, () => failing), {}));
  assert.deepEqual(
    found.advisories.map(({ text }) => text.slice(0, 20)),
    [1, 2, 3, 4, 5].map((index) => `Kubelet process 10${index}:`),
  );
});

for (const host of ['k3s', 'microk8s'] as const) {
  test(`${host} embeds its kubelet: everything is for a person to look at, nothing passes`, () => {
    const all = evaluate(input({ settings: { rotateCertificates: inFile(true) }, kubelet: { host } }));
    // What rests on no argument is judged all the same.
    const others = new Set(rules.filter(({ withoutArguments }) => withoutArguments).map(({ name }) => name));
    assert.ok(others.has('command-line-files'));
    assert.equal(all.find(({ rule }) => rule === 'node-clock')?.status, 'pass');
    const bySettings = new Set(rules.filter(({ check }) => check.restsOn !== 'files').map(({ name }) => name));
    const findings = all.filter(({ rule }) => !others.has(rule) && bySettings.has(rule));
    assert.deepEqual(new Set(findings.map(({ status }) => status)), new Set(['manual']));
    for (const { reason, remediation, audit } of findings) {
      assert.match(reason, /^(k3s|MicroK8s) hides its kubelet's arguments, so a person must check that /);
      assert.match(inOneLine(remediation ?? []), /Look at .*configz/);
      assert.equal(audit, undefined);
    }
  });
}

/** A kubelet some of whose arguments nothing shows, with what the collector saw of its certificates. */
const hidden = (given: Case): EvaluationInput => input({ ...given, kubelet: { host: 'k3s', ...given.kubelet } });

test('what needs no argument is judged by what was seen, and is for a person where an argument may be the reason', () => {
  const ca = { path: '/a.crt', of: 'kubeconfig' as const, notBefore: NOW - 86_400, notAfter: NOW + 9_000 * 86_400 };
  const seen = hidden({ kubelet: { ...certificate(-10, 355), authorities: [ca] } });
  const nothing = hidden({ credentials: { kind: 'none' } });
  const refused = hidden({ error: 'unknown flag: --x', kubelet: { authorities: [ca] } });
  for (const rule of ['client-certificate-expiry', 'trusted-authority-expiry']) {
    assert.equal(finding(rule, seen).status, 'pass', rule);
    for (const given of [nothing, refused]) assert.equal(finding(rule, given).status, 'manual', rule);
  }
  assert.equal(finding('client-certificate-expiry', hidden({ kubelet: certificate(-364, 1) })).status, 'fail');
  const undated = { path: '/a.crt', of: 'kubeconfig' as const, problem: 'it could not be read' };
  const unread = hidden({ kubelet: { clientCertificates: [undated], authorities: [undated] } });
  assert.equal(finding('client-certificate-expiry', unread).status, 'error');
  assert.equal(finding('trusted-authority-expiry', unread).status, 'error');
  // 1.32, long after its end.
  for (const given of [nothing, refused]) assert.equal(finding('supported-version', given).status, 'fail');
});

test('files that changed after the start are told once, those of arguments among them', () => {
  const list: FileEvidence = {
    path: '/etc/rancher/k3s/config.yaml',
    role: 'environment',
    state: 'file',
    modifiedAt: NOW,
  };
  const given = hidden({
    settings: { readOnlyPort: inFile(10255) },
    changedAfterStart: ['/etc/a.conf'],
    kubelet: { files: [list], startedAt: NOW - 60 },
  });
  assert.deepEqual(
    finding('read-only-port', given).advisories.map(({ id, text }) => [id, text.replace(/ changed after .*/, '')]),
    [['changed-after-start', '/etc/a.conf, /etc/rancher/k3s/config.yaml']],
  );
});

test('a file that could not be looked at is an error, which no argument changes', () => {
  const file: FileEvidence = { path: '/etc/k.conf', role: 'drop-in', state: 'file' };
  assert.equal(finding('kubelet-config-permissions', hidden({ kubelet: { files: [file] } })).status, 'error');
});

test('MicroK8s starts its kubelet with the lines of a file: where they are known, it is judged', () => {
  const statusWith = (list: Partial<FileEvidence>, startedAt?: number) => {
    const path = '/var/snap/microk8s/current/args/kubelet';
    const files: FileEvidence[] = [{ path, role: 'environment', state: 'file', modifiedAt: NOW - 60, ...list }];
    const started = startedAt === undefined ? {} : { startedAt };
    return finding('anonymous-auth', input({ legacy: true, kubelet: { host: 'microk8s', files, ...started } })).status;
  };
  assert.equal(statusWith({}), 'fail');
  assert.equal(statusWith({}, NOW), 'fail');
  assert.equal(statusWith({}, NOW - 120), 'manual', 'the file is newer than the process');
  assert.equal(statusWith({ state: 'unreadable' }), 'manual');
  assert.equal(statusWith({ path: '/var/snap/microk8s/current/args/kube-proxy' }), 'manual');
});

test('a node without a kubelet has no findings', () => {
  assert.deepEqual(evaluate({ ...input({}), kubelets: [] }), []);
});

test('a waived finding stays as it is and says who accepted it', () => {
  const waiver = {
    rule: 'read-only-port',
    nodes: { cluster: ['dev-*'] },
    reason: 'r',
    owner: 'o',
    until: '2026-12-01',
    line: 1,
  };
  const given = input({ legacy: true });
  const found = finding('read-only-port', given, { waivers: [waiver], node: { id: 'i-1', cluster: 'dev-1' } });
  assert.equal(found.status, 'fail');
  assert.deepEqual(found.waiver, { reason: 'r', owner: 'o', until: '2026-12-01' });
  assert.equal(
    finding('anonymous-auth', given, { waivers: [waiver], node: { id: 'i-1', cluster: 'dev-1' } }).waiver,
    undefined,
  );
  assert.equal(finding('read-only-port', given, { waivers: [waiver] }).waiver, undefined, 'no cluster, no match');
  const byId = { ...waiver, nodes: { id: ['i-1'] } };
  assert.ok(finding('read-only-port', given, { waivers: [byId], node: { id: 'i-1' } }).waiver);
});

test('findings are plain JSON and the same for the same input', () => {
  const given = input({ kubelet: certificate(-330, 35) });
  const findings = evaluate(given);
  assert.deepEqual(JSON.parse(JSON.stringify(findings)), findings);
  assert.deepEqual(evaluate(structuredClone(given)), findings);
});

test('a kubelet without a config file fails what no flag says: anonymous requests, authorization, read-only port', () => {
  const findings = evaluate(input({ legacy: true }));
  const failed = findings.filter(({ status }) => status === 'fail').map(({ rule }) => rule);
  for (const rule of ['anonymous-auth', 'authorization-mode', 'read-only-port']) assert.ok(failed.includes(rule), rule);
});

test('on Windows rules that are for Linux nodes do not apply and say why, and no procedure of a benchmark has a word', () => {
  const { kubelet, os } = NODES['eks-windows'] ?? assert.fail();
  const process = { ...kubelet, argv: [...kubelet.argv, '--anonymous-auth=true'] };
  const evidence: Evidence = { ...node().evidence, os, kubelets: [process] };
  const of = evaluate(
    { evidence, kubelets: [{ process, configuration: derive(process) }], tags: {}, now: NOW },
    { benchmarks: ['cis-kubernetes-1.11'], rules: rules.map(({ name }) => name) },
  );
  const words = (name: string) => of.find(({ rule }) => rule === name) ?? assert.fail(name);
  const linux = rules.filter(({ linuxOnly, check }) => linuxOnly !== undefined || check.restsOn === 'files');
  assert.ok(linux.length > 15);
  for (const { name } of linux) {
    assert.equal(words(name).status, 'not-applicable', name);
    assert.match(words(name).reason, /for Linux nodes/);
  }
  assert.match(words('kubelet-config-permissions').reason, /kubelet-config\.json is owned by Administrators/);
  for (const { rule, audit, controls } of of) {
    assert.ok(audit === undefined && controls.every((each) => each.audit === undefined), rule);
  }
  assert.equal(words('anonymous-auth').status, 'fail');
  assert.equal(words('rotate-client-certificates').status, 'not-applicable');
  assert.equal(words('supported-version').status, 'pass');
  assert.equal(words('next-version').status, 'pass');
});

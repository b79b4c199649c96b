import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { checkCommand } from '../../cli/check.ts';
import { keptSettings } from '../../lambda/kubelet/configuration.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import schema from '../../lambda/results/schemas/node-line.schema.json' with { type: 'json' };
import { rootOf } from '../../simulator/fleet/kinds.ts';
import * as kinds from '../../simulator/fleet/node-types.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { capture } from './capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-check-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function check(...args: string[]) {
  const to = capture();
  const code = await checkCommand(args, to);
  return { code, ...to };
}

const { eksAl2023, eksAl2, eksUbuntu, kubeadm, kops, bottlerocket, rke2, microk8s, hyperkube } = kinds;
const nodes = { eksAl2023, eksAl2, eksUbuntu, kubeadm, kops, bottlerocket, rke2, microk8s, hyperkube };

const validate = addFormats.default(new Ajv2020({ strict: false })).compile(schema);

for (const [name, expected] of Object.entries(nodes)) {
  test(`check --root reads ${name} as its kubelet does`, async () => {
    const root = join(folder, name);
    writeRoot(root, rootOf(expected, {}));
    const { code, stdout, stderr } = await check('--root', root, '--json');
    assert.equal(code, 0, stderr);
    const line: NodeLine = JSON.parse(stdout);
    const derived = derive(expected);
    assert.ok(derived.starts === true, JSON.stringify(derived));
    assert.equal(line.coverage, 'evaluated');
    assert.equal(line.kubelet?.version, expected.version);
    const told = JSON.stringify(line.kubelet?.settings);
    const settings = JSON.parse(told, (key, value) => (key === 'place' ? undefined : value));
    assert.deepEqual(settings, JSON.parse(JSON.stringify(keptSettings(derived.settings))));
    assert.match(told, /"place":"(?:line \d+ of|argument) /);
    assert.ok(line.findings.some(({ controls }) => controls.some(({ control }) => control === '4.2.11')));
    assert.ok(validate(line), JSON.stringify(validate.errors?.slice(0, 3)));
    assert.ok(!/secret-token|c2VjcmV0/.test(stdout));
  });
}

/** The root of a node whose flag turns rotation off. */
const unrotated = () => written({ ...kubeadm, argv: [...kubeadm.argv, '--rotate-certificates=false'] });

/** That of one whose kubelet refuses its config file. */
function broken(): string {
  const text = 'kind: KubeletConfiguration\napiVersion: x\n';
  return written({ ...kubeadm, files: [kinds.configFile('/var/lib/kubelet/config.yaml', text)] });
}

/** That of one without a kubelet. */
function empty(): string {
  const root = mkdtempSync(join(folder, 'empty-'));
  mkdirSync(join(root, 'proc'));
  return root;
}

function written(process: KubeletProcess): string {
  const root = mkdtempSync(join(folder, 'root-'));
  writeRoot(root, rootOf(process, {}));
  return root;
}

test('k3s hides its arguments: what those that were seen do not decide is for a person to look at', async () => {
  const root = join(folder, 'k3s');
  writeRoot(root, rootOf(kinds.k3s, {}));
  const line: NodeLine = JSON.parse((await check('--root', root, '--json')).stdout);
  const status = (name: string) => line.findings.find(({ rule }) => rule === name)?.status;
  assert.equal(status('anonymous-auth'), 'manual');
  assert.equal(status('authorization-mode'), 'manual');
  assert.equal(line.kubelet?.settings, undefined);
});

test('for people, check says why and what to do', async () => {
  const root = unrotated();
  const { code, stdout } = await check('--root', root, '--rule', 'rotate-client-certificates', '--fail-on', 'fail');
  assert.equal(code, 1);
  assert.match(stdout, /^kubelet v1\.31\.4 on /);
  assert.match(stdout, /FAIL rotate-client-certificates \(.*cis-kubernetes-1\.5\.1\/4\.2\.11\)/);
  assert.match(stdout, /false from flag --rotate-certificates=false/);
  assert.match(stdout, /Remove `--rotate-certificates=false`/);
  assert.match(stdout, /\n\n1 fail\.\n$/);
  // A kubeconfig of which nothing can be told.
  writeFileSync(join(root, 'etc/kubernetes/kubelet.conf'), 'a: &b c\n');
  const all = (await check('--root', root)).stdout;
  const statuses = [...all.matchAll(/^[A-Z-]+(?= [a-z])/gm)].map(([status]) => status);
  assert.deepEqual(
    [...new Set(statuses)],
    ['FAIL', 'ERROR', 'MANUAL', 'PASS', 'NOT-APPLICABLE'],
    'the most urgent first',
  );
  assert.match(all, /^\d+ fail, \d+ error, \d+ manual, \d+ pass, \d+ not-applicable\.$/m);
  const other = await check('--root', root, '--rule', 'cis-kubernetes-1.5.1/4.2.11', '--json');
  assert.deepEqual(
    JSON.parse(other.stdout).findings.map(({ rule }: { rule: string }) => rule),
    ['rotate-client-certificates'],
  );
});

test('a node without a kubelet is no pass: nothing was judged, whatever was looked for', async () => {
  const root = empty();
  for (const failOn of ['fail', 'automated', 'unreachable', 'any', undefined]) {
    const { code, stdout } = await check('--root', root, ...(failOn ? ['--fail-on', failOn] : []));
    assert.equal(code, 2, failOn);
    assert.match(stdout, /^no-kubelet: /);
  }
});

test('--format writes for programs, and exit codes stay', async () => {
  const root = unrotated();
  const args = ['--root', root, '--rule', 'rotate-client-certificates', '--fail-on', 'high'];
  for (const [format, expected] of [
    ['junit', /<failure type="fail" message="rotateCertificates is false from flag --rotate-certificates=false/],
    ['sarif', /"ruleId": "rotate-client-certificates"/],
    ['md', /^## kubevigil: .*\n\n\*\*Fails\*\*: 1 fail /],
    ['json', /"rule": "rotate-client-certificates"/],
  ] as const) {
    const { code, stdout, stderr } = await check(...args, '--format', format);
    assert.deepEqual([code, stderr], [1, ''], format);
    assert.match(stdout, expected);
  }
});

test('a root may be named from where one is', async () => {
  writeRoot(join(folder, 'from here'), rootOf(kubeadm, {}));
  const root = relative(process.cwd(), join(folder, 'from here'));
  assert.equal((await check('--root', `${root}/`, '--rule', 'anonymous-auth')).code, 0);
});

test('what the collector could not read is told beside the verdicts', async () => {
  const root = join(folder, 'noted');
  const process = { name: 'kubelet', exe: '/usr/bin/kubelet', startedAt: 1_763_000_000 };
  const script = ['/bin/sh', '/usr/local/bin/kubelet'];
  writeRoot(root, {
    os: { id: 'ubuntu' },
    processes: [
      { ...process, pid: 40, argv: ['/usr/bin/kubelet'] },
      { ...process, pid: 41, argv: script },
    ],
    files: {},
  });
  const line: NodeLine = JSON.parse((await check('--root', root, '--json')).stdout);
  assert.equal(line.coverage, 'evaluated');
  assert.deepEqual(line.notes, [
    'process 41 (kubelet) is a script, not a kubelet',
    "the kubelet's version is not known: the rules of 1.37 were used",
    'what installed this node is not known: it is judged as far as what was seen on it is certain, and advice names nothing else',
  ]);
  assert.ok(validate(line), JSON.stringify(validate.errors));
});

test('--fail-on any is content with nothing that could be a failure: neither an error nor a node without answer', async () => {
  const root = broken();
  const code = async (failOn: string) =>
    (await check('--root', root, '--rule', 'rotate-client-certificates', '--fail-on', failOn)).code;
  assert.deepEqual([await code('fail'), await code('unreachable'), await code('any')], [0, 0, 1]);
});

test('what one cause keeps from being judged is told once', async () => {
  const { stdout: text } = await check('--root', broken());
  assert.match(text, /^ERROR \d\d rules not judged, because:$/m);
  assert.equal(text.match(/Not judged because of what the rule kubelet-restart tells/g)?.length, 1);
  assert.match(text, /^ {2}rules {9} .*anonymous-auth, /m);
});

test('what a person can get wrong is one clear line and exit code 2', async (t) => {
  const [whole, bare] = [written(kubeadm), empty()];
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'bare'));
  const cases: [string, string[], RegExp][] = [
    ['a wrong flag', ['--rot'], /Unknown option '--rot'/],
    ['a root that is not there', ['--root', join(folder, 'nowhere')], /nowhere is not a directory/],
    ['a root that is a file', ['--root', join(folder, 'file')], /file is not a directory/],
    ['a root without processes', ['--root', join(folder, 'bare')], /has no proc directory/],
    ['an unknown benchmark', ['--root', whole, '--benchmark', 'cis-x'], /cis-x/],
    ['an ambiguous control', ['--root', whole, '--rule', '4.2.11'], /write it as <benchmark>\/4\.2\.11/],
    ['an unknown rule where no kubelet runs', ['--root', bare, '--rule', 'no-such-rule'], /no-such-rule/],
    ['an unknown benchmark there', ['--root', bare, '--benchmark', ''], /--benchmark expects auto or/],
    [
      'an unknown format',
      ['--format', 'juint'],
      /--format expects one of json, junit, md, sarif, got "juint"; did you mean junit\?/,
    ],
    ['two formats', ['--format', 'md', '--json'], /--json is --format json: give one of them/],
    ['a format for people by control', ['--format', 'md', '--by', 'control'], /--by control is for people/],
    ['an unknown thing to fail on', ['--fail-on', 'x'], /--fail-on expects one of/],
  ];
  for (const [name, args, expected] of cases) {
    await t.test(name, async () => {
      const { code, stdout, stderr } = await check(...args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, expected);
      assert.equal(stderr.trim().split('\n').length, 1);
    });
  }
  assert.match((await check('--help')).stdout, /--root DIR/);
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { explainCommand } from '../../cli/explain.ts';
import { saying, scanned } from './scanned.ts';

const { folder, out } = scanned();
const run = saying(explainCommand);

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${text}`);
  return path;
}

test('a setting of a node of an archive, layer by layer', async () => {
  const { code, out: page } = await run('i-008c4f1a9d2e7b630', 'rotatecertificates', '--archive', out);
  assert.equal(code, 0);
  assert.equal(
    page.replace(/process \d+/, 'process 1').replaceAll(/line \d+/g, 'line 1'),
    [
      'kubelet v1.31.6, process 1',
      '',
      'rotateCertificates is false by drop-in /etc/kubernetes/kubelet.conf.d/90-hotfix.conf',
      '  overridden  true from line 1 of /var/lib/kubelet/config.yaml: a drop-in overrides the config file',
      '  wins        false from line 1 of /etc/kubernetes/kubelet.conf.d/90-hotfix.conf',
      '',
    ].join('\n'),
  );
});

test('files that are nowhere yet, and what of them is not read', async () => {
  const config = file('config.yaml', 'ReadOnlyPort: 10255\nmaxPods: 20\n');
  const given = [
    '--config',
    config,
    '--drop-in',
    file('10.conf', 'maxPods: 30\n'),
    '--drop-in',
    file('20.yaml', 'maxPods: 40\n'),
  ];
  const { code, out: page } = await run(...given, '--args', '--max-pods=50', '--kubelet', '1.34.1');
  assert.equal(code, 0);
  assert.match(page, /^kubelet v1\.34\.1\n/);
  assert.match(page, /\nmaxPods is 50 by flag --max-pods=50; the default is 110\n {2}overridden {2}20 from line 4 of /);
  assert.match(
    page,
    /\nWritten, and not read:\n {2}ReadOnlyPort, line 3 of .*: the kubelet reads readOnlyPort, and names/s,
  );
  assert.match(page, /20\.yaml: only files whose names end with \.conf are drop-ins/s);
});

test('as JSON', async () => {
  const { code, out: text } = await run('maxPods', '--args', '--max-pods=50', '--json');
  assert.equal(code, 0);
  const [{ settings, ignored }] = JSON.parse(text);
  assert.deepEqual(ignored, []);
  assert.equal(settings[0].layers[0].effect, 'wins');
  assert.deepEqual([settings[0].value, settings[0].default], [50, 110]);
});

test('input that starts nothing says so', async () => {
  const { out: page } = await run('--args', '--nope');
  assert.match(page, /It would not start with this input: failed to parse kubelet flag: unknown flag: --nope/);
});

for (const [name, args, message] of [
  ['no node', ['--archive', out], /expected a node and at most one setting/],
  ['a node that there is not', ['i-9', '--archive', out], /scan \S+ has no node i-9/],
  ['a node without an answer', ['i-00cc4f1a9d2e7b630', '--archive', out], /gave no answer: No SSM agent/],
  ['a node without a kubelet', ['i-00ec4f1a9d2e7b630', '--archive', out], /no kubelet was found on i-00ec/],
  [
    'a setting that there is not',
    ['maxPod', '--args', '--v=2'],
    /1\.37 has no setting "maxPod"; did you mean maxPods\?/,
  ],
  ['no version', ['--args', '--v=2', '--kubelet', 'latest'], /--kubelet expects a version such as 1\.37, got "latest"/],
  ['two sources', ['--root', '/', '--args', '--v=2'], /expected one setting beside --root, or beside files/],
  [
    'a file that is not there',
    ['--config', '/nonexistent/c'],
    /--config \/nonexistent\/c: there is no such file .*ENOENT/,
  ],
] as [string, string[], RegExp][]) {
  test(`${name} is one clear line and exit code 2`, async () => {
    const { code, out: page, err } = await run(...args);
    assert.deepEqual([code, page], [2, '']);
    assert.match(err, message);
    assert.match(err, /^[^\n]+\n$/);
  });
}

/** Which files the collector looks at because a unit names them: environment files, programs, and the scripts of shells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubelet, node } from './kubelets.ts';
import { evidenceOf, rootOf, runs } from './runs.ts';

test('environment files and programs that a unit names are looked at, with the folders on their way', async () => {
  const files = {
    '/etc/systemd/system/kubelet.service':
      '[Service]\nEnvironmentFile=/etc/gone\nEnvironmentFile=\nEnvironmentFile=-/etc/default/kubelet*\nExecStart=\nExecStart=-/opt/wrapper $ARGS\nExecStartPre=/opt/gone\nExecStartPre=\nExecStartPre=-/opt/first x\nExecStopPost=+/opt/last\n[Install]\nExecStart=/no\n',
    '/etc/default/kubelet': { text: 'ARGS="--config=/c --rotate-certificates"\nexport ARGS=--v=4\n', mode: '666' },
    '/etc/default/kubelet-extra': 'X=--v=2\n',
    '/opt/wrapper': { text: '#!/bin/sh\n', mode: '755' },
    '/opt/first': { text: '#!/bin/sh\n', mode: '777' },
    // A plugin by its name is the first of the path, one with a slash lies beside its kubeconfig.
    '/etc/kubeconfig': `users:\n- name: a\n  user:\n    exec: {command: plugin}\n- name: b\n  user: {exec: {command: bin/login}}\n`,
    '/usr/bin/plugin': { text: '', mode: '755' },
    '/bin/plugin': { text: '', mode: '755' },
    '/etc/bin/login': { text: '', mode: '755' },
  };
  const args = ['--kubeconfig=/etc/kubeconfig'];
  const { kubelets } = await evidenceOf(rootOf(node([kubelet(args, { unit: 'kubelet.service' })], files)));
  const seen = (role: string) =>
    kubelets[0]?.files.filter((one) => one.role === role).map(({ path, mode }) => [path, mode]);
  assert.deepEqual(seen('environment'), [
    ['/etc/default/kubelet', '666'],
    ['/etc/default/kubelet-extra', '644'],
  ]);
  assert.deepEqual(seen('program'), [
    ['/usr/bin/kubelet', '755'],
    ['/usr/bin/plugin', '755'],
    ['/etc/bin/login', '755'],
    ['/opt/wrapper', '755'],
    ['/opt/first', '777'],
    ['/opt/last', undefined],
  ]);
  const folders = seen('folder')?.map(([path]) => path) ?? [];
  for (const path of ['/etc/systemd/system', '/etc/systemd', '/etc', '/etc/default', '/opt'])
    assert.ok(folders.includes(path), path);
  const flags = kubelets[0]?.files.find(({ path }) => path === '/etc/default/kubelet')?.flags;
  assert.deepEqual(flags, [
    { name: 'config', line: 1 },
    { name: 'rotate-certificates', line: 1 },
  ]);
});

test("a unit's specifiers and blanks name the files that systemd reads, and what cannot be told is told as unread", async () => {
  const many = Array.from({ length: 21 }, (_, at) => `/m/${at + 10}`);
  const cases: [path: string, read: string[], unread: string[]][] = [
    ['/a/%p', ['/a/kubelet'], []],
    ['%E/%N', ['/etc/kubelet@blue'], []],
    ['/b/%i', ['/b/blue'], []],
    ['-/c/%n', ['/c/kubelet@blue.service'], []],
    ['/d/50%%', [], ['/d/50?']],
    // The machine's name is not known where the unit is read.
    ['/e/%H/kubelet', ['/e/one/kubelet', '/e/two/kubelet'], []],
    ['/f/a b', [], ['/f/a?b']],
    ['/g/gone %p', [], []],
    // What brings a slash with it, and what only systemd knows.
    ['-%d/env', [], ['/*d/env']],
    ['/h%f.env', [], ['/*/hf.env']],
    // Somebody may have made many.
    ['/m/*', many.slice(0, 20), ['/m/*']],
  ];
  const names = ['a/kubelet', 'etc/kubelet@blue', 'b/blue', 'b/%i', 'c/kubelet@blue.service', 'd/50%', 'e/one/kubelet'];
  const files = Object.fromEntries(
    [...names.map((name) => `/${name}`), '/e/two/kubelet', '/f/a b', ...many].map((name) => [name, 'A=b\n']),
  );
  const lines = cases.map(([path]) => `EnvironmentFile=${path}\n`).join('');
  const unit = { '/etc/systemd/system/kubelet@.service': `[Service]\n${lines}` };
  for (const { run, options } of runs) {
    if (options.skip) continue;
    const root = rootOf(node([kubelet([], { unit: 'kubelet@blue.service' })], { ...files, ...unit }));
    const { kubelets } = await evidenceOf(root, run);
    const seen = kubelets[0]?.files.filter(({ role }) => role === 'environment') ?? [];
    const told = (state: string) => seen.filter((one) => one.state === state).map(({ path }) => path);
    assert.deepEqual(told('file').sort(), cases.flatMap(([, read]) => read).sort());
    assert.deepEqual(told('unreadable').sort(), cases.flatMap(([, , unread]) => unread).sort());
  }
});

test('every program that a line of commands starts is looked at', async () => {
  const cases: [line: string, programs: string[]][] = [
    ['/bin/true ; -/a/second "x y"', ['/bin/true', '/a/second']],
    ['/usr/bin/bash -e /b/script.sh /b/argument', ['/usr/bin/bash', '/b/script.sh']],
    ['/usr/bin/env -i A=b sh /c/script', ['/usr/bin/env', '/usr/bin/sh', '/c/script']],
    [`/bin/sh -c 'test -f /d/file || A=b exec "/d/hook" >/d/log; /d/last'`, ['/bin/sh', '/d/hook', '/d/last']],
    ['"/e/with blank" x', ['/e/with?blank?']],
    ['/f/u\\x2fhook', ['/f/u*x2fhook?']],
    ['%y/hook', ['/*y/hook?']],
    ['hook', ['/usr/local/bin/hook']],
  ];
  const there = ['/usr/bin/sh', '/e/with blank', '/usr/local/bin/hook', '/usr/bin/hook'];
  const files = Object.fromEntries(there.map((path) => [path, { text: '', mode: '755' }]));
  const lines = cases.map(([line]) => `ExecStartPre=${line}\n`).join('');
  const unit = { '/etc/systemd/system/kubelet.service': `[Service]\n${lines}` };
  for (const { run, options } of runs) {
    if (options.skip) continue;
    const { kubelets } = await evidenceOf(
      rootOf(node([kubelet([], { unit: 'kubelet.service' })], { ...files, ...unit })),
      run,
    );
    const seen = kubelets[0]?.files.filter(({ role }) => role === 'program') ?? [];
    const told = seen.map(({ path, state }) => (state === 'unreadable' ? `${path}?` : path));
    assert.deepEqual(
      told.filter((path) => path !== '/usr/bin/kubelet').sort(),
      cases.flatMap(([, programs]) => programs).sort(),
    );
  }
});

test('files that are left out because there are too many are told as unread', async () => {
  const unit = Array.from({ length: 405 }, (_, at) => `EnvironmentFile=/e/${at}\n`).join('');
  const files = { '/etc/systemd/system/kubelet.service': `[Service]\n${unit}` };
  const { kubelets, notes } = await evidenceOf(rootOf(node([kubelet([], { unit: 'kubelet.service' })], files)));
  assert.ok(kubelets[0]?.files.some(({ role, state }) => role === 'environment' && state === 'unreadable'));
  assert.match(notes.join(), /names more than 400 files/);
});

test('an empty assignment undoes those before it, by the names of files, however many there are', async () => {
  const drop = (text: string) => `[Service]\n${text}\n`;
  const at = (folder: string, name: string) => `${folder}/kubelet.service.d/${name}.conf`;
  const [etc, run, lib] = ['/etc/systemd/system', '/run/systemd/system', '/usr/lib/systemd/system'];
  const files = {
    [`${lib}/kubelet.service`]: drop('EnvironmentFile=/e/unit\nExecStart=/opt/unit'),
    ...Object.fromEntries(
      Array.from({ length: 7 }, (_, each) => [at(lib, `1${each}`), drop(`EnvironmentFile=/e/1${each}`)]),
    ),
    // The folder that counts most has the name that is read last but one, and the least the last.
    [at(etc, '50')]: drop('EnvironmentFile=\nEnvironmentFile = -/e/50\nExecStart=\nExecStart=@"/opt/50" kubelet'),
    [at(run, '20')]: drop('EnvironmentFile=/e/20\nExecStart=/opt/20'),
    [at(lib, '60')]: drop('EnvironmentFile=\\\n# not this\n  /e/60\n[Unit]\nEnvironmentFile='),
  };
  for (const { run, options } of runs) {
    if (options.skip) continue;
    const { kubelets } = await evidenceOf(rootOf(node([kubelet([], { unit: 'kubelet.service' })], files)), run);
    const seen = (role: string) => kubelets[0]?.files.filter((one) => one.role === role).map(({ path }) => path);
    assert.deepEqual(seen('environment'), ['/e/50', '/e/60']);
    assert.deepEqual(seen('program')?.sort(), ['/opt/50', '/usr/bin/kubelet']);
  }
});

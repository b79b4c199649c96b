/**
 * What records of an answer become, and which are refused.
 * Long because the grammar of an answer is tested in one place.
 */
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { envelope } from '../../../simulator/hostile/envelope.ts';

const read = (...lines: string[]) => readAnswer(envelope(`${lines.join('\n')}\n`));

function evidence(...lines: string[]) {
  const answer = read(...lines);
  assert.ok('evidence' in answer, JSON.stringify(answer));
  return answer.evidence;
}

test('process 0 is unread where no settings stand for it', () => {
  const [kubelet] = evidence('process kubelet 0', 'arg --anonymous-auth=false').kubelets;
  assert.match(kubelet?.unread ?? '', /no settings stand for it/);
});

test('records become evidence', () => {
  const { kubelets, proxies, ...node } = evidence(
    'time 1764000000',
    'os bottlerocket 1.26.1 aws-k8s-1.31',
    'cgroup 2',
    'runtime containerd 1.7.27',
    'hostname ip-10-0-0-1',
    'address 10.0.0.1',
    'note not on this node: openssl',
    'process kubelet 912',
    'exe /usr/bin/kubelet',
    'cwd /var/lib/kubelet',
    'contained',
    'started 1763990000.25 0.030',
    'dropin-env',
    'unit kubelet.service',
    'version v1.31.6',
    'arg --config',
    'arg config/../kubelet.yaml',
    'arg ',
    'arg --node-labels=a\u0001b',
    'file config file 600 0 0 120 1763980000.125 link /var/lib/kubelet/config/../kubelet.yaml',
    'content',
    '|apiVersion: kubelet.config.k8s.io/v1beta1',
    '|',
    'file service file 644 0 0 10 1763980000 - /etc/systemd/system/kubelet.service',
    'flag 12 rotate_certificates',
    'file drop-in file - - - - - - /etc/d/big file.conf',
    'withheld larger than 262144 bytes',
    'dir directory /etc/d',
    'file kubeconfig file 600 0 0 9 1763980000 - /etc/kubernetes/kubelet.conf',
    'withheld a sign that takes a parser (line 3)',
    'certificate client-certificate /var/lib/kubelet/pki/kubelet-client-current.pem',
    'problem no certificate in it',
    'certificate serving-certificate /c.pem',
    'to 1800000000',
    'certificate authority /etc/kubernetes/kubelet.conf',
    'sha256 aa',
    'process proxy 77',
    'exe /usr/local/bin/kube-proxy',
    'cwd /',
    'contained',
    'arg --config=/var/lib/kube-proxy/config.conf',
    'file proxy-config file 644 0 0 10 1763980000 - /var/lib/kube-proxy/config.conf',
    'content',
    '|metricsBindAddress: 0.0.0.0:10249',
  );
  assert.deepEqual(node, {
    format: 2,
    collectedAt: 1764000000,
    os: { id: 'bottlerocket', version: '1.26.1', variant: 'aws-k8s-1.31' },
    cgroup: 2,
    runtime: { name: 'containerd', version: '1.7.27' },
    hostname: 'ip-10-0-0-1',
    addresses: ['10.0.0.1'],
    notes: ['not on this node: openssl'],
  });
  assert.deepEqual(kubelets, [
    {
      pid: 912,
      host: 'kubelet',
      exe: '/usr/bin/kubelet',
      cwd: '/var/lib/kubelet',
      contained: true,
      startedAt: 1763990000.25,
      startedWithin: 0.03,
      dropInEnvironment: true,
      unit: 'kubelet.service',
      version: 'v1.31.6',
      argv: ['--config', 'config/../kubelet.yaml', '', '--node-labels=a\nb'],
      files: [
        {
          path: '/var/lib/kubelet/kubelet.yaml',
          role: 'config',
          state: 'file',
          symlink: true,
          mode: '600',
          uid: 0,
          gid: 0,
          size: 120,
          modifiedAt: 1763980000.125,
          content: 'apiVersion: kubelet.config.k8s.io/v1beta1\n\n',
        },
        {
          path: '/etc/systemd/system/kubelet.service',
          role: 'service',
          state: 'file',
          mode: '644',
          uid: 0,
          gid: 0,
          size: 10,
          modifiedAt: 1763980000,
          flags: [{ name: 'rotate-certificates', line: 12 }],
        },
        { path: '/etc/d/big file.conf', role: 'drop-in', state: 'file', withheld: 'larger than 262144 bytes' },
        {
          path: '/etc/kubernetes/kubelet.conf',
          role: 'kubeconfig',
          state: 'file',
          mode: '600',
          uid: 0,
          gid: 0,
          size: 9,
          modifiedAt: 1763980000,
          withheld: 'a sign that takes a parser (line 3)',
        },
      ],
      dropInDirectories: [{ path: '/etc/d', state: 'directory' }],
      kubeconfigs: [
        {
          path: '/etc/kubernetes/kubelet.conf',
          state: 'unreadable',
          problem:
            '/etc/kubernetes/kubelet.conf cannot be read without its secrets: a sign that takes a parser (line 3)',
        },
      ],
      clientCertificates: [
        { path: '/var/lib/kubelet/pki/kubelet-client-current.pem', problem: 'no certificate in it', damaged: true },
      ],
      servingCertificates: [{ path: '/c.pem', notAfter: 1_800_000_000 }],
      authorities: [{ path: '/etc/kubernetes/kubelet.conf', of: 'kubeconfig', fingerprint: 'aa' }],
    },
  ]);
  assert.deepEqual(
    proxies.map(({ pid, argv, contained, files }) => ({ pid, argv, contained, content: files[0]?.content })),
    [
      {
        pid: 77,
        argv: ['--config=/var/lib/kube-proxy/config.conf'],
        contained: true,
        content: 'metricsBindAddress: 0.0.0.0:10249\n',
      },
    ],
  );
});

test('an empty configuration is empty, not absent', () => {
  const [kubelet] = evidence('process kubelet 1', 'file config file 644 0 0 0 1 - /c', 'content').kubelets;
  assert.equal(kubelet?.files[0]?.content, '');
});

test('counts and times are digits, and paths are written shortest', async (t) => {
  const file = (size: string, time: string, path: string) => {
    const [kubelet] = evidence('process kubelet 1', `file named file 644 0 0 ${size} ${time} - ${path}`).kubelets;
    return kubelet?.files[0];
  };
  const numbers: [string, number | undefined][] = [
    ['0', 0],
    ['007', 7],
    ['999999999999999', 999_999_999_999_999],
    ['9999999999999999', undefined],
    ['', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['٣', undefined],
  ];
  for (const [text, expected] of numbers) {
    await t.test(`${JSON.stringify(text)} → ${expected}`, () => {
      const { size, modifiedAt } = file(text, text, '/a') ?? {};
      assert.deepEqual([size, modifiedAt], [expected, expected]);
    });
  }
  assert.deepEqual(file('1', '5.25', '/a')?.modifiedAt, 5.25);
  assert.deepEqual(file('1.5', '5.', '/a'), { path: '/a', role: 'named', state: 'file', mode: '644', uid: 0, gid: 0 });
  fc.assert(
    fc.property(fc.array(fc.constantFrom('/', '.', '..', 'a', ' ', '\\', '.a')), (parts) => {
      assert.equal(file('1', '1', parts.join(''))?.path, posix.normalize(parts.join('')));
    }),
  );
});

test('lines behind bars are the text, whatever stands in them', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('|', '||', '|a', '|file x', '| b', '|\r', '', ' ')), (lines) => {
      const [kubelet] = evidence(
        'process kubelet 1',
        'file config file 644 0 0 0 1 - /c',
        'content',
        ...lines,
      ).kubelets;
      const behind = lines.flatMap((line) => (line.startsWith('|') ? `${line.slice(1)}\n` : []));
      assert.equal(kubelet?.files[0]?.content, behind.join(''));
    }),
  );
});

test('a record that is none of the format makes the whole answer bad', async (t) => {
  const cases: [string, string[], RegExp][] = [
    ['an unknown word', ['process kubelet 1', 'shell rm -rf /'], /unknown record "shell"/],
    ['a record before its process', ['arg --config=/x'], /unknown record "arg"/],
    ['content before a file', ['process kubelet 1', 'content'], /content without a file/],
    ['a line behind a bar without a record', ['|x'], /content line without a record/],
    ['a file before a process', ['file config file 644 0 0 1 1 - /c'], /file without a process/],
    ['a file of an unknown role', ['process kubelet 1', 'file shadow file 644 0 0 1 1 - /c'], /unknown form/],
    ['a file without a path', ['process kubelet 1', 'file config file 644 0 0 1 1 -'], /unknown form/],
    ['an unknown kind of process', ['process init 1'], /unknown kind "init 1"/],
    ['a process id that is no number', ['process kubelet x'], /unknown kind/],
    ['a time that is no number', ['time now'], /a number that is none: "now"/],
    [
      'a line that is no number',
      ['process kubelet 1', 'file service file 644 0 0 1 1 - /s', 'flag x v'],
      /is none: "x"/,
    ],
    ['a version of another form', ['process kubelet 1', 'version v1\u001b[31m'], /version of an unknown form/],
    [
      'a version that does not end',
      ['process kubelet 1', `version v1.${'9'.repeat(200)}`],
      /version of an unknown form/,
    ],
    ['arguments without end', ['process kubelet 1', `arg ${'x'.repeat(131_072)}`], /longer than 131072 characters/],
    ['what the collector refused', ['refused the answer would be too long'], /^the answer would be too long$/],
    ['a directory in an unknown state', ['process kubelet 1', 'dir odd /d'], /unknown state/],
    ['a process id with something behind it', ['process kubelet 1x'], /unknown kind "kubelet 1x"/],
    ['a problem without a certificate', ['process kubelet 1', 'problem x'], /an unknown record "problem"/],
    ['a certificate of another use', ['process kubelet 1', 'certificate odd /c'], /unknown use "odd \/c"/],
    [
      'too many certificates',
      ['process kubelet 1', ...Array.from({ length: 101 }, () => 'certificate client-ca /c')],
      /more than 100 certificates/,
    ],
    ['control groups of another version', ['cgroup 3'], /unknown version/],
    ['a start without its precision', ['process kubelet 1', 'started 5'], /start of an unknown form/],
    ['addresses without end', Array.from({ length: 65 }, () => 'address 10.0.0.1'), /more than 64 addresses/],
    ['too many processes', Array.from({ length: 21 }, (_, pid) => `process kubelet ${pid}`), /more than 20 processes/],
    [
      'too many files',
      ['process kubelet 1', ...Array.from({ length: 501 }, (_, n) => `file drop-in file 644 0 0 1 1 - /${n}`)],
      /more than 500 files/,
    ],
    ['too many lines', Array.from({ length: 10_001 }, () => 'note x'), /10002 lines, more than 10000/],
    ['too many arguments', Array.from({ length: 12_001 }, () => 'arg x'), /12001 arguments, more than 12000/],
  ];
  for (const [name, lines, expected] of cases) {
    await t.test(name, () => {
      const answer = read(...lines);
      assert.ok('problem' in answer);
      assert.match(answer.problem, expected);
    });
  }
});

test('what is no answer of the collector is a problem, too', () => {
  const answer = readAnswer('sh: not found');
  assert.ok('problem' in answer);
  assert.match(answer.problem, /answer/);
});

test('a kubeconfig that is not there yet is told as missing', () => {
  const answer = evidence(
    'process kubelet 1',
    'file kubeconfig missing - - - - - - /etc/kubernetes/kubelet.conf',
    'file config missing - - - - - - /etc/kubelet.yaml',
  );
  assert.deepEqual(answer.kubelets[0]?.kubeconfigs, [{ path: '/etc/kubernetes/kubelet.conf', state: 'missing' }]);
});

test('a folder in the place of a kubeconfig is refused, as client-go does', () => {
  const answer = evidence(
    'process kubelet 1',
    'file kubeconfig directory 755 0 0 4096 1 - /etc/kubernetes/kubelet.conf',
  );
  const [shape] = answer.kubelets[0]?.kubeconfigs ?? [];
  assert.equal(shape?.state, 'refused');
  assert.match(shape?.problem ?? '', /it is a directory/);
});

test('ten thousand arguments are read', () => {
  const answer = evidence('process kubelet 1', ...Array.from({ length: 10_000 }, () => 'arg --v=2'));
  assert.equal(answer.kubelets[0]?.argv.length, 10_000);
});

test('how long arguments may be is counted for each process', () => {
  const long = `arg ${'x'.repeat(70_000)}`;
  const answer = evidence('process kubelet 1', long, 'process kubelet 2', long);
  assert.deepEqual(
    answer.kubelets.map(({ argv }) => argv[0]?.length),
    [70_000, 70_000],
  );
});

test('a secret that slipped through is replaced before anything sees it', () => {
  const answer = evidence('process kubelet 1', 'arg --manifest-url=https://me:hunter2@example/x');
  assert.ok(!JSON.stringify(answer).includes('hunter2'));
});

test('names of prototypes are names like any other', () => {
  const answer = evidence('os __proto__ constructor -', 'process kubelet 1', 'arg __proto__');
  assert.deepEqual(answer.os, { id: '__proto__', version: 'constructor' });
  assert.equal(({} as Record<string, unknown>).format, undefined);
});

test('arbitrary records never throw', () => {
  const word = fc.constantFrom(
    'process',
    'file',
    'content',
    'arg',
    'kubeconfig',
    'certificate',
    'time',
    'flag',
    'dir',
    '|',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(word, fc.string())), (records) => {
      const answer = read('process kubelet 1', ...records.map(([first, rest]) => `${first} ${rest}`));
      assert.ok('problem' in answer || answer.evidence.format === 2);
    }),
  );
});

test('who may write a file of Windows is told by identifiers, and by nothing else', () => {
  const head = [
    'process kubelet 1',
    'cwd C:\\Windows\\System32',
    'file config file - - - 9 1764000000 - C:\\a b\\c.json',
  ];
  const [kubelet] = evidence(...head, 'access S-1-5-32-544 S-1-5-18 S-1-5-32-544').kubelets;
  assert.deepEqual(kubelet?.files, [
    {
      path: 'C:\\a b\\c.json',
      role: 'config',
      state: 'file',
      size: 9,
      modifiedAt: 1_764_000_000,
      access: { owner: 'S-1-5-32-544', writers: ['S-1-5-18', 'S-1-5-32-544'] },
    },
  ]);
  assert.deepEqual(evidence(...head, 'access -').kubelets[0]?.files[0]?.access, { owner: '-', writers: [] });
  for (const wrong of ['access', 'access root', 'access S-1-5-18 <b>', `access ${'S-1-5-18 '.repeat(22).trim()}`]) {
    assert.ok('problem' in read(...head, wrong), wrong);
  }
  assert.ok('problem' in read('access S-1-5-18'));
});

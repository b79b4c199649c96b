import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeconfigShape } from '../../lambda/kubelet/evidence.ts';
import { kubeconfigShape } from '../../lambda/nodes/kubeconfig.ts';

const path = '/var/lib/kubelet/kubeconfig';
const block = (...user: string[]) =>
  [
    'style: block',
    'contexts:',
    '- context:',
    '    user: "kubelet"',
    '  name: "main"',
    'current-context: "main"',
    'users:',
    '- name: "other"',
    '  user:',
    '    token: REDACTED',
    '- name: "kubelet"',
    '  user:',
    ...user.map((line) => `    ${line}`),
  ].join('\n');

test('the user of the current context decides', async (t) => {
  const cases: [string, string, Partial<KubeconfigShape>][] = [
    [
      'exec',
      block('exec:', '  command: "aws"', '  args:', '  env:', '  - name: "AWS_PROFILE"'),
      { exec: { command: 'aws' } },
    ],
    ['token', block('token: REDACTED'), { token: true }],
    ['token file', block('tokenFile: "/var/run/token"'), { tokenFile: '/var/run/token' }],
    ['certificate', block('client-certificate: "/pki/current.pem"'), { clientCertificate: '/pki/current.pem' }],
    ['embedded certificate', block('client-certificate-data: REDACTED'), { clientCertificateData: true }],
    ['basic authentication', block('username: REDACTED'), { other: 'basic authentication' }],
    ['auth provider', block('auth-provider: REDACTED'), { other: 'an auth-provider' }],
    ['nothing', block(), {}],
  ];
  for (const [name, lines, expected] of cases) {
    await t.test(name, () =>
      assert.deepEqual(kubeconfigShape(path, lines), { path, state: 'read', user: 'kubelet', ...expected }),
    );
  }
});

test('flow style is read where it leaves no doubt', () => {
  assert.deepEqual(kubeconfigShape(path, 'style: flow\nusers:\nname: "a"\nexec:\ncommand: "aws"'), {
    path,
    state: 'read',
    exec: { command: 'aws' },
  });
  assert.equal(kubeconfigShape(path, 'style: flow\ntoken: REDACTED\ntoken: REDACTED').state, 'unreadable');
});

test('what cannot be understood is a problem, never a guess', async (t) => {
  const cases: [string, string, RegExp][] = [
    ['aliases', 'style: alias\nusers:', /aliases/],
    ['no context', 'style: block\nusers:', /no current-context/],
    ['a context that is not there', 'style: block\ncurrent-context: "x"\ncontexts:', /"x" is not in it/],
    ['a user that is not there', block().replaceAll('"kubelet"\n  user', '"k"\n  user'), /is not in it/],
    ['lists where maps belong', 'style: block\nusers: "a"', /could not be understood/],
    ['broken YAML', 'style: block\n  users: [', /could not be understood/],
  ];
  for (const [name, lines, expected] of cases) {
    await t.test(name, () => {
      const shape = kubeconfigShape(path, lines);
      assert.equal(shape.state, 'unreadable');
      assert.match(shape.problem ?? '', expected);
    });
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeconfigShape } from '../../../lambda/kubelet/evidence.ts';
import { kubeconfigShape } from '../../../lambda/nodes/answer/kubeconfig.ts';

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

test('JSON is read as block style is', () => {
  const json = (user: object) =>
    `style: json\n${JSON.stringify({
      'current-context': 'main',
      contexts: [{ name: 'main', context: { user: 'kubelet' } }],
      users: [
        { name: 'other', user: { token: 'REDACTED' } },
        { name: 'kubelet', user },
      ],
    })}`;
  const read = { path, state: 'read', user: 'kubelet' };
  assert.deepEqual(kubeconfigShape(path, json({ exec: { command: 'aws' } })), { ...read, exec: { command: 'aws' } });
  assert.deepEqual(kubeconfigShape(path, json({ token: 'REDACTED' })), { ...read, token: true });
  assert.deepEqual(kubeconfigShape(path, json({})), read);
});

test('what cannot be understood is a problem, never a guess', async (t) => {
  const cases: [string, string, RegExp][] = [
    ['aliases', 'style: alias', /aliases/],
    ['another style', 'style: other', /cannot be read without its secrets/],
    ['no style', 'users:', /could not be understood/],
    ['half of JSON', 'style: json\n{"users":[', /could not be understood/],
    ['a redacted context', 'style: block\ncurrent-context: REDACTED', /"REDACTED" of .* is not in it/],
    ['a redacted path', block('client-certificate: REDACTED'), /does not send/],
    ['a redacted command', block('exec:', '  command: REDACTED'), /does not send/],
    ['a redacted user', block('token: REDACTED').replaceAll('"kubelet"', 'REDACTED'), /does not send/],
    ['no context', 'style: block\nusers:', /no current-context/],
    ['a context that is not there', 'style: block\ncurrent-context: "x"\ncontexts:', /"x" of .* is not in it/],
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

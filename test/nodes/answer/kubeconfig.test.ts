import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeconfigShape } from '../../../lambda/kubelet/evidence.ts';
import { kubeconfigShape } from '../../../lambda/nodes/answer/kubeconfig.ts';

const path = '/var/lib/kubelet/kubeconfig';
const block = (...user: string[]) =>
  [
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
    [
      'authorities',
      block().replace('    user: "kubelet"', '    user: "kubelet"\n    cluster: k') +
        '\nclusters:\n- name: k\n  cluster:\n    certificate-authority: /ca.crt\n    certificate-authority-data: REDACTED\n',
      { certificateAuthority: '/ca.crt', certificateAuthorityData: true },
    ],
  ];
  for (const [name, lines, expected] of cases) {
    await t.test(name, () =>
      assert.deepEqual(kubeconfigShape(path, lines), { path, state: 'read', user: 'kubelet', ...expected }),
    );
  }
});

test('JSON is read as block style is', () => {
  const json = (user: object) =>
    `${JSON.stringify({
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
    ['half of JSON', '{"users":[', /could not be understood/],
    ['a boolean for a name', block().replace('user: "kubelet"', 'user: n'), /the kubelet refuses .* user is bool/],
    ['a number for a token', block('token: 12'), /token is number, not a text/],
    ['a redacted context', 'current-context: REDACTED', /"REDACTED" of .* is not in it/],
    ['a redacted path', block('client-certificate: REDACTED'), /does not send/],
    ['a redacted command', block('exec:', '  command: REDACTED'), /does not send/],
    ['a redacted user', block('token: REDACTED').replaceAll('"kubelet"', 'REDACTED'), /does not send/],
    ['no context', 'users:', /no current-context/],
    ['a context that is not there', 'current-context: "x"\ncontexts:', /"x" of .* is not in it/],
    ['a user that is not there', block().replaceAll('"kubelet"\n  user', '"k"\n  user'), /is not in it/],
    ['a text where a list belongs', block().replace('users:', 'users: "a"\nx:'), /users is no list/],
    ['a list where a map belongs', block().replace('    user: "kubelet"', '  - user: "kubelet"'), /no map/],
    ['broken YAML', 'users: [', /could not be understood/],
  ];
  for (const [name, lines, expected] of cases) {
    await t.test(name, () => {
      const shape = kubeconfigShape(path, lines);
      assert.equal(shape.state, 'unreadable');
      assert.match(shape.problem ?? '', expected);
    });
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeconfigShape } from '../../../lambda/kubelet/evidence.ts';
import { kubeconfigShape } from '../../../lambda/nodes/answer/kubeconfig.ts';

const path = '/var/lib/kubelet/kubeconfig';
const block = (...user: string[]) =>
  [
    'contexts:',
    '- context:',
    '    cluster: "k"',
    '    user: "kubelet"',
    '  name: "main"',
    'current-context: "main"',
    'clusters:',
    '- name: "k"',
    '  cluster:',
    '    server: REDACTED',
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
    [
      'certificate',
      block('client-certificate: "/pki/current.pem"', 'client-key: "/pki/key.pem"'),
      { clientCertificate: '/pki/current.pem', clientKey: '/pki/key.pem' },
    ],
    [
      'embedded certificate',
      block('client-certificate-data: REDACTED', 'client-key-data: REDACTED'),
      { clientCertificateData: true },
    ],
    ['basic authentication', block('username: REDACTED'), { other: 'basic authentication' }],
    ['auth provider', block('auth-provider: REDACTED'), { other: 'an auth-provider' }],
    ['nothing', block(), {}],
    [
      'authorities',
      block().replace(
        '    server: REDACTED',
        '    certificate-authority: /ca.crt\n    certificate-authority-data: REDACTED',
      ),
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
      contexts: [{ name: 'main', context: { cluster: 'k', user: 'kubelet' } }],
      clusters: [{ name: 'k', cluster: { server: null } }],
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

test('what no kubelet can use is told apart from what is not known', async (t) => {
  const cases: [string, string, 'refused' | 'unreadable', RegExp][] = [
    ['half of JSON', '{"users":[', 'refused', /could not be understood/],
    // sigs.k8s.io/yaml reads YAML 1.1, and encoding/json refuses a boolean where a text belongs.
    ['a boolean for a name', block().replace('user: "kubelet"', 'user: n'), 'refused', /refuses .* user is bool/],
    ['a number for a token', block('token: 12'), 'refused', /token is number, not a text/],
    ['a context that is not sent', 'current-context: REDACTED', 'unreadable', /does not send/],
    ['a path that is not sent', block('client-certificate: REDACTED'), 'unreadable', /does not send/],
    ['a command that is not sent', block('exec:', '  command: REDACTED'), 'unreadable', /does not send/],
    ['a user that is not sent', block('token: REDACTED').replaceAll('"kubelet"', 'REDACTED'), 'unreadable', /not send/],
    ['no context', 'users:', 'refused', /no current-context/],
    ['a context that is not there', 'current-context: "x"\ncontexts:', 'refused', /"x" is not in it/],
    [
      'a user that is not there',
      block().replaceAll('"kubelet"\n  user', '"k"\n  user'),
      'refused',
      /user of .* not in it/,
    ],
    [
      'a cluster that is not there',
      block().replace('- name: "k"', '- name: "l"'),
      'refused',
      /cluster of .* not in it/,
    ],
    ['a certificate without its key', block('client-certificate: "/c.pem"'), 'refused', /without a key/],
    ['a text where a list belongs', block().replace('users:', 'users: "a"\nx:'), 'refused', /users is no list/],
    [
      'a list where a map belongs',
      block().replace('    user: "kubelet"', '  - user: "kubelet"'),
      'refused',
      /no map|not be/,
    ],
    ['broken YAML', 'users: [', 'refused', /could not be understood/],
    ['deeper than is read here', `${'['.repeat(300)}`, 'unreadable', /could not be understood/],
  ];
  for (const [name, lines, state, expected] of cases) {
    await t.test(name, () => {
      const shape = kubeconfigShape(path, lines);
      assert.equal(shape.state, state, shape.problem);
      assert.match(shape.problem ?? '', expected);
    });
  }
});

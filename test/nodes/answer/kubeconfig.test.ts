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
      block().replace('    server: REDACTED', '    certificate-authority-data: REDACTED'),
      { certificateAuthorityData: true },
    ],
  ];
  for (const [name, lines, expected] of cases) {
    await t.test(name, () =>
      assert.deepEqual(kubeconfigShape(path, lines), { path, state: 'read', user: 'kubelet', ...expected }),
    );
  }
  // client-go asks for no user but by a flag (client_config.go, getAuthInfo): a kubelet starts with it, as nobody.
  await t.test('a user that is not there has nothing', () => {
    const other = block('token: REDACTED').replace('- name: "kubelet"', '- name: "k"');
    assert.deepEqual(kubeconfigShape(path, other), { path, state: 'read', user: 'kubelet' });
    const none = block('token: REDACTED').replace('    user: "kubelet"\n', '');
    assert.deepEqual(kubeconfigShape(path, none), { path, state: 'read' });
  });
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
    ['two users of one name', block().replace('"other"', '"kubelet"'), 'refused', /users has two entries .*"kubelet"/],
    [
      'two contexts of one name',
      block().replace('contexts:', 'contexts:\n- {name: "main"}'),
      'refused',
      /contexts has two/,
    ],
    [
      'a certificate by path and by value',
      block('client-certificate: "/c.pem"', 'client-certificate-data: REDACTED', 'client-key: "/k"'),
      'refused',
      /user has both client-certificate and client-certificate-data/,
    ],
    [
      'a key by path and by value',
      block('client-certificate: "/c.pem"', 'client-key: "/k"', 'client-key-data: REDACTED'),
      'refused',
      /both client-key and/,
    ],
    [
      'authorities by path and by value',
      block().replace(
        '    server: REDACTED',
        '    certificate-authority: /ca\n    certificate-authority-data: REDACTED',
      ),
      'refused',
      /cluster has both certificate-authority and/,
    ],
    ['a token and a password', block('token: REDACTED', 'username: "x"'), 'refused', /a token and a password/],
    ['an exec plugin without a command', block('exec:', '  args:'), 'refused', /no command/],
    ['two plugins', block('exec:', '  command: "a"', 'auth-provider: REDACTED'), 'refused', /exec plugin and an auth-/],
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

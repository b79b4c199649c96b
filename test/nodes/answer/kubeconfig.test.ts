import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeconfigShape } from '../../../lambda/kubelet/evidence.ts';
import { kubeconfigShape, readShape } from '../../../lambda/nodes/answer/kubeconfig.ts';

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

/** As kubeadm writes it for a node of this name (kubernetes cmd/kubeadm, kubeconfig.go). */
const ofNode = (name: string) => [
  'clusters:',
  '- cluster:',
  '    certificate-authority-data: "REDACTED"',
  '  name: k',
  'contexts:',
  '- context:',
  '    cluster: k',
  `    user: system:node:${name}`,
  `  name: system:node:${name}@k`,
  `current-context: system:node:${name}@k`,
  'users:',
  `- name: system:node:${name}`,
  '  user:',
  '    client-certificate: /pki/current.pem',
  '    client-key: /pki/current.pem',
];

test('nodes of one cluster share what is read, each with its own name', () => {
  for (const name of ['a.example', 'b.example', 'any-node.invalid', 'a', 'b-', 'x'.repeat(253)]) {
    const shape = kubeconfigShape(path, ofNode(name).join('\n'));
    assert.equal(shape.user, `system:node:${name}`);
    assert.deepEqual(shape, readShape(path, ofNode(name).join('\n')));
  }
  const [first, second] = [1, 2].map(() => kubeconfigShape(path, block('tokenFile: "/t"')));
  assert.equal(first, second, 'the very same');
});

test('in any order each kubeconfig has what it has alone, however its lines are mixed', () => {
  const name = fc.oneof(
    fc.constantFrom(
      'a',
      'aa',
      'a.a',
      'any-node.invalid',
      'any-node',
      'a-',
      '.',
      '',
      'A',
      'x'.repeat(300),
      '"',
      "'",
      '$&',
      ': b',
    ),
    fc.stringMatching(/^[a-z0-9.-]{1,20}$/),
  );
  const piece = fc.constantFrom(
    'user: ',
    '- name: ',
    'current-context: ',
    '  token: ',
    '"system:node:',
    '&x ',
    '# ',
    '{',
    '|',
  );
  const mixed = fc
    .tuple(name, fc.array(fc.tuple(fc.nat(20), fc.nat(3), piece, name), { maxLength: 3 }))
    .map(([own, changes]) => {
      const lines = ofNode(own);
      for (const [at, removed, before, other] of changes) lines.splice(at, removed, `${before}system:node:${other}`);
      return lines.join('\n');
    });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(path, '/system:node:a', '/b'), mixed), { maxLength: 20 }),
      (files) => {
        for (const [where, content] of files) {
          assert.equal(
            JSON.stringify(kubeconfigShape(where, content)),
            JSON.stringify(readShape(where, content)),
            content,
          );
        }
      },
    ),
    { numRuns: 200 },
  );
});

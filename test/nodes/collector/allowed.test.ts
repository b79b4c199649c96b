import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allowList } from '../../../tools/allow-list.ts';

const page = readFileSync(new URL('../../../lambda/nodes/collector/allowed.txt', import.meta.url), 'utf8');

/** Kind and form of each name on the page. */
const listed = new Map(
  page
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const [kind, form, ...names] = line.split(' ');
      return names.map((name): [string, string | undefined] => [`${kind} ${name}`, form]);
    }),
);

test('the page is written from the tables: node tools/allow-list.ts', () => {
  assert.equal(page, allowList());
});

test('what authenticates never leaves, whatever the tables say', () => {
  const secrets = ['flag manifest-url-header', 'flag storage-driver-password', 'flag storage-driver-user'];
  for (const name of secrets) assert.equal(listed.get(name), 'secret', name);
  assert.equal(listed.get('kubelet staticPodURLHeader'), 'header');
  for (const name of ['token', 'username', 'client-key-data', 'auth-provider']) {
    assert.equal(listed.get(`kubeconfig users[].user.${name}`), 'present', name);
  }
  for (const name of ['password', 'exec.args', 'exec.env', 'as']) {
    assert.equal(listed.get(`kubeconfig users[].user.${name}`), undefined, name);
  }
});

test('a name that speaks of a secret is on the page only with a reason', () => {
  const suspicious = [...listed].filter(
    ([name, form]) =>
      /secret|token|password|passw|credential|private|key|auth|header|user\b/i.test(name) &&
      !['secret', 'header', 'present', 'bool', 'duration', 'number', 'path'].includes(form ?? ''),
  );
  assert.deepEqual(suspicious.map(([name]) => name).sort(), [
    // Modes, a strategy, taints' names, certificates.
    'bottlerocket settings.kubernetes.authentication-mode',
    'flag authorization-mode',
    'flag docker-tls-key',
    'kubeconfig clusters[].cluster.certificate-authority-data',
    'kubeconfig contexts[].context.user',
    'kubeconfig users[].user.client-certificate-data',
    'kubelet authorization.mode',
    'kubelet configMapAndSecretChangeDetectionStrategy',
    'kubelet imagePullCredentialsVerificationPolicy',
    'kubelet registerWithTaints[].key',
  ]);
});

test('no name that Bottlerocket is asked for begins the name of one of its secrets', () => {
  // bottlerocket-settings-models, settings-extensions/kubernetes; its API answers by beginnings of names.
  const secrets = [
    'bootstrap-token',
    'server-key',
    'credential-providers.ecr-credential-provider.environment',
    'static-pods.a.manifest',
  ];
  const asked = [...listed.keys()].flatMap((name) =>
    name.startsWith('bottlerocket ') ? [name.slice(13).replaceAll('[]', '')] : [],
  );
  assert.ok(asked.length > 10);
  for (const secret of [
    ...secrets.map((each) => `settings.kubernetes.${each}`),
    'settings.host-containers.admin.user-data',
  ]) {
    for (const name of asked) assert.ok(!secret.startsWith(name), `${name} asks for ${secret}`);
  }
});

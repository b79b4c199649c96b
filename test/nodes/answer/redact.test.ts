import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redact } from '../../../lambda/nodes/answer/redact.ts';

const secret = 'c2VjcmV0LWNhbmFyeS1zZWNyZXQtY2FuYXJ5';

test('what looks like a secret is replaced', async (t) => {
  const cases: [string, string][] = [
    ['a private key', `-----BEGIN EC PRIVATE KEY-----\n${secret}\n-----END EC PRIVATE KEY-----`],
    ['a private key that was cut', `a\n-----BEGIN PRIVATE KEY-----\n${secret}`],
    ['a JSON Web Token', `token: eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.${secret}.${secret}`],
    ['a bearer token', `Authorization: Bearer ${secret}`],
    ['basic credentials', `authorization: basic ${secret}==`],
    ['credentials in an address', `staticPodURL: https://user:${secret}@manifests.example/pods`],
    ['a password with an @ in an address', `--manifest-url=https://user:p@${secret}@manifests.example/pods`],
    ['a signed address', `https://b.s3.amazonaws.com/k?X-Amz-Signature=${secret}&x=1`],
  ];
  for (const [name, text] of cases) {
    await t.test(name, () => {
      const clean = redact(text);
      assert.ok(!clean.includes(secret), clean);
      assert.match(clean, /REDACTED/);
    });
  }
  assert.equal(redact('key AKIAIOSFODNN7EXAMPLE'), 'key REDACTED');
});

test('what is public or prose stays as it is', () => {
  const texts = [
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    '--config=/etc/kubernetes/kubelet/config.json',
    'containerRuntimeEndpoint: unix:///run/containerd/containerd.sock',
    'providerID: aws:///eu-central-1a/i-0123456789abcdef0',
    'Basic authentication is used',
    'image: registry.example/pause@sha256:0123',
  ];
  for (const text of texts) assert.equal(redact(text), text);
});

test('a key that was begun ends with its record', () => {
  const begin = '-----BEGIN RSA PRIVATE KEY-----';
  assert.equal(
    redact(`arg ${begin}\nprocess kubelet 40\narg --v=2\narg -----END RSA PRIVATE KEY-----\n`),
    'arg REDACTED\nprocess kubelet 40\narg --v=2\narg -----END RSA PRIVATE KEY-----\n',
  );
  assert.equal(
    redact(`content\n|a: |\n|  ${begin}\n|  ${secret}\n|  -----END RSA PRIVATE KEY-----\n|b: 1\ncontained\n`),
    'content\n|a: |\n|  REDACTED\n|b: 1\ncontained\n',
  );
  assert.equal(redact(`arg ${begin}${begin}\nnote`), 'arg REDACTED\nnote');
  assert.equal(redact(`arg Bearer\narg ${secret}`), `arg Bearer\narg ${secret}`);
});

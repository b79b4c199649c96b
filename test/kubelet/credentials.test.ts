import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Credentials } from '../../lambda/kubelet/configuration.ts';
import { credentialsOf } from '../../lambda/kubelet/credentials.ts';
import type { KubeconfigShape } from '../../lambda/kubelet/evidence.ts';
import { kubeletProcess } from '../../simulator/fleet/node-types.ts';

const where = '/etc/kubernetes/kubelet.conf';
const flags = { kubeconfig: where, bootstrapKubeconfig: '', certDir: '/var/lib/kubelet/pki' };

type Given = { shape?: Partial<KubeconfigShape>; flags?: Partial<typeof flags>; cwd?: string };

const exec = { command: 'aws' };

const cases: Record<string, [Given, Credentials]> = {
  'no --kubeconfig is a standalone kubelet': [{ flags: { kubeconfig: '' } }, { kind: 'none' }],
  'no --kubeconfig is standalone even with a bootstrap kubeconfig': [
    { flags: { kubeconfig: '', bootstrapKubeconfig: '/b' } },
    { kind: 'none' },
  ],
  'an exec plugin': [{ shape: { exec } }, { kind: 'exec', command: 'aws', where }],
  'a token': [{ shape: { token: true } }, { kind: 'token', where }],
  'a token file': [{ shape: { tokenFile: '/run/t' } }, { kind: 'token', where }],
  'a token wins over an exec plugin': [{ shape: { token: true, exec } }, { kind: 'token', where }],
  'a certificate in --cert-dir': [
    { shape: { clientCertificate: '/var/lib/kubelet/pki/kubelet-client-current.pem' } },
    { kind: 'client-certificate', path: '/var/lib/kubelet/pki/kubelet-client-current.pem', inCertDir: true, where },
  ],
  'a certificate elsewhere': [
    { shape: { clientCertificate: '/var/lib/kubelet/pki2/a.pem' } },
    { kind: 'client-certificate', path: '/var/lib/kubelet/pki2/a.pem', inCertDir: false, where },
  ],
  'a certificate relative to the kubeconfig': [
    { shape: { clientCertificate: 'pki/a.pem' } },
    { kind: 'client-certificate', path: '/etc/kubernetes/pki/a.pem', inCertDir: false, where },
  ],
  'a --cert-dir relative to the working directory': [
    { shape: { clientCertificate: '/srv/pki/a.pem' }, flags: { certDir: 'pki' }, cwd: '/srv' },
    { kind: 'client-certificate', path: '/srv/pki/a.pem', inCertDir: true, where },
  ],
  'a kubeconfig relative to the working directory': [
    { shape: { exec }, flags: { kubeconfig: 'kubelet.conf' }, cwd: '/etc/kubernetes' },
    { kind: 'exec', command: 'aws', where },
  ],
  'an embedded certificate wins over a file': [
    { shape: { clientCertificateData: true, clientCertificate: '/a.pem' } },
    { kind: 'embedded-certificate', where },
  ],
  'a certificate wins over an exec plugin and a token': [
    { shape: { clientCertificateData: true, exec, token: true } },
    { kind: 'embedded-certificate', where },
  ],
  'a missing kubeconfig with a bootstrap kubeconfig': [
    { shape: { state: 'missing' }, flags: { bootstrapKubeconfig: '/b' } },
    { kind: 'bootstrap', where: '/b' },
  ],
  'a present kubeconfig wins over the bootstrap kubeconfig': [
    { shape: { exec }, flags: { bootstrapKubeconfig: '/b' } },
    { kind: 'exec', command: 'aws', where },
  ],
  'a kubeconfig without credentials, but with a bootstrap kubeconfig': [
    { shape: {}, flags: { bootstrapKubeconfig: '/b' } },
    { kind: 'bootstrap', where: '/b' },
  ],
  'a missing kubeconfig': [
    { shape: { state: 'missing' } },
    { kind: 'unknown', problem: `the kubeconfig ${where} does not exist`, cause: 'missing' },
  ],
  'an unreadable kubeconfig': [
    { shape: { state: 'unreadable', problem: 'permission denied' } },
    { kind: 'unknown', problem: 'permission denied' },
  ],
  'a kubeconfig that the evidence does not have': [
    {},
    { kind: 'unknown', problem: `the kubeconfig ${where} could not be read` },
  ],
  'another way of authentication': [
    { shape: { other: 'auth-provider' } },
    { kind: 'unknown', problem: `the kubeconfig ${where} authenticates by auth-provider`, cause: 'unusable' },
  ],
  'no credentials at all': [
    { shape: {} },
    { kind: 'unknown', problem: `the user of the kubeconfig ${where} has no credentials`, cause: 'unusable' },
  ],
};

for (const [name, [given, expected]] of Object.entries(cases)) {
  test(name, () => {
    const kubeconfigs: KubeconfigShape[] = given.shape ? [{ path: where, state: 'read', ...given.shape }] : [];
    const kubelet = kubeletProcess({ cwd: given.cwd ?? '/', kubeconfigs });
    assert.deepEqual(credentialsOf(kubelet, { ...flags, ...given.flags }), expected);
  });
}

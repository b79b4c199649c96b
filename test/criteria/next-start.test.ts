import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type NextStart, nextStart } from '../../lambda/criteria/next-start.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { CertificateFacts, FileEvidence, KubeconfigShape, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { DAY, NOW } from '../rules/node.ts';

/**
 * What the real kubelet's bootstrap package and client-go make of files of each kind, recorded from their code: `own` and
 * `kubeconfig` are whose certificate is presented, `nobody` none; `+bootstrap`: the kubeconfig is written anew.
 */
const recorded: { columns: string[]; rows: string[][] } = JSON.parse(
  readFileSync(new URL('next-start.json', import.meta.url), 'utf8'),
);

const CURRENT = '/pki/kubelet-client-current.pem';
const valid = { notBefore: NOW - 300 * DAY, notAfter: NOW + 300 * DAY };
const expired = { notBefore: NOW - 300 * DAY, notAfter: NOW - DAY };
const damaged = { problem: 'no certificate in it', damaged: true } as const;

type Files = Partial<Pick<KubeletProcess, 'clientCertificates' | 'authorities' | 'files'>>;
type Kubeconfig = { shape: Partial<KubeconfigShape> } & Files;

const file = (role: FileEvidence['role'], path: string, state: FileEvidence['state'] = 'file'): FileEvidence => ({
  path,
  role,
  state,
});
const pair = { clientCertificate: '/kc.crt', clientKey: '/kc.key', certificateAuthority: '/ca.crt' };
const certificates = (...facts: Partial<CertificateFacts>[]) => ({
  clientCertificates: facts.map((each) => ({ path: '/kc.crt', ...each })),
});

const KUBECONFIGS: Record<string, Kubeconfig> = {
  link: { shape: { clientCertificate: CURRENT, clientKey: CURRENT } },
  embedded: { shape: { clientCertificateData: true }, clientCertificates: [{ path: '/kubeconfig', ...valid }] },
  'embedded-expired': {
    shape: { clientCertificateData: true },
    clientCertificates: [{ path: '/kubeconfig', ...expired }],
  },
  file: { shape: pair, ...certificates(valid) },
  'file-expired': { shape: pair, ...certificates(expired) },
  'file-chain-expired': { shape: pair, ...certificates(valid, expired) },
  'file-missing': { shape: pair, files: [file('client-certificate', '/kc.crt', 'missing')] },
  'key-missing': { shape: pair, ...certificates(valid), files: [file('client-key', '/kc.key', 'missing')] },
  'key-absent': { shape: { state: 'refused', problem: 'its user has a certificate without a key' } },
  'ca-missing': { shape: pair, ...certificates(valid), files: [file('authority', '/ca.crt', 'missing')] },
  'ca-damaged': {
    shape: pair,
    ...certificates(valid),
    authorities: [{ path: '/ca.crt', of: 'kubeconfig', ...damaged }],
  },
  'no-context': { shape: { state: 'refused', problem: 'it has no current-context' } },
  token: { shape: { token: true } },
  exec: { shape: { exec: { command: 'aws' } } },
  nothing: { shape: {} },
  'user-n': { shape: { state: 'refused', problem: 'contexts.context.user is no text' } },
  missing: { shape: { state: 'missing' } },
  damaged: { shape: { state: 'refused', problem: 'it is not YAML' } },
  empty: { shape: { state: 'refused', problem: 'it has no current-context' } },
};

const BOOTSTRAPS: Record<string, Partial<KubeconfigShape> | undefined> = {
  unset: undefined,
  present: { token: true },
  missing: { state: 'missing' },
  damaged: { state: 'refused', problem: 'it is not YAML' },
};

const link = { ...file('client-certificate', CURRENT), symlink: true as const };
const OWN: Record<string, Files> = {
  valid: { files: [link], clientCertificates: [{ path: CURRENT, ...valid }] },
  'no-link': { files: [file('client-certificate', CURRENT)], clientCertificates: [{ path: CURRENT, ...valid }] },
  expired: { files: [link], clientCertificates: [{ path: CURRENT, ...expired }] },
  future: { files: [link], clientCertificates: [{ path: CURRENT, notBefore: NOW + DAY, notAfter: NOW + 300 * DAY }] },
  missing: { files: [file('client-certificate', CURRENT, 'missing')] },
  dangling: { files: [{ ...file('client-certificate', CURRENT, 'missing'), symlink: true }] },
  damaged: { files: [file('client-certificate', CURRENT)], clientCertificates: [{ path: CURRENT, ...damaged }] },
};

function kubelet(kubeconfig: string, bootstrap: string, own: string, rotation: string): KubeletProcess {
  const { shape, ...theirs } = KUBECONFIGS[kubeconfig] ?? assert.fail(kubeconfig);
  const mine = OWN[own] ?? assert.fail(own);
  const asks = BOOTSTRAPS[bootstrap];
  return {
    pid: 1,
    host: 'kubelet',
    version: 'v1.36.3',
    cwd: '/',
    argv: [
      '--kubeconfig=/kubeconfig',
      '--cert-dir=/pki',
      `--rotate-certificates=${rotation === 'on'}`,
      ...(asks ? ['--bootstrap-kubeconfig=/bootstrap'] : []),
    ],
    files: [...(theirs.files ?? []), ...(mine.files ?? [])],
    dropInDirectories: [],
    kubeconfigs: [
      { path: '/kubeconfig', state: 'read', ...shape },
      ...(asks ? [{ path: '/bootstrap', state: 'read' as const, ...asks }] : []),
    ],
    clientCertificates: [...(theirs.clientCertificates ?? []), ...(mine.clientCertificates ?? [])],
    servingCertificates: [],
    authorities: theirs.authorities ?? [],
  };
}

function answer(process: KubeletProcess): NextStart | undefined {
  const configuration = derive(process);
  assert.ok(configuration.starts === true);
  const evidence = { format: 2 as const, collectedAt: NOW, os: {}, kubelets: [process], proxies: [], notes: [] };
  return nextStart({ evidence, kubelet: process, configuration, tags: {}, now: NOW }, configuration);
}

function inWords(start: NextStart | undefined, rotation: string): string {
  if (rotation === 'off' && start?.kind === 'bootstraps') return 'bootstrap';
  if (rotation === 'off' && start?.kind === 'authenticates') return 'starts';
  if (start?.kind === 'authenticates') return `${start.by}${start.because ? '+bootstrap' : ''}`;
  const words = { exits: 'exits', bootstraps: 'nobody+bootstrap', anonymous: 'nobody', unknown: 'unknown' };
  return start ? words[start.kind] : 'standalone';
}

describe('the next start is what the real code makes of the files', () => {
  const [, , , ...owns] = recorded.columns;
  assert.equal(recorded.rows.length, 152);
  for (const [kubeconfig = '', bootstrap = '', rotation = '', ...expected] of recorded.rows) {
    test(`kubeconfig ${kubeconfig}, bootstrap ${bootstrap}, rotation ${rotation}`, () => {
      const found = owns.map((own) => inWords(answer(kubelet(kubeconfig, bootstrap, own, rotation)), rotation));
      assert.deepEqual(
        Object.fromEntries(owns.map((own, at) => [own, found[at]])),
        Object.fromEntries(owns.map((own, at) => [own, expected[at]])),
      );
    });
  }
});

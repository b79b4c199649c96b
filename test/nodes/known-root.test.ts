/**
 * The collector's control sample: the text of the SSM document, as it is deployed, reads a known root. The document's hash is
 * what the manifest's method names, so whoever holds an archive knows by which text its nodes were read, and that it was tried.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { proveMethod } from '../../lambda/archive/method.ts';
import { readAnswer } from '../../lambda/nodes/answer/evidence.ts';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { judgeLine } from '../../lambda/results/judge-line.ts';
import { eksAl2023 } from '../../simulator/fleet/images.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { shells } from './collector/shells.ts';

const START = 1_763_000_000;
const document = collectDocument();

const KNOWN_FILES = [
  'config /etc/kubernetes/kubelet/config.json file',
  'kubeconfig /var/lib/kubelet/kubeconfig file',
  'credential-provider /etc/eks/image-credential-provider directory',
  'credential-provider /etc/eks/image-credential-provider/config.json file',
  'service /etc/systemd/system/kubelet.service file',
  'program /usr/bin/kubelet file',
  'client-certificate /var/lib/kubelet/pki/kubelet-client-current.pem missing',
  'serving-certificate /var/lib/kubelet/pki/kubelet-server-current.pem file',
  'drop-in /etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf file',
  'client-ca /etc/kubernetes/pki/ca.crt file',
  'authority /etc/kubernetes/pki/ca.crt file',
  'environment /etc/eks/kubelet/environment file',
];

test('the text that is deployed reads a known root, and its hash is what the method names', () => {
  const { mainSteps } = JSON.parse(document.content);
  const text = mainSteps[0].inputs.runCommand.join('\n');
  const [hash, name] = [createHash('sha256').update(document.content).digest('hex'), document.name];
  assert.equal(proveMethod({ collector: document.hash }).collector, hash);
  assert.ok(name.endsWith(hash.slice(0, 16)), 'SSM runs it by a name that holds the hash');

  const root = mkdtempSync(join(tmpdir(), 'kubevigil-known-'));
  const host = 'ip-10-0-1-2.internal';
  writeRoot(root, eksAl2023({ host, version: 'v1.31.6', startedAt: START }, { maxPods: 58 }, { readOnlyPort: 10255 }));
  const answers = shells
    .filter(({ missing }) => missing === undefined)
    .map(({ shell }) => {
      const [command = 'sh', ...words] = shell.split(' ');
      const { stdout } = spawnSync(command, [...words, '-c', text], {
        env: { PATH: process.env.PATH, KUBEVIGIL_ROOT: root },
        encoding: 'utf8',
      });
      const answer = readAnswer(stdout);
      assert.ok('evidence' in answer, `${shell}: ${stdout}`);
      return answer.evidence;
    });
  rmSync(root, { recursive: true });

  const [evidence, ...others] = answers;
  assert.ok(evidence);
  for (const other of others) assert.deepEqual({ ...other, collectedAt: evidence.collectedAt }, evidence);
  const [kubelet] = evidence.kubelets;
  assert.deepEqual(
    [evidence.os, evidence.notes, kubelet?.version, kubelet?.startedAt, kubelet?.unit],
    [{ id: 'amzn', version: '2023' }, [], 'v1.31.6', START, 'kubelet.service'],
  );
  assert.deepEqual(
    kubelet?.files.filter(({ role }) => role !== 'folder').map(({ role, path, state }) => `${role} ${path} ${state}`),
    KNOWN_FILES,
  );
  const { findings = [] } = judgeLine(
    { node: { id: 'i-1' }, tags: {}, evidence },
    { now: evidence.collectedAt, rehearse: false },
  );
  const failed = findings.filter(({ status }) => status === 'fail').map(({ rule, reason }) => `${rule}: ${reason}`);
  assert.ok(failed.some((each) => /^read-only-port: .*10255 from \/etc\/kubernetes\/kubelet\/config\.json/.test(each)));
});

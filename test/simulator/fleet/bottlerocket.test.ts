/** Nodes that run Bottlerocket, from what their API says in the control container to their findings. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { judge } from '../../../lambda/judging/judge.ts';
import { unwrap } from '../../../lambda/nodes/answer/envelope.ts';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { inOneLine } from '../../../lambda/platforms/step.ts';
import { collect, place } from '../../../simulator/collector.ts';
import { bottlerocket, TOKEN } from '../../../simulator/fleet/bottlerocket.ts';
import { certificateAuthority } from '../../../simulator/fleet/images.ts';
import { writeRoot } from '../../../simulator/fleet/root.ts';
import { changed, findings, judged, NOW, situations } from '../../judging/roots.ts';
import { shells } from '../../nodes/collector/shells.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-bottlerocket-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const secure = { 'seccomp-default': true };

/** The EKS benchmark, which is chosen for these nodes, does not ask for everything. */
const CIS_KUBERNETES = ['cis-kubernetes-2.0.1'];

situations(
  {
    Bottlerocket: {
      'as it joins EKS': [
        bottlerocket({ settings: secure }),
        {
          'rotate-client-certificates': [
            'not-applicable',
            /aws-iam-authenticator of \/etc\/kubernetes\/kubelet\/kubeconfig/,
          ],
          'anonymous-auth': ['pass', /false from \/etc\/kubernetes\/kubelet\/config/],
          'seccomp-default': ['pass', /true from setting settings\.kubernetes\.seccomp-default/],
          'tls-cipher-suites': ['pass', /./],
          'tls-serving-certificate': ['pass', /setting settings\.kubernetes\.server-tls-bootstrap/],
          'trusted-authority-expiry': ['pass', /2045/],
          'kubelet-restart': ['pass', /with what its settings make\. .*no file of the host was seen/],
          // Of files on the host nothing is known, and nothing is said but that.
          'kubelet-config-permissions': ['manual', /no file of the host is seen/],
          'serving-certificate-expiry': ['manual', /no file of the host is seen/],
          'command-line-files': ['manual', /no file of the host is seen/],
          'kube-proxy-metrics-bind-address': ['manual', /no process of the host was seen/],
          'proxy-kubeconfig-permissions': ['manual', /no process of the host was seen/],
          'proxy-kubeconfig-ownership': ['manual', /no process of the host was seen/],
        },
      ],
      'seccomp-default as the image has it': [
        bottlerocket(),
        { 'seccomp-default': ['fail', /false from \/etc\/kubernetes\/kubelet\/config/] },
      ],
      'standalone-mode': [
        bottlerocket({ settings: { ...secure, 'standalone-mode': true } }),
        {
          'anonymous-auth': ['fail', /true from setting settings\.kubernetes\.standalone-mode/],
          'authorization-mode': ['fail', /AlwaysAllow from setting settings\.kubernetes\.standalone-mode/],
          'rotate-client-certificates': ['not-applicable', /standalone/],
        },
      ],
      'a client certificate, which nothing rotates': [
        bottlerocket({ settings: { ...secure, 'authentication-mode': 'tls', 'server-tls-bootstrap': false } }),
        {
          'rotate-client-certificates': ['pass', /neither a flag nor a file sets it/],
          'client-certificate-expiry': ['manual', /no file of the host is seen/],
          'tls-serving-certificate': ['fail', /signed itself/],
        },
      ],
      'a serving certificate of its own, whose key nobody asks for': [
        bottlerocket({
          settings: { ...secure, 'server-certificate': Buffer.from(certificateAuthority).toString('base64') },
        }),
        {
          'tls-serving-certificate': ['manual', /kubelet-server\.crt.*settings\.kubernetes\.server-key/],
          'rotate-server-certificate': ['manual', /server-key/],
          'serving-certificate-expiry': ['manual', /server-key/],
          'kubelet-restart': ['pass', /./],
        },
      ],
      'a serving certificate that is none, whose key nobody asks for': [
        bottlerocket({
          settings: { ...secure, 'server-certificate': Buffer.from('no certificate').toString('base64') },
        }),
        { 'kubelet-restart': ['manual', /whether its key is given.*is not known/] },
      ],
      'an empty serving certificate, which is none': [
        bottlerocket({ settings: { ...secure, 'server-certificate': '', 'server-tls-bootstrap': false } }),
        { 'tls-serving-certificate': ['fail', /signed itself/], 'kubelet-restart': ['pass', /./] },
      ],
      'cgroup v1, which the next version refuses and its template allows': [
        changed(bottlerocket({ settings: secure }), { files: { '/sys/fs/cgroup/cpu/tasks': '' } }),
        { 'next-version': ['pass', /^(?!.*cgroup).*1\.35 would start/] },
      ],
      'a pattern of kernel parameters': [
        bottlerocket({ settings: { ...secure, 'allowed-unsafe-sysctls': ['kernel.msg*'] } }),
        { 'unsafe-sysctls': ['fail', /setting settings\.kubernetes\.allowed-unsafe-sysctls/] },
      ],
      'a release that is not known': [
        bottlerocket({ release: '1.900.0', settings: secure }),
        {
          'seccomp-default': ['pass', /setting settings\.kubernetes\.seccomp-default/],
          'anonymous-auth': ['manual', /What this release of Bottlerocket makes of its settings is not known here/],
          'read-only-port': ['manual', /not known here/],
        },
      ],
      'settings that no kubelet starts with': [
        bottlerocket({ settings: { 'event-qps': -1 } }),
        {
          'kubelet-restart': ['fail', /./],
          'anonymous-auth': ['error', /kubelet-restart/],
          'kubelet-config-permissions': ['manual', /no file of the host is seen/],
          'command-line-files': ['manual', /no file of the host is seen/],
        },
      ],
    },
  },
  CIS_KUBERNETES,
);

for (const [what, settings, variant, benchmark] of [
  ['of AWS that joins by IAM', {}, 'aws-k8s-1.34', 'cis-eks'],
  ['of AWS with a certificate', { 'authentication-mode': 'tls' }, 'aws-k8s-1.34', 'cis-kubernetes'],
  ['on VMware that joins by IAM, as hybrid nodes do', {}, 'vmware-k8s-1.34', 'cis-eks'],
  ['on VMware', { 'authentication-mode': 'tls' }, 'vmware-k8s-1.34', 'cis-kubernetes'],
  ['on bare metal', {}, 'metal-k8s-1.29', 'cis-kubernetes'],
] as const) {
  test(`a variant ${what} is judged by ${benchmark}`, async () => {
    const place = mkdtempSync(join(folder, 'variant-'));
    writeRoot(place, bottlerocket({ settings, variant }));
    const answer = readAnswer((await collect(place, { simulated: true })).stdout);
    assert.ok('evidence' in answer);
    const judged = judge({ id: 'i-0', tags: {}, evidence: answer.evidence }, { now: NOW });
    assert.ok('findings' in judged);
    assert.ok(judged.benchmark?.name.startsWith(`${benchmark}-`), judged.benchmark?.name);
  });
}

test('no line is named of a file that nobody read', async () => {
  const place = mkdtempSync(join(folder, 'places-'));
  writeRoot(place, bottlerocket({ settings: { 'event-qps': 5 } }));
  const answer = readAnswer((await collect(place, { simulated: true })).stdout);
  assert.ok('evidence' in answer);
  const judged = judge({ id: 'i-0', tags: {}, evidence: answer.evidence }, { now: NOW });
  assert.ok('findings' in judged);
  const { settings } = judged.kubelet;
  assert.equal(settings?.readOnlyPort.place, '/etc/kubernetes/kubelet/config');
  assert.equal(settings?.eventRecordQPS.place, 'settings.kubernetes.event-qps');
});

test('a pass without rotation carries the hazard, and the advice is what Bottlerocket has', async () => {
  const found = await findings(bottlerocket({ settings: { 'authentication-mode': 'tls' } }), CIS_KUBERNETES);
  const rotation = found.find(({ rule }) => rule === 'rotate-client-certificates');
  assert.deepEqual(
    rotation?.advisories.map(({ id }) => id),
    ['unset-means-off'],
  );
  assert.match(inOneLine(rotation?.remediation ?? []), /Bottlerocket has no setting for rotateCertificates/);
  const seccomp = found.find(({ rule }) => rule === 'seccomp-default');
  assert.match(inOneLine(seccomp?.remediation ?? []), /apiclient set settings\.kubernetes\.seccomp-default=true/);
});

const root = join(folder, 'root');
const served = Buffer.from(certificateAuthority).toString('base64');
writeRoot(root, bottlerocket({ settings: { 'server-certificate': served, 'server-key': TOKEN } }));

for (const { shell, missing } of shells) {
  const options = missing === undefined ? {} : { skip: missing };
  test(`in ${shell} it asks for the settings that are listed, and lets out no secret`, options, async () => {
    const { stdout } = await collect(root, { shell, simulated: true });
    const unwrapped = unwrap(stdout);
    assert.ok('text' in unwrapped);
    for (const secret of [
      TOKEN,
      Buffer.from(TOKEN).toString('base64'),
      served.slice(0, 40),
      'bootstrap-token',
      'server-key',
    ]) {
      assert.ok(!unwrapped.text.includes(secret), secret);
    }
    const answer = readAnswer(stdout);
    assert.ok('evidence' in answer);
    assert.deepEqual(answer.evidence.os, { id: 'bottlerocket', version: '1.50.0', variant: 'aws-k8s-1.34' });
    const [kubelet, ...more] = answer.evidence.kubelets;
    assert.deepEqual(more, []);
    assert.equal(kubelet?.settings?.['cluster-name'], 'shop');
    assert.equal(kubelet?.settings?.['server-certificate'], 'REDACTED');
    assert.deepEqual(
      kubelet?.servingCertificates.map(({ path, subject }) => [path, subject]),
      [['/etc/kubernetes/pki/kubelet-server.crt', 'CN=kubernetes']],
    );
    assert.ok(stdout.length < 2500, String(stdout.length));
  });
}

test('without Kubernetes there is no kubelet, and its variant says why', async () => {
  const bare = join(folder, 'ecs');
  writeRoot(bare, bottlerocket({ variant: 'aws-ecs-2' }));
  const answer = readAnswer((await collect(bare, { simulated: true })).stdout);
  assert.ok('evidence' in answer);
  const judged = judge({ id: 'i-0', tags: {}, evidence: answer.evidence }, { now: NOW });
  assert.ok('problem' in judged);
  assert.match(judged.problem, /this variant of Bottlerocket has no settings for Kubernetes/);
});

for (const [what, awk] of [
  ['is missing', 'exit 127'],
  ['is killed', 'kill -9 $$'],
] as const) {
  test(`where the filter ${what} the kubelet is unread, and nothing is judged of it`, async () => {
    const tools = mkdtempSync(join(folder, 'tools-'));
    // What seals the answer is an awk as well.
    const lines = `#!/bin/sh\ncase "\${ITEMS:-}" in *settings*) ${awk} ;; esac\nexec ${place('awk')} "$@"\n`;
    writeFileSync(join(tools, 'awk'), lines, { mode: 0o755 });
    const answer = readAnswer((await collect(root, { simulated: true, tools })).stdout);
    assert.ok('evidence' in answer);
    const [kubelet] = answer.evidence.kubelets;
    assert.match(kubelet?.unread ?? '', /could not be filtered/);
    const judged = judge({ id: 'i-0', tags: {}, evidence: answer.evidence }, { now: NOW });
    assert.ok('findings' in judged);
    const decided = judged.findings.filter(({ status }) => status === 'pass' || status === 'fail');
    // The clock was read, whatever became of the rest.
    assert.deepEqual(
      decided.map(({ rule }) => rule),
      ['node-clock'],
    );
  });
}

test('a root of which nothing may be run has an API that does not answer', async () => {
  const answer = readAnswer((await collect(root)).stdout);
  assert.ok('evidence' in answer);
  assert.match(answer.evidence.kubelets[0]?.unread ?? '', /API did not answer/);
});

for (const [what, wrong] of [
  ['a switch that is a text', { 'standalone-mode': 'true' }],
  ['a number that is a text', { 'event-qps': '0' }],
  ['a text that is a list', { 'hostname-override': ['a'] }],
  ['a list that is a text', { 'allowed-unsafe-sysctls': 'net.*' }],
] as const) {
  test(`${what}: Bottlerocket is known, and nothing is said of what was not seen`, async () => {
    const { findings: found, notes = [] } = await judged(
      bottlerocket({ settings: { ...secure, ...(structuredClone(wrong) as Record<string, string | string[]>) } }),
    );
    assert.deepEqual(
      notes.filter((note) => note.includes('what installed this node')),
      [],
    );
    for (const { rule, status, reason } of found) {
      if (rule !== 'node-clock') assert.match(status, /^(error|manual)$/, `${rule}: ${status}: ${reason}`);
    }
    assert.match(found.find(({ rule }) => rule === 'kubelet-restart')?.reason ?? '', /has a form that this version/);
  });
}

/** k3s: what its configuration and its files decide, from a root directory to findings; the rest is for a person. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Finding } from '../../lambda/criteria/rule.ts';
import { judge } from '../../lambda/judging/judge.ts';
import { readAnswer } from '../../lambda/nodes/answer/evidence.ts';
import { inOneLine } from '../../lambda/platforms/step.ts';
import { collect } from '../../simulator/collector.ts';
import { clientCertificate } from '../../simulator/fleet/certificate.ts';
import { type SimulatedRoot, writeRoot } from '../../simulator/fleet/root.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-k3s-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let roots = 0;

const NOW = Math.floor(Date.now() / 1000);
const CONFIG = '/etc/rancher/k3s/config.yaml';
const UNIT = '/etc/systemd/system/k3s-agent.service';
const AGENT = '/var/lib/rancher/k3s/agent';

/** The findings of a node whose k3s hides its command line behind its title, as it does. */
async function findings(
  files: SimulatedRoot['files'],
  argv = ['/usr/local/bin/k3s agent'],
  environment: Record<string, string> = {},
): Promise<Map<string, Finding>> {
  const directory = join(folder, String(++roots));
  const unit = { [UNIT]: '[Service]\nExecStart=/usr/local/bin/k3s \\\n    agent \\\n\n' };
  const process = {
    pid: 900,
    name: 'k3s-agent',
    argv,
    exe: '/usr/local/bin/k3s',
    unit: 'k3s-agent.service',
    startedAt: NOW - 86_400,
    environment,
  };
  writeRoot(directory, { os: { id: 'ubuntu' }, processes: [process], files: { ...unit, ...files } });
  const answer = readAnswer((await collect(directory, { simulated: true })).stdout);
  assert.ok('evidence' in answer, JSON.stringify(answer));
  const judged = judge({ id: 'i-1', tags: {}, evidence: answer.evidence }, { now: NOW });
  assert.ok('findings' in judged);
  return new Map(judged.findings.map((finding) => [finding.rule, finding]));
}

/** The status of one rule, with a look at its reason. */
function expect(found: Map<string, Finding>, rule: string, status: Finding['status'], reason: RegExp): void {
  const finding = found.get(rule);
  assert.equal(finding?.status, status, `${rule}: ${finding?.reason}`);
  assert.match(finding?.reason ?? '', reason);
}

test('what an argument of the configuration decides is certain, the rest is for a person', async () => {
  const text =
    'data-dir: /app/k3s\ntoken: canary\nkubelet-arg:\n- "anonymous-auth=true"\n- read-only-port=10255\n- make-iptables-util-chains=true\n';
  const found = await findings({ [CONFIG]: { text, mode: '644' } });
  expect(found, 'anonymous-auth', 'fail', /true from flag --anonymous-auth=true/);
  expect(found, 'read-only-port', 'fail', /10255 from flag --read-only-port=10255/);
  expect(found, 'make-iptables-util-chains', 'pass', /true from flag --make-iptables-util-chains=true/);
  expect(found, 'authorization-mode', 'manual', /^k3s hides its kubelet's arguments, so a person must check that /);
  expect(found, 'kubelet-config-permissions', 'fail', /config\.yaml has mode 644/);
  assert.ok(!JSON.stringify([...found.values()]).includes('canary'));
  assert.match(
    inOneLine(found.get('anonymous-auth')?.remediation ?? []),
    /Set `anonymous-auth=false` in place of .* in the list kubelet-arg \(\/etc\/rancher\/k3s\/config\.yaml line 4\)/,
  );
});

test('a later file takes the place of the list, or adds to it with a plus; others are left alone', async () => {
  const found = await findings({
    [CONFIG]: 'kubelet-arg:\n  - anonymous-auth=true\n  - streaming-connection-idle-timeout=0\n',
    [`${CONFIG}.d/10-a.yaml`]: 'kubelet-arg: ["read-only-port=10255"]\n',
    [`${CONFIG}.d/20-b.yml`]: 'kubelet-arg+:\n- "--event-qps=0"\nkube-proxy-arg:\n- metrics-bind-address=0.0.0.0\n',
    [`${CONFIG}.d/30-c.txt`]: 'kubelet-arg+:\n- authorization-mode=AlwaysAllow\n',
  });
  expect(found, 'anonymous-auth', 'manual', /hides/);
  expect(found, 'streaming-connection-idle-timeout', 'manual', /hides/);
  expect(found, 'read-only-port', 'fail', /10255/);
  expect(found, 'event-record-qps', 'pass', /--event-qps=0/);
  expect(found, 'authorization-mode', 'manual', /hides/);
  expect(found, 'kube-proxy-metrics-bind-address', 'fail', /0\.0\.0\.0/);
});

test('the command line comes last, and where k3s hides it that of its unit does', async () => {
  const unit = [
    '[Service]',
    'ExecStart=/usr/local/bin/k3s \\',
    '    agent \\',
    "\t'--kubelet-arg' \\",
    "\t'anonymous-auth=false' \\",
    "\t'--kubelet-arg=authorization-mode=AlwaysAllow' \\",
    '\t-d /opt/k3s \\',
    '',
  ].join('\n');
  const config = { [CONFIG]: 'kubelet-arg:\n- anonymous-auth=true\n' };
  const files = { ...config, [UNIT]: unit, '/opt/k3s/agent/client-ca.crt': { text: 'x', mode: '666' } };
  const found = await findings(files);
  expect(found, 'anonymous-auth', 'pass', /--anonymous-auth=false/);
  expect(found, 'authorization-mode', 'fail', /AlwaysAllow/);
  expect(found, 'client-ca-permissions', 'fail', /\/opt\/k3s\/agent\/client-ca\.crt has mode 666/);
  const shown = await findings(config, ['/usr/local/bin/k3s', 'agent', '--kubelet-arg=anonymous-auth=false']);
  expect(shown, 'anonymous-auth', 'pass', /--anonymous-auth=false/);
  // Nothing says what a container's command line was: an argument of it may come last.
  const contained = await findings({ ...config, [CONFIG]: 'kubelet-arg:\n- anonymous-auth=false\n', [UNIT]: '' });
  expect(contained, 'anonymous-auth', 'manual', /hides/);
});

test('what only systemd makes of its command line is never taken for nothing', async () => {
  const config = { [CONFIG]: 'kubelet-arg:\n- anonymous-auth=false\n' };
  const units: [unit: string, status: Finding['status']][] = [
    ['ExecStart=/usr/local/bin/k3s agent', 'pass'],
    ['Environment="A=--kubelet-arg=anonymous-auth=true"\nExecStart=/usr/local/bin/k3s agent $A', 'manual'],
    ['EnvironmentFile=/etc/a\nExecStart=/usr/local/bin/k3s $A', 'manual'],
    ['ExecStart=/usr/local/bin/start-k3s.sh', 'manual'],
    ['ExecStart=/usr/bin/env k3s agent', 'pass'],
    ['ExecStart=/usr/local/bin/k3s agent --kubelet-arg\\x3danonymous-auth=true', 'manual'],
    ['ExecStart=/usr/local/bin/k3s agent --node-name=%H', 'manual'],
  ];
  for (const [unit, status] of units) {
    const found = await findings({ ...config, [UNIT]: `[Service]\n${unit}\n` });
    expect(found, 'anonymous-auth', status, status === 'pass' ? /--anonymous-auth=false/ : /hides/);
  }
});

test('its configuration is the one that it reads, or none is judged', async () => {
  const files = {
    [CONFIG]: 'kubelet-arg:\n- anonymous-auth=false\n',
    '/opt/my@1.yaml': 'kubelet-arg:\n- anonymous-auth=true\n',
    '/opt/b.yaml': 'kubelet-arg:\n- anonymous-auth=false\n',
  };
  const at = (rest: string) => ({ ...files, [UNIT]: `[Service]\nExecStart=/usr/local/bin/k3s agent ${rest}\n` });
  const title = ['/usr/local/bin/k3s agent'];
  const variable = (value: string) => findings(files, title, { K3S_CONFIG_FILE: value });
  expect(await variable('/opt/my@1.yaml'), 'anonymous-auth', 'fail', /--anonymous-auth=true/);
  expect(await variable(''), 'anonymous-auth', 'pass', /--anonymous-auth=false/);
  expect(await findings(at('-c /opt/my@1.yaml -c /opt/b.yaml')), 'anonymous-auth', 'fail', /--anonymous-auth=true/);
  const unread = [
    ...['https://cfg.example/k3s.yaml', 'my.yaml', '/opt/my cfg.yaml'].map(variable),
    ...['-c my.yaml', '--config=https://cfg.example/k3s.yaml', '-d data'].map((rest) => findings(at(rest))),
  ];
  for (const found of await Promise.all(unread))
    expect(found, 'anonymous-auth', 'manual', /because its configuration or its data lie where/);
});

test('files in the data directory are judged, and drop-ins that k3s has its kubelet read', async () => {
  const pair = clientCertificate('n', NOW - 400 * 86_400, NOW - 86_400);
  const kubeconfig = [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- name: local',
    '  cluster:',
    `    certificate-authority: ${AGENT}/server-ca.crt`,
    'users:',
    '- name: user',
    '  user:',
    `    client-certificate: ${AGENT}/client-kubelet.crt`,
    `    client-key: ${AGENT}/client-kubelet.key`,
    'contexts:',
    '- name: Default',
    '  context:',
    '    cluster: local',
    '    user: user',
    'current-context: Default',
    '',
  ].join('\n');
  const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
  const found = await findings({
    [`${AGENT}/kubelet.kubeconfig`]: { text: kubeconfig, mode: '640' },
    [`${AGENT}/kubeproxy.kubeconfig`]: { text: kubeconfig, mode: '666' },
    [`${AGENT}/client-kubelet.crt`]: pair.certificate,
    [`${AGENT}/client-ca.crt`]: { text: 'x', mode: '600' },
    [`${AGENT}/etc/kubelet.conf.d/00-k3s-defaults.conf`]: `${head}authentication:\n  anonymous:\n    enabled: false\n  x509:\n    clientCAFile: ${AGENT}/client-ca.crt\nreadOnlyPort: 0\n`,
    [`${AGENT}/etc/kubelet.conf.d/10-mine.conf`]: `${head}authorization:\n  mode: AlwaysAllow\nreadOnlyPort: 10255\n`,
  });
  expect(found, 'kubelet-kubeconfig-permissions', 'fail', /kubelet\.kubeconfig has mode 640/);
  expect(found, 'kubelet-kubeconfig-ownership', 'pass', /kubelet\.kubeconfig/);
  expect(found, 'proxy-kubeconfig-permissions', 'fail', /kubeproxy\.kubeconfig has mode 666/);
  expect(found, 'client-ca-permissions', 'pass', /client-ca\.crt/);
  expect(found, 'client-certificate-expiry', 'fail', /expired/);
  expect(found, 'anonymous-auth', 'pass', /00-k3s-defaults\.conf/);
  expect(found, 'authorization-mode', 'fail', /AlwaysAllow from drop-in/);
  // k3s gives --read-only-port=0, which comes before any file.
  expect(found, 'read-only-port', 'manual', /hides/);
});

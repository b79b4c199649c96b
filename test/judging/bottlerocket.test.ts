/** What Bottlerocket's users are told to set, by every rule and for every version: only what its templates take up. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { rules } from '../../lambda/judging/index.ts';
import { judge } from '../../lambda/judging/judge.ts';
import type { BottlerocketSettings, Evidence } from '../../lambda/kubelet/evidence.ts';
import { kubeletProcess } from '../../simulator/fleet/node-types.ts';
import { checkStep } from './steps.ts';

type Template = { kubernetes: number; release: number; settings: string[] };
const { templates, others }: { templates: Template[]; others: string[] } = JSON.parse(
  readFileSync(new URL('../kubelet/bottlerocket-templates.json', import.meta.url), 'utf8'),
);

const NOW = Date.parse('2026-11-27T00:00:00Z') / 1000;
const RULES = rules.map(({ name }) => name);

/** What people set, each of which some rule finds fault with. */
const WRONG: Readonly<Record<string, BottlerocketSettings>> = {
  nothing: {},
  'no bootstrap': { 'server-tls-bootstrap': false },
  'a client certificate': { 'authentication-mode': 'tls' },
  standalone: { 'standalone-mode': true },
  limits: { 'event-qps': 1, 'pod-pids-limit': -1, 'seccomp-default': false },
  refused: { 'event-qps': -1 },
  opened: { 'allowed-unsafe-sysctls': ['net.*'], 'memory-swap-behavior': 'LimitedSwap', 'hostname-override': 'a' },
  'a certificate of its own': { 'server-certificate': 'REDACTED', 'server-tls-bootstrap': true },
  'static pods off': { 'static-pods-enabled': false },
};

function evidenceOf(release: number, variant: string, settings: BottlerocketSettings): Evidence {
  const version = `1.${release}.0`;
  const own = {
    'os.version_id': version,
    'os.variant_id': variant,
    'authentication-mode': 'aws',
    'cluster-name': 'shop',
    'server-tls-bootstrap': true,
    ...settings,
  };
  const kubelet = { ...kubeletProcess({ argv: [] }), pid: 0, settings: own };
  return {
    format: 2,
    collectedAt: NOW,
    os: { id: 'bottlerocket', version, variant },
    kubelets: [kubelet],
    proxies: [],
    notes: [],
  };
}

function judged(release: number, variant: string, settings: BottlerocketSettings) {
  const evidence = evidenceOf(release, variant, settings);
  const node = judge({ id: 'i-0', tags: {}, evidence }, { now: NOW, rules: RULES });
  assert.ok('findings' in node);
  return node.findings;
}

/** `settings.kubernetes.a`, and `a = b` that is to stand below it. */
const SETTING = /settings\.kubernetes\.([a-z][a-z-]*)|`([a-z][a-z-]*) = /g;

const told = new Set<string>();

for (const { kubernetes, release, settings } of templates) {
  test(`Bottlerocket 1.${release} for Kubernetes 1.${kubernetes}: no rule advises on what its template leaves out`, () => {
    const known = new Set([...settings, ...others]);
    for (const [name, wrong] of Object.entries(WRONG)) {
      for (const { rule, remediation = [] } of judged(release, `aws-k8s-1.${kubernetes}`, wrong)) {
        for (const step of remediation) checkStep('bottlerocket', step);
        const text = remediation.map((step) => `${step.text} ${step.command ?? ''}`).join(' ');
        for (const [, full, below] of text.matchAll(SETTING)) {
          const setting = full ?? below ?? '';
          assert.ok(known.has(setting), `${name}, ${rule}: ${setting} in ${text}`);
          told.add(setting);
        }
      }
    }
  });
}

test('there is advice on every setting that answers a rule', () => {
  const wanted = ['event-qps', 'pod-pids-limit', 'seccomp-default', 'server-tls-bootstrap', 'static-pods-enabled'];
  assert.deepEqual(
    wanted.filter((setting) => !told.has(setting)),
    [],
  );
});

const remediationOf = (rule: string, release: number, variant: string, settings: BottlerocketSettings = {}) => {
  const found = judged(release, variant, settings).find((each) => each.rule === rule) ?? assert.fail(rule);
  return (found.remediation ?? []).map(({ text, command = '' }) => `${text} ${command}`).join(' ');
};

test('where no setting decides it, another variant does', () => {
  assert.equal(
    remediationOf('seccomp-default', 26, 'aws-k8s-1.24').trim(),
    'Replace the node by one of a variant for Kubernetes 1.25 or later, the first in which a setting of Bottlerocket decides seccompDefault.',
  );
  assert.match(remediationOf('seccomp-default', 26, 'aws-k8s-1.25'), /apiclient set settings\.kubernetes\.seccomp/);
});

test('a setting that the release does not know yet decides nothing', () => {
  const status = (rule: string, release: number, settings: BottlerocketSettings) =>
    judged(release, 'aws-k8s-1.33', settings).find((each) => each.rule === rule)?.status;
  assert.equal(status('static-pods', 46, { 'static-pods-enabled': false }), 'pass');
  assert.equal(status('static-pods', 45, { 'static-pods-enabled': false }), 'manual');
});

for (const [variant, where] of [
  ['aws-k8s-1.33', "the node group's user data (launch template)"],
  ['vmware-k8s-1.31', "the virtual machine's user data (guestinfo.userdata, or that of its CD-ROM)"],
  ['metal-k8s-1.29', 'user-data.toml of the partition BOTTLEROCKET-PRIVATE'],
] as const) {
  test(`the settings of new nodes of ${variant} are in ${where}`, () => {
    const advice = Object.values(WRONG)
      .flatMap((wrong) => judged(50, variant, wrong))
      .flatMap(({ remediation = [] }) => remediation);
    for (const step of advice) checkStep('bottlerocket', step);
    assert.ok(advice.some(({ text }) => text.includes(where)));
    if (!variant.startsWith('aws-')) {
      for (const { text } of advice)
        assert.doesNotMatch(text, /EC2|launch template|node group|instance|security group/i, text);
    }
  });
}

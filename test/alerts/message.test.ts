/** The message in every form, whatever it speaks of. Nights of real scans are in nights.test.ts. Long because each thing to tell is one case. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import * as v from 'valibot';
import { type AlertInput, AlertSchema, type Failure, type Failures } from '../../lambda/alerts/alert.ts';
import type { CustomNotification } from '../../lambda/alerts/chat.ts';
import { type AlertMessage, body, message } from '../../lambda/alerts/message.ts';
import { stopText } from '../../lambda/criteria/rehearsal-words.ts';
import { inOneLine, step } from '../../lambda/platforms/step.ts';
import { alert } from './hostile.ts';
import { night, noHazards, none, nothing } from './quiet.ts';

const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
addFormats.default(ajv);
const schema = new URL('../../lambda/alerts/alert.schema.json', import.meta.url);
const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));

function told(input: AlertInput): AlertMessage {
  const sent = message(input, 'always');
  assert.ok(sent);
  return sent;
}

function group(rule: string, nodes: number, more: Partial<Failure> = {}): Failure {
  const examples = Array.from({ length: Math.min(nodes, 3) }, (_, index) => ({ id: `i-${rule}-${index}` }));
  const controls = [{ benchmark: 'cis-kubernetes-1.5.1', control: '4.2.4' }];
  const words = {
    title: 'Title',
    severity: 'medium' as const,
    reason: 'It says so.',
    remediation: [{ text: 'Set it.' }],
  };
  return { cluster: 'prod', nodes, examples, rule, ...words, controls, ...more };
}

function failures(groups: Failure[]): Failures {
  const nodes = groups.reduce((sum, each) => sum + each.nodes, 0);
  return {
    groups,
    total: nodes,
    nodes,
    byRule: groups.map(({ rule, title, severity, nodes }) => ({ rule, title, severity, nodes })),
  };
}

const withNew = (found: Failures) => told(night({ failures: { new: found, still: none(), fixed: nothing() } }));

test('accounts and regions come and go: what left is told with what it had, what is new by its name', () => {
  const left = (count: number) => ({
    items: Array.from({ length: count }, (_, index) => ({
      account: `44445555666${index}`,
      region: 'eu-west-1',
      nodes: 3,
      failures: 2,
      ...(index === 0 && { why: 'closed' }),
      ...(index === 1 && { notAssessedSince: '2026-11-20T02:00:00.000Z', lastAssessed: '2026-11-19T02:00:00.000Z' }),
    })),
    total: count,
  });
  const few = message(night({ left: left(2) }), 'failures');
  assert.match(few?.subject ?? '', /: 2 targets no longer scanned$/);
  assert.match(
    few?.email ?? '',
    /NO LONGER SCANNED 444455556660 eu-west-1, which had 3 nodes, with 2 open failures that nobody repaired: its account is closed/,
  );
  assert.match(
    few?.email ?? '',
    /NO LONGER SCANNED 444455556661 .* had 3 nodes when it was scanned last, on 2026-11-19, .*: neither settings nor organization name it/,
  );
  assert.match(
    told(night({ left: left(3) })).email,
    /NO LONGER SCANNED: 3 targets \(1 closed, 2 no longer named\), with 6 open failures/,
  );

  const [target] = night().targets;
  const fresh = { account: '777788889999', region: 'eu-west-1', nodes: 5, evaluated: 5, new: true as const };
  const more = message(night({ targets: [...(target ? [target] : []), fresh] }), 'changes');
  assert.match(more?.subject ?? '', /1 target scanned for the first time/);
  assert.match(more?.email ?? '', /scanned for the first time: 777788889999 eu-west-1, with 5 nodes/);
  const text = withNew(failures([group('a', 5, { cause: 'new-target' })])).email;
  assert.match(text, /5 nodes in prod, in an account and region that were not scanned before/);
});

test('a subject has where, the worst severity and three facts, and counts the others', () => {
  const worst = failures([group('a', 2), group('b', 1, { severity: 'critical' })]);
  const input = night({
    hazards: { new: { ...failures([group('h', 1, { severity: 'high' })]), stopped: 1, urgent: 2 }, still: noHazards() },
    failures: { new: worst, still: none(), fixed: nothing() },
    errors: { items: [{ text: 'no' }], total: 1 },
  });
  assert.equal(
    told(input).subject,
    'kubevigil prod CRITICAL: 1 node EXPIRED, 2 nodes to expire in 7 days, 1 node newly at risk, +2 more',
  );
  assert.equal(withNew(worst).subject, 'kubevigil prod CRITICAL: 3 new failures on 3 nodes');
  assert.equal(told(night({ clusters: ['a', 'b'] })).subject, 'kubevigil 2 clusters: nothing new, no failures');
  assert.equal(told(night({ clusters: [] })).subject, 'kubevigil 111122223333 eu-west-1: nothing new, no failures');
});

test('what is cut is counted by rule', () => {
  const many = failures(
    Array.from({ length: 30 }, (_, index) => group(`rule-${String(index).padStart(2, '0')}`, 400 - index)),
  );
  const { email, default: json } = withNew(many);
  const lines = email.split('\n');
  assert.ok(lines.length <= 25 && lines.length >= 22, `${lines.length} lines`);
  const shown = lines.filter((line) => line.startsWith('- MEDIUM ')).length;
  const rest = many.byRule.slice(shown).reduce((sum, { nodes }) => sum + nodes, 0);
  const words = rest.toLocaleString('en-US');
  assert.match(
    email,
    new RegExp(`^- and ${words} more: rule-${shown} ${400 - shown}, .* and ${30 - shown - 6} more$`, 'm'),
  );
  assert.equal(JSON.parse(json).failures.new.byRule.length, 30);
});

test('a line says the first thing to do, and the chat all of it', () => {
  const remediation = [
    { text: 'Remove `--x=0; y` from /etc/a, and leave /etc/b as it is.' },
    { text: 'Restart the kubelet.', command: 'systemctl restart kubelet' },
  ];
  const sent = withNew(failures([group('read-only-port', 91, { remediation, severity: 'high' })]));
  assert.match(
    sent.email,
    /^- HIGH read-only-port: 91 nodes in prod \(i-read-only-port-0 and 90 more\): Remove `--x=0; y` from \/etc\/a$/m,
  );
  const { nextSteps } = (JSON.parse(sent.https) as CustomNotification).content;
  assert.deepEqual(nextSteps, [`read-only-port, 91 nodes in prod: ${inOneLine(remediation).replaceAll('`', "'")}`]);
});

test('benchmarks that came and went are told', () => {
  const { email } = told(night({ benchmarks: { added: ['cis-eks-1.8.0'], removed: ['cis-kubernetes-1.11'] } }));
  assert.match(
    email,
    /^Judged now also by cis-eks-1\.8\.0, no longer by cis-kubernetes-1\.11: failures may be new or fixed for this reason alone\.$/m,
  );
});

test('nobody is woken for nodes that end while they are scanned', () => {
  const silent = (reason: string) => ({
    items: [{ cluster: 'prod', nodes: 1, examples: [{ id: 'i-1' }], reason }],
    total: 1,
  });
  const sent = (reason: string, total = 1) =>
    message(night({ unreachable: { new: { ...silent(reason), total }, still: nothing() } }), 'changes') !== undefined;
  assert.deepEqual(
    [sent('gone'), sent('not-running'), sent('connection-lost'), sent('gone', 2)],
    [false, false, true, true],
  );
});

test('the report is linked to, its nodes where the link is that of the page', () => {
  assert.match(told(night()).email, /\nReport: https:\/\/reports\.example\.com\/scans\/report\.html\nScan /);
  const local = {
    url: 'file:///tmp/out/reports/report.html',
    location: '/tmp/out/reports/report.html',
    isPage: true as const,
  };
  const { email } = told(night({ report: local }));
  assert.match(email, /\nReport: file:\/\/\/tmp\/out\/reports\/report\.html\nScan \S+, kept at \/tmp\/out/);
  assert.doesNotMatch(email, /console\.aws|s3:/);
});

test('the digest of the manifest stands in every form, as `verify --anchor` takes it', () => {
  const manifestSha256 = '5e'.repeat(32);
  const { email, https, default: json } = told(night({ scan: { ...night().scan, manifestSha256 } }));
  const anchor = `20261123T020000Z=${manifestSha256}`;
  assert.match(email, new RegExp(`\\nKeep this message, it is a witness: verify --anchor ${anchor}$`));
  assert.ok((JSON.parse(https) as CustomNotification).content.description.includes(`\nAnchor: \`${anchor}\``));
  assert.equal(JSON.parse(json).scan.manifestSha256, manifestSha256);
});

test('nodes are linked to below the e-mail: one by its id, several by their rule and cluster', () => {
  const report = {
    url: 'https://reports.example.com/scans/report.html',
    location: 's3://reports/scans/report.html',
    isPage: true as const,
  };
  const linked = (nodes: number) => {
    const found = (rule: string) => failures([{ ...group(rule, nodes), cluster: 'a b&c' }]);
    const hazards = { new: { ...found('kubelet-restart'), stopped: 0, urgent: 0 }, still: noHazards() };
    const fresh = { new: found('port'), still: none(), fixed: nothing() };
    const { email, https } = told(night({ report, hazards, failures: fresh }));
    return [
      /^- at the next start: .* in a b&c: Set it \[(\d)\]$/m,
      /^- MEDIUM port: .* in a b&c: Set it \[(\d)\]$/m,
    ].map((line) => {
      const number = line.exec(email)?.[1] ?? assert.fail(email);
      const start = `[${number}] https://reports.example.com/scans/report.html#`;
      const address = email
        .split('\n')
        .find((each) => each.startsWith(start))
        ?.slice(start.length);
      assert.ok(address && https.includes(`report.html#${address.replaceAll('&', '&amp;')}|Open>`), email);
      return Object.fromEntries(new URLSearchParams(address));
    });
  };
  assert.deepEqual(linked(1), [{ node: 'i-kubelet-restart-0' }, { node: 'i-port-0' }]);
  assert.deepEqual(linked(5), [
    { pick: 'open', rule: 'kubelet-restart', cluster: 'a b&c' },
    { pick: 'new', rule: 'port', cluster: 'a b&c' },
  ]);
});

test('a remedy that is too long for its line ends behind whole words, and never within a command', () => {
  const ends = (text: string, command?: string) => {
    const { email } = withNew(failures([group('port', 1, { remediation: [step(text, command)] })]));
    return /i-port-0 {1,2}in prod: (.*)$/m.exec(email)?.[1];
  };
  const command = `kubectl ${'x'.repeat(150)} y`;
  assert.equal(
    ends(`Run \`${command}\` on it, then ${'wait '.repeat(5)}`),
    `Run \`kubectl …\` on it, then ${'wait '.repeat(5).trim()}`,
  );
  assert.equal(
    ends(`Set \`${'x'.repeat(40)}: [${'y, '.repeat(60)}]\` in /etc/a`),
    `Set \`${'x'.repeat(40)}: …\` in /etc/a`,
  );
  assert.equal(ends(`Remove \`--x=${'y'.repeat(150)}\` from /etc/a`), 'Remove `--x=…` from /etc/a');
  assert.equal(ends('Wait.', 'true'), 'Wait: `true`');
  assert.equal(ends('Wait for it.', command), 'Wait for it');
  assert.equal(ends(`Wait ${'long '.repeat(20)}(kubeadm: ${command})`), `Wait ${'long '.repeat(20).trim()}…`);
});

test('what must be made sure of before stands behind what is to be done', () => {
  const remediation = [
    step('First make sure that /etc/ca.crt is there, or use another.'),
    step('Set `a: b` in /etc/a.'),
    step('Restart.'),
  ];
  const { email } = withNew(failures([group('port', 1, { remediation })]));
  assert.match(email, /: Set `a: b` in \/etc\/a, but first make sure that \/etc\/ca\.crt is there, or use another$/m);
  const several = [step('First set `c: d`, which is off here.'), ...remediation];
  const told = withNew(failures([group('port', 1, { remediation: several })])).email;
  assert.match(told, /: Set `a: b` in \/etc\/a, but first set `c: d`, which is off here and 1 more thing$/m);
});

test('the runbook is linked to where the settings say where it is', () => {
  const [target] = night().targets;
  assert.ok(target);
  const runbook = 'https://wiki.example.com/runbook';
  const sectionIn = (more: Parameters<typeof night>[0]) =>
    /^Runbook: https:\/\/wiki\.example\.com\/runbook#(.*)$/m.exec(told(night({ runbook, ...more })).email)?.[1];
  const sectionOf = (more: Partial<typeof target>) => sectionIn({ targets: [{ ...target, ...more }] });
  const leaving = { account: '444455556666', region: 'eu-west-1', nodes: 3, failures: 0 };
  assert.equal(sectionOf({ failed: 'AccessDenied' }), 'target-failed');
  assert.equal(sectionOf({ evaluated: 0 }), 'coverage-low');
  assert.equal(sectionOf({ nodes: 0, evaluated: 0 }), 'population-fell');
  assert.equal(sectionOf({ nodes: 0, evaluated: 0, previousNodes: 0 }), 'no-nodes');
  assert.equal(sectionOf({ nodes: 5, evaluated: 5, fell: true }), 'population-fell');
  assert.equal(sectionIn({ left: { items: [leaving], total: 1 } }), 'population-fell');
  assert.equal(sectionIn({ left: { items: [{ ...leaving, why: 'closed' }], total: 1 } }), undefined);
  assert.equal(sectionOf({}), undefined);
});

test('messages about one set of findings share a thread, and a place that was not scanned has its own', () => {
  const threadOf = (input: AlertInput) => (JSON.parse(told(input).https) as CustomNotification).metadata.threadId;
  const withSet = (fingerprint: string) => threadOf(night({ failures: { ...night().failures, fingerprint } }));
  assert.equal(withSet('a'), withSet('a'));
  assert.notEqual(withSet('a'), withSet('b'));
  const [target] = night().targets;
  assert.ok(target);
  assert.notEqual(threadOf(night()), threadOf(night({ targets: [{ ...target, failed: 'AccessDenied' }] })));
});

test('a message that is too large is cut, and its totals stay', () => {
  const reason = '"'.repeat(480);
  const big = Array.from({ length: 1_000 }, (_, index) =>
    group(`rule-${index % 50}`, 1, { reason, remediation: [{ text: `${reason}${index}` }] }),
  );
  const sent = withNew(failures(big));
  const { failures: cut } = JSON.parse(sent.default);
  assert.equal(cut.new.total, 1_000);
  assert.ok(cut.new.groups.length >= 20 && cut.new.groups.length <= 200, `${cut.new.groups.length} groups`);
  assert.ok(Buffer.byteLength(body(sent)) <= 262_144 - 256, 'with room for the attributes');
});

test('whatever nodes, clusters, files and waivers are called, every form keeps its limits', () => {
  fc.assert(
    fc.property(alert, (input) => {
      const sent = told(input);
      const { dedupeId, subject, email, https } = sent;

      assert.match(subject, /^[\x21-\x7e][\x20-\x7e]{0,98}$/);
      assert.ok(Buffer.byteLength(body(sent)) + 'dedupeIdString'.length + Buffer.byteLength(dedupeId) <= 262_144);

      const lines = email.split('\n');
      const readable = lines.filter((line) => !/^\[\d+\] /.test(line)).length;
      assert.ok(readable <= 25, `${readable} lines to read`);
      for (const line of lines) {
        assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u);
        assert.ok(line.length <= 1_700);
      }
      const footer = lines.lastIndexOf('');
      const above = lines.slice(0, footer);
      assert.doesNotMatch(above.join('\n'), /:\/\//, 'only report and runbook are links');

      const { content, metadata } = JSON.parse(https) as CustomNotification;
      assert.ok(content.title.length <= 250);
      assert.ok(content.description.length <= 8_000, `${content.description.length} characters`);
      const steps = [...content.nextSteps, ...content.keywords, metadata.summary];
      for (const text of steps) assert.ok(text.length <= 350);
      const links = content.description.match(/<https:\/\/[^<>|\s]+\|Open the report>/g) ?? [];
      assert.ok(links.length <= 1);
      const titles = /^\*[A-Z ]+(: [a-z\d, ]+)?\*$/gm;
      const location = /^(?:Report|Anchor): `[^`]*`$/gm;
      const ours = content.description
        .replace(links[0] ?? '', '')
        .replace(location, '')
        .replace(titles, '')
        .replaceAll(/ <https:\/\/[^<>|\s]+#[\w=&;.*+%-]+\|Open>$/gm, '');
      const words = [content.title, ours, ...steps, ...metadata.relatedResources].join('\n');
      assert.doesNotMatch(words, /[<>@*~`]|\]\(|:\/\/|(^|\s)_|_(\s|$)/m);
      assert.doesNotMatch(words.replaceAll('\n', ' '), /[\p{C}\p{Zl}\p{Zp}]/u);

      assert.ok(validate(JSON.parse(sent.default)), JSON.stringify(validate.errors?.slice(0, 3)));
      const machine = JSON.parse(sent.default);
      assert.equal(machine.dedupeId, dedupeId);
      assert.equal(machine.failures.new.total, input.failures.new.total);
      assert.ok(v.is(AlertSchema, machine));
    }),
    // Alerts are large: a failing one is told as it came, for to shrink it takes minutes.
    { numRuns: 150, endOnFailure: true },
  );
});

test('whom the next version would stop is a line for each cause, whatever values differ from node to node', () => {
  const flag = 'failed to parse kubelet flag: unknown flag: --pod-infra-container-image';
  const gate = 'failed to set feature gates from initial flags-based config: unrecognized feature gate: CPUManager';
  const stopped = (minor: number, words: string, place: string, nodes: number, more: Partial<Failure> = {}) =>
    group('next-version', nodes, {
      reason: stopText(minor, words, place),
      remediation: [{ text: `Remove ${place} before the upgrade to 1.${minor}.` }],
      ...more,
    });
  const image = (tag: string) =>
    `argument --pod-infra-container-image=example.com/pause:${tag}, written in /var/lib/kubelet/kubeadm-flags.env line 1`;
  const { email } = withNew(
    failures([
      stopped(35, flag, image('3.9'), 200),
      stopped(35, flag, image('3.10'), 14),
      stopped(35, flag, image('3.10'), 2, { cluster: 'shop' }),
      stopped(33, gate, 'line 12 of /var/lib/kubelet/config.yaml (CPUManager)', 3),
      stopped(35, 'kubelet is configured to not run on a host using cgroup v1', '', 4),
    ]),
  );
  const lines = email.split('\n').filter((each) => each.includes('next-version:'));
  assert.deepEqual(
    lines.map((each) => each.replace(/^- MEDIUM next-version: /, '').replace(/ \(i-[^)]*\)/, '')),
    [
      '214 nodes in prod would not start on 1.35: --pod-infra-container-image (kubeadm-flags.env)',
      '2 nodes in shop would not start on 1.35: --pod-infra-container-image (kubeadm-flags.env)',
      '3 nodes in prod would not start on 1.33: CPUManager (config.yaml)',
      '4 nodes in prod would not start on 1.35: kubelet is configured to not run on a host using cgroup v1',
    ],
  );
});

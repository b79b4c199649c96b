import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertInput } from '../../lambda/alerts/alert.ts';
import { scanKeys, targetKeys } from '../../lambda/archive/keys.ts';
import type { Waiver } from '../../lambda/judging/index.ts';
import type { Summary } from '../../lambda/results/summary.ts';
import { gatherAlerts } from '../../lambda/scan/notify.ts';
import { parseScanSettings, type ScanSettings } from '../../lambda/settings.ts';
import { type Answer, keepScan, type MemoryArchive, memoryArchive, nightly } from '../archive/memory.ts';
import { evaluated, finding, target, unreachable } from '../archive/samples.ts';

function settingsFor(topicArn: string): ScanSettings {
  return parseScanSettings(
    JSON.stringify({
      targets: [{ account: '111122223333', region: 'eu-central-1' }],
      tags: [{ key: 'scan' }],
      documentName: 'kubevigil',
      bucket: 'reports',
      topicArn,
    }),
  );
}

const settings = settingsFor('arn:aws:sns:eu-central-1:111122223333:alerts');

/** The message of the scanner's own topic, where there is no other. */
function only(inputs: Map<string, AlertInput>): AlertInput {
  const [input, ...others] = inputs.values();
  assert.ok(input && others.length === 0);
  return input;
}

/** What is told of the last of several nights. */
async function toldOf(nights: Answer[][], waivers: Waiver[] = [], tamper = (_: MemoryArchive): void => undefined) {
  const archive = memoryArchive();
  for (const [index, answers] of nights.entries()) await keepScan(archive, nightly(index + 1), answers);
  tamper(archive);
  return only(await gatherAlerts(archive, scanKeys(nightly(nights.length)).summary, { settings, waivers }));
}

test('failures, silence and errors are told as new, known or fixed', async () => {
  const told = await toldOf([
    [
      { line: evaluated('i-1', [finding('anonymous-auth', 'fail')]) },
      { line: evaluated('i-2', [finding('anonymous-auth', 'fail')]) },
      { line: unreachable('i-3', 'not-managed') },
    ],
    [
      { line: evaluated('i-1', [finding('anonymous-auth', 'fail'), finding('read-only-port', 'fail')]) },
      { line: evaluated('i-2', [finding('anonymous-auth', 'pass')]) },
      { line: unreachable('i-3', 'not-managed') },
      { line: unreachable('i-4', 'gone') },
      { line: evaluated('i-5', [finding('anonymous-auth', 'error'), finding('read-only-port', 'error')]) },
      { line: evaluated('i-6', [finding('read-only-port', 'fail')]) },
    ],
  ]);
  const { failures, unreachable: silent, undecided, scan, targets } = told;
  assert.equal(scan.previous?.id, 'night-1');
  assert.equal(targets[0]?.previousNodes, 3);
  const ids = (groups: readonly { examples: { id: string }[] }[]) =>
    groups.flatMap(({ examples }) => examples.map(({ id }) => id));
  assert.deepEqual(ids(failures.new.groups), ['i-1', 'i-6']);
  assert.deepEqual(ids(failures.still.groups), ['i-1']);
  assert.deepEqual(ids(failures.fixed.items), ['i-2']);
  assert.deepEqual([ids(silent.new.items), ids(silent.still.items)], [['i-4'], ['i-3']]);
  assert.match(silent.new.items[0]?.detail ?? '', /^The SSM agent has not answered/);
  assert.deepEqual(
    undecided.new.items.map(({ examples, verdicts }) => [examples[0]?.id, verdicts]),
    [['i-5', 2]],
  );
  assert.deepEqual(
    failures.new.byRule.map(({ rule, nodes, oldest }) => [rule, nodes, oldest]),
    [['read-only-port', 2, nightly(2).scheduledAt]],
  );
  assert.equal(failures.still.byRule[0]?.oldest, nightly(1).scheduledAt);
});

/** Changes the summary of a night. */
function summaryOf(archive: MemoryArchive, night: number, change: (summary: Summary) => void): void {
  const key = scanKeys(nightly(night)).summary;
  const summary = JSON.parse(String(archive.objects.get(key)));
  change(summary);
  archive.objects.set(key, Buffer.from(JSON.stringify(summary)));
}

test('what the scan before could not know is not told as new', async () => {
  const node = { line: evaluated('i-1', []) };
  const group = (evidence: string, nodes: number) => ({ cluster: 'shop', evidence, nodes, examples: ['i-9'] });
  const skew = [{ cluster: 'shop', oldest: '1.29', newest: '1.34' }];
  const news = async (before: (summary: Summary) => void, since?: string) => {
    const told = await toldOf([[node], [node]], [], (archive) => {
      summaryOf(archive, 1, before);
      summaryOf(archive, 2, (summary) => {
        const [target] = summary.targets;
        assert.ok(target);
        target.lookalikes = { nodes: 2, groups: [group('its tags', 2)] };
        if (since !== undefined) target.notAssessedSince = since;
        summary.skew = skew;
      });
    });
    return [told.lookalikes.items[0]?.new, told.skew.items[0]?.new];
  };
  const change = (values: Partial<Summary['targets'][number]>) => (summary: Summary) => {
    Object.assign(summary.targets[0] ?? assert.fail(), values);
  };
  assert.deepEqual(await news(() => undefined), [true, true]);
  assert.deepEqual(await news(change({ error: 'No role.' }), nightly(1).scheduledAt), [undefined, undefined]);
  const [cut, whole] = [3, 2].map((nodes) => ({ lookalikes: { nodes, groups: [group('its name', 2)] } }));
  assert.deepEqual(await news(change(cut ?? {})), [undefined, true]);
  assert.deepEqual(await news(change(whole ?? {})), [true, true]);
});

test('nodes that were not judged before are known, and those that are gone are told with cluster and open findings', async () => {
  const undecided = { line: evaluated('i-1', [finding('anonymous-auth', 'error')]) };
  const gone = { line: evaluated('i-2', [finding('anonymous-auth', 'fail'), finding('read-only-port', 'fail')]) };
  const told = await toldOf([[undecided, gone, { line: evaluated('i-3', []) }], [undecided]]);
  assert.deepEqual([told.undecided.new.total, told.undecided.still.total], [0, 1]);
  assert.deepEqual(
    told.gone.items.map(({ cluster, nodes, failures }) => ({ cluster, nodes, failures })),
    [{ cluster: 'blue', nodes: 2, failures: 2 }],
  );
});

test('what changed is read once where no node is gone, however many were not judged', async () => {
  const undecided = { line: evaluated('i-1', [finding('anonymous-auth', 'error')]) };
  for (const [before, reads] of [
    [[undecided], 1],
    [[undecided, { line: evaluated('i-2', []) }], 2],
  ] as const) {
    const archive = memoryArchive();
    await keepScan(archive, nightly(1), before);
    await keepScan(archive, nightly(2), [undecided]);
    const { changes } = targetKeys(nightly(2), target);
    let opened = 0;
    const counting = {
      ...archive,
      open: (key: string) => {
        if (key === changes) opened += 1;
        return archive.open(key);
      },
    };
    const told = only(await gatherAlerts(counting, scanKeys(nightly(2)).summary, { settings, waivers: [] }));
    assert.deepEqual([opened, told.undecided.still.total], [reads, 1]);
  }
});

test('one rule that fails everywhere does not hide the others, nor is anything uncounted', async () => {
  const everywhere = Array.from({ length: 300 }, (_, index) => ({
    line: evaluated(`i-${index}`, [finding('read-only-port', 'fail')]),
  }));
  const rules = ['event-record-qps', 'protect-kernel-defaults', 'anonymous-auth'];
  const told = await toldOf([
    [
      ...everywhere,
      { line: evaluated('i-y', [finding('protect-kernel-defaults', 'fail')]) },
      {
        line: evaluated(
          'i-z',
          rules.map((rule) => finding(rule, 'fail')),
        ),
      },
    ],
  ]);
  const { groups, total, nodes, byRule } = told.failures.new;
  assert.deepEqual([total, nodes, groups.length], [304, 302, 4]);
  assert.deepEqual(
    groups.map(({ rule, nodes, examples }) => [rule, nodes, examples.length]),
    [
      ['anonymous-auth', 1, 1],
      ['read-only-port', 300, 3],
      ['protect-kernel-defaults', 2, 2],
      ['event-record-qps', 1, 1],
    ],
  );
  assert.deepEqual(
    byRule.map(({ rule, severity, nodes }) => [rule, severity, nodes]),
    [
      ['anonymous-auth', 'critical', 1],
      ['read-only-port', 'high', 300],
      ['protect-kernel-defaults', 'low', 2],
      ['event-record-qps', 'low', 1],
    ],
  );
  const remedies = Array.from({ length: 300 }, (_, index) => ({
    line: evaluated(`i-${index}`, [finding('read-only-port', 'fail', { remediation: [{ text: `Repair ${index}.` }] })]),
  }));
  const { failures } = await toldOf([remedies]);
  assert.deepEqual([failures.new.groups.length, failures.new.total], [50, 300]);
});

test('certificates that run out are told with their date, those that run out first before the others', async () => {
  const start = Date.parse(nightly(1).startedAt);
  const expiring = (index: number): Answer => {
    const notAfter = new Date(start + (index - 2) * 86_400_000).toISOString();
    const certificate = { role: 'client' as const, path: '/var/lib/kubelet/pki/a.pem', notAfter, renews: false };
    const remediation = [{ text: `Renew ${index % 12}.` }];
    return {
      line: {
        ...evaluated(`i-${index}`, [finding('client-certificate-expiry', 'fail', { remediation })]),
        certificates: [certificate],
      },
    };
  };
  const told = await toldOf([Array.from({ length: 24 }, (_, index) => expiring(index))]);
  const { groups, total, stopped, urgent } = told.hazards.new;
  assert.deepEqual([groups.length, total, stopped, urgent, told.failures.new.total], [12, 24, 2, 7, 0]);
  assert.deepEqual(
    [groups[0]?.examples[0]?.id, groups[0]?.on],
    ['i-0', new Date(start - 2 * 86_400_000).toISOString()],
  );
});

test('a waiver that expired since the last scan is new, one that had before is known', async () => {
  const answers = [{ line: evaluated('i-1', [finding('anonymous-auth', 'pass')]) }];
  const waiver = { rule: 'anonymous-auth', nodes: { cluster: ['a-*', 'b'] }, reason: 'r', owner: 'o', line: 1 };
  const waivers = [
    { ...waiver, until: '2026-11-01', nodes: { tag: { Team: ['data'] } } },
    { ...waiver, until: '2026-10-30' },
    { ...waiver, until: '2026-12-31' },
    { ...waiver, until: '2026-12-31', rule: 'no-such-rule' },
  ];
  const told = await toldOf([answers, answers], waivers);
  assert.deepEqual(
    told.waivers.new.items.map(({ nodes, until }) => [nodes, until]),
    [['tag Team data', '2026-11-01']],
  );
  assert.deepEqual(
    told.waivers.still.items.map(({ nodes, until }) => [nodes, until]),
    [['cluster a-* or b', '2026-10-30']],
  );
  assert.equal(told.errors.total, 1);
  assert.match(told.errors.items[0]?.text ?? '', /no-such-rule/);
  assert.equal((await toldOf([answers], waivers)).waivers.new.total, 1);
});

test('an earlier scan that is broken is told without; what may pass is thrown', async () => {
  const answers = [{ line: evaluated('i-1', []) }];
  const { summary } = scanKeys(nightly(1));
  const told = await toldOf([answers, answers], [], ({ objects }) => objects.set(summary, Buffer.from('{')) as never);
  assert.equal(told.scan.previous, undefined);
  const away = Object.assign(new Error('Please reduce your request rate.'), { name: 'SlowDown' });
  await assert.rejects(
    toldOf([answers, answers], [], (archive) => {
      const { open } = archive;
      archive.open = (key) => (key === summary ? Promise.reject(away) : open(key));
    }),
    away,
  );
});

test('the message links to the console of the partition that the scanner lives in', async (t) => {
  const archive = memoryArchive();
  const scan = nightly(1);
  await keepScan(archive, scan, [{ line: evaluated('i-1', [finding('anonymous-auth', 'fail')]) }]);
  const cases = [
    ['arn:aws:sns:eu-central-1', 'eu-central-1.console.aws.amazon.com'],
    ['arn:aws-us-gov:sns:us-gov-west-1', 'us-gov-west-1.console.amazonaws-us-gov.com'],
    ['arn:aws-cn:sns:cn-north-1', 'cn-north-1.console.amazonaws.cn'],
  ] as const;
  for (const [arn, host] of cases) {
    await t.test(host, async () => {
      const told = { settings: settingsFor(`${arn}:111122223333:alerts`), waivers: [] };
      const { report } = only(await gatherAlerts(archive, scanKeys(scan).summary, told));
      assert.equal(new URL(report.url ?? '').host, host);
      assert.match(report.location, /^s3:\/\/reports\/scans\//);
    });
  }
});

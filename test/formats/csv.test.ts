import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { csv, csvBom } from '../../lambda/formats/csv.ts';
import type { Format } from '../../lambda/formats/format.ts';
import { oscal } from '../../lambda/formats/oscal.ts';
import type { Entry } from '../../lambda/results/entry.ts';
import { failedTarget, summarize } from '../../lambda/results/summary.ts';
import { count, emptyTally } from '../../lambda/results/tally.ts';
import { evaluated, finding, scan, target, unreachable } from '../archive/samples.ts';

const about = { title: 'A', failureTitle: 'Not so', why: 'B', severity: 'high' as const, references: [] as string[] };
const requirements = ['nist-800-53/AC-3', 'pci-dss/2.2'];
const head = { summary: summarize(scan, [], { previous: null }), catalog: { a: { ...about, requirements } } };

const [rulesTable, remediesTable] = csv.beside as [Format, Format];

const rowsOf = (...entries: Entry[]) => tableOf(csv, ...entries);

function tableOf(format: Format, ...entries: Entry[]): Record<string, string>[] {
  const tally = emptyTally();
  for (const { line } of entries) if (line) count(tally, line);
  const sheet = format.open({ ...head, summary: { ...head.summary, rules: tally.rules } });
  const text = sheet.begin() + entries.flatMap(sheet.entry).join('') + [...sheet.end()].join('');
  const [names = [], ...rows] = parse(text);
  return rows.map((row) => Object.fromEntries(row.map((value, index) => [names[index], value])));
}

/** RFC 4180, read back as strictly as it is written. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  for (let row: string[] = []; cell.lastIndex < text.length; ) {
    const found = cell.exec(text);
    assert.ok(found, 'not a cell');
    row.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

test('a row per finding, with all that a filter needs', () => {
  const waiver = { reason: 'Migration', owner: 'ana', until: '2027-01-31' };
  const advisories = [{ id: 'unset-means-off', text: 'Look, "here".' }];
  const line = evaluated('i-1', [finding('a', 'fail', { waiver, advisories }), finding('b', 'pass')], {
    group: 'workers',
    owner: 'ana',
  });
  const [first, second] = rowsOf({
    line,
    changes: {
      node: 'i-1',
      coverage: 'evaluated',
      before: 'evaluated',
      open: { a: '2026-11-20T02:00:00.000Z' },
      changes: [{ rule: 'a', change: 'new', since: '2026-11-20T02:00:00.000Z', cause: 'new-rule' }],
    },
  });
  const remedies = tableOf(remediesTable, { line }, { line });
  assert.deepEqual(remedies, [
    {
      remedy: createHash('sha256').update('1. Set what a asks for. 2. Restart the kubelet.').digest('hex').slice(0, 16),
      remediation: '1. Set what a asks for. 2. Restart the kubelet.',
    },
  ]);
  assert.deepEqual(first, {
    scan: '20261123T020000Z',
    account: '123456789012',
    region: 'eu-central-1',
    cluster: 'blue',
    group: 'workers',
    owner: 'ana',
    node: 'i-1',
    name: 'i-1-worker',
    kubelet: 'v1.32.3',
    coverage: 'evaluated',
    rule: 'a',
    severity: 'high',
    status: 'fail',
    at_risk: '',
    audit: 'fail',
    open_since: '2026-11-20T02:00:00.000Z',
    change: 'new (new-rule)',
    waived_until: '2027-01-31',
    waived_by: 'ana: Migration',
    reason: 'The setting of a says so (/var/lib/kubelet/config.yaml).',
    advisories: 'unset-means-off: Look, "here".',
    remedy: remedies[0]?.remedy,
    controls: 'cis-kubernetes-1.5.1/4.2.11',
  });
  assert.equal(second?.status, 'pass');
});

test('what is the same in many rows stands once beside them, in whatever order nodes come', () => {
  const lines = ['b', 'a', 'c', 'a'].map((rule, at) =>
    evaluated(`i-${at}`, [finding(rule, 'fail'), finding('z', 'pass')]),
  );
  const entries = lines.map((line) => ({ line }));
  const rows = rowsOf(...entries, { line: unreachable('i-9', 'gone') });
  const remedies = tableOf(remediesTable, ...entries);
  const texts = new Map(remedies.map(({ remedy, remediation }) => [remedy, remediation]));
  assert.deepEqual([texts.size, remedies.length], [3, 3]);
  for (const { rule, status, remedy = '' } of rows)
    assert.equal(
      texts.get(remedy),
      status === 'fail' ? `1. Set what ${rule} asks for. 2. Restart the kubelet.` : undefined,
    );
  assert.deepEqual(tableOf(remediesTable, ...entries.toReversed()).toSorted(byKey), remedies.toSorted(byKey));
  // The catalog of these has one of the rules.
  const known = [{ rule: 'a', severity: 'high', title: 'A', why: 'B', requirements: 'nist-800-53/AC-3 pci-dss/2.2' }];
  assert.deepEqual(tableOf(rulesTable, ...entries), known);
});

const byKey = (a: Record<string, string>, b: Record<string, string>) => (a.remedy ?? '').localeCompare(b.remedy ?? '');

test('what passes on a node that will stop says so in the same row', () => {
  const certificate = {
    role: 'client',
    path: '/var/lib/kubelet/pki/a.pem',
    notAfter: '2026-12-05T00:00:00.000Z',
    renews: false,
  } as const;
  const findings = [finding('rotate-client-certificates', 'pass'), finding('client-certificate-expiry', 'fail')];
  const [pass] = rowsOf({ line: { ...evaluated('i-1', findings), certificates: [certificate] } });
  assert.deepEqual([pass?.status, pass?.at_risk], ['pass', 'client-certificate 2026-12-05']);
  const [next] = rowsOf({ line: evaluated('i-1', [finding('kubelet-restart', 'fail')]) });
  assert.equal(next?.at_risk, 'next-start');
});

test('a row per unreachable and per lost node', () => {
  const changes = { node: 'i-9', coverage: 'lost', before: 'evaluated', open: {} } as const;
  const lost: Entry = { changes: { ...changes, changes: [] }, target };
  const [silent, gone] = rowsOf({ line: unreachable('i-1', 'connection-lost') }, lost);
  assert.equal(silent?.coverage, 'connection-lost');
  assert.match(silent?.reason ?? '', /has not answered/);
  assert.deepEqual([gone?.node, gone?.coverage], ['i-9', 'lost']);
  assert.deepEqual([gone?.account, gone?.region], [target.account, target.region]);
});

for (const name of ['=cmd|calc', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '|x', '%x']) {
  test(`a cell of ${JSON.stringify(name)} is no formula`, () => {
    const [row] = rowsOf({ line: evaluated('i-1', [finding('a', 'pass')], { name }) });
    assert.match(row?.name ?? '', /^'|^\\u/);
  });
}

test('whatever a node says, a finding stays one row of as many cells', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, reason) => {
      const rows = rowsOf({ line: evaluated('i-1', [finding('a', 'fail', { reason })], { name, cluster: reason }) });
      assert.equal(rows.length, 1);
      assert.equal(Object.keys(rows[0] ?? {}).length, 23);
      assert.ok(!/^\s*[=+\-@]/.test(rows[0]?.reason ?? ''));
    }),
  );
});

test('an account and region that could not be scanned is a row, and keeps every objective of OSCAL from being satisfied', () => {
  const failed = { account: '111122223333', region: 'eu-west-1' };
  const summary = summarize(scan, [failedTarget(failed, 'access denied')], { previous: null });
  const written = (format: Format) => {
    const sheet = format.open({ summary, catalog: {} });
    const line = evaluated('i-1', [finding('anonymous-auth', 'pass')]);
    return [sheet.begin(), sheet.entry({ line }), ...sheet.end()].flat().join('');
  };
  assert.match(written(csv), /111122223333,eu-west-1,[^\r\n]*not-assessed,[^\r\n]*access denied/);
  const text = written(oscal);
  assert.match(text, /"state":"not-satisfied"/);
  assert.match(text, /111122223333\/eu-west-1 was not assessed: access denied/);
});

test('the CSV for spreadsheets is the same behind a byte order mark', () => {
  const begin = (format: Format) => format.open(head).begin();
  const [plain, others] = [csv, csvBom].map((format) => [format, ...(format.beside ?? [])]) as [Format[], Format[]];
  for (const [index, format] of others.entries()) {
    assert.equal(begin(format), `\uFEFF${begin(plain[index] as Format)}`);
    assert.notEqual(format.file, plain[index]?.file);
  }
});

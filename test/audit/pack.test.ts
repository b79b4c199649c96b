/**
 * A pack of a quarter, line by line against the script that made the quarter. Long because one quarter and one pack serve all cases.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { collector, observed, tellAll } from '../../audit/collect.ts';
import { type PackOptions, writePack } from '../../audit/pack.ts';
import { type Night, readPeriod } from '../../audit/period.ts';
import { draw } from '../../audit/samples.ts';
import { sha256 } from '../../lambda/archive/content.ts';
import { directoryArchive } from '../../lambda/archive/directory.ts';
import { scanKeys } from '../../lambda/archive/keys.ts';
import { keySigner } from '../../lambda/archive/sign.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { judgeArchived } from '../../lambda/results/judge-line.ts';
import {
  COLLECTORS,
  DENIAL,
  DENIED,
  dueAt,
  EXPIRY_DAYS,
  FAULTS,
  type Fault,
  isWithin,
  NEW_COLLECTOR,
  NEW_KEY,
  NEW_RULES,
  NEW_SETTING,
  OLD_RULES,
  OUTAGE,
  TARGETS,
} from '../../simulator/archive/quarter.ts';
import { keepScan, memoryArchive, nightly } from '../archive/memory.ts';
import { answers } from '../archive/samples.ts';
import { readCsv } from './csv.ts';
import { fails, isAccepted, keptQuarter, lives, nights, stateOf } from './quarter.ts';

const quarter = await keptQuarter();
const NOW = '2026-10-05T00:00:00.000Z';
const period = { from: '2026-07-01T00:00:00.000Z', to: '2026-09-30T23:59:59.999Z' };
const rules = Object.keys(FAULTS) as Fault[];

async function pack(name: string, more: Partial<PackOptions> = {}, archive = quarter.archive) {
  const out = join(quarter.folder, name);
  const keys = quarter.publicKeys;
  const result = await writePack([directoryArchive(archive)], {
    ...{ period, out, now: NOW, publicKeys: keys, judge: judgeArchived },
    verify: (opened, asked) => verifyArchive(opened, { ...asked, now: NOW, unsigned: true, publicKeys: keys }),
    ...more,
  });
  const text = (file: string) => readFileSync(join(out, file), 'utf8');
  return { ...result, out, text, rows: (file: string) => readCsv(text(`${file}.csv`)) };
}

const whole = await pack('whole', { signer: keySigner(quarter.keys[0]), seed: 'an auditor says so' });

test('nights.csv has every night that was due, those of the outage as missing', () => {
  const rows = whole.rows('nights');
  assert.equal(rows.length, 92);
  for (const row of rows) {
    const day = row.due_at?.slice(0, 10) ?? '';
    assert.equal(row.due_at, dueAt(day));
    if (isWithin(day, OUTAGE)) {
      assert.deepEqual([row.status, row.scan, row.nodes], ['missing', '', '']);
      assert.match(
        row.reason ?? '',
        /due by the schedule.* The scan after it, 20260905T020000Z, was compared with an earlier/,
      );
      continue;
    }
    const states = lives.map((life) => stateOf(life, day));
    const isDenied = isWithin(day, DENIED);
    assert.deepEqual(
      [row.status, row.nodes, row.evaluated, row.failed_targets],
      [
        'verified',
        String(states.filter((state) => state === 'heard' || state === 'silent').length),
        String(states.filter((state) => state === 'heard').length),
        isDenied ? '1' : '0',
      ],
      day,
    );
    assert.equal(row.reason, isDenied ? `444455556666/us-east-1: ${DENIAL}` : '');
    assert.equal(row.collector, COLLECTORS[day >= NEW_COLLECTOR ? 1 : 0]);
    assert.equal(row.rules === OLD_RULES, day < NEW_RULES);
    const manifest = readFileSync(join(quarter.archive, row.manifest ?? ''));
    assert.equal(row.manifest_sha256, sha256(manifest));
  }
});

test('population.csv has every node, when it was there and when it was silent, absent, or late', () => {
  const rows = whole.rows('population');
  assert.deepEqual(rows.map(({ node }) => node).sort(), lives.map(({ id }) => id).sort());
  for (const life of lives) {
    const row = rows.find(({ node }) => node === life.id);
    const states = nights.map((day) => ({ day, state: stateOf(life, day) }));
    const known = states.filter(({ state }) => state === 'heard' || state === 'silent').map(({ day }) => day);
    const [first = '', last = ''] = [known[0], known.at(-1)];
    const between = (wanted: string) =>
      states.filter(({ day, state }) => state === wanted && day > first && day < last).length;
    const silent = states.filter(({ state }) => state === 'silent').length;
    assert.deepEqual(row, {
      archive: 'reports',
      ...life.target,
      cluster: 'blue',
      node: life.id,
      name: `${life.id}-worker`,
      first_seen: dueAt(first),
      last_seen: dueAt(last),
      nights_evaluated: String(states.filter(({ state }) => state === 'heard').length),
      nights_unreachable: String(silent),
      nights_idle: '0',
      unreachable_why: silent > 0 ? `${life.silent?.[0]?.reason}: ${silent}` : '',
      nights_absent: String(between('absent')),
      nights_not_assessed: String(between('not-assessed')),
      joined_after_inventory: (life.late ?? []).map(dueAt).join(' '),
      left: states.at(-1)?.state === 'absent' ? (life.leaves ?? 'unknown') : '',
    });
  }
});

test('episodes.csv has each time that a finding was open, as the script tells it', () => {
  const at = (day: string) => (day === '' ? '' : dueAt(day));
  const told = whole.rows('episodes').map((row) => {
    const { node, rule, opened, cause, failing_since, closed, how, days_open, days_silent, returns } = row;
    return [node, rule, opened, cause, failing_since, closed, how, days_open, days_silent, returns].join(' ');
  });
  const truth: [
    node: string,
    rule: Fault,
    opened: string,
    cause: string,
    since: string,
    closed: string,
    how: string,
  ][] = [
    ['i-0a2', 'read-only-port', '2026-07-10', 'appeared', '2026-07-10', '2026-07-24', 'fixed 14 0 0'],
    ['i-0a2', 'read-only-port', '2026-08-19', 'appeared', '2026-08-19', '2026-08-21', 'fixed 2 0 1'],
    ['i-0a3', 'anonymous-auth', '2026-07-01', 'carried-over', '2026-06-28', '2026-07-13', 'waived 12 0 0'],
    ['i-0a3', 'anonymous-auth', '2026-07-27', 'waiver-changed', '2026-06-28', '2026-08-09', 'fixed 13 0 0'],
    // Four days of silence.
    ['i-0a4', 'read-only-port', '2026-07-12', 'appeared', '2026-07-12', '2026-07-30', 'fixed 14 4 0'],
    // It was fixed while no scan ran, and nobody saw it for two days.
    ['i-0a4', 'read-only-port', '2026-09-01', 'appeared', '2026-09-01', '2026-09-05', 'fixed 2 2 1'],
    ['i-0a5', 'read-only-port', '2026-07-05', 'appeared', '2026-07-05', '2026-08-29', 'lost 55 0 0'],
    ['i-0a6', 'anonymous-auth', '2026-07-08', 'appeared', '2026-07-08', '2026-07-20', 'lost 12 0 0'],
    ['i-0a6', 'anonymous-auth', '2026-07-23', 'node-returned', '2026-07-08', '2026-08-14', 'fixed 22 0 0'],
    ['i-0a7', 'read-only-port', '2026-08-02', 'new-node', '2026-08-02', '', 'open 57 2 0'],
    // It failed all the time; the night before is the first whose evidence today's rules judged.
    ['i-0a9', 'make-iptables-util-chains', '2026-09-08', 'rules', '2026-09-07', '', 'open 22 0 0'],
    ['i-0b1', 'read-only-port', '2026-07-01', 'carried-over', '2026-06-28', '2026-07-06', 'waived 5 0 0'],
    ['i-0b1', 'read-only-port', '2026-09-01', 'waiver-ended', '2026-06-28', '2026-09-10', 'waived 7 2 0'],
  ];
  assert.deepEqual(
    told,
    truth.map(([node, rule, opened, cause, since, closed, how]) =>
      [node, rule, at(opened), cause, at(since), at(closed), how].join(' '),
    ),
  );
});

test('an episode covers exactly the nights on which the node was heard and the script has it open', () => {
  const episodes = whole.rows('episodes');
  for (const life of lives) {
    for (const rule of rules) {
      for (const day of nights) {
        if (stateOf(life, day) !== 'heard') continue;
        const covered = episodes.some(
          (each) =>
            each.node === life.id &&
            each.rule === rule &&
            (each.opened ?? '') <= dueAt(day) &&
            (each.closed === '' || dueAt(day) < (each.closed ?? '')),
        );
        assert.equal(covered, fails(life, rule, day) && !isAccepted(life, rule, day), `${life.id} ${rule} ${day}`);
      }
    }
  }
});

test('controls.csv counts each control on each night as the script has it', () => {
  const rows = whole.rows('controls');
  assert.equal(new Set(rows.map(({ scan }) => scan)).size, nights.length);
  const seen = new Set<string>();
  for (const row of rows) {
    const day = row.scheduled_at?.slice(0, 10) ?? '';
    const heard = lives.filter((life) => stateOf(life, day) === 'heard');
    const numbers = [row.pass, row.fail, row.accepted, row.manual, row.not_applicable, row.error].map(Number);
    assert.equal(
      numbers.reduce((sum, each) => sum + each, 0),
      heard.length,
      `${day} ${row.rule}`,
    );
    assert.equal(Number(row.unreachable_nodes), lives.filter((life) => stateOf(life, day) === 'silent').length);
    assert.equal(row.failed_targets, isWithin(day, DENIED) ? '1' : '0');
    const failing = heard.filter((life) => rules.includes(row.rule as Fault) && fails(life, row.rule as Fault, day));
    const accepted = failing.filter((life) => isAccepted(life, row.rule as Fault, day)).length;
    assert.deepEqual(
      [row.fail, row.accepted],
      [String(failing.length - accepted), String(accepted)],
      `${day} ${row.rule}`,
    );
    seen.add(`${row.rule} ${row.benchmark}/${row.control}`);
  }
  assert.ok(seen.has('read-only-port cis-kubernetes-1.5.1/4.2.4'));
  assert.equal(rows.length, seen.size * nights.length);
});

test('waivers.csv has each wording with its first and last night, and how it began and ended', () => {
  const told = whole
    .rows('waivers')
    .map(({ rule, owner, until, first_night, last_night, began, ended, most_findings_in_a_night }) =>
      [
        rule,
        owner,
        until,
        first_night?.slice(0, 10),
        last_night?.slice(0, 10),
        began,
        ended,
        most_findings_in_a_night,
      ].join('|'),
    );
  assert.deepEqual(told, [
    'cis-kubernetes-1.5.1/4.2.1|eva|2026-12-31|2026-07-13|2026-07-26|added|removed|1',
    'read-only-port|ana|2026-08-10|2026-07-06|2026-07-19|added|edited|1',
    'read-only-port|ana|2026-08-31|2026-07-20|2026-09-09|edited: until was "2026-08-10"|expired, then edited|1',
    'read-only-port|ben|2026-12-31|2026-09-10|2026-09-30|edited: owner was "ana"; reason was "Old monitoring"; until was "2026-08-31"|holds|1',
  ]);
});

test('changes.csv states how the quarter began, and each change after it', () => {
  const rows = whole.rows('changes');
  const began = rows.filter(({ scheduled_at }) => scheduled_at === dueAt('2026-07-01'));
  assert.deepEqual(
    began.map(({ what }) => what),
    [
      ...['benchmarks', 'code', 'collector', 'key', 'known answers', 'rules', 'rules asked', 'schedule'],
      ...['settings: benchmarks', 'settings: expiryDays', 'targets', 'version', 'waivers'],
    ],
  );
  const later = rows.filter((row) => !began.includes(row) && row.what !== 'waivers');
  assert.deepEqual(
    later.map(({ scheduled_at, what, before }) => [scheduled_at?.slice(0, 10), what, before]),
    [
      [NEW_COLLECTOR, 'collector', COLLECTORS[0]],
      [NEW_SETTING, 'settings: expiryDays', String(EXPIRY_DAYS[0])],
      [NEW_RULES, 'rules', OLD_RULES],
      [NEW_KEY, 'key', began.find(({ what }) => what === 'key')?.after],
    ],
  );
  const waivers = rows.filter((row) => !began.includes(row) && row.what === 'waivers');
  assert.deepEqual(
    waivers.map(({ scheduled_at }) => scheduled_at?.slice(0, 10)),
    ['2026-07-06', '2026-07-13', '2026-07-20', '2026-07-27', '2026-09-10'],
  );
});

test('samples are those that the seed draws, counted in the archive itself', () => {
  const all: { day: string; node: string; rule: string; status: string; reason: string; old: boolean }[] = [];
  for (const day of nights) {
    for (const { account, region } of TARGETS) {
      const [file] = globSync(`scans/${day.replaceAll('-', '/')}/*/findings/${account}-${region}.ndjson.gz`, {
        cwd: quarter.archive,
      });
      if (file === undefined) continue;
      for (const text of gunzipSync(readFileSync(join(quarter.archive, file)))
        .toString()
        .trim()
        .split('\n')) {
        const line = JSON.parse(text);
        for (const { rule, status, reason } of line.findings)
          all.push({ day, node: line.node.id, rule, status, reason, old: day < NEW_RULES });
      }
    }
  }
  const positions = draw('an auditor says so', 25, all.length);
  assert.equal(positions[0], Number(BigInt(`0x${sha256('an auditor says so:1').slice(0, 16)}`) % BigInt(all.length)));
  const rows = readCsv(whole.text('samples/samples.csv'));
  assert.deepEqual(
    rows.map(({ position }) => Number(position)),
    positions,
  );
  for (const row of rows) {
    const found = all[Number(row.position)];
    assert.deepEqual(
      [row.node, row.rule, row.status, row.reason],
      [found?.node, found?.rule, found?.status, found?.reason],
    );
    assert.match(row.replayed ?? '', found?.old ? /^(other rules, agrees|not possible)$/ : /^(agrees|not possible)$/);
    const sample = JSON.parse(whole.text(row.file ?? ''));
    assert.equal(sample.verdict.reason, found?.reason);
    assert.equal(sample.rule.name, found?.rule);
    assert.ok(sample.rule.title && sample.rule.why && sample.rule.references.length > 0);
    assert.deepEqual(sample.evidence.node, sample.node);
    assert.ok(sample.derivation['authorization.mode'].source);
    if (Number(row.sample) > 3) continue;
    const read = execFileSync('sh', ['-c', sample.where.read], { cwd: quarter.archive, encoding: 'utf8' });
    assert.equal(JSON.parse(read).reason, found?.reason);
  }
});

test('the page has the exceptions first, both keys, the first and the last digest, and loads nothing', () => {
  const page = whole.text('index.html');
  assert.ok(page.indexOf('Exceptions') < page.indexOf('What was open'));
  for (const text of [
    'reports: 2 nights were due and are missing: 2026-09-03, 2026-09-04.',
    '444455556666 us-east-1 was not assessed on 2 nights: 2026-07-25, 2026-07-26.',
    '1 node never gave an answer in the period: i-0b2.',
    'Of 92 nights that were due or held, 90 are there and verified.',
    'In the last, 9 of 10 nodes were evaluated; 2 findings are open on 2 nodes, and 1 accepted by waivers.',
    '1 of them joined after the inventory of a night was made',
    'for this pack from outside the archive',
    whole.rows('nights')[0]?.manifest_sha256 ?? '?',
    whole.rows('nights').at(-1)?.manifest_sha256 ?? '?',
    ...new Set(whole.rows('nights').map(({ signed_by }) => signed_by ?? '')),
  ])
    assert.ok(page.includes(text), text);
  assert.doesNotMatch(page, /<script|https?:\/\/|src=/);
});

/** Commands of a page with what stands beside them. */
function commandsOf(page: string) {
  const plain = (text: string) =>
    text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&');
  return [...page.matchAll(/<code data-(run|value)="([^"]*)"(?: data-archive="([^"]*)")?>([^<]*)<\/code>/g)].map(
    ([, kind, value = '', archive, command = '']) => ({ kind, value, archive, command: plain(command) }),
  );
}

const tools = ['openssl', 'jq', 'zcat', 'sha256sum'].filter(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
);
const skip = tools.length > 0 && `no ${tools.join(', no ')}`;

function runCommands({ out, text }: typeof whole, kinds = ['run', 'value']) {
  const env = { ...process.env, ARCHIVE: quarter.archive, PACK: out };
  const commands = commandsOf(text('index.html')).filter(({ kind = '' }) => kinds.includes(kind));
  return commands.map(({ kind, value, archive, command }) => {
    const cwd = kind === 'run' && archive !== undefined ? join(out, 'verification', archive) : out;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd, env, encoding: 'utf8' });
    return { kind, value, command, status, stdout, stderr };
  });
}

test('every command of the page gives the number beside it, or says that all is well', { skip }, () => {
  const done = runCommands(whole);
  assert.equal(done.filter(({ kind }) => kind === 'value').length, 10);
  assert.equal(done.filter(({ kind }) => kind === 'run').length, 5);
  for (const { kind, value, command, status, stdout, stderr } of done) {
    assert.deepEqual([status, stderr.trim()], [0, ''], command);
    if (kind === 'value') assert.equal(stdout.trim(), value, command);
    else if (value === 'signatures') assert.match(stdout, /^\s*90 Verified OK\n$/);
    else assert.match(stdout, /^(Verified OK\n)?$/, command);
  }
});

test('the same archive, period and seed give the same bytes, but for the signature', async () => {
  const again = await pack('again', { signer: keySigner(quarter.keys[0]), seed: 'an auditor says so' });
  const files = globSync('**/*.*', { cwd: whole.out }).sort();
  assert.deepEqual(globSync('**/*.*', { cwd: again.out }).sort(), files);
  for (const file of files.filter((name) => name !== 'pack.json.sig'))
    assert.equal(again.text(file), whole.text(file), file);
});

test('pack.json has every file with its digest; without a signer it says that nobody signed', async () => {
  const bare = await pack('bare', { samples: 3, control: { name: '4.2.4', rule: 'read-only-port' } });
  const { files, signing, control } = JSON.parse(bare.text('pack.json'));
  assert.deepEqual([signing, control.rule], [null, 'read-only-port']);
  const there = globSync('**/*', { cwd: bare.out, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(bare.out.length + 1))
    .sort();
  assert.deepEqual([...files.map(({ path }: { path: string }) => path), 'pack.json'].sort(), there);
  for (const { path, sha256: digest } of files) assert.equal(sha256(readFileSync(join(bare.out, path))), digest, path);
  assert.match(bare.text('index.html'), /This pack is not signed/);
  for (const file of ['episodes', 'controls', 'samples/samples'])
    assert.deepEqual(new Set(bare.rows(file).map(({ rule }) => rule)), new Set(['read-only-port']));
  assert.equal(bare.rows('samples/samples').length, 3);
  const [result] = JSON.parse(bare.text('oscal/assessment-results.json'))['assessment-results'].results;
  assert.deepEqual(
    result.findings.map(({ props: [{ value }] }: { props: [{ value: string }] }) => value),
    ['read-only-port'],
  );
  assert.doesNotMatch(bare.text('index.html'), /failures found in all these nights/);
  if (skip) return;
  for (const { value, command, stdout } of runCommands(bare, ['value'])) assert.equal(stdout.trim(), value, command);
});

test('a night that was changed counts nowhere, and one that was deleted is missing; both come first', async () => {
  const copy = join(quarter.folder, 'tampered');
  cpSync(quarter.archive, copy, { recursive: true });
  const [findings = ''] = globSync('scans/2026/07/14/*/findings/1111*.gz', { cwd: copy });
  const lines = gunzipSync(readFileSync(join(copy, findings)))
    .toString()
    .replaceAll('"status":"fail"', '"status":"pass"');
  writeFileSync(join(copy, findings), gzipSync(lines));
  rmSync(join(copy, 'scans/2026/08/20'), { recursive: true });
  const bad = await pack('bad', {}, copy);
  const status = new Map(bad.rows('nights').map((row) => [row.due_at?.slice(0, 10), row.status]));
  assert.deepEqual(
    [status.get('2026-07-14'), status.get('2026-08-20'), status.get('2026-08-21'), status.size],
    ['broken', 'missing', 'verified', 92],
  );
  assert.equal(
    bad.rows('controls').some(({ scan }) => scan === '20260714T020000Z'),
    false,
  );
  assert.ok(bad.exceptions[0]?.startsWith('reports: 1 night is not as it was sealed, and counts nowhere: 2026-07-14.'));
  assert.match(bad.exceptions[1] ?? '', /3 nights were due and are missing: 2026-08-20, 2026-09-03, 2026-09-04/);
  const row = bad.rows('nights').find(({ due_at }) => due_at === dueAt('2026-08-20'));
  assert.match(row?.reason ?? '', /Scan 20260821T020000Z names its manifest, .* was deleted/);
  assert.ok(!existsSync(join(bad.out, 'verification/reports/scans/2026/07/14')));
});

test('what is wrong beside all scans is an exception, and a night that never ended after the period is none', async () => {
  const copy = join(quarter.folder, 'beside');
  cpSync(quarter.archive, copy, { recursive: true });
  for (const day of ['2026/07', '2026/08', '2026/09/0', '2026/09/1'])
    for (const folder of globSync(`scans/${day}*`, { cwd: copy })) rmSync(join(copy, folder), { recursive: true });
  rmSync(join(copy, 'latest.json'));
  writeFileSync(join(copy, 'scans/x'), '');
  for (const [day, id] of [
    ['2026/09/27', '20261103T020000Z'],
    ['2026/10/02', '20261002T020000Z'],
  ] as const) {
    mkdirSync(join(copy, 'scans', day, id), { recursive: true });
    writeFileSync(join(copy, 'scans', day, id, 'claim.json'), '{}');
  }
  const short = { from: '2026-09-26T00:00:00.000Z', to: '2026-09-30T23:59:59.999Z' };
  const told = await pack('short', { period: short, samples: 1 }, copy);
  assert.ok(told.exceptions.includes('reports: scans/x belongs to no scan.'));
  assert.ok(told.exceptions.includes('reports: latest.json is not there.'));
  assert.deepEqual(
    told.rows('nights').map(({ due_at, status }) => `${due_at?.slice(0, 10)} ${status}`),
    [
      ...['2026-09-26 verified', '2026-09-27 unsealed', '2026-09-27 verified', '2026-09-28 verified'],
      ...['2026-09-29 verified', '2026-09-30 verified'],
    ],
  );
  assert.doesNotMatch(told.exceptions.join(' '), /2026-10-02/);
});

const source = { name: 'reports', archive: directoryArchive(quarter.archive) };
const kept = await readPeriod(source, period);

function counting() {
  const rows: string[] = [];
  return { rows, counts: collector('reports', { onRows: (some) => rows.push(...some) }) };
}

test('what is counted while an archive is verified is what its nights say when they are read by themselves', async () => {
  const [once, again] = [counting(), counting()];
  const { observer, isComplete } = observed(kept, once.counts);
  assert.equal(isComplete(), false);
  const options = { ...period, now: NOW, publicKeys: quarter.publicKeys, observer };
  const { problems } = await verifyArchive(source.archive, options);
  assert.deepEqual(
    problems.filter(({ kind }) => kind !== 'gap'),
    [],
  );
  assert.equal(isComplete(), true);
  await tellAll(kept, again.counts);
  assert.deepEqual(once.counts.result(), again.counts.result());
  assert.deepEqual(once.rows, again.rows);
  assert.ok(once.rows.length > 1000);
});

test('nights that were not told whole, each once and in the order of their times, are not counted', () => {
  const [first, second] = kept as [Night, Night];
  const cases: [what: string, told: Night[], ended: number, isComplete: boolean][] = [
    ['all', [first, second], 2, true],
    ['one is missing', [first], 1, false],
    ['one did not end', [first, second], 1, false],
    ['another order', [second, first], 2, false],
    ['twice', [first, second, second], 3, false],
    ['one too many', [first, second, kept[2] as Night], 3, false],
  ];
  for (const [what, told, ended, wanted] of cases) {
    const { observer, isComplete } = observed([first, second], counting().counts);
    for (const [index, { manifest }] of told.entries()) {
      observer.scan(manifest);
      if (index < ended) observer.scanEnds();
    }
    assert.equal(isComplete(), wanted, what);
  }
});

test('of a long period the reports of thirty nights are written again, drawn by the seed', () => {
  const { notes } = JSON.parse(whole.text('verification/reports.json'));
  assert.match(notes.join(), /of 30 of \d+ scans were looked at byte for byte/);
  assert.match(whole.text('index.html'), /of 30 of \d+ scans were looked at byte for byte/);
});

test('a night at the edge of its retention, of which a part is gone already, is told and counts nowhere', async () => {
  const archive = memoryArchive();
  const retention = { mode: 'compliance', days: 30 } as const;
  for (const day of [1, 2, 3]) await keepScan(archive, nightly(day), answers, undefined, { retention });
  archive.objects.delete(scanKeys(nightly(1)).summary);
  const out = join(quarter.folder, 'edge');
  const now = '2026-12-01T03:00:00.000Z';
  await writePack([archive], {
    ...{ period: { from: '2026-11-01', to: '2026-11-03T23:59:59.999Z' }, out, now, judge: judgeArchived },
    verify: (opened, asked) => verifyArchive(opened, { ...asked, now, unsigned: true }),
  });
  const read = (file: string) => readCsv(readFileSync(join(out, file), 'utf8'));
  assert.deepEqual(
    read('nights.csv').map(({ due_at, status, evaluated }) => [due_at, status, evaluated]),
    [
      [nightly(1).scheduledAt, 'expired', ''],
      [nightly(2).scheduledAt, 'verified', '4'],
      [nightly(3).scheduledAt, 'verified', '4'],
    ],
  );
  assert.ok(read('population.csv').every(({ first_seen }) => first_seen === nightly(2).scheduledAt));
});

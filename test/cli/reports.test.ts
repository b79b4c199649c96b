import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { diffCommand } from '../../cli/diff.ts';
import { reportCommand } from '../../cli/report.ts';
import { failedTarget } from '../../lambda/results/summary.ts';
import { catalog } from '../archive/fleet.ts';
import { copyOf, keepAnswers, keepScan, memoryArchive, nightly, sealWith, writeTo } from '../archive/memory.ts';
import { answers, evaluated, evidence, finding, target } from '../archive/samples.ts';
import { capture } from './capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-report-'));
after(() => rmSync(folder, { recursive: true }));

const memory = memoryArchive();
const fixed = answers.map((answer) =>
  answer.line.node.id === 'i-02'
    ? { ...answer, line: evaluated('i-02', [finding('rotate-client-certificates', 'pass')]) }
    : answer,
);
const byStig = [
  { benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11' },
  { benchmark: 'disa-kubernetes-stig-v2r6', control: 'V-242391' },
];
const nights = [
  answers,
  [
    ...fixed.slice(0, 4),
    { line: evaluated('i-07', [finding('anonymous-auth', 'fail', { controls: byStig })]), evidence },
  ],
];
for (const [index, answered] of nights.entries()) {
  await keepScan(memory, nightly(index + 1), answered, undefined, {
    formats: ['cklb', 'csv', 'csv-bom', 'html', 'ics', 'oscal', 'ocsf'],
    catalog,
  });
}
const archive = join(folder, 'reports');
writeTo(archive, memory);
const scanFolder = (day: number) => join(archive, `scans/2026/11/0${day}/night-${day}`);

async function report(...args: string[]) {
  const to = capture();
  return { code: await reportCommand(args, catalog, to), to };
}

async function diff(...args: string[]) {
  const to = capture();
  return { code: await diffCommand(args, to), to };
}

for (const [format, file] of [
  ['csv', 'findings.csv'],
  ['csv-bom', 'findings-spreadsheet.csv'],
  ['html', 'report.html'],
  ['cklb', 'checklists.cklb.ndjson.gz'],
  ['ics', 'horizon.ics'],
  ['oscal', 'oscal.json'],
  ['ocsf', 'ocsf.ndjson.gz'],
] as const) {
  test(`report writes ${format} again, byte for byte as the scan did`, async () => {
    for (const day of [1, 2]) {
      const out = join(folder, `${day}-${file}`);
      const { code, to } = await report(archive, '--format', format, '--scan', `night-${day}`, '--out', out);
      assert.equal(code, 0, to.stderr);
      assert.match(to.stdout, new RegExp(`: scan night-${day} of 2026-11-0${day}T02:00:00.000Z\n$`));
      assert.deepEqual(readFileSync(out), readFileSync(join(scanFolder(day), file)));
    }
  });
}

test('report writes the checklist of one node as STIG Viewer opens it', async () => {
  const out = join(folder, 'one.cklb');
  const { code, to } = await report(archive, '--format', 'cklb', '--node', 'i-07', '--out', out);
  assert.equal(code, 0, to.stderr);
  const { stigs, cklb_version } = JSON.parse(readFileSync(out, 'utf8'));
  assert.equal(cklb_version, '1.0');
  const open = stigs[0].rules.filter(({ status }: { status: string }) => status === 'open');
  assert.deepEqual(
    open.map(({ group_id }: { group_id: string }) => group_id),
    ['V-242391'],
  );
  assert.match((await report(archive, '--format', 'cklb', '--node', 'i-07', '--out', '-')).to.stdout, /^\{\n/);
});

test('report overwrites nothing, and writes into no checkout that nobody named', async () => {
  const [checkout, here] = [join(folder, 'checkout/below'), process.cwd()];
  mkdirSync(checkout, { recursive: true });
  process.chdir(checkout);
  try {
    const free = await report(archive, '--format', 'csv');
    assert.match(free.to.stdout, /^findings\.csv: scan night-2 .*\nrules\.csv: .*\nremedies\.csv: scan night-2 .*\n$/);
    const before = readFileSync('findings.csv');
    const again = await report(archive, '--format', 'csv', '--scan', 'night-1');
    const said = 'kubevigil report: findings.csv is there already and is not overwritten: name another file by --out\n';
    assert.deepEqual([again.code, again.to.stderr], [2, said]);
    assert.deepEqual(readFileSync('findings.csv'), before);
    mkdirSync('../.git');
    const inside = await report(archive);
    assert.equal(inside.code, 2);
    assert.match(
      inside.to.stderr,
      /checkout is a checkout: name by --out where the report goes, such as --out \.\.\/report\.html\n$/,
    );
    const node = await report(archive, '--format', 'cklb', '--node', 'i-07');
    assert.match(node.to.stderr, /is a checkout/);
    assert.equal((await report(archive, '--out', 'asked.html')).code, 0);
    assert.deepEqual(readdirSync('.').sort(), ['asked.html', 'findings.csv', 'remedies.csv', 'rules.csv']);
  } finally {
    process.chdir(here);
  }
});

const refused: [args: string[], why: RegExp][] = [
  [['--format', 'csv', '--node', 'i-07'], /--node goes with --format cklb/],
  [['--format', 'cklb', '--node', 'i-03'], /node i-03 was not judged by a STIG/],
  [['--format', 'cklb', '--node', 'i-99'], /has no node i-99/],
];
for (const [args, why] of refused) {
  test(`report ${args.join(' ')} says what is wrong`, async () => {
    const { code, to } = await report(archive, ...args, '--out', '-');
    assert.equal(code, 2);
    assert.match(to.stderr, why);
  });
}

test('report takes the newest scan, or that of a folder', async () => {
  assert.match((await report(archive, '--format', 'csv', '--out', '-')).to.stdout, /i-07/);
  assert.doesNotMatch((await report(scanFolder(1), '--format', 'csv', '--out', '-')).to.stdout, /i-07/);
});

test('what goes to a pipe is text, also where the file is compressed', async () => {
  const { to } = await report(archive, '--format', 'ocsf', '--out', '-');
  assert.equal(to.stdout, gunzipSync(readFileSync(join(scanFolder(2), 'ocsf.ndjson.gz'))).toString());
});

test('diff tells what is new, fixed, gone and unconfirmed, and exits with 1', async () => {
  const { code, to } = await diff(scanFolder(1), archive);
  assert.equal(code, 1);
  assert.match(
    to.stdout,
    /^NEW {9}i-07 i-07-worker blue {2}anonymous-auth \(new-node\): The setting of anonymous-auth/m,
  );
  assert.match(to.stdout, /^FIXED {7}i-02 i-02-worker blue {2}rotate-client-certificates \(open since 2026-11-01\): /m);
  assert.match(
    to.stdout,
    /^From night-1 .* to night-2 .*: 1 new, 0 still open, 1 fixed, 1 resolved; nodes: 1 new, 1 gone, 0 no longer answering\.$/m,
  );
});

test('diff backwards swaps new and fixed, and says what went with its node', async () => {
  const { code, to } = await diff(scanFolder(2), scanFolder(1));
  assert.equal(code, 1);
  assert.match(to.stdout, /^NEW {9}i-02/m);
  assert.match(to.stdout, /^LOST {8}i-07 i-07-worker blue {2}anonymous-auth .*The node is gone\.$/m);
});

test('diff --json names each change by the finding, also where the node is gone', async () => {
  const { to } = await diff(scanFolder(2), scanFolder(1), '--json');
  const lines = to.stdout.trim().split('\n');
  const gone = lines.map((line) => JSON.parse(line)).find(({ change }) => change === 'lost');
  const finding = '123456789012/eu-central-1/i-07/anonymous-auth';
  assert.deepEqual([gone.finding, gone.node, gone.name, gone.cluster], [finding, 'i-07', 'i-07-worker', 'blue']);
});

test('diff says what a rule that is no longer asked leaves, and which scan could not reach a target', async () => {
  const older = memoryArchive();
  const far = { account: '123456789012', region: 'us-east-1' };
  const failing = ['a', 'b'].map((rule) => finding(rule, 'fail'));
  const link = { previous: null };
  const one = await keepAnswers(older, nightly(1), target, [{ line: evaluated('i-1', failing) }], null);
  await sealWith(older, nightly(1), [one, failedTarget(far, 'denied')], { link });
  await keepScan(older, nightly(2), [{ line: evaluated('i-1', failing.slice(0, 1)) }]);
  const place = join(folder, 'dropped');
  writeTo(place, older);
  const { to } = await diff(join(place, 'scans/2026/11/01/night-1'), place);
  assert.match(
    to.stdout,
    /^DROPPED {5}i-1 .* b \(open since 2026-11-01\): The rule is no longer asked of this node\.$/m,
  );
  assert.match(to.stdout, /^Note: the older scan could not scan 123456789012 us-east-1: denied$/m);
});

test('a scan and itself do not differ: exit code 0', async () => {
  const { code, to } = await diff(archive, scanFolder(2));
  assert.equal(code, 0);
  assert.match(to.stdout, /^From night-2 .*: 0 new, 1 still open, 0 fixed/);
});

test('diff --json prints a line per change, then the counts', async () => {
  const { to } = await diff(scanFolder(1), scanFolder(2), '--json');
  const lines = to.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(lines.length, 4);
  assert.deepEqual(lines.at(-1).nodes, { new: 1, lost: 1, silenced: 0 });
  assert.equal(lines.find(({ change }) => change === 'new').finding, '123456789012/eu-central-1/i-07/anonymous-auth');
});

for (const [what, act, message] of [
  ['report without an archive', () => report(), /report: expected one archive/],
  [
    'report of an unknown format',
    () => report(archive, '--format', 'pdf'),
    /expects one of cklb, csv, csv-bom, html, ics, ocsf, oscal, got pdf/,
  ],
  ['report of an unknown scan', () => report(archive, '--scan', 'x'), /has no scan x; the newest are night-2, night-1/],
  [
    'report into a folder that does not exist',
    () => report(archive, '--out', join(folder, 'no/x')),
    /no\/x: there is no such file or directory \(ENOENT\)/,
  ],
  ['diff of one scan', () => diff(archive), /diff: expected two scans, A and B, got 1/],
  ['diff of a place without an archive', () => diff(archive, folder.concat('/x')), /x is not a directory/],
] as const) {
  test(`${what}: exit code 2 and one line`, async () => {
    const { code, to } = await act();
    assert.equal(code, 2);
    assert.match(to.stderr, message);
    assert.match(to.stderr, /^[^\n]+\n$/);
  });
}

test('an archive without its newest scan, or with broken findings, gives one line', async () => {
  const bad = copyOf(memory);
  for (const key of bad.objects.keys()) if (key.includes('/findings/')) bad.objects.set(key, Buffer.from('no gzip'));
  const broken = writeTo(join(folder, 'broken'), bad);
  const first = await report(broken, '--out', join(folder, 'none.html'));
  assert.equal(first.code, 2);
  assert.match(first.to.stderr, /findings\/.*: not a whole gzip file/);
  assert.ok(!existsSync(join(folder, 'none.html')));
  rmSync(join(broken, 'latest.json'));
  assert.match((await report(broken)).to.stderr, /has no latest\.json, so no scan yet/);
});

test('a pipe that is closed early is no defect', async () => {
  const cli = fileURLToPath(new URL('../../cli/cli.ts', import.meta.url));
  const child = spawn(process.execPath, [cli, 'report', archive, '--out', '-'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});

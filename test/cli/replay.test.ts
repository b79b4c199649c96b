import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { scanCommand } from '../../cli/scan.ts';
import { directoryArchive } from '../../lambda/archive/directory.ts';
import type { Judge } from '../../lambda/archive/verification.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { judgeLine } from '../../lambda/results/judge-line.ts';
import { capture } from './capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-replay-'));
const archive = directoryArchive(join(folder, 'reports'));
const same: Judge = (line, { now, settings }) => judgeLine(line, { now, ...settings });

before(async () => {
  const to = capture();
  assert.equal(await scanCommand(['--out', folder], to, async () => {}), 0, to.stderr);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the embedded fleet, judged again from its archive, gives the same verdicts', async () => {
  const { verdicts, problems } = await verifyArchive(archive, { judge: same });
  assert.deepEqual(problems, []);
  assert.ok(verdicts > 100);
});

test('after one rule changed, a replay lists exactly the findings concerned', async () => {
  let expected = 0;
  const stricter: Judge = (line, scan) => {
    const verdict = same(line, scan);
    const findings = verdict.findings.map((finding) => {
      if (finding.rule !== 'rotate-client-certificates' || finding.status !== 'pass') return finding;
      expected += 1;
      return { ...finding, status: 'fail' as const };
    });
    return { ...verdict, findings };
  };
  const { problems } = await verifyArchive(archive, { judge: stricter });
  assert.ok(expected > 0);
  assert.equal(problems.length, expected);
  for (const { kind, text } of problems) {
    assert.equal(kind, 'replay');
    assert.match(text, /^i-\w+, rotate-client-certificates: archived pass, recomputed fail\.$/);
  }
});

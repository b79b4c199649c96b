import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderOf, readTargetKey, scanFolder, scanKeys, signatureKey, targetKeys } from '../../lambda/archive/keys.ts';
import { ArchiveError } from '../../lambda/results/errors.ts';

const scan = { scanId: 'nightly-1', scheduledAt: '2026-11-23T02:00:00Z' };
const target = { account: '123456789012', region: 'us-gov-west-1' };

test('keys follow the layout of the archive', () => {
  assert.equal(scanFolder(scan), 'scans/2026/11/23/nightly-1/');
  assert.deepEqual(targetKeys(scan, target), {
    inventory: 'scans/2026/11/23/nightly-1/inventory/123456789012-us-gov-west-1.ndjson.gz',
    unselected: 'scans/2026/11/23/nightly-1/unselected/123456789012-us-gov-west-1.ndjson.gz',
    findings: 'scans/2026/11/23/nightly-1/findings/123456789012-us-gov-west-1.ndjson.gz',
    evidence: 'scans/2026/11/23/nightly-1/evidence/123456789012-us-gov-west-1.ndjson.gz',
    changes: 'scans/2026/11/23/nightly-1/changes/123456789012-us-gov-west-1.ndjson.gz',
  });
  assert.equal(scanKeys(scan).summary, 'scans/2026/11/23/nightly-1/summary.json');
});

test('the folder has the date in UTC', () => {
  assert.equal(scanFolder({ ...scan, scheduledAt: '2026-11-23T01:00:00+02:00' }), 'scans/2026/11/22/nightly-1/');
});

test('a key tells what it is, of which target, and which keys stand beside it', () => {
  const keys = targetKeys(scan, target);
  for (const file of ['inventory', 'unselected', 'findings', 'evidence', 'changes'] as const) {
    assert.deepEqual(readTargetKey(keys[file]), { of: file, target, beside: keys });
  }
  for (const other of ['latest.json', scanKeys(scan).summary, `x/${keys.findings}`, 'scans/2026/11/23/x/other/1']) {
    assert.equal(readTargetKey(other), undefined, other);
  }
  const nameless = readTargetKey('scans/2026/11/23/x/findings/other.gz');
  assert.deepEqual([nameless?.of, nameless?.target], ['findings', undefined]);
});

test('a key tells the folder and the id of its scan', () => {
  const folder = { folder: scanFolder(scan), scanId: scan.scanId };
  assert.deepEqual(folderOf(targetKeys(scan, target).changes), folder);
  assert.deepEqual(folderOf(scanKeys(scan).claim), folder);
  assert.equal(folderOf('latest.json'), undefined);
});

test('a signature stands beside its manifest', () => {
  assert.equal(signatureKey(scanKeys(scan).manifest), scanKeys(scan).signature);
});

for (const [what, act, expected] of [
  ['a scan id with a slash', () => scanFolder({ ...scan, scanId: '../other' }), /not "\.\.\/other"/],
  ['an empty scan id', () => scanFolder({ ...scan, scanId: '' }), /1 to 128 letters/],
  ['a time that is none', () => scanFolder({ ...scan, scheduledAt: 'tonight' }), /ISO 8601, not "tonight"/],
  ['a short account', () => targetKeys(scan, { ...target, account: '12' }), /12 digits, not "12"/],
  ['a zone for a region', () => targetKeys(scan, { ...target, region: 'eu-central-1a' }), /looks like eu-central-1/],
] as const) {
  test(`keys refuse ${what}, which a forged scan may have, as a fault of the archive`, () => {
    assert.throws(act, expected);
    assert.throws(act, ArchiveError);
  });
}

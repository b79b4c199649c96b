import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FORMATS } from '../../lambda/formats/formats.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';

/** V8 collects garbage as lazily as the machine's memory allows; a limit shows what the work needs. MiB. */
const heap = ['--max-old-space-size=160', '--max-semi-space-size=8'];
const program = fileURLToPath(new URL('keep-fleet.ts', import.meta.url));

/** It takes some 250 MiB, now more and now less, by when garbage is collected; the function has 1,769 MB. MiB. */
const MOST = 384;

test(`10,000 nodes are kept, compared and written in every format within ${MOST} MiB`, async () => {
  const s3Root = join(tmpdir(), `kubevigil-size-${process.pid}`);
  const endpoints = await startEndpoints({
    accounts: { '123456789012': { regions: { 'eu-central-1': {} } } },
    buckets: { reports: { objectLock: true } },
    s3Root,
  });
  try {
    // Counting code coverage takes memory of its own.
    const env = { ...process.env, ...endpoints.environment, NODE_TEST_CONTEXT: '', NODE_V8_COVERAGE: undefined };
    const args = [...heap, program, '10000', Object.keys(FORMATS).join(',')];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    assert.ok(Number(stdout) > 0 && Number(stdout) <= MOST, `peak of ${stdout.trim()} MiB`);
    const page = join(s3Root, 'reports/scans/2026/11/02/night-2/report.html');
    assert.ok((await stat(page)).size <= 15 * 1024 * 1024);
  } finally {
    await endpoints.close();
    await rm(s3Root, { recursive: true, force: true });
  }
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { synthesise } from '../infra/synth.ts';
import { python, without } from './python.ts';
import { SETTINGS } from './templates.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-checkov-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Found = { check_id: string; resource: string; file_path: string };

describe('checkov', { skip: without('checkov') }, () => {
  test('fails nothing, and skips only what docs/security.md has a reason for', async () => {
    const files = (['alone', 'members', 'organization', 'network', 'copied'] as const).flatMap((kind) =>
      Object.entries(synthesise(SETTINGS[kind].settings)).map(([name, template]) => {
        const file = join(folder, `${kind}-${name}.json`);
        writeFileSync(file, JSON.stringify(template));
        return file;
      }),
    );
    const { stdout, stderr } = await python([
      'checkov.main',
      ...['--framework', 'cloudformation', '--compact', '--quiet', '--output', 'json', '--soft-fail', '--file'],
      ...files,
    ]);
    const { results, summary } = JSON.parse(stdout || assert.fail(stderr)) as {
      results: { failed_checks: Found[] };
      summary: { passed: number; parsing_errors: number };
    };
    assert.deepEqual(
      results.failed_checks.map(({ check_id, resource, file_path }) => `${check_id} ${resource} ${file_path}`),
      [],
    );
    assert.equal(summary.parsing_errors, 0);
    assert.ok(summary.passed > 200, String(summary.passed));
  });
});

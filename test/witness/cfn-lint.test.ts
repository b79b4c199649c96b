import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Template } from '../infra/policies.ts';
import { synthesise } from '../infra/synth.ts';
import { lintErrors } from './lint.ts';
import { python, without } from './python.ts';
import { SETTINGS } from './templates.ts';

const skip = without('cfnlint');
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-witness-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('cfn-lint', { skip }, () => {
  test('finds no error in the templates of three partitions', async () => {
    const files = new Map<string, string[]>();
    for (const [index, { region, settings }] of Object.entries(SETTINGS)) {
      for (const [name, template] of Object.entries(synthesise(settings))) {
        const file = join(folder, `${index}-${name}.json`);
        writeFileSync(file, JSON.stringify(template));
        const where = name.endsWith('-chat') ? 'us-east-1' : region;
        files.set(where, [...(files.get(where) ?? []), file]);
      }
    }
    const runs = [...files].map(([region, templates]) => lintErrors(region, templates));
    assert.deepEqual((await Promise.all(runs)).flat(), []);
  });

  test('knows no property of a bucket, key, topic, queue or function that a setting changes and that replaces it', async () => {
    const types = ['AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::SNS::Topic', 'AWS::SQS::Queue', 'AWS::Lambda::Function'];
    const { stdout, stderr } = await python(['create_only.py'], types);
    const createOnly = JSON.parse(stdout || assert.fail(stderr)) as Record<string, string[]>;
    assert.ok(createOnly['AWS::Lambda::Function']?.includes('FunctionName'), stdout);
    const before = synthesise(SETTINGS.members.settings).kubevigil as Template;
    const changes = [
      { deliveryTimeoutSeconds: 3600, askAgain: 3, concurrency: '10%' },
      { retention: { mode: 'governance', days: 30, logDays: 30 } },
      { emails: ['other@example.com'], slack: undefined },
      { tags: [{ key: 'other' }], benchmarks: ['cis-eks-1.8.0'], formats: [] },
      { schedule: 'rate(1 day)', timeZone: 'UTC', alarms: { coveragePercent: 1 } },
    ];
    for (const change of changes) {
      const now = synthesise({ ...SETTINGS.members.settings, ...change }).kubevigil as Template;
      for (const [id, { Type, Properties = {} }] of Object.entries(before.Resources)) {
        if (!types.includes(Type)) continue;
        assert.ok(now.Resources[id], `${id} goes with ${JSON.stringify(change)}`);
        for (const property of createOnly[Type] ?? []) {
          const [name = ''] = property.split('/');
          assert.deepEqual(now.Resources[id]?.Properties?.[name], Properties[name], `${id}.${name}`);
        }
        assert.deepEqual(now.Resources[id]?.Properties?.DurableConfig, Properties.DurableConfig);
      }
    }
  });
});

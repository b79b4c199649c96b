/** The targets of a scan: where they come from, how each is reached, and how many of them stay within the service's limits. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { externalIdOf } from '../../lambda/nodes/external-id.ts';
import { accessOf, listedTargets } from '../../lambda/nodes/targets.ts';
import type { Summary } from '../../lambda/results/summary.ts';
import { scan } from '../../lambda/scan/handler.ts';
import { SETTINGS_VARIABLE, SettingsError } from '../../lambda/settings.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';
import { runDurable } from '../../simulator/durable.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-targets-'));
const environment = { ...process.env };
after(() => {
  rmSync(folder, { recursive: true, force: true });
  process.env = environment;
});
const beside = pathToFileURL(join(folder, 'index.mjs')).href;

const [home, member] = [
  { account: '111122223333', region: 'eu-west-1' },
  { account: '444455556666', region: 'us-east-1' },
];
const list = ['111122223333/eu-west-1', '444455556666/us-east-1'];
const role = 'arn:aws:iam::ACCOUNT:role/kubevigil-member-REGION';
const roleArn = 'arn:aws:iam::444455556666:role/kubevigil-member-us-east-1';
const organization = { id: 'o-a1b2c3d4e5', ous: ['r-ab12'], exclude: [], regions: 'enabled' as const };

test('targets are listed by hand, by the stack in the settings, or by the stack in a file beside the handler', () => {
  const all = { format: 1, from: 'settings', targets: [home, member] };
  assert.deepEqual(listedTargets([home, { ...member, roleArn, externalId: 'secret' }], beside), all, 'and no secret');
  assert.deepEqual(listedTargets({ home: list[0], list }, beside), all);
  writeFileSync(join(folder, 'targets.json'), JSON.stringify(list));
  assert.deepEqual(listedTargets({ file: 'targets.json', role }, beside), all);
  assert.equal(listedTargets({ organization, role }, beside), undefined, 'which only AWS can list');
  writeFileSync(join(folder, 'wrong.json'), '["Ireland"]');
  assert.throws(() => listedTargets({ file: 'wrong.json', role }, beside), SettingsError);
});

test('each target is reached by its role and external id, home by none', () => {
  const own = externalIdOf('word', member);
  const stack = { home: list[0], list, role, externalId: 'word' };
  assert.deepEqual(accessOf(stack, home), home);
  assert.deepEqual(accessOf(stack, member), { ...member, roleArn, externalId: own });
  assert.notEqual(own, externalIdOf('word', home), 'who knows one knows no other');
  const { externalId: _, ...untold } = stack;
  assert.deepEqual(accessOf(untold, member), { ...member, roleArn }, 'a shard does not know the word');
  assert.deepEqual(accessOf([{ ...member, roleArn, externalId: 'own' }], member), {
    ...member,
    roleArn,
    externalId: 'own',
  });
});

test('no place of an organization is home, and all have the one external id that its members were deployed with', () => {
  const source = { home: list[0], organization, role, externalId: 'word' };
  assert.deepEqual(accessOf(source, member), { ...member, roleArn, externalId: 'word' });
  assert.equal(accessOf(source, home).roleArn, 'arn:aws:iam::111122223333:role/kubevigil-member-eu-west-1');
});

test('a group that fails is told as its targets, and does not keep the scan from ending', async () => {
  const targets = Array.from({ length: 60 }, (_, index) => `${500_000_000_000 + index}/eu-west-1`);
  const endpoints = await startEndpoints({
    accounts: { '500000000000': { regions: { 'eu-west-1': { topics: ['alerts'] } } } },
    s3Root: folder,
    buckets: { reports: {} },
  });
  try {
    Object.assign(process.env, endpoints.environment);
    process.env[SETTINGS_VARIABLE] = JSON.stringify({
      targets: { home: targets[0], list: targets, role },
      shardArn: 'arn:aws:lambda:eu-west-1:500000000000:function:scan:1',
      tags: [{ key: 'scan' }],
      documentName: 'kubevigil-collect',
      bucket: 'reports',
      topicArn: 'arn:aws:sns:eu-west-1:500000000000:alerts',
    });
    // Nobody has deployed what the coordinator starts.
    let ahead = 0;
    const result = await runDurable(
      scan,
      { scheduledTime: '2026-11-23T02:00:00Z' },
      {
        directory: join(folder, 'executions'),
        executionName: 'night',
        now: () => Date.now() + ahead,
        sleep: async (milliseconds) => {
          ahead += milliseconds;
        },
      },
    );
    assert.ok(!Array.isArray(result) && 'manifest' in result, JSON.stringify(result));
    const summary = JSON.parse(readFileSync(join(folder, 'reports', result.summary), 'utf8')) as Summary;
    assert.deepEqual(
      summary.targets.map(({ account, region }) => `${account}/${region}`),
      targets,
    );
    for (const { error = '' } of summary.targets) assert.match(error, /Function not found: .*kubevigil-scan:live/);
    const [message] = endpoints.messages;
    assert.match(
      message?.bodies.email ?? '',
      /NOT SCANNED 60 targets \(500000000000 eu-west-1, .*\): Function not found/,
    );
  } finally {
    await endpoints.close();
  }
});

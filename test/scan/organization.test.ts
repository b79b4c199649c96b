/**
 * Two nights of an organization of 200 accounts: some refuse, some are new, some were closed, and each is accounted for. Long because
 * the nights are shared by all assertions.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { directoryArchive } from '../../lambda/archive/directory.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { type NodeChanges, NodeChangesSchema } from '../../lambda/results/compare.ts';
import { readLines } from '../../lambda/results/lines.ts';
import type { Summary } from '../../lambda/results/summary.ts';
import { type ScanResult, scan } from '../../lambda/scan/handler.ts';
import { TARGET_LINE } from '../../lambda/scan/metrics.ts';
import { SETTINGS_VARIABLE } from '../../lambda/settings.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { EndpointOptions, Node, OrganizationAccount } from '../../simulator/aws/options.ts';
import { collect } from '../../simulator/collector.ts';
import { runDurable } from '../../simulator/durable.ts';
import { kubeadm } from '../../simulator/fleet/images.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { skippingClock } from '../simulator/skipping-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-organization-'));
const environment = { ...process.env };
let endpoints: Endpoints;
after(async () => {
  await endpoints?.close();
  rmSync(folder, { recursive: true, force: true });
  process.env = environment;
});

const REGION = 'eu-central-1';
const ids = Array.from({ length: 200 }, (_, index) => String(500_000_000_000 + index));
const [HUB = ''] = ids;
const refusing = new Set(ids.slice(1, 41));
const closed = ids.slice(41, 43);
const fresh = ids.slice(197);
/** Those with a node each; the others have none. */
const populated = new Set([HUB, ...closed, ...ids.slice(100, 105), ...fresh]);
const document = collectDocument();

/** What the organization tells: it changes between the nights. */
const [production, old]: [OrganizationAccount[], OrganizationAccount[]] = [
  ids.slice(0, 150).map((id) => ({ id })),
  ids.slice(150, 197).map((id) => ({ id })),
];
const organization: NonNullable<EndpointOptions['organization']> = {
  id: 'o-a1b2c3d4e5',
  management: '999999999999',
  administrators: [HUB],
  root: {
    id: 'r-ab12',
    accounts: [{ id: '999999999999' }],
    units: [{ id: 'ou-ab12-producti', accounts: production, units: [{ id: 'ou-ab12-old00000', accounts: old }] }],
  },
};

/** What the log has of targets, of all nights. */
const logged: { account: string; error?: string }[] = [];
const ignore = () => undefined;
const logger = {
  log: ignore,
  debug: ignore,
  warn: ignore,
  error: ignore,
  info: (message: string, line: (typeof logged)[number]) => {
    if (message === TARGET_LINE) logged.push(line);
  },
};

const nights: { summary: Summary; result: Exclude<ScanResult, { skipped: string }>; message: string }[] = [];

before(async () => {
  const root = join(folder, 'node');
  writeRoot(
    root,
    kubeadm(
      { host: 'ip-10-0-0-5.internal', version: 'v1.31.6', startedAt: Math.floor(Date.now() / 1000) - 86_400 },
      { extraArguments: ['--rotate-certificates=false'] },
    ),
  );
  const { stdout, exitCode } = await collect(root, { simulated: true });
  const node = (account: string): Node => ({
    instanceId: `i-${account}00000`,
    tags: { scan: 'yes' },
    answer: { stdout, exitCode },
  });
  const { name, version, content } = document;
  const role = { name: `kubevigil-member-${REGION}`, externalId: 'word' };
  endpoints = await startEndpoints({
    accounts: Object.fromEntries(
      ids.map((id) => [
        id,
        {
          roles: refusing.has(id) ? [] : [role],
          regions: {
            [REGION]: {
              documents: [{ name, version, content }],
              topics: id === HUB ? ['alerts'] : [],
              nodes: populated.has(id) ? [node(id)] : [],
            },
          },
        },
      ]),
    ),
    organization,
    // In the first night the regions of most accounts cannot be listed yet, which costs less than to scan them.
    intercept: ({ operation, input }) => {
      const { AccountId = HUB } = input as { AccountId?: string };
      return nights.length === 0 && operation === 'ListRegions' && !populated.has(AccountId)
        ? { status: 403, code: 'AccessDeniedException', message: 'No trusted access.' }
        : undefined;
    },
    s3Root: folder,
    buckets: { reports: {} },
  });
  Object.assign(process.env, endpoints.environment);
  const [shardArn, ownArn] = ['scan:1', 'kubevigil-scan:live'].map(
    (each) => `arn:aws:lambda:us-east-1:000000000000:function:${each}`,
  );
  process.env[SETTINGS_VARIABLE] = JSON.stringify({
    targets: {
      home: `${HUB}/${REGION}`,
      organization: { id: organization.id, ous: ['ou-ab12-producti', 'ou-ab12-gone0000'] },
      role: `arn:aws:iam::ACCOUNT:role/kubevigil-member-REGION`,
      externalId: 'word',
    },
    shardArn,
    tags: [{ key: 'scan' }],
    documentName: name,
    documentVersion: version,
    documentHash: document.hash,
    bucket: 'reports',
    topicArn: `arn:aws:sns:${REGION}:${HUB}:alerts`,
    formats: ['html'],
  });
  const night = async (date: string) => {
    const result = await runDurable(
      scan,
      { scheduledTime: `${date}T02:00:00Z`, everySeconds: 86_400 },
      {
        directory: join(folder, 'executions'),
        executionName: date,
        ...skippingClock(),
        logger,
        functions: { [shardArn as string]: scan, [ownArn as string]: scan },
      },
    );
    assert.ok(!Array.isArray(result) && 'manifest' in result, JSON.stringify(result));
    const summary = JSON.parse(readFileSync(join(folder, 'reports', result.summary), 'utf8'));
    nights.push({ summary, result, message: endpoints.messages.at(-1)?.bodies.email ?? '' });
  };
  await night('2026-11-22');
  old.push(...fresh.map((id) => ({ id })));
  for (const account of production) if (closed.includes(account.id)) account.state = 'CLOSED';
  await night('2026-11-23');
});

/** The lines of changes of an account in the second night. */
async function changesOf(account: string): Promise<NodeChanges[]> {
  const key = `scans/2026/11/23/20261123T020000Z/changes/${account}-${REGION}.ndjson.gz`;
  const stream = await directoryArchive(join(folder, 'reports')).open(key);
  assert.ok(stream, key);
  const lines: NodeChanges[] = [];
  for await (const line of readLines(stream, key, NodeChangesSchema)) lines.push(line);
  return lines;
}

describe('a night of an organization', () => {
  it('accounts for each account: scanned, refused with the reason, or closed', () => {
    const [, second] = nights;
    assert.ok(second);
    const { targets, others = [] } = second.summary;
    assert.deepEqual([...targets, ...others].map(({ account }) => account).sort(), ids);
    assert.deepEqual(
      others,
      closed.map((account) => ({ account, why: 'closed' })),
    );
    const failed = targets.filter(({ error }) => error !== undefined);
    assert.deepEqual(new Set(failed.map(({ account }) => account)), refusing);
    for (const { account, error = '' } of failed) {
      assert.match(error, new RegExp(`AccessDenied.*sts:AssumeRole on resource: arn:aws:iam::${account}:role/`));
    }
    assert.equal(second.result.failedTargets, 40);
    assert.equal(second.result.fallenTargets, 0, 'whose account was closed is missed by nobody');
    assert.equal(second.summary.totals.evaluated, populated.size - closed.length);
  });

  it('tells once what left, with what it had and why, and tells what is new as such', async () => {
    const [first, second] = nights;
    assert.ok(first && second);
    assert.deepEqual([first.summary.left, first.summary.targets.some((target) => target.new)], [undefined, false]);
    const unlisted = first.summary.targets.filter(({ error }) =>
      /^Its regions cannot be listed: Account ListRegions/.test(error ?? ''),
    );
    assert.equal(
      unlisted.length,
      197 - (populated.size - fresh.length),
      'each is accounted for in the place of the scanner',
    );
    const { left = [], targets, comparison } = second.summary;
    assert.deepEqual(
      left.map(({ account, nodes, why }) => [account, nodes, why]),
      closed.map((account) => [account, 1, 'closed']),
    );
    assert.ok(left.every(({ open }) => open > 0));
    assert.deepEqual(
      targets.filter((target) => target.new).map(({ account }) => account),
      fresh,
    );
    assert.equal(comparison.nodes.new, fresh.length);
    for (const account of fresh) {
      const causes = (await changesOf(account)).flatMap(({ changes }) => changes.map(({ cause }) => cause));
      assert.ok(causes.length > 0 && causes.every((cause) => cause === 'new-target'), causes.join());
    }
    const known = await changesOf(HUB);
    assert.deepEqual(
      known.flatMap(({ changes }) => changes),
      [],
      'nothing changed on a known node',
    );
    assert.match(
      second.message,
      /NO LONGER SCANNED 500000000041 eu-central-1, which had 1 node, .*: its account is closed/,
    );
    assert.match(second.message, /scanned for the first time: 500000000197 eu-central-1/);
    assert.match(first.message, /The organizational unit ou-ab12-gone0000 does not exist any more: look/);
    assert.match(second.message, /ou-ab12-gone0000 does not exist any more; the accounts of the scan before/);
    assert.match(second.message, /in an account and region that were not scanned before/);
  });

  it('logs last of what left that it did, which the dashboard shows', () => {
    for (const account of closed) {
      const { error } = logged.findLast((line) => line.account === account) ?? {};
      assert.equal(error, 'no longer scanned: its account is closed');
    }
    const known = logged.filter(({ account }) => account === HUB);
    assert.deepEqual([known.length, known.at(-1)?.error], [2, undefined]);
  });

  it('says so in the report, too', () => {
    const page = readFileSync(join(folder, 'reports', 'scans/2026/11/23/20261123T020000Z/report.html'), 'utf8');
    for (const text of [
      /500000000041 eu-central-1, which had 1 node with \d+ open findings, is no longer scanned: its account is closed\./,
      /Scanned for the first time: 500000000197 eu-central-1, .*\./,
      /Accounts of the organization, or regions of them, that are not scanned: 2 closed\./,
    ]) {
      assert.match(page, text);
    }
  });

  it('is kept with the targets that it had, and verifies', async () => {
    const [, second] = nights;
    const manifest = JSON.parse(readFileSync(join(folder, 'reports', second?.result.manifest ?? ''), 'utf8'));
    assert.ok(manifest.objects.some(({ key }: { key: string }) => key.endsWith('/targets.json')));
    const { problems, scans } = await verifyArchive(directoryArchive(join(folder, 'reports')), { unsigned: true });
    const isSame = /^is the evidence of another scan/;
    assert.deepEqual(
      problems.filter(({ text }) => !isSame.test(text)),
      [],
      'but that each night has the same answers',
    );
    assert.equal(scans, 2);
  });

  it('takes few operations of any one execution, whose checkpoints stay small', () => {
    const journals = readdirSync(join(folder, 'executions')).filter((name) => name.startsWith('2026-11-23'));
    const groups = Math.ceil(198 / 50);
    assert.equal(journals.length, 1 + groups + 158 + 40, 'one of the night, one a group, one a target');
    const used = journals.map((name) => {
      const lines = readFileSync(join(folder, 'executions', name), 'utf8')
        .trim()
        .split('\n');
      return { name, operations: JSON.parse(lines.at(-1) ?? '').usage.operations as number };
    });
    const most = Math.max(...used.map(({ operations }) => operations));
    assert.equal(most, 1 + 1 + 1 + 2 * 50, 'of a group: itself, its targets, their map, and two of each');
    const night = used.find(({ name }) => name === '2026-11-23.ndjson')?.operations ?? 0;
    assert.ok(night < 30, `${night} operations`);
  });
});

/**
 * Follows a whole scan over nodes full of secrets and looks for them wherever something of a node arrives: what SSM
 * carries (packed and unpacked), every object in S3, the messages, the log and the terminal.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { scanCommand } from '../../cli/scan.ts';
import { FORMAT_NAMES } from '../../lambda/formats/formats.ts';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { scan } from '../../lambda/scan/handler.ts';
import { SETTINGS_VARIABLE } from '../../lambda/settings.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import { collect } from '../../simulator/collector.ts';
import { runDurable } from '../../simulator/durable.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { capture } from '../cli/capture.ts';
import { shells } from '../nodes/collector/shells.ts';
import { skippingClock } from '../simulator/skipping-clock.ts';
import { CANARY, ENCODED, MARKER, nodes } from './nodes.ts';

const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-secrets-'));
const environment = { ...process.env };
const outputs: string[] = [];
let endpoints: Endpoints;

before(async () => {
  const { name, version, content } = collectDocument();
  endpoints = await startEndpoints({
    accounts: {
      [ACCOUNT]: {
        regions: {
          [REGION]: {
            topics: ['alerts'],
            securityHub: true,
            documents: [{ name, version, content }],
            nodes: Object.entries(nodes).map(([kind, root], index) => ({
              instanceId: `i-0123456789abcde0${index}`,
              tags: { scan: 'yes', Name: kind },
              answer: async () => {
                const directory = join(folder, `node-${index}`);
                writeRoot(directory, root);
                const answer = await collect(directory, { simulated: true });
                outputs.push(answer.stdout, answer.stderr);
                return answer;
              },
            })),
          },
        },
      },
    },
    s3Root: join(folder, 's3'),
    buckets: { reports: {} },
  });
  Object.assign(process.env, endpoints.environment);
});

after(async () => {
  process.env = environment;
  await endpoints.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Texts in which a secret could hide, by where they were found. */
function assertClean(texts: Record<string, string>): void {
  assert.ok(Object.keys(texts).length > 0);
  for (const [where, text] of Object.entries(texts)) {
    for (const secret of [CANARY, ENCODED, ENCODED.replace(/=+$/, ''), encodeURIComponent(ENCODED)]) {
      const at = text.indexOf(secret);
      assert.equal(at, -1, `${where}: …${text.slice(Math.max(0, at - 300), at + 60)}…`);
    }
  }
}

function objects(directory: string): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(directory, file);
    if (!statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    texts[file] = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  }
  return texts;
}

const unpacked = (output: string) => {
  const base64 = /^kubevigil\/1 \d+ \S+ (\S+)$/m.exec(output)?.[1];
  return base64 === undefined ? '' : gunzipSync(Buffer.from(base64, 'base64')).toString();
};

test('a scan as it is deployed lets no secret out', async () => {
  const log: string[] = [];
  const write = (...words: unknown[]) => void log.push(words.map((word) => JSON.stringify(word)).join(' '));
  const { name, version, hash } = collectDocument();
  process.env[SETTINGS_VARIABLE] = JSON.stringify({
    targets: [{ account: ACCOUNT, region: REGION }],
    tags: [{ key: 'scan' }],
    documentName: name,
    documentVersion: version,
    documentHash: hash,
    bucket: 'reports',
    topicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:alerts`,
    productArn: `arn:aws:securityhub:${REGION}:${ACCOUNT}:product/${ACCOUNT}/default`,
    eventBusArn: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`,
    alertPolicy: 'always',
    formats: FORMAT_NAMES,
  });
  const result = await runDurable(
    scan,
    { scheduledTime: '2026-11-23T02:00:00Z' },
    {
      directory: join(folder, 'executions'),
      executionName: 'night',
      ...skippingClock(),
      logger: { error: write, warn: write, info: write, debug: write },
    },
  );
  assert.ok('totals' in result);
  const texts = outputs.map(unpacked);
  assertClean({ 'what SSM carries': outputs.join('\n'), 'what SSM carries, unpacked': texts.join('\n') });
  const kept = objects(join(folder, 's3'));
  assert.ok(Object.entries(kept).some(([file, text]) => /evidence\/.*gz$/.test(file) && text.includes(MARKER)));
  assert.ok(Object.keys(kept).some((file) => file.endsWith('report.html')));
  assertClean(kept);
  assertClean({ 'what the execution keeps': readFileSync(join(folder, 'executions/night.ndjson'), 'utf8') });
  assertClean({ messages: JSON.stringify(endpoints.messages), log: log.join('\n') });
  assert.equal(endpoints.messages.length, 1);
  const findings = endpoints.findings(ACCOUNT, REGION);
  assert.ok(findings.length > 0 && endpoints.events.length > findings.length / 2);
  assertClean({ findings: JSON.stringify(findings), events: JSON.stringify(endpoints.events) });
});

test('a scan from the terminal shows no secret', async () => {
  const out = join(folder, 'out');
  const to = capture();
  const code = await scanCommand(
    ['--aws', '--tag', 'scan', '--region', REGION, '--yes', '--out', out],
    to,
    () => new Promise((resolve) => setTimeout(resolve, 20)),
  );
  assert.equal(code, 0, to.stderr);
  assert.match(to.stdout, /nodes evaluated/);
  assertClean({ 'standard output': to.stdout, 'standard error': to.stderr, ...objects(out) });
});

for (const { shell, missing } of shells) {
  test(`the collector under ${shell} keeps every secret`, missing ? { skip: missing } : {}, async () => {
    const texts: Record<string, string> = {};
    for (const [kind, root] of Object.entries(nodes)) {
      const directory = join(folder, 'shell');
      writeRoot(directory, root);
      const { stdout, stderr } = await collect(directory, { simulated: true, shell });
      texts[kind] = unpacked(stdout) + stderr;
      assert.ok(texts[kind].includes('process '), kind);
    }
    assert.ok(Object.values(texts).some((text) => text.includes(MARKER)));
    assertClean(texts);
  });
}

/**
 * The scan's process is killed at every checkpoint, between any two requests to AWS, and after every request that
 * changes something but before its answer is known. What goes on from there must end as if nothing had happened. With
 * KUBEVIGIL_SOAK the answer to every request is lost once, not only to those that change something.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { plainSchemaKeys, textsInPlace } from '../../infra/bundle.ts';
import { directoryArchive } from '../../lambda/archive/directory.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Call, Fault } from '../../simulator/aws/options.ts';
import { collect } from '../../simulator/collector.ts';
import { kubeadm } from '../../simulator/fleet/images.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { answeredAt } from '../../simulator/hostile/envelope.ts';

const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';
const NIGHT = '2026-11-23T02:00:00Z';
const NOW = '2026-11-23T02:00:05Z';
const FOLDER = 'scans/2026/11/23/20261123T020000Z';
const NODES = 3;
const CHANGING = /^(ssm\.SendCommand|s3\.PutObject|sns\.Publish|securityhub\.BatchImportFindings|events\.PutEvents)$/;

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-killed-'));
after(() => rmSync(folder, { recursive: true, force: true }));

// Bundled, because each of some hundred processes would otherwise load the SDK's sources one by one.
const program = join(folder, 'killed.mjs');
await build({
  entryPoints: [fileURLToPath(new URL('./killed.ts', import.meta.url))],
  outfile: program,
  bundle: true,
  platform: 'node',
  format: 'esm',
  mainFields: ['module', 'main'],
  logLevel: 'warning',
  plugins: [plainSchemaKeys, textsInPlace],
  banner: { js: "import{createRequire as required}from'node:module';const require=required(import.meta.url);" },
});

const recorded = await (async () => {
  const directory = join(folder, 'node');
  const image = { host: 'ip-10-0-0-5.internal', version: 'v1.31.6', startedAt: Date.parse(NOW) / 1000 - 86_400 };
  writeRoot(directory, kubeadm(image, { extraArguments: ['--rotate-certificates=false'] }));
  // The node's clock is the scan's: verify compares the two.
  return answeredAt(await collect(directory, { simulated: true }), Date.parse(NOW) / 1000).stdout;
})();

const document = collectDocument();
const settings = {
  targets: [{ account: ACCOUNT, region: REGION }],
  tags: [{ key: 'scan' }],
  documentName: document.name,
  documentVersion: document.version,
  documentHash: document.hash,
  bucket: 'reports',
  topicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:alerts`,
  productArn: `arn:aws:securityhub:${REGION}:${ACCOUNT}:product/${ACCOUNT}/default`,
  eventBusArn: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`,
  formats: ['csv'],
};

/** Where the first process ends: at a checkpoint, before a request, or after a request whose answer it never sees. */
type End = { checkpoint: number } | { before: number } | { unseen: number };

type Night = {
  signal: string | null;
  /** How often each node ran the collector. */
  asked: number[];
  findings: Buffer;
  problems: string[];
  messages: Endpoints['messages'];
  /** What Security Hub has in the end, and what the bus has got. */
  imported: ReturnType<Endpoints['findings']>;
  events: Endpoints['events'];
  /** Requests of the first process, in order. */
  requests: string[];
  checkpoints: number;
};

let places = 0;

/** Starts a scan, ends its process as told, and lets another one go on. */
async function killAndResume(end?: End): Promise<Night> {
  places += 1;
  const place = join(folder, `night-${places}`);
  const asked = new Array<number>(NODES).fill(0);
  const requests: string[] = [];
  let first: ChildProcess | undefined;

  const intercept = ({ service, operation }: Call): Fault | undefined => {
    if (!first) return undefined;
    const number = requests.push(`${service}.${operation}`) - 1;
    if (!end || 'checkpoint' in end) return undefined;
    if ('unseen' in end && number === end.unseen) return 'lost';
    const last = 'before' in end ? end.before : end.unseen + 1;
    if (number < last) return undefined;
    first.kill('SIGKILL');
    return 'reset';
  };

  const endpoints = await startEndpoints({
    accounts: {
      [ACCOUNT]: {
        regions: {
          [REGION]: {
            topics: ['alerts'],
            securityHub: true,
            documents: [{ name: document.name, version: document.version, content: document.content }],
            nodes: asked.map((_, index) => ({
              instanceId: `i-0123456789abcde0${index}`,
              tags: { scan: 'yes' },
              answer: () => {
                asked[index] = (asked[index] ?? 0) + 1;
                return { stdout: recorded, exitCode: 0 };
              },
            })),
          },
        },
      },
    },
    s3Root: place,
    buckets: { reports: {} },
    pageSize: { ssm: 2 },
    now: () => new Date(NOW),
    intercept,
  });
  const env = {
    ...process.env,
    ...endpoints.environment,
    KUBEVIGIL_SETTINGS: JSON.stringify(settings),
    // A process that is killed while it writes its code coverage would leave a file that no report can be made of.
    NODE_V8_COVERAGE: undefined,
  };
  const start = (checkpoint = 0) => {
    const args = [program, join(place, 'executions'), NIGHT, String(checkpoint), NOW];
    let child: ChildProcess | undefined;
    const ended = new Promise<{ signal: string | null; output: string }>((resolve, reject) => {
      child = execFile(process.execPath, args, { env }, (error, stdout, stderr) => {
        if (error && error.signal === undefined) reject(new Error(stderr || error.message));
        else if (error && error.signal === null) reject(new Error(stderr || error.message));
        else resolve({ signal: error?.signal ?? null, output: stdout });
      });
    });
    return { child, ended };
  };

  try {
    const killed = start(end && 'checkpoint' in end ? end.checkpoint : 0);
    first = killed.child;
    const { signal, output } = await killed.ended;
    first = undefined;
    const { checkpoints } = JSON.parse(signal === null ? output : (await start().ended).output) as {
      checkpoints: number;
    };
    const { problems } = await verifyArchive(directoryArchive(join(place, 'reports')), { unsigned: true });
    return {
      signal,
      asked,
      findings: readFileSync(join(place, 'reports', FOLDER, `findings/${ACCOUNT}-${REGION}.ndjson.gz`)),
      problems: problems.map(({ kind, key, text }) => `${kind} ${key} ${text}`),
      messages: endpoints.messages,
      imported: endpoints.findings(ACCOUNT, REGION),
      events: endpoints.events,
      requests,
      checkpoints,
    };
  } finally {
    await endpoints.close();
    rmSync(place, { recursive: true, force: true });
  }
}

const undisturbed = await killAndResume();

test('an undisturbed scan is what the others are compared with', () => {
  const { signal, asked, problems, messages, imported, events } = undisturbed;
  assert.deepEqual([signal, asked, problems, messages.length], [null, [1, 1, 1], [], 1]);
  assert.ok(imported.length >= NODES);
  assert.equal(new Set(events.map(toldBy)).size, events.length);
});

const toldBy = ({ detail }: Endpoints['events'][number]) => JSON.stringify(detail);

async function check(end: End): Promise<void> {
  const { signal, asked, findings, problems, messages, imported, events } = await killAndResume(end);
  assert.equal(signal, 'SIGKILL');
  assert.deepEqual(asked, [1, 1, 1], 'no node is asked twice');
  assert.deepEqual(findings, undisturbed.findings);
  // One manifest that binds every object of the night: a second or a missing one is a problem.
  assert.deepEqual(problems, []);
  assert.ok(messages.length === 1 || messages.length === 2, `${messages.length} messages`);
  const told = messages.map(({ attributes, bodies }) => JSON.stringify([attributes.dedupeId?.value, bodies]));
  assert.equal(new Set(told).size, 1, 'a repeated message is the same');
  assert.deepEqual(imported, undisturbed.imported, 'a repeated finding is the same');
  const distinct = [...new Set(events.map(toldBy))];
  assert.deepEqual(distinct, undisturbed.events.map(toldBy), 'no event is lost, and a repeated one is the same');
}

/** What is read again to tell of a kept scan, whose reading every other test of it kills already. */
const { requests } = undisturbed;
const kept = requests.lastIndexOf('s3.PutObject', requests.indexOf('securityhub.BatchImportFindings'));

describe('a scan whose process is killed with kill -9', { concurrency: 3 }, () => {
  // At the last checkpoint nothing is left to do.
  for (let checkpoint = 1; checkpoint < undisturbed.checkpoints; checkpoint += 1) {
    test(`at checkpoint ${checkpoint} goes on from there`, () => check({ checkpoint }));
  }
  for (const [index, request] of requests.entries()) {
    if (index > kept && !CHANGING.test(request) && process.env.KUBEVIGIL_SOAK === undefined) continue;
    test(`before request ${index}, ${request}, goes on from there`, () => check({ before: index }));
    if (!CHANGING.test(request) && process.env.KUBEVIGIL_SOAK === undefined) continue;
    test(`before it knows the answer to request ${index}, ${request}, changes nothing twice`, () =>
      check({ unseen: index }));
  }
});

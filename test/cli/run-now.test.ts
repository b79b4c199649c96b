/** `kubevigil run-now` against a deployment whose function is a durable one, run by the SDK of Lambda's. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runNowCommand } from '../../cli/run-now.ts';
import type { ScanResult } from '../../lambda/scan/handler.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Call, DurableFunction, Fault } from '../../simulator/aws/options.ts';
import { runDurable } from '../../simulator/durable.ts';
import { capture } from './capture.ts';

const REGION = 'eu-west-1';
const FUNCTION = `arn:aws:lambda:${REGION}:111122223333:function:kubevigil-Scan:live`;
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-run-now-'));
const environment = { ...process.env };

const ended: ScanResult = {
  scanId: '20261123T020000Z',
  summary: 'scans/2026/11/23/20261123T020000Z/summary.json',
  manifest: 'scans/2026/11/23/20261123T020000Z/manifest.json',
  sha256: 'a'.repeat(64),
  totals: {
    nodes: 1200,
    evaluated: 1199,
    unreachable: { 'not-managed': 1 },
    findings: { pass: 9, fail: 5, manual: 0, 'not-applicable': 0, error: 0 },
    waived: 2,
    atRisk: 1,
  },
  failedTargets: 0,
  fallenTargets: 0,
  alert: 'sent',
  calls: 3,
  seconds: 2,
  differed: 0,
  open: { critical: 0, high: 3, medium: 0, low: 0 },
  phases: { plan: 0.1, ask: 1, judge: 0.2, keep: 0.3 },
  keptAt: Date.parse('2026-11-23T02:00:02Z'),
};

/** What the deployed scan does next, and what becomes of requests. */
let result: ScanResult | Error = ended;
let fault: (call: Call) => Fault | undefined = () => undefined;
let events: unknown[] = [];

const scan: DurableFunction = async (event, { name, step }) => {
  events.push(event);
  return await runDurable(
    async (_event, context) => {
      for (const each of ['start', 'plan', 'keep', 'notify']) await context.step(each, async () => each);
      if (result instanceof Error) throw result;
      return result;
    },
    event,
    {
      directory: folder,
      executionName: name,
      now: Date.now,
      sleep: async () => {},
      onProgress: ({ type, status, name: done }) => {
        if (type === 'STEP' && status === 'SUCCEEDED' && done) step(done);
      },
    },
  );
};

let endpoints: Endpoints;
before(async () => {
  const outputs = { Scanner: FUNCTION, ReportBucket: 'our-reports', AlertTopic: 'arn' };
  endpoints = await startEndpoints({
    accounts: {
      '111122223333': {
        regions: {
          [REGION]: {
            stacks: { kubevigil: outputs, staging: { ...outputs, Scanner: `${FUNCTION}-not` }, other: { Url: 'x' } },
            functions: { 'kubevigil-Scan:live': scan },
          },
        },
      },
    },
    intercept: (call) => fault(call),
  });
  Object.assign(process.env, endpoints.environment);
});
after(async () => {
  await endpoints.close();
  process.env = environment;
  rmSync(folder, { recursive: true, force: true });
});

async function runNow(...args: string[]) {
  const to = capture();
  events = [];
  // A turn of the loop lets the function go on, as time does.
  const code = await runNowCommand(args, to, () => new Promise((resolve) => setImmediate(resolve)));
  return { code, ...to };
}

test('it starts the scan of this moment, tells its steps, and what it found', async () => {
  const began = new Date().toISOString();
  const { code, stdout, stderr } = await runNow();
  assert.equal(code, 0, stderr);
  const [{ scheduledTime }] = events as [{ scheduledTime: string }];
  assert.ok(scheduledTime >= began && scheduledTime <= new Date().toISOString());
  const id = scheduledTime.replaceAll(/[-:.]/g, '');
  assert.match(stderr, new RegExp(`^Started scan ${id} in eu-west-1: arn:aws:lambda:.*/durable-execution/${id}/`));
  assert.match(stderr, /\n {2}listed the nodes\n {2}kept the report\n {2}told what changed\n$/);
  assert.equal(
    stdout,
    '1,199 of 1,200 nodes evaluated; 3 open findings; 1 node at risk.\nReport: s3://our-reports/scans/2026/11/23/20261123T020000Z/\n',
  );
});

test('--json gives the result, --no-wait does not wait for it', async () => {
  assert.deepEqual(JSON.parse((await runNow('--json')).stdout), ended);
  const asked = endpoints.calls['lambda.GetDurableExecution'];
  const { code, stdout, stderr } = await runNow('--no-wait');
  assert.deepEqual([code, stdout, endpoints.calls['lambda.GetDurableExecution']], [0, '', asked]);
  assert.match(stderr, /^Started scan [^\n]+\n$/);
});

test('--resume goes on with the scan of a time that failed, in an execution of its own', async () => {
  const { code, stderr } = await runNow('--resume', '2026-11-23T02:00:00Z');
  assert.equal(code, 0, stderr);
  assert.deepEqual(events, [{ scheduledTime: '2026-11-23T02:00:00.000Z', resume: true }]);
  assert.match(stderr, /^Started scan 20261123T020000Z in .*\/20261123T020000Z-resumed-\d{8}T\d{9}Z\//);
});

test('an execution that Lambda does not know yet is waited for, an answer that was lost starts no second scan', async () => {
  let [unknown, lost] = [2, 1];
  fault = ({ operation }) => {
    if (operation === 'GetDurableExecution' && unknown-- > 0)
      return { status: 404, code: 'ResourceNotFoundException', message: 'Durable execution not found' };
    if (operation === 'Invoke' && lost-- > 0) return 'lost';
    return undefined;
  };
  const { code, stderr } = await runNow();
  fault = () => undefined;
  assert.equal(code, 0, stderr);
  assert.equal(events.length, 1);
});

const outcomes: [name: string, outcome: ScanResult | Error, said: RegExp][] = [
  [
    'a scan that failed',
    new Error('the bucket is gone'),
    /the scan ended as FAILED: Error: the bucket is gone; docs\/runbook\.md/,
  ],
  [
    'one that was skipped',
    { scanId: 'x', skipped: 'another execution scans it' },
    /scan x was skipped: another execution scans it/,
  ],
  ['one that missed targets', { ...ended, failedTargets: 2 }, /2 accounts and regions could not be scanned/],
  [
    'one that could not tell',
    { ...ended, alert: 'failed: SNS Publish \u001b[31m' },
    /the message was not sent: SNS Publish \\u\{1b\}\[31m/,
  ],
];
for (const [name, outcome, said] of outcomes) {
  test(`${name} is told, with exit code 2`, async (t) => {
    t.after(() => {
      result = ended;
    });
    result = outcome;
    const { code, stderr } = await runNow();
    assert.equal(code, 2);
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /^ {4}at /m);
  });
}

const wrong: [args: string[], said: RegExp][] = [
  [
    ['--name', 'none'],
    /^kubevigil run-now: eu-west-1 has no stack "none": deploy the scanner first, or name its --region and --name\n$/,
  ],
  [['--region', 'us-east-1'], /us-east-1 has no stack "kubevigil"/],
  [['--region', 'mars'], /--region expects a region/],
  [['--name', 'other'], /the stack "other" in eu-west-1 is no scanner of kubevigil/],
  [['--name', 'staging'], /Lambda Invoke was refused with 404 ResourceNotFoundException: Function not found/],
  [['--resume', 'yesterday'], /--resume expects the scan's scheduled time in UTC such as .*, got "yesterday"\n$/],
  [['--resume', '2026-13-01T02:00:00Z'], /--resume expects/],
  [['--nmae', 'x'], /did you mean --name\?/],
];
for (const [args, said] of wrong) {
  test(`run-now ${args.join(' ')} is one line and exit code 2`, async () => {
    const { code, stdout, stderr } = await runNow(...args);
    assert.deepEqual([code, stdout, events], [2, '', []]);
    assert.match(stderr, said);
    assert.match(stderr, /^[^\n]+\n$/);
  });
}

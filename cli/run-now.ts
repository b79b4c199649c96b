/** `kubevigil run-now`: starts the deployed scan and follows it until it has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  GetDurableExecutionCommand,
  type GetDurableExecutionResponse,
  InvokeCommand,
  LambdaClient,
  paginateGetDurableExecutionHistory,
} from '@aws-sdk/client-lambda';
import { count, number } from '../lambda/alerts/text.ts';
import { explained } from '../lambda/failures.ts';
import { printable } from '../lambda/formats/text.ts';
import { REQUEST_RETRIES } from '../lambda/retries.ts';
import type { ScanResult } from '../lambda/scan/handler.ts';
import { scanIdOf } from '../lambda/scan/start.ts';
import { ownRegions } from './account.ts';
import { run } from './command.ts';
import { InputError } from './problems.ts';
import { STEPS } from './progress.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';

const help = `Starts a scan by the deployed scanner, in the account of your credentials, and follows it until it has ended.

Usage: ${PROGRAM} run-now [options]

  --name NAME    the setting "name" of the deployment (default: kubevigil)
  --region R     the region in which it is deployed (default: the environment's)
  --resume TIME  go on with the scan that was scheduled for this time (2026-11-23T02:00:00Z) and failed
  --no-wait      start it and do not wait for its end
  --json         print its result as JSON
  -h, --help     print this help

Your credentials need cloudformation:DescribeStacks, lambda:InvokeFunction, lambda:GetDurableExecution and
lambda:GetDurableExecutionHistory. Interrupted, this command ends and the scan goes on.
Exit codes: 0 the scan ended, 2 it could not be started, failed, or could not scan or tell everything.
`;

/** Milliseconds between looks at an execution, and for how long it may not be known yet that was just started. */
const PAUSE = 3_000;
const UNKNOWN = 60_000;

type Pause = (milliseconds: number) => Promise<unknown>;

const options = {
  name: { type: 'string', default: 'kubevigil' },
  region: { type: 'string' },
  resume: { type: 'string' },
  'no-wait': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** Runs the command; `pause` waits between looks. */
export async function runNowCommand(args: string[], to: Terminal = terminal, pause: Pause = sleep): Promise<number> {
  return run('run-now', { args, help, options }, to, async ({ values }) => {
    const request = requestOf(values.resume);
    const [region = ''] = await ownRegions(values.region === undefined ? undefined : [values.region]);
    const { scanner, bucket } = await deployment(values.name, region);
    const client = explained(new LambdaClient({ region, ...REQUEST_RETRIES }));
    const { DurableExecutionArn: arn } = await client.send(
      new InvokeCommand({
        FunctionName: scanner,
        InvocationType: 'Event',
        // An invocation that is repeated, because its answer was lost, starts no second scan.
        DurableExecutionName: request.execution,
        Payload: Buffer.from(JSON.stringify(request.event)),
      }),
    );
    if (arn === undefined)
      throw new InputError(`${scanner} is not a durable function, so it is no scanner of this version`);
    to.err(printable(`Started scan ${scanIdOf(request.event.scheduledTime)} in ${region}: ${arn}`).concat('\n'));
    if (values['no-wait']) return 0;
    const ended = await follow(client, arn, to, pause);
    return told(ended, bucket, values.json, to);
  });
}

/** What the function gets, and the name of its execution: a scan that is resumed is another execution of the same time. */
function requestOf(resume: string | undefined): { event: { scheduledTime: string; resume?: true }; execution: string } {
  const now = new Date().toISOString();
  if (resume === undefined) return { event: { scheduledTime: now }, execution: scanIdOf(now) };
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{3})?)?Z$/.test(resume)
    ? new Date(resume)
    : new Date(Number.NaN);
  if (Number.isNaN(time.getTime())) {
    throw new InputError(
      `--resume expects the scan's scheduled time in UTC such as 2026-11-23T02:00:00Z, got ${JSON.stringify(resume)}`,
    );
  }
  const scheduledTime = time.toISOString();
  return { event: { scheduledTime, resume: true }, execution: `${scanIdOf(scheduledTime)}-resumed-${scanIdOf(now)}` };
}

/** What the stack of a deployment says of itself. */
async function deployment(name: string, region: string): Promise<{ scanner: string; bucket: string }> {
  const client = explained(new CloudFormationClient({ region, ...REQUEST_RETRIES }));
  const { Stacks: [stack] = [] } = await client
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch((error: Error) => {
      if (error.name !== 'ValidationError') throw error;
      throw new InputError(
        `${region} has no stack ${JSON.stringify(name)}: deploy the scanner first, or name its --region and --name`,
      );
    });
  const output = (key: string) => stack?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  const [scanner, bucket] = [output('Scanner'), output('ReportBucket')];
  if (scanner !== undefined && bucket !== undefined) return { scanner, bucket };
  throw new InputError(`the stack ${JSON.stringify(name)} in ${region} is no scanner of kubevigil`);
}

/** Waits until the execution has ended, and tells which steps are done. */
async function follow(
  client: LambdaClient,
  arn: string,
  to: Terminal,
  pause: Pause,
): Promise<GetDurableExecutionResponse> {
  let seen = 0;
  for (let waited = 0; ; waited += PAUSE) {
    const execution = await client
      .send(new GetDurableExecutionCommand({ DurableExecutionArn: arn }))
      .catch((error: Error) => {
        // It waits in a queue until Lambda begins with it.
        if (error.name !== 'ResourceNotFoundException' || waited >= UNKNOWN) throw error;
      });
    if (execution) seen = await tellSteps(client, arn, seen, to);
    if (execution && execution.Status !== 'RUNNING') return execution;
    await pause(PAUSE);
  }
}

/** Tells the steps of the events after the one of number `seen`; returns the number of the last. */
async function tellSteps(client: LambdaClient, arn: string, seen: number, to: Terminal): Promise<number> {
  let last = seen;
  const pages = paginateGetDurableExecutionHistory(
    { client },
    { DurableExecutionArn: arn, IncludeExecutionData: false },
  );
  for await (const { Events = [] } of pages) {
    for (const { EventId = 0, EventType, Name = '' } of Events) {
      if (EventId <= seen) continue;
      last = Math.max(last, EventId);
      const done = EventType === 'StepSucceeded' && Object.hasOwn(STEPS, Name) ? STEPS[Name] : undefined;
      if (done) to.err(`  ${done}\n`);
    }
  }
  return last;
}

/** Says what the scan has found, or why it has found nothing; returns the exit code. */
function told(
  { Status, Result, Error: error }: GetDurableExecutionResponse,
  bucket: string,
  json: boolean,
  to: Terminal,
): number {
  if (Status !== 'SUCCEEDED' || Result === undefined) {
    const why = [error?.ErrorType, error?.ErrorMessage].filter(Boolean).join(': ') || 'no more is said';
    throw new InputError(`the scan ended as ${Status}: ${why}; docs/runbook.md says what to do (scan-failed)`);
  }
  const result = JSON.parse(Result) as ScanResult;
  if (json) to.out(`${JSON.stringify(result, null, 2)}\n`);
  if ('skipped' in result) throw new InputError(`scan ${result.scanId} was skipped: ${result.skipped}`);
  const { totals, summary, failedTargets, alert } = result;
  const open = totals.findings.fail - totals.waived;
  if (!json) {
    to.out(
      `${number(totals.evaluated)} of ${count(totals.nodes, 'node')} evaluated; ${count(open, 'open finding')}; ${count(totals.atRisk ?? 0, 'node')} at risk.\n`,
    );
    to.out(printable(`Report: s3://${bucket}/${summary.replace(/[^/]*$/, '')}`).concat('\n'));
  }
  if (failedTargets > 0)
    to.err(
      `kubevigil run-now: ${count(failedTargets, 'account or region', 'accounts and regions')} could not be scanned\n`,
    );
  const isUntold = alert.startsWith('failed: ');
  if (isUntold) to.err(printable(`kubevigil run-now: the message was not sent: ${alert.slice(8)}`).concat('\n'));
  return failedTargets > 0 || isUntold ? 2 : 0;
}

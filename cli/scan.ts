/**
 * `kubevigil scan`: the deployed scan on this machine, over the embedded fleet or over a real account.
 * Long because a scan that is interrupted says what it leaves behind at each of its stages.
 */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { count } from '../lambda/alerts/text.ts';
import { LATEST, scanFolder, targetKeys } from '../lambda/archive/keys.ts';
import { readNodes } from '../lambda/archive/nodes.ts';
import { readBytes, s3Archive } from '../lambda/archive/store.ts';
import { html } from '../lambda/formats/html.ts';
import { printable } from '../lambda/formats/text.ts';
import { nodesOf } from '../lambda/nodes/hybrid.ts';
import { inWords } from '../lambda/nodes/selection.ts';
import { SHELL_DOCUMENT } from '../lambda/nodes/send.ts';
import { parseDocument } from '../lambda/results/lines.ts';
import type { NodeLine } from '../lambda/results/node-line.ts';
import { SummarySchema } from '../lambda/results/summary.ts';
import { archiveClient, targetClients } from '../lambda/scan/clients.ts';
import { type ScanResult, scan } from '../lambda/scan/handler.ts';
import { scanIdOf } from '../lambda/scan/start.ts';
import { EXPIRY_DAYS, parseScanSettings, SETTINGS_VARIABLE } from '../lambda/settings.ts';
import { isRefusal } from '../simulator/aws/failure.ts';
import { runDurable } from '../simulator/durable.ts';
import { BUCKET, keepKey } from '../simulator/fleet/serve.ts';
import { type Given, run } from './command.ts';
import { executionsIn, forget, sweep, workFolder } from './leftovers.ts';
import { lock } from './lock.ts';
import {
  addFound,
  checkDays,
  FAIL_ON_HELP,
  type Found,
  fails,
  readBenchmarks,
  readFailOn,
  readRule,
} from './options.ts';
import { InputError, systemProblem } from './problems.ts';
import { STEPS, soFar, totals, whatIsSent } from './progress.ts';
import { checked, checkOut, inAccount, onFleet, type Setup } from './setup.ts';
import { atRiskList, nodeTable, notJudgedList } from './table.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';
import { fitted } from './wrap.ts';

const help = `Scans nodes as the deployed scanner does: asks every tagged node through SSM, computes what
its kubelet runs with, judges it, keeps the report and tells what changed.

Usage: ${PROGRAM} scan [options]
       ${PROGRAM} scan --aws --tag KEY[=VALUE] [options]

Without --aws it scans the embedded fleet of simulated nodes, with it the account of your credentials.
Nothing is deployed.

  --tag KEY[=VALUE]     nodes with this tag (may be repeated: all keys must match, one of
                        the values of each)
  --out DIR             where the report goes (default: out)
  --rule NAME           rule or control whose verdicts the table shows
                        (default: rotate-client-certificates; the report has all)
  --benchmark NAME      judge by this benchmark (may be repeated; default: auto)
  --expiry-days N       fail certificates that run out within N days (default: ${EXPIRY_DAYS})
  --waivers FILE        accepted findings (YAML)
  --routes FILE         print the message of each topic that these routes name (cdk.json, or a list of routes as
                        JSON); with --aws they are not sent there
  --fail-on WHAT        exit with 1 if the scan finds WHAT: ${FAIL_ON_HELP}
  --all                 a row for each node, also where there are more than 40
  --json                print the summary as JSON
  --fleet NAME          simulated nodes: one account and region (one, the default), two accounts and
                        two regions of which one denies access (several), or a node of each kind (kinds)
  -h, --help            print this help

With --aws:
  --region R            region to scan (may be repeated; default: the environment's)
  --bucket B            keep the report in this bucket instead of --out
  --topic ARN           publish the message to this topic instead of printing it
  --document NAME       send this SSM document instead of the script by ${SHELL_DOCUMENT}
  --hybrid              also managed nodes outside of EC2 (mi-…) that have the tags
  --yes                 do not ask before sending

Exit codes: 0 the scan ran, 1 it found what --fail-on names, 2 it could not run, or not in
every account and region, or its message could not be sent.
`;

const options = {
  aws: { type: 'boolean', default: false },
  tag: { type: 'string', multiple: true },
  fleet: { type: 'string' },
  region: { type: 'string', multiple: true },
  bucket: { type: 'string' },
  topic: { type: 'string' },
  document: { type: 'string' },
  hybrid: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  out: { type: 'string', default: 'out' },
  rule: { type: 'string', default: 'rotate-client-certificates' },
  benchmark: { type: 'string', multiple: true },
  'expiry-days': { type: 'string' },
  waivers: { type: 'string' },
  routes: { type: 'string' },
  'fail-on': { type: 'string' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

type Options = Given<typeof options>['values'];

type Pause = (milliseconds: number) => Promise<unknown>;

/** Runs the command; `pause` waits between looks at a real account's command. */
export async function scanCommand(args: string[], to: Terminal = terminal, pause: Pause = sleep): Promise<number> {
  return run('scan', { args, help, options }, to, async ({ values }) => {
    const failOn = readFailOn(values['fail-on']);
    const { waivers, 'expiry-days': days } = values;
    if (days !== undefined) checkDays(days);
    if (waivers !== undefined && !statSync(waivers, { throwIfNoEntry: false })?.isFile()) {
      throw new InputError(`--waivers ${waivers} is not a file`);
    }
    const rule = readRule('--rule', values.rule);
    const benchmark = values.benchmark && readBenchmarks(values.benchmark);
    checkOut(values.out);
    const wanted = { ...values, benchmark, out: resolve(values.out) };
    const work = workFolder('fleet');
    const environment = { ...process.env };
    const scheduledAt = new Date().toISOString();
    let setup: Setup | undefined;
    let stage: Stage = 'asked';
    let unlock: (() => void) | undefined;
    const leave = async () => {
      await setup?.endpoints.close();
      restore(environment);
      rmSync(work, { recursive: true, force: true });
      if (stage !== 'asked') forget(wanted.out, scanIdOf(scheduledAt), stage === 'ended');
      unlock?.();
    };
    const interrupt = (signal: keyof typeof SIGNALS) => {
      to.err(`\nkubevigil scan: ${interrupted(stage, values, scheduledAt)}\n`);
      leave().then(() => process.exit(SIGNALS[signal]));
    };
    for (const signal of Object.keys(SIGNALS)) process.once(signal, interrupt);
    try {
      unlock = lock(wanted.out);
      sweep(wanted.out);
      process.env.TMPDIR = work;
      setup = values.aws ? await inAccount(wanted) : await onFleet(wanted, work);
      process.env[SETTINGS_VARIABLE] = checked(setup.settings);
      if (!(await mayStart(setup, values, to))) return 2;
      begin(values.out, wanted.out, setup.key);
      stage = 'begun';
      const { refusal } = setup.endpoints;
      const onKept = () => {
        stage = 'kept';
      };
      const result = await runScan(scheduledAt, wanted.out, setup, { to, pause, onKept }).catch((error: unknown) => {
        const cause = refusal() ?? error;
        throw isRefusal(cause) ? new InputError(`--out ${values.out}: ${systemProblem(cause)}`) : cause;
      });
      stage = 'ended';
      if ('skipped' in result) throw new InputError(`${result.scanId}: ${result.skipped}`);
      return await show(result, setup, { ...values, rule, failOn }, to);
    } finally {
      for (const signal of Object.keys(SIGNALS)) process.off(signal, interrupt);
      await leave();
    }
  });
}

/** Makes the environment what it was. Another object in its place would not reach the system, of which os.tmpdir() asks. */
function restore(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
}

/** Writes to the directory before anything is sent: what it does not take is known now. */
function begin(named: string, out: string, key: string): void {
  try {
    keepKey(out, key);
    const probe = join(out, '.kubevigil-probe');
    // A block's worth: an empty file may be made on a disk that is full.
    writeFileSync(probe, Buffer.alloc(4096));
    rmSync(probe);
  } catch (error) {
    throw new InputError(`--out ${named}: ${systemProblem(error as NodeJS.ErrnoException)}; nothing was sent`);
  }
}

/** Signals that end a scan, and what shells report of a command that they ended: 128 and their number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** How far a scan is: nothing was sent, something was, the report is complete, all is done. */
type Stage = 'asked' | 'begun' | 'kept' | 'ended';

/** What a scan that is interrupted leaves behind, and what to do about it. */
function interrupted(stage: Stage, { bucket, out }: Options, scheduledAt: string): string {
  const folder = scanFolder({ scanId: scanIdOf(scheduledAt), scheduledAt });
  const where = bucket === undefined ? join(out, BUCKET, folder) : `s3://${bucket}/${folder}`;
  if (stage === 'asked') return 'interrupted; nothing was sent.';
  if (stage !== 'begun')
    return `interrupted; the report is complete in ${where}, but its message may not have been sent.`;
  if (bucket === undefined)
    return 'interrupted; what it had kept is removed, and what it had sent goes on. Scan again.';
  return (
    `interrupted; what it had sent goes on, and ${where} may hold the beginning of a report without a manifest, ` +
    'which verify calls UNSEALED: delete that folder, and scan again.'
  );
}

/** Counts the nodes and looks at the bucket before anything is sent; asks where a real account is concerned. */
async function mayStart({ settings, real }: Setup, values: Options, to: Terminal): Promise<boolean> {
  const { targets: source, tags, hybridNodes, bucket, documentName } = parseScanSettings(JSON.stringify(settings));
  // From a terminal all targets are listed.
  const targets = Array.isArray(source) ? source : [];
  let nodes = 0;
  const silent: unknown[] = [];
  for (const target of targets) {
    try {
      for await (const _ of nodesOf(targetClients(target, 'listing'), { tags, hybridNodes })) nodes += 1;
    } catch (error) {
      silent.push(error);
      if (silent.length === targets.length) throw error;
    }
  }
  const where = targets.map(({ account, region }) => `${account} ${region}`).join(', ');
  const selected = inWords(tags);
  if (nodes === 0) throw new InputError(`no running instance in ${where} has the tag ${selected}; nothing was sent`);
  await s3Archive(archiveClient(), bucket).open(LATEST);
  const selection = `${count(nodes, 'node')} with the tag ${printable(selected)}`;
  const accounts = targets.map(({ account, region }) => `account ${account}, ${region}`).join('; ');
  const sending = `Sending ${whatIsSent(documentName)} to ${selection} in ${accounts}.`;
  to.err(`${fitted(sending, process.stderr.columns)}\n`);
  if (silent.length > 0) to.err(`${silent.length} of ${targets.length} targets cannot be listed.\n`);
  if (!real || values.yes) return true;
  if (process.stdin.isTTY !== true) throw new InputError('add --yes to send without being asked; nothing was sent');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question('Continue? [y/N] ');
  prompt.close();
  if (/^y(es)?$/i.test(answer.trim())) return true;
  to.err('Nothing was sent.\n');
  return false;
}

async function runScan(
  scheduledTime: string,
  out: string,
  { real, answered }: Setup,
  { to, pause, onKept }: { to: Terminal; pause: Pause; onKept: () => void },
): Promise<ScanResult> {
  // Nobody wants to wait for nothing: with simulated nodes the pauses end, by the clock, when all have answered.
  let ahead = 0;
  const result = await runDurable(
    scan,
    { scheduledTime },
    {
      directory: executionsIn(out),
      executionName: scanIdOf(scheduledTime),
      now: () => Date.now() + ahead,
      sleep: async (milliseconds) => {
        const before = Date.now();
        await (answered ? answered() : pause(milliseconds));
        ahead += Math.max(0, milliseconds - (Date.now() - before));
      },
      onProgress: ({ name, type, status, state }) => {
        const done = type === 'STEP' && status === 'SUCCEEDED' ? STEPS[name ?? ''] : undefined;
        if (done) to.err(`  ${done}\n`);
        if (done && name === 'keep') onKept();
        else if (real && name === 'wait' && status === 'PENDING') to.err(`  waiting for answers${soFar(state)}\n`);
      },
    },
  );
  return result as ScanResult;
}

async function show(
  result: Exclude<ScanResult, { skipped: string }>,
  { endpoints, settings }: Setup,
  values: Options & { failOn: ReturnType<typeof readFailOn> },
  to: Terminal,
): Promise<number> {
  const bucket = String(settings.bucket);
  const archive = s3Archive(archiveClient(), bucket);
  const bytes = await readBytes(archive, result.summary);
  const summary = parseDocument(bytes ?? Buffer.of(), result.summary, SummarySchema);
  const failed = summary.targets.filter(({ error }) => error !== undefined);
  const lines: NodeLine[] = [];
  const found: Found = { failures: 0, manual: 0, errors: 0, unreachable: 0 };
  for (const target of summary.targets) {
    if (target.error !== undefined) continue;
    for await (const { line } of readNodes(archive, targetKeys(summary, target), [])) {
      if (!line) continue;
      lines.push(line);
      addFound(found, line);
    }
  }
  if (failed.length === summary.targets.length) {
    throw new InputError(failed.map(({ account, region, error }) => `${account} ${region}: ${error}`).join('; '));
  }
  const where = values.bucket === undefined ? join(values.out, bucket) : `s3://${bucket}`;
  const { columns } = process.stdout;
  const page = `Report: ${where}/${scanFolder(summary)}${html.file}\n`;
  if (values.json) {
    to.out(`${JSON.stringify(summary, null, 2)}\n`);
    to.err(page);
  } else {
    to.out(`\n${values.rule}\n\n${nodeTable(lines, values.rule, undefined, values.all)}`);
    for (const { subject, bodies, topicArn } of endpoints.messages) {
      const where = values.routes === undefined ? '' : ` at ${topicArn.split(':').at(-1)}`;
      to.out(
        `\nThe message as it would arrive${where}:\n\n${fitted(`Subject: ${subject}`, columns)}\n\n${fitted(bodies.email ?? bodies.default ?? '', columns, '  ')}\n`,
      );
    }
    if (endpoints.messages.length === 0) to.out(`\nMessage ${printable(result.alert)}\n`);
    const blocks = [totals(summary) + notJudgedList(lines), atRiskList(lines)].filter((block) => block !== '');
    to.out(`\n${blocks.map((block) => `${fitted(block, columns)}\n`).join('')}${page}`);
  }
  for (const { account, region, error } of failed) {
    to.err(printable(`kubevigil scan: ${account} ${region} could not be scanned: ${error}`).concat('\n'));
  }
  const isUntold = result.alert.startsWith('failed: ');
  if (isUntold) to.err(printable(`kubevigil scan: the message was not sent: ${result.alert.slice(8)}`).concat('\n'));
  if (failed.length > 0 || isUntold) return 2;
  return fails(values.failOn, found) ? 1 : 0;
}

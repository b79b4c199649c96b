/** `kubevigil scan`: the deployed scan on this machine, over the embedded fleet or over a real account. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import * as v from 'valibot';
import { archiveClient, targetClients } from '../lambda/clients.ts';
import { collectDocument } from '../lambda/nodes/document.ts';
import { inventory } from '../lambda/nodes/inventory.ts';
import { SHELL_DOCUMENT } from '../lambda/nodes/run-command.ts';
import { readBytes, s3Archive } from '../lambda/reports/archive.ts';
import { targetKeys } from '../lambda/reports/keys.ts';
import { parseDocument, readLines } from '../lambda/reports/lines.ts';
import type { NodeLine } from '../lambda/reports/node-line.ts';
import { type Summary, SummarySchema } from '../lambda/reports/summary.ts';
import { openLines } from '../lambda/reports/target.ts';
import { printable } from '../lambda/reports/text.ts';
import { benchmark, benchmarks, resolveRule } from '../lambda/rules/index.ts';
import { type ScanResult, scan } from '../lambda/scan.ts';
import { parseScanSettings, SETTINGS_VARIABLE, SettingsError, type Tag } from '../lambda/settings.ts';
import { scanIdOf } from '../lambda/start.ts';
import { loadWaivers } from '../lambda/waivers.ts';
import type { Endpoints } from './aws/endpoints.ts';
import { runDurable } from './durable.ts';
import { ACCOUNT, REGION } from './fleet/nodes.ts';
import { arns, BUCKET, serveFleet, serveReports } from './fleet/serve.ts';
import { checkDays, fails, readFailOn, readRegion, readTags } from './options.ts';
import { nodeTable } from './table.ts';
import { InputError, run, type Terminal, terminal } from './terminal.ts';

const help = `Scans nodes as the deployed scanner does: asks every tagged node through SSM, computes what
its kubelet runs with, judges it, keeps the report and tells what changed.

Usage: npm start                       the embedded fleet of simulated nodes
       npm start -- scan --aws --tag KEY[=VALUE] [options]
                                       the account of your credentials, nothing deployed

  --tag KEY[=VALUE]     nodes with this tag (may be repeated: all keys must match, one of
                        the values of each)
  --out DIR             where the report goes (default: out)
  --rule NAME           rule or control whose verdicts the table shows
                        (default: rotate-client-certificates; the report has all)
  --benchmark NAME      judge by this benchmark (may be repeated; default: auto)
  --expiry-days N       fail certificates that run out within N days (default: 30)
  --waivers FILE        accepted findings (YAML)
  --fail-on WHAT        exit 1 when there is a fail, an unreachable node, or any of both
  --json                print the summary as JSON
  -h, --help            print this

With --aws:
  --region R            region to scan (default: the environment's)
  --bucket B            keep the report in this bucket instead of --out
  --topic ARN           publish the message to this topic instead of printing it
  --document NAME       send this SSM document instead of the script by ${SHELL_DOCUMENT}
  --yes                 do not ask before sending

Exit codes: 0 the scan ran, 1 it found what --fail-on names, 2 it could not run.
`;

const options = {
  aws: { type: 'boolean', default: false },
  tag: { type: 'string', multiple: true },
  region: { type: 'string' },
  bucket: { type: 'string' },
  topic: { type: 'string' },
  document: { type: 'string' },
  yes: { type: 'boolean', default: false },
  out: { type: 'string', default: 'out' },
  rule: { type: 'string', default: 'rotate-client-certificates' },
  benchmark: { type: 'string', multiple: true },
  'expiry-days': { type: 'string' },
  waivers: { type: 'string' },
  'fail-on': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

/** Where a scan runs: its settings, and the endpoints that stand in for AWS. */
type Place = { settings: Record<string, unknown>; endpoints: Endpoints; real: boolean };

type Pause = (milliseconds: number) => Promise<unknown>;

/** Runs the command; `pause` waits between looks at a real account's command. */
export async function scanCommand(args: string[], to: Terminal = terminal, pause: Pause = sleep): Promise<number> {
  return run('scan', to, async () => {
    const { values } = parseArgs({ args, options });
    if (values.help) {
      to.out(help);
      return 0;
    }
    const failOn = readFailOn(values['fail-on']);
    const { waivers, 'expiry-days': days } = values;
    if (days !== undefined) checkDays(days);
    if (waivers !== undefined && !statSync(waivers, { throwIfNoEntry: false })?.isFile()) {
      throw new InputError(`--waivers ${waivers} is not a file`);
    }
    const rule = resolveRule(values.rule);
    if ('problem' in rule) throw new InputError(`--rule ${rule.problem}`);
    for (const name of values.benchmark ?? []) {
      if (name === 'auto' || benchmark(name)) continue;
      throw new InputError(
        `--benchmark expects auto or one of ${benchmarks.map((one) => one.name).join(', ')}; got ${name}`,
      );
    }
    const work = mkdtempSync(join(tmpdir(), 'kubevigil-fleet-'));
    const environment = { ...process.env };
    let place: Place | undefined;
    try {
      place = values.aws ? await inAccount(values) : await onFleet(values, work);
      const { settings } = place;
      process.env[SETTINGS_VARIABLE] = JSON.stringify(checked(settings));
      if (!(await mayStart(place, values, to))) return 2;
      const result = await runScan(values, place, to, pause);
      if ('skipped' in result) throw new InputError(`${result.scanId}: ${result.skipped}`);
      return await show(result, place, { ...values, rule: rule.rule.name, failOn }, to);
    } finally {
      await place?.endpoints.close();
      process.env = environment;
      rmSync(work, { recursive: true, force: true });
    }
  });
}

/** Settings that every scan from a terminal has. */
function common(values: Options, account: string, region: string, tags: Tag[]): Record<string, unknown> {
  return {
    targets: [{ account, region }],
    tags,
    alertPolicy: 'always',
    ...(values.benchmark && { benchmarks: values.benchmark }),
    ...(values['expiry-days'] !== undefined && { expiryDays: Number(values['expiry-days']) }),
    ...(values.waivers !== undefined && { waivers: resolve(values.waivers) }),
  };
}

async function onFleet(values: Options, work: string): Promise<Place> {
  for (const name of ['region', 'bucket', 'topic', 'document'] as const) {
    if (values[name] !== undefined)
      throw new InputError(`--${name} goes with --aws; without it the embedded fleet is scanned`);
  }
  const tags = readTags(values.tag ?? ['kubevigil=scan']);
  const endpoints = await serveFleet(resolve(values.out), work, Math.floor(Date.now() / 1000));
  Object.assign(process.env, endpoints.environment);
  const { name, version, hash } = collectDocument();
  const document = { documentName: name, documentVersion: version, documentHash: hash };
  const settings = { ...common(values, ACCOUNT, REGION, tags), ...document, ...arns(ACCOUNT, REGION), bucket: BUCKET };
  return { settings, endpoints, real: false };
}

async function inAccount(values: Options): Promise<Place> {
  const tags = readTags(values.tag ?? []);
  if (tags.length === 0) throw new InputError('--aws needs at least one --tag KEY[=VALUE] that selects the nodes');
  const given = values.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (given === undefined) throw new InputError('--aws needs --region, because the environment names none');
  const region = readRegion(given);
  process.env.AWS_REGION = region;
  const { Account } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
  if (!Account) throw new InputError('STS did not say which account these credentials belong to');
  const endpoints = await serveReports(resolve(values.out), Account, region);
  process.env.AWS_ENDPOINT_URL_KMS = endpoints.url;
  if (values.bucket === undefined) process.env.AWS_ENDPOINT_URL_S3 = endpoints.url;
  if (values.topic === undefined) process.env.AWS_ENDPOINT_URL_SNS = endpoints.url;
  const settings = {
    ...common(values, Account, region, tags),
    documentName: values.document ?? SHELL_DOCUMENT,
    ...arns(Account, region),
    bucket: values.bucket ?? BUCKET,
    ...(values.topic !== undefined && { topicArn: values.topic }),
  };
  return { settings, endpoints, real: true };
}

function checked(settings: Record<string, unknown>) {
  try {
    const parsed = parseScanSettings(JSON.stringify(settings));
    loadWaivers(parsed.waivers);
    return settings;
  } catch (error) {
    if (!(error instanceof SettingsError) && !(error instanceof Error)) throw error;
    const [first = ''] = error.message.split('\n');
    throw new InputError(first.replace(`${SETTINGS_VARIABLE}: `, ''));
  }
}

/** Counts the nodes and looks at the bucket before anything is sent; asks where a real account is concerned. */
async function mayStart({ settings, real }: Place, values: Options, to: Terminal): Promise<boolean> {
  const { targets, tags, bucket, documentName } = parseScanSettings(JSON.stringify(settings));
  const [target] = targets;
  if (!target) return false;
  let nodes = 0;
  for await (const _ of inventory(targetClients(target).ec2, tags)) nodes += 1;
  const selected = tags.map(({ key, values: some }) => (some ? `${key}=${some.join('|')}` : key)).join(', ');
  if (nodes === 0) {
    throw new InputError(
      `no running instance in ${target.account} ${target.region} has the tag ${selected}; nothing was sent`,
    );
  }
  await s3Archive(archiveClient(), bucket).open('latest.json');
  const what = documentName === SHELL_DOCUMENT ? `collect.sh by ${SHELL_DOCUMENT}` : `the document ${documentName}`;
  to.err(
    `Sending ${what} (read-only) to ${nodes} node${nodes === 1 ? '' : 's'} with the tag ${printable(selected)} in account ${target.account}, ${target.region}.\n`,
  );
  if (!real || values.yes) return true;
  if (process.stdin.isTTY !== true) throw new InputError('add --yes to send without being asked; nothing was sent');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question('Continue? [y/N] ');
  prompt.close();
  if (/^y(es)?$/i.test(answer.trim())) return true;
  to.err('Nothing was sent.\n');
  return false;
}

const STEPS: Record<string, string> = {
  plan: 'listed the nodes',
  ask: 'sent the command',
  wait: 'waited for the answers',
  read: 'read the answers',
  judge: 'judged and compared',
  keep: 'kept the report',
  tell: 'told what changed',
};

async function runScan(values: Options, { real }: Place, to: Terminal, pause: Pause): Promise<ScanResult> {
  const scheduledTime = new Date().toISOString();
  // Nobody wants to wait for simulated nodes: the pauses between looks only move the clock.
  let ahead = 0;
  const result = await runDurable(
    scan,
    { scheduledTime },
    {
      directory: join(resolve(values.out), 'executions'),
      executionName: scanIdOf(scheduledTime),
      now: () => Date.now() + ahead,
      sleep: async (milliseconds) => {
        const before = Date.now();
        if (real) await pause(milliseconds);
        ahead += Math.max(0, milliseconds - (Date.now() - before));
      },
      onProgress: ({ name, type, status }) => {
        const done = type === 'STEP' && status === 'SUCCEEDED' ? STEPS[name ?? ''] : undefined;
        if (done) to.err(`  ${done}\n`);
        else if (real && name === 'wait' && status === 'PENDING') to.err('  waiting for answers\n');
      },
    },
  );
  return result as ScanResult;
}

async function show(
  result: Exclude<ScanResult, { skipped: string }>,
  { endpoints, settings }: Place,
  values: Options & { failOn: ReturnType<typeof readFailOn> },
  to: Terminal,
): Promise<number> {
  const bucket = String(settings.bucket);
  const archive = s3Archive(archiveClient(), bucket);
  const bytes = await readBytes(archive, result.summary);
  const summary = parseDocument(bytes ?? Buffer.of(), result.summary, SummarySchema);
  const failed = summary.targets.filter(({ error }) => error !== undefined);
  const lines: NodeLine[] = [];
  let failures = 0;
  for (const target of summary.targets) {
    if (target.error !== undefined) continue;
    const key = targetKeys(summary, target).findings;
    for await (const line of readLines(await openLines(archive, key), key, v.looseObject({}))) {
      lines.push(line as unknown as NodeLine);
      failures += lines.at(-1)?.findings.filter(({ status, waiver }) => status === 'fail' && !waiver).length ?? 0;
    }
  }
  if (failed.length === summary.targets.length) {
    throw new InputError(failed.map(({ account, region, error }) => `${account} ${region}: ${error}`).join('; '));
  }
  if (values.json) to.out(`${JSON.stringify(summary, null, 2)}\n`);
  else {
    to.out(`\n${values.rule}\n\n${nodeTable(lines, values.rule)}\n${totals(summary)}`);
    for (const { subject, bodies } of endpoints.messages) {
      to.out(
        `\nThe message as it would arrive:\n\nSubject: ${subject}\n\n${indent(bodies.email ?? bodies.default ?? '')}\n`,
      );
    }
    if (endpoints.messages.length === 0) to.out(`\nMessage ${printable(result.alert)}\n`);
    const place = values.bucket === undefined ? join(values.out, bucket) : `s3://${bucket}`;
    const page = `${place}/${result.summary.replace(/summary\.json$/, 'report.html')}`;
    to.out(`\nReport: ${page}\n`);
  }
  return fails(values.failOn, { failures, unreachable: summary.totals.nodes - summary.totals.evaluated }) ? 1 : 0;
}

/** How many nodes answered, and which rules fail on how many. */
function totals({ totals: { nodes, evaluated, unreachable }, rules }: Summary): string {
  const reasons = Object.entries(unreachable).map(([reason, count]) => `${count} ${reason}`);
  const silent = reasons.length > 0 ? `; not evaluated: ${reasons.join(', ')}` : '';
  const failing = Object.entries(rules)
    .filter(([, { fail }]) => fail > 0)
    .sort(([, a], [, b]) => b.fail - a.fail)
    .map(
      ([name, { fail, waived }]) => `  ${String(fail).padStart(4)}  ${name}${waived > 0 ? ` (${waived} waived)` : ''}`,
    );
  return `${evaluated} of ${nodes} nodes evaluated${silent}.\nFailing rules, by nodes:\n${failing.join('\n') || '  none'}\n`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

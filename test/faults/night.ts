/** Runs a plan: a whole scan over real clients and endpoints, and what it left behind. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { directoryArchive } from '../../lambda/archive/directory.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { FORMAT_NAMES } from '../../lambda/formats/formats.ts';
import { collectDocument } from '../../lambda/nodes/document.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import { type ScanResult, scan } from '../../lambda/scan/handler.ts';
import { SETTINGS_VARIABLE } from '../../lambda/settings.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Answer, Call, Fault, Node, StatusDetails } from '../../simulator/aws/options.ts';
import { runDurable } from '../../simulator/durable.ts';
import { continues, type Plan, type PlannedNode, STALE_TOKEN } from './plan.ts';

const HOME = '111122223333';
const MEMBER = '444455556666';
const REGION = 'eu-central-1';
const ROLE = 'kubevigil-member';
const NIGHT = '2026-11-23T02:00:00Z';
const DELIVERY_SECONDS = 120;
/** What throttles on nights on which everything does. */
const RATED = [
  'ec2.DescribeInstances',
  'ssm.SendCommand',
  'ssm.ListCommands',
  'ssm.ListCommandInvocations',
  'ssm.GetCommandInvocation',
  'ssm.DescribeInstanceInformation',
];

const document = collectDocument();

export type Night = {
  result: Exclude<ScanResult, { skipped: string }>;
  /** None where the only target failed. */
  lines: NodeLine[];
  /** Problems that the verification of the archive found. */
  problems: string[];
  messages: Endpoints['messages'];
  calls: Endpoints['calls'];
  /** Comments of the commands that SSM took, and messages whose sender was not told that they were taken. */
  commands: string[];
  unheard: number;
  /** Executions that it took. */
  executions: number;
};

type Live = Node & { state: NonNullable<Node['state']> };

/** Runs the plan below `folder`; process.env holds settings and endpoints meanwhile. */
export async function runNight(plan: Plan, folder: string): Promise<Night> {
  let ahead = 0;
  const waiting: { at: number; answer: () => void }[] = [];
  const clock = () => Date.now() + ahead;
  const nodes = plan.nodes.map((planned) => liveNode(planned, waiting, clock));
  const account = plan.assumes ? MEMBER : HOME;
  const region = {
    nodes: nodes.map(({ live }) => live),
    documents: [{ name: document.name, version: document.version, content: document.content }],
  };
  const counts: Record<string, number> = {};
  let denied = plan.denied;
  const commands: string[] = [];
  let unheard = 0;

  const intercept = (call: Call): Fault | undefined => {
    const operation = `${call.service}.${call.operation}`;
    const number = counts[operation] ?? 0;
    counts[operation] = number + 1;
    if (operation === 'ssm.SendCommand') for (const { sent } of nodes) sent();
    if (operation === 'ssm.ListCommandInvocations') for (const { read } of nodes) read();
    if (plan.muted && call.service === 'sns')
      return { status: 403, code: 'AuthorizationError', message: 'not authorized to publish' };
    if (denied && operation === 's3.PutObject' && JSON.stringify(call.input).includes(`/${denied}`)) {
      return { status: 403, code: 'AccessDenied', message: 'Access Denied' };
    }
    const fault = plan.faults[operation]?.[number];
    if (operation === 'ssm.GetCommandInvocation' && !fault) {
      const { InstanceId } = call.input as { InstanceId: string };
      const code = plan.nodes.find(({ id }) => id === InstanceId)?.withheld;
      if (code) return { status: 400, code, message: '' };
    }
    if (operation === 'sns.Publish' && fault === 'lost') unheard += 1;
    if (fault && continues(call) && plan.seed % 2 === 0) return STALE_TOKEN;
    if (operation === 'ssm.SendCommand' && (!fault || fault === 'lost')) {
      commands.push((call.input as { Comment: string }).Comment);
    }
    return fault;
  };

  const endpoints = await startEndpoints({
    accounts: {
      [HOME]: { regions: { [REGION]: { topics: ['alerts'], ...(plan.assumes ? {} : region) } } },
      ...(plan.assumes && { [MEMBER]: { regions: { [REGION]: region }, roles: [{ name: ROLE }] } }),
    },
    s3Root: folder,
    buckets: { reports: {} },
    now: () => new Date(clock()),
    intercept,
    pageSize: plan.pageSize,
    emptyFirstPages: plan.emptyFirstPages,
    neverExpires: plan.neverExpires,
    unseenReads: plan.unseenReads,
    listedAfterSeconds: plan.listedAfter,
    statusSpelling: plan.statusSpelling,
    repeatedInvocations: plan.repeatedInvocations,
    endsAs: (comment) => plan.ends[Number(/ (\d)\.\d+$/.exec(comment)?.[1] ?? 1) - 1],
    ...(plan.rate !== undefined && {
      rates: Object.fromEntries(RATED.map((operation) => [operation, plan.rate ?? 0])),
    }),
  });
  const environment = { ...process.env };
  Object.assign(process.env, endpoints.environment, {
    [SETTINGS_VARIABLE]: JSON.stringify({
      targets: [{ account, region: REGION, ...(plan.assumes && { roleArn: `arn:aws:iam::${MEMBER}:role/${ROLE}` }) }],
      tags: [{ key: 'scan' }],
      documentName: document.name,
      documentVersion: document.version,
      documentHash: document.hash,
      deliveryTimeoutSeconds: DELIVERY_SECONDS,
      bucket: 'reports',
      topicArn: `arn:aws:sns:${REGION}:${HOME}:alerts`,
      alertPolicy: 'always',
      formats: plan.seed % 10 === 0 ? FORMAT_NAMES : [],
    }),
  });

  const execute = (name: string, resume: boolean) =>
    runDurable(
      scan,
      { scheduledTime: NIGHT, resume },
      {
        directory: join(folder, 'executions'),
        executionName: name,
        now: clock,
        sleep: async (milliseconds) => {
          ahead += milliseconds;
          for (const one of waiting.splice(0)) (one.at <= clock() ? one.answer : () => waiting.push(one))();
          await new Promise((resolve) => setImmediate(resolve));
        },
      },
    );

  try {
    let executions = 1;
    let result = await execute('first', false).catch((error: unknown) => {
      // One target whose findings cannot be kept fails alone; without summary or manifest the whole scan does.
      if (plan.denied === undefined) throw error;
    });
    if (result === undefined) {
      denied = undefined;
      executions += 1;
      result = await execute('second', true);
    }
    if (!('manifest' in result)) throw new Error(`the scan did not end: ${JSON.stringify(result)}`);
    const findings = join(folder, 'reports', result.summary, '..', 'findings', `${account}-${REGION}.ndjson.gz`);
    const { problems } = await verifyArchive(directoryArchive(join(folder, 'reports')), { unsigned: true });
    return {
      result,
      lines: plan.denied === 'findings/' ? [] : readNodeLines(findings),
      problems: problems.map(({ kind, key, text }) => `${kind} ${key} ${text}`),
      messages: endpoints.messages,
      calls: endpoints.calls,
      commands,
      unheard,
      executions,
    };
  } finally {
    process.env = environment;
    await endpoints.close();
  }
}

function readNodeLines(path: string): NodeLine[] {
  const text = gunzipSync(readFileSync(path)).toString();
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as NodeLine]));
}

/** A node as the endpoints see it, and what happens to it when the command is sent. */
function liveNode(
  planned: PlannedNode,
  waiting: { at: number; answer: () => void }[],
  clock: () => number,
): { live: Live; sent: () => void; read: () => void } {
  const { id, platform, agent, answer, answersAfter, whenSent, whenRead } = planned;
  const late =
    answersAfter === undefined || answer === undefined
      ? undefined
      : () =>
          new Promise<Answer | StatusDetails>((resolve) => {
            waiting.push({ at: clock() + answersAfter * 1000, answer: () => resolve(answer) });
          });
  const live: Live = {
    instanceId: id,
    tags: { scan: 'yes', Name: planned.kind },
    state: planned.stopped
      ? 'stopped'
      : whenSent === 'appears' || planned.starting
        ? 'pending'
        : whenSent === 'joins'
          ? 'terminated'
          : 'running',
    ...(platform && { platform }),
    ...(agent && { agent }),
    ...(answer !== undefined && { answer: late ?? answer }),
  };
  const sent = () => {
    if (whenSent === 'appears' || whenSent === 'joins') live.state = 'running';
    if (whenSent === 'vanishes') live.state = 'terminated';
  };
  let done = false;
  const read = () => {
    if (whenRead && !done) Object.assign(live, whenRead);
    done = true;
  };
  return { live, sent, read };
}

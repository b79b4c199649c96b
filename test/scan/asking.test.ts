/** Asking nodes, as durable steps. Long because each way in which SSM answers is a case with its endpoints. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { answerKeys, targetKeys } from '../../lambda/archive/keys.ts';
import { s3Archive } from '../../lambda/archive/store.ts';
import { collectDocument, windowsDocument } from '../../lambda/nodes/document.ts';
import type { EvidenceLine } from '../../lambda/results/evidence-line.ts';
import { judgeArchived } from '../../lambda/results/judge-line.ts';
import { TOOL } from '../../lambda/results/summary.ts';
import { archiveClient, targetClients } from '../../lambda/scan/clients.ts';
import { type Scanned, scanTarget } from '../../lambda/scan/target.ts';
import { parseScanSettings } from '../../lambda/settings.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Answer, Call, EndpointOptions, Node } from '../../simulator/aws/options.ts';
import { collect } from '../../simulator/collector.ts';
import { runDurable } from '../../simulator/durable.ts';
import { kubeadm } from '../../simulator/fleet/images.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { recordedOnWindows } from '../../simulator/fleet/windows.ts';
import { envelope } from '../../simulator/hostile/envelope.ts';
import { hurry } from '../faults/clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-asking-'));
const environment = { ...process.env };
after(() => {
  rmSync(folder, { recursive: true, force: true });
  process.env = environment;
});

const ACCOUNT = '111122223333';
const target = { account: ACCOUNT, region: 'eu-central-1' };
const { name, version, hash, content } = collectDocument();
const onWindows = windowsDocument();
const id = (number: number) => `i-${number.toString(16).padStart(17, '0')}`;

const answer: Answer = await (async () => {
  const directory = join(folder, 'node');
  const image = { host: 'ip-10-0-0-5.internal', version: 'v1.31.6', startedAt: Math.floor(Date.now() / 1000) - 86_400 };
  writeRoot(directory, kubeadm(image, {}));
  const { stdout, exitCode } = await collect(directory, { simulated: true });
  return { stdout, exitCode };
})();

type Asked = {
  result: Scanned;
  lines: EvidenceLine[];
  /** Comments of the commands that SSM took. */
  sent: string[];
  /** Values of the targets of each. */
  targets: string[][];
  calls: Readonly<Record<string, number>>;
  keys: string[];
};

let places = 0;

/** Scans one target of these nodes, as one durable execution whose pauses only move its clock. */
async function ask(
  nodes: Node[],
  more: Partial<EndpointOptions> = {},
  {
    settings = {},
    block,
    scheduled = 0,
  }: { settings?: object; block?: { seconds: number; nodes: number }; scheduled?: number } = {},
): Promise<Asked> {
  places += 1;
  const out = join(folder, `place-${places}`);
  let ahead = scheduled;
  const clock = () => new Date(Date.now() + ahead);
  const sent: string[] = [];
  const targets: string[][] = [];
  const endpoints = await startEndpoints({
    accounts: {
      [ACCOUNT]: { regions: { [target.region]: { nodes, documents: [{ name, version, content }, onWindows] } } },
    },
    s3Root: out,
    buckets: { reports: {} },
    now: clock,
    ...more,
    intercept: async (call: Call) => {
      const fault = await more.intercept?.(call);
      if (call.operation === 'SendCommand' && (!fault || typeof fault === 'string')) {
        const input = call.input as { Comment: string; Targets: { Values: string[] }[] };
        sent.push(input.Comment);
        targets.push(input.Targets.flatMap(({ Values }) => Values));
      }
      return fault;
    },
  });
  Object.assign(process.env, endpoints.environment);
  const scan = { scanId: 'test', scheduledAt: '2026-11-23T02:00:00.000Z', startedAt: clock().toISOString() };
  const archive = s3Archive(archiveClient(), 'reports');
  try {
    const result = await runDurable<object, Scanned>(
      (_, context) =>
        scanTarget(context, {
          scan,
          target,
          settings: parseScanSettings(
            JSON.stringify({
              targets: [target],
              tags: [{ key: 'scan' }],
              documentName: name,
              documentVersion: version,
              documentHash: hash,
              bucket: 'reports',
              topicArn: `arn:aws:sns:${target.region}:${ACCOUNT}:alerts`,
              deliveryTimeoutSeconds: 60,
              ...settings,
            }),
          ),
          archive,
          previous: null,
          again: { rules: TOOL.rules, judge: judgeArchived },
          clients: targetClients(target, 'test'),
          judgement: { now: clock().getTime() / 1000, benchmarks: ['auto'], expiryDays: 30, waivers: [] },
          ...(block && { block }),
        }),
      {},
      {
        directory: join(out, 'executions'),
        executionName: 'asking',
        now: () => clock().getTime(),
        sleep: async (milliseconds) => {
          ahead += milliseconds;
        },
      },
    );
    const text = gunzipSync(readFileSync(join(out, 'reports', targetKeys(scan, target).evidence))).toString();
    const keys: string[] = [];
    for await (const { key } of archive.list(answerKeys(scan, target).folder)) keys.push(key.split('/').at(-2) ?? '');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as EvidenceLine);
    return { result, lines, sent, targets, calls: endpoints.calls, keys };
  } finally {
    await endpoints.close();
  }
}

const node = (number: number, more: Partial<Node> = {}): Node => ({
  instanceId: id(number),
  tags: { scan: 'yes' },
  answer,
  ...more,
});
const fleet = (count: number) => Array.from({ length: count }, (_, number) => node(number));
const evaluated = ({ lines }: Asked) => lines.filter((line) => 'evidence' in line).length;
const told = ({ lines }: Asked, number: number) => {
  const line = lines.find((one) => one.node.id === id(number));
  return line && 'reason' in line ? `${line.reason}: ${line.detail}` : 'evaluated';
};

/** Answers differently each time that it is asked; the last answer stays. */
function inTurn(...answers: (Answer | 'Execution Timed Out')[]): NonNullable<Node['answer']> {
  let turn = 0;
  return () => answers[Math.min(turn++, answers.length - 1)] ?? answer;
}

test('hybrid nodes are asked by the same command, and EC2 is never asked of them', async () => {
  const hybrid = (number: number, more: Partial<Node> = {}) => node(number, { instanceId: `m${id(number)}`, ...more });
  let gone = false;
  const leaving = hybrid(4, { answer: 'Execution Timed Out' });
  const nodes = [node(1), hybrid(2), hybrid(3, { agent: 'lost' }), leaving, hybrid(5, { tags: {} })];
  const asked = await ask(
    nodes,
    {
      intercept: ({ service, operation, input }) => {
        if (operation === 'ListCommandInvocations' && !gone) {
          gone = true;
          leaving.agent = 'absent';
        }
        assert.ok(service !== 'ec2' || !JSON.stringify(input).includes('mi-'), JSON.stringify(input));
        return undefined;
      },
    },
    { settings: { hybridNodes: true, askAgain: 1 } },
  );
  assert.deepEqual(asked.targets[0], ['scan']);
  const of = (number: number) => {
    const line = asked.lines.find((one) => one.node.id === `m${id(number)}`);
    return line && ('reason' in line ? `${line.reason}: ${line.detail}` : 'evaluated');
  };
  assert.equal(told(asked, 1), 'evaluated');
  assert.equal(of(2), 'evaluated');
  assert.match(of(3) ?? '', /^delivery-timed-out: /);
  assert.match(of(4) ?? '', /^gone: The managed node was deregistered from Systems Manager/);
  assert.equal(of(5), undefined);
  assert.equal(asked.lines.length, 4);
});

test('an answer of a hybrid node that the settings leave out is nobody’s', async () => {
  const asked = await ask([node(1), node(2, { instanceId: `m${id(2)}` })]);
  assert.deepEqual(
    asked.lines.map((line) => line.node.id),
    [id(1)],
  );
});

test('nobody is asked twice where everybody answers', async () => {
  const asked = await ask(fleet(3));
  assert.equal(evaluated(asked), 3);
  assert.equal(asked.sent.length, 1);
  assert.deepEqual(asked.keys, ['1-1']);
});

test('a command that ends as Rate Exceeded is no node’s fault: all are asked again, in batches', async () => {
  const asked = await ask(fleet(120), { pendingLimit: 50 });
  assert.equal(evaluated(asked), 120);
  assert.deepEqual(
    asked.targets.map((values) => values.length),
    [1, 50, 50, 20],
  );
  assert.equal(new Set(asked.targets.slice(1).flat()).size, 120);
});

test('where asking again does not help, the command’s own end stands in each node’s detail', async () => {
  const none = await ask(fleet(2), { pendingLimit: 1 }, { settings: { askAgain: 0 } });
  assert.match(
    told(none, 1),
    /^not-sent: .*agent is online: the command ended as "RateExceeded" \(its targets were more/,
  );
  assert.equal(none.sent.length, 1);
  const once = await ask(fleet(2), { pendingLimit: 1 });
  assert.match(told(once, 1), /^not-sent: .*RateExceeded/);
  assert.equal(once.sent.length, 2);
});

test('nodes that did not answer are asked once more, those that cannot answer are not', async () => {
  const failed: Answer = { stdout: '', stderr: 'sh: ./_script.sh: Permission denied', exitCode: 126 };
  const asked = await ask([
    node(1),
    node(2, { answer: inTurn('Execution Timed Out', answer) }),
    node(3, { answer: inTurn(failed, answer) }),
    node(4, { answer: failed }),
    node(5, { answer: 'Access Denied' }),
    node(6, { agent: 'lost' }),
    node(7, { agent: 'absent' }),
    node(8, { platform: 'Windows' }),
    node(9, { state: 'stopped', stateReason: 'Client.UserInitiatedHibernate' }),
    node(10, { answer: { stdout: answer.stdout.slice(0, 100), exitCode: 0 } }),
    node(11, { agent: 'absent', hidden: true, operator: 'eks.amazonaws.com' }),
  ]);
  assert.deepEqual(asked.targets, [['scan'], [2, 3, 4].map(id)]);
  assert.deepEqual(
    [1, 2, 3].map((number) => told(asked, number)),
    ['evaluated', 'evaluated', 'evaluated'],
  );
  assert.match(told(asked, 4), /^bad-answer: .*exit code 126.*Permission denied.*noexec\. It was asked 2 times\.$/);
  assert.match(told(asked, 5), /^access-denied: /);
  assert.match(told(asked, 6), /^delivery-timed-out: /);
  assert.match(told(asked, 7), /^not-managed: No SSM agent/);
  assert.match(told(asked, 8), /^unsupported-platform: This node runs Windows, and the scan was given no document/);
  assert.match(told(asked, 9), /^not-running: The instance is hibernated/);
  assert.match(told(asked, 10), /^bad-answer: Its answer cannot be used/);
  assert.match(told(asked, 11), /^not-managed: EKS Auto Mode manages this instance/);
});

test('nodes that run Windows are asked by their ids with the document for Windows, and answer by it alone', async () => {
  const windows = (number: number, more: Partial<Node> = {}) =>
    node(number, {
      platform: 'Windows',
      answer: ({ document }) => {
        assert.equal(document, onWindows.name);
        return { stdout: envelope(recordedOnWindows('eks-windows')), exitCode: 0 };
      },
      ...more,
    });
  const failed: Answer = { stdout: '', exitCode: 1 };
  const asked = await ask(
    [
      node(1),
      node(2, { answer: inTurn('Execution Timed Out', answer) }),
      windows(3),
      windows(4, { answer: inTurn(failed, { stdout: envelope(recordedOnWindows('windows')), exitCode: 0 }) }),
      windows(5, { state: 'stopped' }),
      windows(6, { agent: 'lost' }),
      windows(7, { answer: failed }),
    ],
    {},
    { settings: { windowsDocument: { name: onWindows.name, version: onWindows.version, hash: onWindows.hash } } },
  );
  assert.deepEqual(asked.targets, [['scan'], [3, 4, 6, 7].map(id), [id(2)], [4, 7].map(id)]);
  assert.equal(new Set(asked.sent).size, 4, 'each command has a comment of its own');
  assert.deepEqual(
    [1, 2, 3, 4].map((number) => told(asked, number)),
    ['evaluated', 'evaluated', 'evaluated', 'evaluated'],
  );
  assert.equal(asked.lines.length, 7);
  assert.match(told(asked, 5), /^not-running: /);
  assert.match(told(asked, 6), /^delivery-timed-out: /);
  assert.match(told(asked, 7), /^bad-answer: .* It was asked 2 times\.$/);
});

test('where all have answered at once, Windows or not, nothing more is asked', async () => {
  const stdout = envelope(recordedOnWindows('windows'));
  const nodes = [node(1), node(2, { platform: 'Windows', answer: { stdout, exitCode: 0 } })];
  const asked = await ask(nodes, {}, { settings: { windowsDocument: { name: onWindows.name } } });
  assert.deepEqual(asked.targets, [['scan'], [id(2)]]);
  assert.equal(evaluated(asked), 2);
  assert.equal(asked.calls['ssm.DescribeInstanceInformation'], undefined);
});

test('of who was not asked again, EC2 and Systems Manager are asked once, and of the others once more', async () => {
  const looked: Record<string, number> = {};
  const asked = await ask(
    [node(1), node(2, { answer: 'Execution Timed Out' }), node(6, { agent: 'lost' }), node(7, { agent: 'absent' })],
    {
      intercept: ({ operation, input }) => {
        if (operation !== 'DescribeInstanceInformation') return undefined;
        const { Filters } = input as { Filters: { Values: string[] }[] };
        for (const each of Filters[0]?.Values ?? []) looked[each] = (looked[each] ?? 0) + 1;
        return undefined;
      },
    },
  );
  assert.deepEqual(looked, { [id(2)]: 2, [id(6)]: 1, [id(7)]: 1 });
  assert.match(told(asked, 2), /^execution-timed-out: .* It was asked 2 times\.$/);
  assert.match(told(asked, 7), /^not-managed: No SSM agent/);
});

test('a Spot instance that is taken back while it is asked is gone, and one that starts meanwhile is asked', async () => {
  const spot = node(1, { answer: 'Pending' });
  const starting = node(2, { state: 'pending' });
  let looks = 0;
  const asked = await ask([spot, starting, node(3)], {
    intercept: ({ operation }) => {
      // After the first wave was sent.
      if (operation === 'ListCommands') looks += 1;
      if (looks === 3) {
        Object.assign(starting, { state: 'running' });
        Object.assign(spot, { state: 'terminated', stateReason: 'Server.SpotInstanceTermination' });
      }
      return undefined;
    },
  });
  assert.match(told(asked, 1), /^gone: EC2 took this Spot instance back/);
  assert.equal(told(asked, 2), 'evaluated');
  assert.deepEqual(asked.targets, [['scan'], [id(2)]]);
});

test('what was read is kept in blocks, and every node is told once', async () => {
  const asked = await ask(fleet(130), { repeatedInvocations: 3 }, { block: { seconds: 300, nodes: 50 } });
  assert.equal(evaluated(asked), 130);
  assert.equal(asked.lines.length, 130);
  assert.deepEqual(asked.keys, ['1-1', '1-2', '1-3']);
  const bound = asked.result.objects?.map(({ key }) => key.split('/').at(-2)) ?? [];
  for (const key of asked.keys) assert.ok(bound.includes(key), `${key} is bound by the manifest`);
});

test('a command whose answer is lost is looked for until it must be listed, and not sent again', async () => {
  const normal = hurry();
  try {
    for (const listedAfterSeconds of [0, 90, 280]) {
      let sent = 0;
      const asked = await ask(fleet(2), {
        listedAfterSeconds,
        intercept: ({ operation }) => (operation === 'SendCommand' && sent++ === 0 ? 'late' : undefined),
      });
      assert.equal(asked.sent.length, 1, `listed after ${listedAfterSeconds} s`);
      assert.equal(evaluated(asked), 2);
    }
  } finally {
    normal();
  }
});

test('alternatives are commands of their own, and a node that meets both is told once', async () => {
  const tags = [[{ key: 'team' }, { key: 'scan' }], [{ keys: ['kubernetes.io/cluster/*', 'karpenter.sh/nodepool'] }]];
  const asked = await ask(
    [
      node(1, { tags: { scan: 'yes', team: 'a', 'kubernetes.io/cluster/blue': 'owned' } }),
      node(2, { tags: { 'kubernetes.io/cluster/green': 'owned' } }),
      node(3, { tags: { 'karpenter.sh/nodepool': 'spot' } }),
      node(4),
    ],
    {},
    { settings: { tags } },
  );
  assert.deepEqual(asked.lines.map((line) => line.node.id).toSorted(), [1, 2, 3].map(id));
  assert.equal(evaluated(asked), 3);
  assert.deepEqual(asked.targets, [
    ['team', 'scan'],
    ['karpenter.sh/nodepool', 'kubernetes.io/cluster/blue', 'kubernetes.io/cluster/green'],
  ]);
});

test('nodes that could not answer within a night are not asked, with the arithmetic', async () => {
  await assert.rejects(
    ask(fleet(3), {}, { settings: { concurrency: '1', deliveryTimeoutSeconds: 28_800, askAgain: 3 } }),
    /must let 3 nodes answer within 20 hours, but 1 at a time are 3 rounds of 60 s, with 28800 s of delivery, asked up to 4 times: 33 hours/,
  );
});

test('permissions that a role does not have yet are waited for', async () => {
  let denied = 3;
  const asked = await ask(fleet(1), {
    intercept: ({ operation }) =>
      operation === 'DescribeInstances' && denied-- > 0
        ? { status: 403, code: 'UnauthorizedOperation', message: 'You are not authorized to perform this operation.' }
        : undefined,
  });
  assert.equal(evaluated(asked), 1);
});

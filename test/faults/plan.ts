/**
 * What goes wrong in one scan, drawn from a seed: the nodes with what should become of each, the faults of each
 * operation, and how the services answer. The same seed gives the same plan.
 */
import type { Answer, Call, CommandEnd, Fault, StatusDetails } from '../../simulator/aws/options.ts';
import { type Random, randomOf } from './random.ts';

/** What became of a node: `evaluated`, or the reason why it could not be. */
export type Outcome = string;

export type PlannedNode = {
  id: string;
  /** For people who read a failure. */
  kind: string;
  /** Any of these is right. */
  expected: readonly Outcome[];
  platform?: 'Windows';
  agent?: 'lost' | 'absent';
  answer?: Answer | StatusDetails;
  /** It answers so many seconds after the command was sent. */
  answersAfter?: number;
  /** Happens when the command is sent, which is after the plan was made. */
  whenSent?: 'vanishes' | 'appears' | 'joins';
  /** Happens when answers are read, between the waves: the state, and EC2's reason for it. */
  whenRead?: { state: 'terminated' | 'stopped' | 'running'; stateReason?: string };
  /** EC2 says that it is starting until answers are read. */
  starting?: true;
  stopped?: boolean;
  /** What SSM says instead of giving its whole answer. */
  withheld?: 'InvalidInstanceId' | 'InvocationDoesNotExist';
};

export type Plan = {
  seed: number;
  nodes: PlannedNode[];
  /** By `service.operation`: the numbers of the calls that go wrong, from 0, and how. */
  faults: Record<string, Record<number, Fault>>;
  /** S3 denies these objects until the execution has failed; a second one resumes the scan. */
  denied?: 'findings/' | 'summary.json' | 'manifest.json';
  /** The topic cannot be published to. */
  muted: boolean;
  /** The account is reached through a role. */
  assumes: boolean;
  pageSize: { ec2: number; ssm: number; s3: number };
  emptyFirstPages: boolean;
  /** What is stuck stays so: SSM does not end the command. */
  neverExpires: boolean;
  unseenReads: number;
  /** Seconds after which SSM lists a command. */
  listedAfter: number;
  statusSpelling: 'joined' | 'spaced';
  repeatedInvocations: number;
  /** How the command of each wave ends, where it does not reach all of its nodes. */
  ends: (CommandEnd | undefined)[];
  /** Requests a second that every operation of these services takes, in the time of the machine. */
  rate?: number;
};

/** Recorded answers that plans choose from: collect.sh's output of a node with and one without a kubelet. */
export type Recorded = { kubelet: string; none: string; long: string };

const THROTTLED: Record<string, Fault> = {
  ec2: { status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' },
  ssm: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  s3: { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
  sns: { status: 400, code: 'Throttling', message: 'Rate exceeded' },
  sts: { status: 400, code: 'Throttling', message: 'Rate exceeded' },
};

/** Permissions that are not there yet, in the words of each service. */
const NOT_YET: Record<string, Fault> = {
  ec2: { status: 403, code: 'UnauthorizedOperation', message: 'You are not authorized to perform this operation.' },
  ssm: { status: 400, code: 'AccessDeniedException', message: 'not authorized to perform' },
  sts: { status: 403, code: 'AccessDenied', message: 'not authorized to perform: sts:AssumeRole' },
};

/** A proxy that answers in the place of AWS. */
const PROXY: Fault = {
  status: 403,
  headers: { 'content-type': 'text/html', server: 'squid/5.7' },
  body: '<!DOCTYPE html><html><body>Access to this site is not allowed</body></html>',
};

const EXPIRED: Record<string, Fault> = {
  ec2: { status: 400, code: 'RequestExpired', message: 'Request has expired.' },
  ssm: { status: 400, code: 'ExpiredTokenException', message: 'The security token included in the request is expired' },
  s3: { status: 400, code: 'ExpiredToken', message: 'The provided token has expired.' },
};

/** Operations of a scan, and how many of their calls may go wrong: fewer than are tried again. */
const OPERATIONS = [
  ['ec2.DescribeInstances', 4],
  ['ssm.SendCommand', 2],
  ['ssm.ListCommands', 4],
  ['ssm.ListCommandInvocations', 4],
  ['ssm.GetCommandInvocation', 3],
  ['ssm.DescribeInstanceInformation', 3],
  ['s3.PutObject', 4],
  ['s3.GetObject', 4],
  ['s3.HeadObject', 1],
  ['sts.AssumeRole', 2],
  ['sns.Publish', 2],
] as const;

const TERMINAL: Record<string, readonly Outcome[]> = {
  'Delivery Timed Out': ['delivery-timed-out'],
  'Execution Timed Out': ['execution-timed-out'],
  Undeliverable: ['undeliverable'],
  Terminated: ['terminated'],
  Cancelled: ['terminated'],
  'Invalid Platform': ['unsupported-platform'],
  'Access Denied': ['access-denied'],
  // Stuck.
  Pending: ['delivery-timed-out'],
  Delayed: ['delivery-timed-out'],
  'In Progress': ['execution-timed-out'],
};

/** What a command that expires makes of all that is stuck (reference of ExpiresAfter). */
const EXPIRED_AS: readonly Outcome[] = ['delivery-timed-out'];

export function planOf(seed: number, recorded: Recorded): Plan {
  const random = randomOf(seed);
  const neverExpires = random.chance(0.5);
  const nodes = Array.from({ length: 3 + random.below(14) }, (_, index) =>
    nodeOf(random, index, recorded, neverExpires),
  );
  const faults: Plan['faults'] = {};
  // Some nights are quiet, some are bad.
  const trouble = random.next();
  for (const [operation, most] of OPERATIONS) {
    const numbers: Record<number, Fault> = {};
    for (let count = 0; count < most; count += 1) {
      if (random.chance(trouble * 0.7)) numbers[random.below(8)] = faultOf(random, operation);
    }
    if (Object.keys(numbers).length > 0) faults[operation] = numbers;
  }
  // Longer than the client tries one look: that is taken again at the next.
  if (random.chance(0.1)) {
    const from = 2 + random.below(3);
    const away = Array.from({ length: 8 }, (_, index) => [from + index, THROTTLED.ssm] as const);
    faults['ssm.ListCommands'] = Object.fromEntries(away) as Record<number, Fault>;
  }
  // The role was deployed just now: the first requests of one service are refused, for minutes.
  if (random.chance(0.15)) {
    const operation = random.pick([
      'ec2.DescribeInstances',
      'ssm.ListCommands',
      'ssm.ListCommandInvocations',
      'sts.AssumeRole',
    ]);
    const [service = ''] = operation.split('.');
    const refused = Array.from({ length: 1 + random.below(3) }, (_, call) => [call, NOT_YET[service]] as const);
    faults[operation] = Object.fromEntries(refused) as Record<number, Fault>;
  }
  const ends = [1, 2].map((wave): CommandEnd | undefined =>
    random.chance(wave === 1 ? 0.35 : 0.1)
      ? {
          details: random.pick(['Rate Exceeded', 'No Instances In Tag', 'Incomplete', 'Cancelled']),
          sentTo: random.pick([0, 0, 1, 3]),
        }
      : undefined,
  );
  return {
    seed,
    nodes,
    ends,
    ...(random.chance(0.15) && { rate: 40 }),
    faults,
    ...(random.chance(0.08) && { denied: random.pick(['findings/', 'summary.json', 'manifest.json']) }),
    muted: random.chance(0.08),
    assumes: random.chance(0.3),
    pageSize: { ec2: 1 + random.below(14), ssm: 1 + random.below(10), s3: 1000 },
    emptyFirstPages: random.chance(0.5),
    neverExpires,
    unseenReads: random.below(4),
    listedAfter: random.pick([0, 0, 60, 240]),
    statusSpelling: random.pick(['joined', 'spaced']),
    repeatedInvocations: random.pick([0, 0, 0, 1, 3]),
  };
}

function faultOf(random: Random, operation: string): Fault {
  const [service = '', name = ''] = operation.split('.');
  const faults: [Fault, ...Fault[]] = [
    THROTTLED[service] ?? 'reset',
    { status: 500, code: 'InternalError', message: 'We encountered an internal error.' },
    { status: 503, code: 'ServiceUnavailable', message: 'The service is unavailable.' },
    'reset',
    'lost',
    // The SDK does not ask again after one, so each costs a try of the step, and the steps that keep have many requests to S3.
    service === 's3' ? 'reset' : PROXY,
  ];
  if (EXPIRED[service]) faults.push(EXPIRED[service]);
  if (name === 'PutObject') {
    faults.push({
      status: 409,
      code: 'ConditionalRequestConflict',
      message: 'The conditional request cannot succeed.',
    });
  }
  if (service !== 's3' && random.chance(0.1)) return 'timeout';
  return random.pick(faults);
}

/** A page token that has run out: only where a request has one. */
export const STALE_TOKEN: Fault = {
  status: 400,
  code: 'InvalidNextToken',
  message: 'The specified token is not valid.',
};

/** Whether a call continues a list. */
export function continues({ input }: Call): boolean {
  return typeof input === 'object' && input !== null && 'NextToken' in input;
}

function nodeOf(random: Random, index: number, { kubelet, none, long }: Recorded, neverExpires: boolean): PlannedNode {
  const id = `i-${(0xabc0000000000000n + BigInt(index)).toString(16)}0`;
  const node = (kind: string, expected: PlannedNode['expected'], more: Partial<PlannedNode> = {}): PlannedNode => ({
    id,
    kind,
    expected,
    ...more,
  });
  const says = (stdout: string, exitCode = 0): Pick<PlannedNode, 'answer'> => ({ answer: { stdout, exitCode } });
  const draw = random.below(30);
  if (draw < 6) return node('answers', ['evaluated'], says(kubelet));
  if (draw === 6) return node('answers with an exit code', ['evaluated'], says(kubelet, 1));
  if (draw === 7) return node('answers more than a page carries', ['evaluated'], says(long));
  if (draw === 8) return node('has no kubelet', ['no-kubelet'], says(none));
  if (draw === 9) return node('is cut', ['bad-answer'], says(kubelet.slice(0, kubelet.length / 2)));
  if (draw === 10) return node('says nothing', ['bad-answer'], says('', random.below(2)));
  if (draw === 11) {
    const late = says(kubelet);
    return node('answers late', ['evaluated'], { ...late, answersAfter: 5 + random.below(150) });
  }
  if (draw === 12) return node('has no agent', ['not-managed'], { agent: 'absent' });
  if (draw === 13) return node('has lost its agent', ['delivery-timed-out', 'connection-lost'], { agent: 'lost' });
  if (draw === 14) return node('runs Windows', ['unsupported-platform'], { platform: 'Windows' });
  if (draw === 15) return node('vanishes', ['gone'], { ...says(kubelet), whenSent: 'vanishes' });
  if (draw === 16) return node('appears', ['evaluated'], { ...says(kubelet), whenSent: 'appears' });
  if (draw === 18) return node('joins', ['evaluated'], { ...says(kubelet), whenSent: 'joins' });
  if (draw === 19) return node('joins in silence', ['joined-later'], { answer: 'Pending', whenSent: 'joins' });
  if (draw === 20) return node('is stopped', ['not-running'], { stopped: true });
  if (draw === 21) {
    const stateReason = random.pick(['Server.SpotInstanceTermination', 'Server.SpotInstanceShutdown']);
    return node('is taken back', ['gone'], { answer: 'Pending', whenRead: { state: 'terminated', stateReason } });
  }
  if (draw === 22) {
    const whenRead = { state: 'stopped', stateReason: 'Client.UserInitiatedHibernate' } as const;
    return node('hibernates', ['gone'], { answer: 'Execution Timed Out', whenRead });
  }
  if (draw === 23)
    return node('answers and stops', ['evaluated'], { ...says(kubelet), whenRead: { state: 'stopped' } });
  if (draw === 24) {
    return node('starts late', ['evaluated'], { ...says(kubelet), starting: true, whenRead: { state: 'running' } });
  }
  if (draw === 17) {
    const withheld = random.pick(['InvalidInstanceId', 'InvocationDoesNotExist'] as const);
    return node('is gone before its whole answer is read', ['bad-answer'], { ...says(long), withheld });
  }
  const status = random.pick(Object.keys(TERMINAL) as [string, ...string[]]);
  const expected = status === 'In Progress' && !neverExpires ? EXPIRED_AS : (TERMINAL[status] ?? []);
  return node(`ends as ${status}`, expected, { answer: status as StatusDetails });
}

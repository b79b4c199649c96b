/**
 * Embedded AWS endpoints: EC2, Systems Manager, S3, SNS, STS, KMS, Security Hub and EventBridge as far as a scan uses them, Lambda
 * and CloudFormation as far as one is started by hand, Organizations and Account Management as far as accounts are found, EKS as far as it is asked for a
 * cluster's authority, on one loopback HTTP server in this process. The real SDK clients find it through `environment`, so the
 * deployed code runs unchanged.
 *
 * The url names an IP address on purpose: for IP hosts the SDK addresses buckets by path
 * (`http://127.0.0.1:1234/bucket/key`). Under a name it would ask DNS for `bucket.localhost`, which many systems do
 * not know.
 */
import { randomUUID } from 'node:crypto';
import { rm, rmdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { account } from './account.ts';
import { cloudformation } from './cloudformation.ts';
import { ec2 } from './ec2.ts';
import { eks } from './eks.ts';
import { events } from './events.ts';
import { kms } from './kms.ts';
import { lambda } from './lambda.ts';
import type { EndpointOptions } from './options.ts';
import { organizations } from './organizations.ts';
import { createStore } from './s3/store.ts';
import type { HubFinding } from './securityhub/finding.ts';
import { securityhub } from './securityhub.ts';
import { type Context, handle } from './server.ts';
import type { Session } from './session.ts';
import { sns } from './sns.ts';
import { ssm } from './ssm.ts';
import { createState, type Message, type PutEvent, targetOf } from './state.ts';
import { createSts } from './sts.ts';

export type Endpoints = {
  /** `http://127.0.0.1:<port>`. */
  url: string;
  /** Variables that make the SDK's clients talk to the endpoints as the first account's user. */
  environment: Record<string, string>;
  /** What was published so far, oldest first. */
  messages: readonly Message[];
  /** Events that buses have got so far, oldest first. */
  events: readonly PutEvent[];
  /** Findings of Security Hub in an account and region, in the order in which they came first. */
  findings(account: string, region: string): HubFinding[];
  /** Requests so far by `service.operation`, retries included: `ssm.ListCommands`. */
  calls: Readonly<Record<string, number>>;
  /** What this machine's file system refused first, if anything. */
  refusal(): NodeJS.ErrnoException | undefined;
  /** Ends every connection, also those that wait for an answer. */
  close(): Promise<void>;
};

const SERVICES = [
  'EC2',
  'SSM',
  'S3',
  'SNS',
  'STS',
  'KMS',
  'LAMBDA',
  'CLOUDFORMATION',
  'ORGANIZATIONS',
  'ACCOUNT',
  'EKS',
  'SECURITYHUB',
  'EVENTBRIDGE',
];

/** Starts listening on a free port. Rejects for options that make no sense, with what was expected. */
export async function startEndpoints(options: EndpointOptions): Promise<Endpoints> {
  const [first] = Object.keys(options.accounts);
  if (first === undefined) throw new Error('the embedded AWS endpoints need at least one account');
  const region = options.region ?? Object.keys(options.accounts[first]?.regions ?? {})[0] ?? 'us-east-1';
  const uuid = options.uuid ?? randomUUID;
  const root = options.s3Root ?? join(tmpdir(), `kubevigil-s3-${randomUUID()}`);
  const user: Session = {
    accessKeyId: `AKIA${first.padStart(16, '0')}`,
    secretAccessKey: 'embedded-endpoints-verify-no-signatures',
    account: first,
    arn: `arn:aws:iam::${first}:user/kubevigil`,
    userId: `AIDA${first.padStart(17, '0')}`,
  };
  const sessions = new Map([[user.accessKeyId, user]]);
  const state = createState(options, options.now ?? (() => new Date()), uuid);
  const calls: Record<string, number> = {};
  const rest = { lambda, cloudformation, organizations, account, eks, securityhub, events };
  const services = { ec2, ssm, sns, kms, ...rest, sts: createSts(sessions) };
  const context: Context = { state, sessions, store: createStore(root), services, calls };

  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    handle(request, response, context);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    environment: {
      ...Object.fromEntries(SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, url])),
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: user.accessKeyId,
      AWS_SECRET_ACCESS_KEY: user.secretAccessKey,
      // Empty values switch off what the caller's own environment may say; the SDK prefers a profile to these keys.
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
    },
    messages: state.messages,
    events: state.events,
    findings: (account, region) => [...(targetOf(state, account, region).findings?.values() ?? [])],
    calls,
    refusal: () => context.refusal,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      if (options.s3Root === undefined) await rm(root, { recursive: true, force: true });
      // Not there, or not empty because another process uploads: neither is a reason to fail.
      else await rmdir(join(root, '.uploads')).catch(() => undefined);
    },
  };
}

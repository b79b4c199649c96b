/**
 * What the embedded AWS endpoints are told about the accounts they stand for: plain data, and answers of nodes.
 * Tested by test/simulator/aws/endpoints.test.ts.
 */

/**
 * A node's detailed state in a command, as the API reference of ListCommandInvocations lists them; the last two are in
 * the user guide ("Understanding command statuses") only.
 */
export type StatusDetails =
  | 'Pending'
  | 'In Progress'
  | 'Delayed'
  | 'Success'
  | 'Delivery Timed Out'
  | 'Execution Timed Out'
  | 'Failed'
  | 'Cancelled'
  | 'Undeliverable'
  | 'Terminated'
  | 'Invalid Platform'
  | 'Access Denied';

/** What a node's agent reports when the script has ended; `status` where the exit code does not tell it. */
export type Answer = { stdout: string; stderr?: string; exitCode: number; status?: StatusDetails };

/** What an agent is asked to run. */
export type Run = {
  commandId: string;
  instanceId: string;
  account: string;
  region: string;
  /** Document's name, or its ARN where it was sent by ARN. */
  document: string;
  /** The script: the document's commands with their parameters, one string each, to be joined by newlines. */
  commands: string[];
  /** Seconds the script may run, from the document; nothing here enforces it. */
  timeoutSeconds: number;
};

/**
 * One EC2 instance, or a managed node of Systems Manager outside of EC2. The endpoints read it anew at each call, so a test
 * may change its state while a scan runs.
 */
export type Node = {
  /** `i-` and 8 or 17 hexadecimal digits; `mi-` and 17 for one outside of EC2. */
  instanceId: string;
  tags: Readonly<Record<string, string>>;
  /** An AWS service manages it and the account hides such instances: told only to who asks for managed resources. */
  hidden?: boolean;
  /** Default: running. */
  state?: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
  /** Code of EC2's reason for the state: `Server.SpotInstanceTermination`. */
  stateReason?: string;
  /** The AWS service that manages it: `eks.amazonaws.com`. */
  operator?: string;
  /** Default: when the endpoints started. */
  launchTime?: Date;
  /** Default: derived from the instance id. */
  privateDnsName?: string;
  privateIpAddress?: string;
  instanceType?: string;
  imageId?: string;
  /** Default: Linux. */
  platform?: 'Linux' | 'Windows';
  /**
   * Systems Manager's agent: `online` (default), `lost` (registered, no longer heard of) or `absent` (never
   * registered: no target ever matches it).
   */
  agent?: 'online' | 'lost' | 'absent';
  /**
   * What it answers to any command: a recorded answer; a state it ends in, or is stuck in until the command expires
   * (`Pending`, `In Progress`, `Delayed`); or a function that runs the script. Default: `Delivery Timed Out` where the
   * agent is lost, otherwise an empty output with exit code 0.
   */
  answer?: Answer | StatusDetails | ((run: Run) => Answer | StatusDetails | Promise<Answer | StatusDetails>);
};

/** A Command document of schema 2.2 with one aws:runShellScript step. */
export type DocumentOptions = {
  name: string;
  /** JSON text, up to 64 KiB. */
  content: string;
  /** `1` where absent. List a name several times for several versions. */
  version?: string;
  /** This version is what `$DEFAULT` means; the first listed one where none says so. */
  isDefault?: boolean;
  /** Accounts that may run it by its ARN. */
  sharedWith?: readonly string[];
};

export type RegionOptions = {
  nodes?: readonly Node[];
  documents?: readonly DocumentOptions[];
  /** Names of standard SNS topics. */
  topics?: readonly string[];
  /** Names of event buses; there is always one called `default`. */
  buses?: readonly string[];
  /** Whether Security Hub is enabled. Default: false. */
  securityHub?: boolean;
  /** Signing keys by alias (`alias/reports`): a PEM private key of P-256, or `generate`. */
  keys?: Readonly<Record<`alias/${string}`, string>>;
  /** Outputs of CloudFormation stacks, by the stack's name. */
  stacks?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** PEM of the authorities of EKS clusters, by the cluster's name. */
  clusters?: Readonly<Record<string, string>>;
  /** Durable functions, by name and qualifier: `scan:live`. */
  functions?: Readonly<Record<string, DurableFunction>>;
};

/** What a durable function does with an event; `step` tells that one of its steps has succeeded. */
export type DurableFunction = (
  event: unknown,
  execution: { arn: string; name: string; step(name: string): void },
) => Promise<unknown>;

type RoleOptions = { name: string; externalId?: string };

type AccountOptions = {
  regions?: Readonly<Record<string, RegionOptions>>;
  /** Regions that the account has enabled. Default: those of `regions`. */
  enabledRegions?: readonly string[];
  /** Roles of this account that AssumeRole gives to any caller. */
  roles?: readonly RoleOptions[];
};

/** An account as Organizations lists it. Default: it is ACTIVE. */
export type OrganizationAccount = {
  id: string;
  name?: string;
  state?: 'PENDING_ACTIVATION' | 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE' | 'CLOSED';
};

/** The root (`r-ab12`) or a unit (`ou-ab12-cdef3456`), with what is directly below it. */
export type OrganizationUnit = { id: string; accounts?: OrganizationAccount[]; units?: OrganizationUnit[] };

export type OrganizationOptions = {
  /** Such as `o-a1b2c3d4e5`. */
  id: string;
  /** Its management account, which stands somewhere below the root, too. */
  management: string;
  /** Accounts that may ask in its place. */
  administrators?: readonly string[];
  root: OrganizationUnit;
};

export type BucketOptions = {
  /** Owner; others get AccessDenied. Default: the first account. */
  account?: string;
  /** Callers that sign for another region get a redirect. Default: any region is right. */
  region?: string;
  /** Versioned, with a default retention: writes need a checksum and deletions only leave a marker. */
  objectLock?: boolean;
};

/** One request, as `intercept` sees it. `attempt` counts the SDK's retries from 1; `input` is the parsed request. */
export type Call = {
  service: string;
  operation: string;
  account: string;
  region: string;
  input: unknown;
  attempt: number;
};

/**
 * What to do to a call instead of answering it: an error of that HTTP status and AWS error code; `reset` the connection
 * before anything happens; `timeout`: never answer; `lost`: do it, then reset the connection; `late`: do it and never
 * answer. One with a body does not come from AWS, but from a proxy between.
 */
export type Fault =
  | { status: number; code: string; message: string }
  | { status: number; headers: Record<string, string>; body: string }
  | 'reset'
  | 'timeout'
  | 'lost'
  | 'late';

/** Words of the user guide, "Understanding command statuses". */
export type CommandEnd = {
  details: 'Rate Exceeded' | 'No Instances In Tag' | 'Incomplete' | 'Cancelled';
  sentTo: number;
};

export type EndpointOptions = {
  /** By account id (12 digits). The credentials of `environment` are the first one's. */
  accounts: Readonly<Record<string, AccountOptions>>;
  /** The organization of the accounts. Default: none. */
  organization?: OrganizationOptions;
  /** Region in `environment`. Default: the first region of the first account, else us-east-1. */
  region?: string;
  /** Directory that holds `<bucket>/<key>`; what is already there is served. Default: one that ends with the endpoints. */
  s3Root?: string;
  /** By name. */
  buckets?: Readonly<Record<string, BucketOptions>>;
  /** Account of callers whose credentials were not issued here; absent: they are refused. */
  foreignAccount?: string;
  /** Default: the system's clock. */
  now?: () => Date;
  /** Gives a new UUID; default: a random one. */
  uuid?: () => string;
  /**
   * How many reads of a command see nothing of its invocations yet. Default 1: Systems Manager is eventually
   * consistent, and the first read after SendCommand usually shows counts of 0.
   */
  unseenReads?: number;
  /** Seconds after which ListCommands shows a new command at all. Default 0. */
  listedAfterSeconds?: number;
  /** Most invocations that an account may have pending: a command with more targets ends as `Rate Exceeded`. */
  pendingLimit?: number;
  /**
   * How a command ends that Systems Manager does not send to all of its nodes, by its comment: the word, and how many of the
   * nodes it was sent to before.
   */
  endsAs?: (comment: string) => CommandEnd | undefined;
  /** `joined` (`DeliveryTimedOut`, what the service returns) or `spaced` (what its reference says). Default: joined. */
  statusSpelling?: 'joined' | 'spaced';
  /** Most items in a page, also where a request asks for more; AWS's own numbers where absent. */
  pageSize?: { ec2?: number; ssm?: number; s3?: number; organizations?: number; account?: number };
  /** The first page of each list of EC2, Systems Manager and Organizations is empty, and yet others follow. Default: false. */
  emptyFirstPages?: boolean;
  /** Commands stay open when they should have expired. Default: false. */
  neverExpires?: boolean;
  /** How many invocations of the page before each further page of ListCommandInvocations shows again. Default 0. */
  repeatedInvocations?: number;
  /** Milliseconds that every answer of a service takes, by service. */
  latency?: Readonly<Record<string, number>>;
  /** Requests a second that an operation takes before it throttles, by `service.operation`; bursts are twice as large. */
  rates?: Readonly<Record<string, number>>;
  /** Consulted before each operation. */
  intercept?: (call: Call) => Fault | undefined | Promise<Fault | undefined>;
};

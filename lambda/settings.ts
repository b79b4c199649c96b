/**
 * What a scan needs to know at run time. The stack writes it as JSON into one environment variable,
 * `KUBEVIGIL_SETTINGS`; the command line builds the same object from its flags. The settings that people write are in
 * infra/settings.ts and are made of the same parts, so both say the same about the same mistake. Long because one file
 * holds all of them.
 */
import * as v from 'valibot';

/** The environment variable that holds ScanSettings as JSON. */
export const SETTINGS_VARIABLE = 'KUBEVIGIL_SETTINGS';

/** Name of a scanner, where nobody gives it another because there are several in an account. */
export const SCANNER = 'kubevigil';

/** A mistake in the settings: one line for each setting that is wrong, ready to be shown. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

/** One line on what came, short enough for a terminal, on one line whatever it holds. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** `tags[0].key` for the path that valibot gives. */
function pathOf(issue: v.BaseIssue<unknown>): string {
  let path = '';
  for (const { key } of issue.path ?? []) path += typeof key === 'number' ? `[${key}]` : `${path ? '.' : ''}${key}`;
  return path;
}

/**
 * Parses `value` by `schema`, whose messages say what is expected: `a whole number of 1 or more`.
 * Throws SettingsError with a line for each mistake: `<where>: <setting> must be <expected>, but is <value>`.
 */
export function parseSettings<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  where: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const lines = new Map<string, string>();
  for (const issue of result.issues) {
    const path = pathOf(issue);
    // One mistake can break several checks, of a setting and of the one around it; the first of them says enough.
    if ([...lines.keys()].some((each) => each === path || each.startsWith(`${path}.`) || each.startsWith(`${path}[`)))
      continue;
    const unknown = issue.type === 'strict_object' && issue.expected === 'never';
    lines.set(
      path,
      unknown
        ? `${where}: ${path} is not a setting: check its spelling and its place`
        : `${where}: ${path || 'the settings'} must be ${issue.message}, but ${issue.input === undefined ? 'is missing' : `is ${shown(issue.input)}`}`,
    );
  }
  throw new SettingsError([...lines.values()].join('\n'));
}

/**
 * An object of these settings and no others. valibot words a missing setting as a mistake of the object; here it is one
 * of the setting, in the setting's own words.
 */
export function object<Entries extends v.ObjectEntries>(entries: Entries, expected: string) {
  const plain = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const strict = v.strictObject(entries, (issue) => {
    const key = issue.path?.at(-1)?.key;
    const entry = issue.path && typeof key === 'string' && Object.hasOwn(entries, key) ? entries[key] : undefined;
    const own = entry && !entry.async ? v.safeParse(entry as v.GenericSchema, undefined).issues?.[0] : undefined;
    return own?.message ?? expected;
  });
  return v.pipe(v.custom<v.InferInput<typeof strict>>(plain, expected), strict);
}

/** Text of a form; `expected` says which. */
export const text = (pattern: RegExp, expected: string) => v.pipe(v.string(expected), v.regex(pattern, expected));

/** A whole number in a range, both ends included. */
export function whole(minimum: number, maximum: number, of: string) {
  const expected = `${of}, a whole number from ${minimum} to ${maximum}`;
  return v.pipe(v.number(expected), v.integer(expected), v.minValue(minimum, expected), v.maxValue(maximum, expected));
}

/** A list without duplicates, as long as `minimum` to `maximum`. */
export function list<Item extends v.GenericSchema>(item: Item, minimum: number, maximum: number, of: string) {
  const expected = `a list of ${minimum} to ${maximum} ${of}, none of them twice`;
  return v.pipe(
    v.array(item, expected),
    v.minLength(minimum, expected),
    v.maxLength(maximum, expected),
    v.check((items) => new Set(items.map((each) => JSON.stringify(each))).size === items.length, expected),
  );
}

/** Twelve digits. */
export const account = text(/^\d{12}$/, 'an AWS account id of 12 digits, in quotes');

/**
 * The shape of a region's name, which begins with more than two letters in a partition of its own such as aws-eusc (AWS
 * SDKs, partitions.json); which regions exist changes too often to list.
 */
export const REGION = /^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/;
export const region = text(REGION, 'a region such as "eu-west-1"');

/** Key of a target of Run Command, of which the key of a tag with values is a part (botocore ssm model, TargetKey). */
const TARGET_KEY = /^[\p{L}\p{Z}\p{N}_.:/=\-@]*$/u;

const key = v.pipe(
  text(/^[^*?\s$][^*?$]{0,126}$/u, 'the key of an EC2 tag, up to 127 characters without * ? $'),
  v.check((key) => !/^aws:/i.test(key), 'the key of an EC2 tag; those that start with "aws:" are reserved'),
);

/** A key, or the beginning of keys: `kubernetes.io/cluster/*`. */
const keyOrBeginning = v.pipe(
  text(/^[^*?\s$][^*?$]{0,126}\*?$/u, 'the key of an EC2 tag, or its beginning and *'),
  v.check((key) => !/^aws:/i.test(key), 'the key of an EC2 tag; those that start with "aws:" are reserved'),
);

/**
 * A condition on a node's EC2 tags: a key, a key with one of some values, or one of some keys. SSM takes at most 5 of them
 * in a command, all of which a node must match, with 1 to 50 values each, of which it must match one (botocore ssm model,
 * Targets). Wildcards are not expanded there, and `*` in the policy that allows the command would match more than the
 * command asks for, so neither `*` nor `?` is accepted in keys with values.
 */
const tag = v.lazy((input) =>
  typeof input === 'object' && input !== null && 'keys' in input
    ? object({ keys: list(keyOrBeginning, 1, 10, 'keys') }, 'an object with keys')
    : v.pipe(
        object(
          {
            key,
            values: v.optional(
              list(text(/^[^*?$]{1,256}$/u, 'a tag value of 1 to 256 characters without * ? $'), 1, 50, 'values'),
            ),
          },
          'an object like {"key": "team", "values": ["platform"]} or {"key": "eks:cluster-name"}',
        ),
        v.check(
          ({ key, values }) => values === undefined || TARGET_KEY.test(key),
          'a tag whose key has letters, digits, spaces and _ . : / = - @ only, because it has values',
        ),
      ),
) as v.GenericSchema<Tag>;

const conditions = list(tag, 1, 5, 'tags');

/** Conditions, all of which a node must meet; or a list of such lists, one of which it must meet. */
export const tags = v.lazy((input) =>
  Array.isArray(input) && input.some((each) => Array.isArray(each))
    ? list(conditions, 1, 5, 'alternatives')
    : conditions,
) as v.GenericSchema<Tags>;

/**
 * What selects nodes where nobody says it: the tags of EKS on managed node groups and Auto Mode, of Karpenter, and of
 * self-managed nodes (EKS User Guide, "Tag your resources"; karpenter.sh, NodeClasses, spec.tags; cloud-provider-aws,
 * TagNameKubernetesClusterPrefix).
 */
export const NODE_TAGS: Tags = [
  { keys: ['eks:cluster-name', 'eks:eks-cluster-name', 'karpenter.sh/nodepool', 'kubernetes.io/cluster/*'] },
];

/**
 * `auto` chooses per node: of CIS EKS, CIS OpenShift or CIS Kubernetes the one that covers its version; a STIG is taken by
 * name only. Which there are, lambda/judging/benchmarks knows.
 */
const benchmarks = list(
  text(
    /^(auto|cis-(kubernetes|eks|openshift)-\d+\.\d+(\.\d+)?|disa-kubernetes-stig-v\d+r\d+)$/,
    '"auto" or a benchmark such as "cis-kubernetes-1.5.1"',
  ),
  1,
  20,
  'benchmarks',
);

/** Report formats besides JSON, which is always written. Which exist, lambda/formats/formats.ts knows. */
const formats = list(text(/^[a-z][a-z0-9-]{0,31}$/, 'the name of a format such as "html"'), 0, 20, 'formats');

/** When to send the message of a scan. */
const POLICIES = ['changes', 'always', 'failures'] as const;
const alertPolicy = v.picklist(POLICIES, `one of ${POLICIES.join(', ')}`);

/** What of the nodes of an account and region may be gone since the scan before without anybody being told of a sharp fall. */
const populationFallPercent = whole(1, 100, 'percent of the nodes');

/** Findings less severe than this make no message; hazards always do. The same words as lambda/criteria/rule.ts has. */
const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
const alertMinSeverity = v.picklist(SEVERITIES, `one of ${SEVERITIES.join(', ')}`);

/** Where people read: an address that reports or the runbook are below. */
const address = (what: string) => text(/^(https|file):\/\/[\w.~:/@%+-]{1,500}$/, what);
const reportUrl = address('an address such as "https://reports.example.com/", below which the keys of the bucket are');
const runbookUrl = address('an address such as "https://wiki.example.com/runbook"');

/** More witnesses than three make no stronger evidence. */
const timestampAuthorities = list(
  text(/^https?:\/\/[\w.:-]{1,253}(\/[\w.~:/@%+-]{0,500})?$/, 'an address such as "https://freetsa.org/tsr"'),
  0,
  3,
  'time stamp authorities',
);

const expiryDays = whole(1, 365, 'days before a certificate runs out');

/** Whether nodes are asked what their next version would make of what they are given. */
const rehearse = v.boolean('true or false');

/** Whether hybrid nodes that the tags select are scanned too: managed nodes of Systems Manager outside of EC2. */
const hybridNodes = v.boolean('true or false');

/** SSM MaxConcurrency: botocore's pattern, narrowed to what can start at all. */
const concurrency = text(
  /^([1-9]\d{0,6}|([1-9]\d?|100)%)$/,
  'a number of nodes or a share of them, in quotes: "50" or "10%"',
);

/** SSM TimeoutSeconds: how long a node may take to pick the command up (from 30; a night is long enough). */
const deliveryTimeoutSeconds = whole(30, 28_800, 'seconds');

/** How often nodes are asked again that did not answer for a reason that may pass. */
const askAgain = whole(0, 3, 'further waves');

/** Functions that scan a target each at a time; an account may run 1,000 in a region by default (AWS Lambda quotas). */
const targetsAtOnce = whole(1, 1000, 'accounts and regions at a time');

/** A certificate that runs out within so many days fails, where nobody says another number. */
export const EXPIRY_DAYS = 30;

/** A topic that messages can go to; FIFO topics cannot be subscribed to by people. */
const topic = text(
  /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
  'the ARN of a standard SNS topic such as "arn:aws:sns:eu-central-1:111122223333:payments"',
);

/** Which nodes a team is told of, and how severe it must be; all that are given must hold. */
const route = v.pipe(
  object(
    {
      /** Names of clusters, in which `*` stands for any text and `?` for one character. */
      clusters: v.optional(
        list(text(/^[^\p{C}]{1,100}$/u, 'the name of a cluster, in which * may stand for any text'), 1, 50, 'clusters'),
      ),
      accounts: v.optional(list(account, 1, 200, 'accounts')),
      tags: v.optional(tags),
      /** Less severe findings go on to the next route; what is silent, gone or not judged counts as high. */
      minSeverity: v.optional(alertMinSeverity),
      topicArn: topic,
      /** KMS key of the topic, where it has one of its own; the scanner may then use it. */
      keyArn: v.optional(text(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]{1,128}$/, 'the ARN of a KMS key')),
    },
    'an object with topicArn and clusters, accounts, tags or minSeverity',
  ),
  v.check(
    ({ clusters, accounts, tags, minSeverity }) => [clusters, accounts, tags, minSeverity].some(Boolean),
    'an object with clusters, accounts, tags or minSeverity besides its topic',
  ),
);
const routes = list(route, 0, 20, 'routes');

/** A bus in any account (botocore events model, NonPartnerEventBusNameOrArn). */
const eventBus = text(
  /^arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus\/[\w.-]{1,256}$/,
  'the ARN of an EventBridge bus such as "arn:aws:events:eu-central-1:111122223333:event-bus/security"',
);

/** What people set for every scan, as the scan gets it, each with its default. */
export const SCAN_OPTIONS = {
  benchmarks: v.optional(benchmarks, ['auto']),
  /** Report formats besides JSON. */
  formats: v.optional(formats, ['json', 'csv', 'html']),
  expiryDays: v.optional(expiryDays, EXPIRY_DAYS),
  rehearse: v.optional(rehearse, true),
  hybridNodes: v.optional(hybridNodes, false),
  concurrency: v.optional(concurrency, '100%'),
  deliveryTimeoutSeconds: v.optional(deliveryTimeoutSeconds, 600),
  askAgain: v.optional(askAgain, 1),
  targetsAtOnce: v.optional(targetsAtOnce, 200),
  alertPolicy: v.optional(alertPolicy, 'changes'),
  populationFallPercent: v.optional(populationFallPercent, 10),
  alertMinSeverity: v.optional(alertMinSeverity, 'low'),
  /** Topics of teams; the first that takes something of a node gets it, and what none takes goes to the scanner's own. */
  routes: v.optional(routes, []),
  reportUrl: v.optional(reportUrl),
  runbookUrl: v.optional(runbookUrl),
  /** Bus of Amazon EventBridge that gets an event of each scan, and of what is new, fixed or will stop a node. */
  eventBusArn: v.optional(eventBus),
  /** Who stamps manifests (RFC 3161). */
  timestampAuthorities: v.optional(timestampAuthorities, []),
};

/** STS ExternalId (botocore sts model). */
export const externalId = text(/^[\w+=,.@:/-]{2,200}$/, 'an external id of 2 to 200 letters, digits and +=,.@:/-');

const arn = (service: string) =>
  text(new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]*:\\d{12}:.+$`), `an ARN of ${service}`);

const target = object(
  {
    account,
    region,
    /** Role to assume there; absent: the scan's own credentials. */
    roleArn: v.optional(arn('iam')),
    /** What the role's trust policy asks for, so that nobody else can make us use it. */
    externalId: v.optional(externalId),
  },
  'an object with account and region',
);

/** One account × region. */
export type Target = { account: string; region: string };

/** A target with what its nodes are asked through. */
export type TargetAccess = v.InferOutput<typeof target>;

/** `111122223333/eu-west-1`. */
const targetText = text(/^\d{12}\/[a-z0-9-]+$/, 'an account and region such as "111122223333/eu-west-1"');

/** Most targets of a scan: its manifest names some ten objects of each, and stays within what is read back (archive/verify.ts). */
export const MOST_TARGETS = 5000;

/** A list of targets in the short form of settings and of the file that the stack writes beside the handler. */
export const targetTexts = list(targetText, 1, MOST_TARGETS, 'targets');

/** An organizational unit, or the root (botocore organizations model, ParentId). */
const parent = text(
  /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/,
  'the id of an organizational unit such as "ou-ab12-cdef3456", or of the root such as "r-ab12"',
);

const REGIONS = '"enabled" or a list of 1 to 40 regions';

/** The accounts of an organization, found anew by each scan. */
export const organization = object(
  {
    /** The organization's id, to which both sides hold the other. */
    id: text(/^o-[a-z0-9]{10,32}$/, 'the id of an organization such as "o-a1b2c3d4e5"'),
    /** Whose accounts are scanned, those of the units below included. */
    ous: list(parent, 1, 100, 'organizational units'),
    /** Accounts, and units with all that is below them, that are not scanned. */
    exclude: v.optional(
      list(
        v.union([account, parent], 'the id of an account or of an organizational unit'),
        0,
        200,
        'accounts or organizational units',
      ),
      [],
    ),
    /** `enabled`: those that each account has enabled. */
    regions: v.optional(
      v.lazy((input) => (Array.isArray(input) ? list(region, 1, 40, 'regions') : v.literal('enabled', REGIONS))),
      'enabled',
    ) as v.GenericSchema<string[] | 'enabled' | undefined, string[] | 'enabled'>,
  },
  'an object with id, ous, exclude and regions',
);

export type Organization = v.InferOutput<typeof organization>;

/**
 * Where the targets are written that the stack knows: `home` is this function's own account and region, every other is reached
 * through `role`, in which ACCOUNT and REGION stand for the target's. They are listed here, or in a file beside the handler, which
 * holds more than the environment, or are those of an organization, where no place is home. `externalId` is the word of which the
 * external id of each is made; a function that is told its target, and with it the id, has none.
 */
const targetsElsewhere = v.pipe(
  object(
    {
      home: v.optional(targetText),
      list: v.optional(targetTexts),
      file: v.optional(text(/^[\w.-]{1,64}$/, 'the name of a file beside the handler')),
      organization: v.optional(organization),
      role: v.optional(text(/^arn:aws[a-z-]*:iam::ACCOUNT:role\/.*REGION/, 'a role ARN with ACCOUNT and REGION in it')),
      externalId: v.optional(externalId),
    },
    'an object with list, file or organization, or a list of objects with account and region',
  ),
  v.check(
    ({ list, file, organization }) => [list, file, organization].filter((each) => each !== undefined).length === 1,
    'an object with one of list, file and organization',
  ),
  v.check(
    ({ home, list, role }) => role !== undefined || list?.every((each) => each === home) === true,
    'an object with a role, because it lists targets besides home',
  ),
);

export type TargetsElsewhere = v.InferOutput<typeof targetsElsewhere>;

const documentName = text(/^[\w.:/-]{3,128}$/, 'the name or ARN of an SSM document, up to 128 characters');
const documentVersion = text(/^(\d+|\$DEFAULT|\$LATEST)$/, 'a version of the SSM document such as "1"');
const documentHash = text(/^[0-9a-f]{64}$/, 'the SHA-256 of the SSM document, 64 hexadecimal digits');
const windowsDocument = object(
  { name: documentName, version: v.optional(documentVersion), hash: v.optional(documentHash) },
  'an object with name, and perhaps version and hash, of an SSM document',
);

const ScanSettingsSchema = object(
  {
    /** Which accounts and regions, with how each is reached; lambda/nodes/targets.ts reads them. */
    targets: v.lazy((input) =>
      Array.isArray(input) ? list(target, 1, MOST_TARGETS, 'targets') : targetsElsewhere,
    ) as v.GenericSchema<TargetAccess[] | v.InferInput<typeof targetsElsewhere>, TargetAccess[] | TargetsElsewhere>,
    tags,
    /** The scanner's name: its metrics carry it. */
    name: v.optional(
      text(/^[a-z][a-z0-9-]{1,23}$/, 'a name of 2 to 24 lower-case letters, digits and dashes'),
      SCANNER,
    ),
    /** SSM document to send; its version and SHA-256 are pinned where it is ours. */
    documentName,
    documentVersion: v.optional(documentVersion),
    documentHash: v.optional(documentHash),
    /** The one for nodes that run Windows; without it these are accounted for and not asked. */
    windowsDocument: v.optional(windowsDocument),
    bucket: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of an S3 bucket'),
    /** Put before every key of the archive; empty, or ends with a slash. */
    prefix: v.optional(text(/^([\w.-]+\/)*$/, 'empty or a key prefix that ends with a slash'), ''),
    topicArn: arn('sns'),
    /** KMS key that signs manifests; absent: they are not signed by KMS. */
    signingKeyArn: v.optional(arn('kms')),
    /** Product of Security Hub in the scanner's own account and region that gets the findings; absent: none. */
    productArn: v.optional(
      text(
        /^arn:aws[a-z-]*:securityhub:[a-z0-9-]+:(\d{12}):product\/\1\/default$/,
        'the ARN of the default product of Security Hub',
      ),
    ),
    /** Function (with alias) that scans one target; absent: this function scans all of them itself. */
    shardArn: v.optional(arn('lambda')),
    /** How long the bucket keeps objects; absent where it keeps them for ever. */
    retention: v.optional(
      object(
        {
          mode: v.picklist(['governance', 'compliance'], 'one of governance, compliance'),
          days: whole(1, 3650, 'days'),
        },
        'an object with mode and days',
      ),
    ),
    ...SCAN_OPTIONS,
    /** Waivers file, relative to the handler's own folder or absolute. */
    waivers: v.optional(v.pipe(v.string('the path of a YAML file'), v.nonEmpty('the path of a YAML file'))),
  },
  'a JSON object',
);

export type ScanSettings = v.InferOutput<typeof ScanSettingsSchema>;

/** A key with any value or one of some; or one of some keys, of which those that end with `*` are beginnings. */
export type Tag = { key: string; values?: string[] | undefined } | { keys: string[] };

/** All of these conditions, or all of one of these lists of conditions. */
export type Tags = Tag[] | Tag[][];

/**
 * Parses the JSON of KUBEVIGIL_SETTINGS and fills in the defaults. Throws SettingsError with one line for each mistake,
 * each naming the setting, what was expected and what came.
 */
export function parseScanSettings(json: string | undefined): ScanSettings {
  if (json === undefined || json.trim() === '') {
    throw new SettingsError(
      `${SETTINGS_VARIABLE} must hold the scan's settings as JSON, but is ${json === undefined ? 'not set' : 'empty'}`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new SettingsError(`${SETTINGS_VARIABLE} must hold JSON, but does not parse: ${shown(json)}`, { cause });
  }
  return parseSettings(ScanSettingsSchema, value, SETTINGS_VARIABLE);
}

/**
 * The settings that people write in cdk.json under `kubevigil`. Every one of them has a default: with nothing set, the
 * stack scans its own account and region every night. They are checked when the stack is built, so a mistake costs a
 * second and not a night. Long because one file holds all of them.
 */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { FORMAT_NAMES } from '../lambda/formats/formats.ts';
import { benchmark } from '../lambda/judging/benchmarks.ts';
import { parseWaivers } from '../lambda/judging/waivers.ts';
import { askingSeconds, FLEET, tooLong } from '../lambda/nodes/patience.ts';
import {
  account,
  externalId,
  list,
  MOST_TARGETS,
  NODE_TAGS,
  object,
  organization,
  parseSettings,
  region,
  SCAN_OPTIONS,
  SCANNER,
  SettingsError,
  tags,
  text,
  whole,
} from '../lambda/settings.ts';
import { copy, mistakesInCopy } from './copy.ts';
import { existing, mistakesInExisting } from './existing.ts';
import { missingFeatures } from './partitions.ts';
import { conditionsOf } from './permissions.ts';
import { isSchedule, longestPause } from './schedule.ts';

/** Where mistakes are to be looked for, where nobody says another place. */
const CDK_JSON = 'cdk.json';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** An alarm looks back 7 days at most (CloudWatch API reference, PutMetricAlarm). */
const MOST_SILENT_HOURS = 168;

/** Statements on tags that fit into a role's policies beside the others: 10,240 characters in all (IAM quotas). */
const MOST_WAYS = 10;

const CRON = 'a schedule such as "cron(0 2 * * ? *)" or "rate(12 hours)"';

/** Whether this is the name of a time zone, spelled as it is in the IANA database: Scheduler knows no other spelling. */
function isTimeZone(text: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions();
    return /^[A-Z]/.test(text) && (timeZone === text || timeZone.toLowerCase() !== text.toLowerCase());
  } catch {
    return false;
  }
}

const email = text(/^[^\s@<>"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/, 'an e-mail address');

const userSettings = object(
  {
    /** What the names of stacks, roles and documents begin with: each scanner of an account has its own. */
    name: v.optional(
      text(
        /^[a-z][a-z0-9-]{1,23}$/,
        'a name of 2 to 24 lower-case letters, digits and dashes that begins with a letter',
      ),
      SCANNER,
    ),
    /** When to scan. At most four times an hour; nobody needs more, and a scan may take that long. */
    schedule: v.optional(v.pipe(v.string(CRON), v.check(isSchedule, CRON)), 'cron(0 2 * * ? *)'),
    timeZone: v.optional(
      v.pipe(v.string('a time zone such as "Europe/Paris"'), v.check(isTimeZone, 'a time zone such as "Europe/Paris"')),
      'UTC',
    ),
    /** The scan starts within this many minutes after its time; 0: on time. */
    flexibleWindowMinutes: v.optional(whole(0, 1440, 'minutes'), 0),
    /** Tags that select nodes: all of these, or all of one of these lists. The default finds nodes of EKS and Karpenter. */
    tags: v.optional(tags, NODE_TAGS),
    /** Where the scanner itself lives; absent: where it is deployed. Needed as soon as it scans other places. */
    hub: v.optional(object({ account, region }, 'an object with account and region')),
    /** What to scan: accounts and their regions; absent: the scanner's own account and region. */
    targets: v.optional(
      list(
        object({ account, regions: list(region, 1, 40, 'regions') }, 'an object with account and regions'),
        1,
        200,
        'targets',
      ),
    ),
    /** Instead of targets: the accounts of an organization, of which the scanner's account is a delegated administrator. */
    organization: v.optional(organization),
    /** Name of a managed policy that every account has, as the permissions boundary of every role; absent: none. */
    permissionsBoundary: v.optional(text(/^[\w+=,.@-]{1,128}$/, 'the name of a managed policy')),
    /** Subnets and security groups of the functions, which then reach AWS through the VPC; absent: no VPC. */
    vpc: v.optional(
      object(
        {
          subnetIds: list(text(/^subnet-[0-9a-f]{8,17}$/, 'the id of a subnet'), 1, 16, 'subnets'),
          securityGroupIds: list(text(/^sg-[0-9a-f]{8,17}$/, 'the id of a security group'), 1, 5, 'security groups'),
        },
        'an object with subnetIds and securityGroupIds',
      ),
    ),
    /** What there is already and is used instead of being made. */
    existing: v.optional(existing, {}),
    /** A second account that keeps a copy of the archive; absent: none. */
    copy: v.optional(copy),
    /** What a member account's role asks of the scanner besides its identity. */
    externalId: v.optional(externalId, 'kubevigil'),
    /** What it asked before, and takes too until this is taken away: so a new one leaves no night out. */
    previousExternalId: v.optional(externalId),
    ...SCAN_OPTIONS,
    /** Whether findings are imported into Security Hub of the scanner's own account and region. */
    securityHub: v.optional(v.boolean('true or false'), false),
    /** Waivers file, relative to cdk.json. */
    waivers: v.optional(
      v.pipe(
        v.string('the path of a YAML file'),
        v.regex(/\.ya?ml$/, 'the path of a YAML file (its name ends with .yaml)'),
      ),
    ),
    retention: v.optional(
      object(
        {
          /** S3 Object Lock: `governance` can be lifted by who is allowed to, `compliance` by nobody. */
          mode: v.optional(v.picklist(['governance', 'compliance'], 'one of governance, compliance'), 'governance'),
          days: v.optional(whole(1, 3650, 'days'), 400),
          /**
           * The only role that may delete or disable the key of the archive in `compliance` mode, for the day on which it
           * must be; absent: nobody may.
           */
          breakGlassRole: v.optional(text(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'the ARN of a role')),
          /** Move reports to Glacier Instant Retrieval after this many days; absent: never. */
          glacierAfterDays: v.optional(whole(1, 3650, 'days')),
          /** How long the function's log is kept. */
          logDays: v.optional(
            v.picklist(
              [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
              'a number of days that CloudWatch Logs knows, such as 30, 90 or 365',
            ),
            90,
          ),
        },
        'an object with mode, days, breakGlassRole, glacierAfterDays or logDays',
      ),
      {},
    ),
    /** Who gets the alert and the alarms. */
    emails: v.optional(list(email, 0, 20, 'e-mail addresses'), []),
    /** Slack by way of Amazon Q Developer in chat applications. */
    slack: v.optional(
      object(
        {
          workspaceId: text(/^[A-Z0-9]{8,12}$/, 'the id of a Slack workspace such as "T01234567"'),
          channelId: text(/^[A-Z0-9]{8,12}$/, 'the id of a Slack channel such as "C01234567"'),
        },
        'an object with workspaceId and channelId',
      ),
    ),
    alarms: v.optional(
      object(
        {
          /**
           * Alarm when no scan was completed for this long; absent: the schedule's longest pause, and as long as a scan may
           * take. CloudWatch looks back 7 days at most, so a schedule that pauses longer has no such alarm.
           */
          silentHours: v.optional(whole(2, MOST_SILENT_HOURS, 'hours')),
          /** Alarm when a smaller share of the nodes was evaluated. */
          coveragePercent: v.optional(whole(0, 100, 'a percentage'), 90),
        },
        'an object with silentHours or coveragePercent',
      ),
      {},
    ),
  },
  'an object of settings',
);

export type UserSettings = v.InferOutput<typeof userSettings>;

/** What is wrong with the waivers file, a line each. */
function mistakesIn(waivers: string): string[] {
  let source: string;
  try {
    source = readFileSync(waivers, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [`kubevigil.waivers must be a file that can be read, but ${waivers} cannot be read (${code})`];
  }
  try {
    parseWaivers(source, waivers);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => `kubevigil.waivers: ${line}`);
  }
}

/** What is wrong with settings that are well formed, each for itself: with what they name or beside each other. */
function mistakes(settings: UserSettings): string[] {
  const {
    hub,
    targets = [],
    organization,
    retention,
    benchmarks,
    formats,
    waivers,
    alarms,
    schedule,
    timeZone,
  } = settings;
  const lines: string[] = [];
  if (targets.length > 0 && hub === undefined) {
    lines.push(
      'kubevigil.hub must be the account and region of the scanner itself where targets are set, but is missing',
    );
  }
  if (organization !== undefined && hub === undefined) {
    lines.push(
      'kubevigil.hub must be the account and region of the scanner itself where an organization is set, but is missing',
    );
  }
  if (organization !== undefined && targets.length > 0) {
    lines.push('kubevigil.targets must not be set beside kubevigil.organization, which finds them');
  }
  const places = targets.reduce((sum, { regions }) => sum + regions.length, 0);
  if (places > MOST_TARGETS) {
    lines.push(`kubevigil.targets must name at most ${MOST_TARGETS} accounts × regions, but names ${places}`);
  }
  const accounts = targets.map((target) => target.account);
  const twice = accounts.find((each, index) => accounts.indexOf(each) !== index);
  if (twice !== undefined) {
    lines.push(`kubevigil.targets must name each account once, with all of its regions, but names ${twice} twice`);
  }
  const unknown = benchmarks.find((name) => name !== 'auto' && !benchmark(name));
  if (unknown !== undefined) {
    lines.push(
      `kubevigil.benchmarks must name benchmarks that are known, but ${unknown} is not: \`npm start -- rules\` lists them`,
    );
  }
  const format = formats.find((name) => !FORMAT_NAMES.includes(name));
  if (format !== undefined) {
    lines.push(`kubevigil.formats must name some of ${FORMAT_NAMES.join(', ')}, but names ${format}`);
  }
  if (waivers !== undefined) lines.push(...mistakesIn(waivers));
  if (retention.breakGlassRole !== undefined && retention.mode !== 'compliance') {
    lines.push(
      `kubevigil.retention.breakGlassRole must be set in the mode compliance only, but the mode is ${retention.mode}`,
    );
  }
  lines.push(...mistakesInExisting(settings), ...mistakesInCopy(settings));
  lines.push(...missingFeatures(settings));
  const ways = conditionsOf(settings.tags).length;
  if (ways > MOST_WAYS) {
    lines.push(
      `kubevigil.tags must be met in at most ${MOST_WAYS} ways, each a statement of a policy, but can be in ${ways}`,
    );
  }
  const patience = tooLong(settings, FLEET);
  if (patience !== undefined) {
    lines.push(`kubevigil.concurrency, deliveryTimeoutSeconds and askAgain must ${patience}`);
  }
  const pause = Math.ceil((longestPause(schedule, timeZone) ?? 0) / HOUR);
  if (alarms.silentHours !== undefined && alarms.silentHours <= pause) {
    lines.push(
      `kubevigil.alarms.silentHours must be more than the ${pause} hours that may pass between two scans of the schedule, but is ${alarms.silentHours}`,
    );
  }
  if (retention.glacierAfterDays !== undefined && retention.glacierAfterDays >= retention.days) {
    lines.push(
      `kubevigil.retention.glacierAfterDays must be less than kubevigil.retention.days, which is ${retention.days}, but is ${retention.glacierAfterDays}`,
    );
  }
  return lines;
}

/** The settings as they stand in cdk.json; `cdk -c kubevigil='{…}'` gives the same as text. */
function given(value: unknown, where: string): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch (cause) {
    const why = (cause as Error).message.replaceAll(/\s+/g, ' ');
    throw new SettingsError(`${where}: kubevigil must be an object of settings, or one as JSON: ${why}`, { cause });
  }
}

/**
 * Checks `value` (what stands under `kubevigil` in cdk.json; undefined: nothing) and fills in the defaults. Throws
 * SettingsError with one line for each wrong setting, which begins with `where`.
 */
export function parseUserSettings(value: unknown, where: string = CDK_JSON): UserSettings {
  const schema = object({ kubevigil: v.optional(userSettings, {}) }, 'an object');
  const settings = parseSettings(schema, { kubevigil: given(value, where) }, where).kubevigil;
  const lines = mistakes(settings);
  if (lines.length > 0) throw new SettingsError(lines.map((line) => `${where}: ${line}`).join('\n'));
  return { ...settings, alarms: { ...settings.alarms, ...silence(settings) } };
}

/** How many hours without a scan are alarming; nothing where CloudWatch cannot look back so far. */
function silence(settings: UserSettings): { silentHours?: number } {
  const { alarms, schedule, timeZone, flexibleWindowMinutes } = settings;
  const pause = (longestPause(schedule, timeZone) ?? DAY) + flexibleWindowMinutes * 60;
  // One scan may end at once, and the next only after the last node could have answered, and an hour.
  const hours = alarms.silentHours ?? Math.ceil(pause / HOUR) + Math.ceil(askingSeconds(settings, FLEET) / HOUR) + 1;
  return hours <= MOST_SILENT_HOURS ? { silentHours: hours } : {};
}

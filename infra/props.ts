/**
 * What a construct in another app is given: the settings of cdk.json as typed props, with constructs in place of names. They are
 * checked as those are. Tested by test/infra/kubevigil.test.ts.
 */
import { Stack, Token } from 'aws-cdk-lib';
import type { ISecurityGroup, ISubnet } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { SettingsError, type Tags } from '../lambda/settings.ts';
import { parseUserSettings, type UserSettings } from './settings.ts';

/** An account and the regions of it that are scanned. */
export interface KubevigilTarget {
  /** Twelve digits. */
  readonly account: string;
  /** Such as `eu-west-1`. */
  readonly regions: string[];
}

/** Which accounts of an organization are scanned. */
export interface KubevigilAccounts {
  /** The organization's id, such as `o-a1b2c3d4e5`. */
  readonly id: string;
  /** Organizational units, or the root, whose accounts are scanned, those of the units below included. */
  readonly ous: string[];
  /** Accounts, and units with all that is below them, that are not scanned. @default [] */
  readonly exclude?: string[] | undefined;
  /** Regions of each account; `enabled`: those that it has enabled. @default 'enabled' */
  readonly regions?: string[] | 'enabled' | undefined;
}

/** What there is already and is used instead of being made. What its policy lacks is said when the app is built. */
export interface KubevigilExisting {
  /** Bucket of the reports; it must have Object Lock. @default - one is made */
  readonly bucket?: IBucket | undefined;
  /** What the keys of the reports begin with there; ends with a slash. @default - nothing */
  readonly prefix?: string | undefined;
  /** Symmetric key that encrypts reports, messages, logs, settings, checkpoints and the schedule. @default - one is made */
  readonly dataKey?: IKey | undefined;
  /** Key of the kind ECC_NIST_P256 for SIGN_VERIFY, which signs manifests. @default - one is made */
  readonly signingKey?: IKey | undefined;
  /** Standard topic of the messages of scans. @default - one is made */
  readonly alertTopic?: ITopic | undefined;
  /** Key that encrypts that topic; the scanner may then use it. @default - none */
  readonly alertTopicKey?: IKey | undefined;
  /** Standard topic of the alarms. @default - one is made */
  readonly alarmTopic?: ITopic | undefined;
}

/** Where the functions run; from there they must reach EC2, SSM, S3, SNS, KMS, STS, Lambda and CloudWatch Logs, and Security Hub and EventBridge if they are told. */
export interface KubevigilNetwork {
  /** Such as `vpc.privateSubnets`. */
  readonly subnets: ISubnet[];
  /** At least one. */
  readonly securityGroups: ISecurityGroup[];
}

/** A topic of a team, and what it gets: all that is given must hold, and at least one thing must be given. */
export interface KubevigilRoute {
  /** Topic of the team. */
  readonly topicArn: string;
  /** KMS key of the topic, where it has one of its own; the scanner may then use it. @default - none */
  readonly keyArn?: string | undefined;
  /** Names of clusters, in which `*` stands for any text and `?` for one character. @default - all */
  readonly clusters?: string[] | undefined;
  /** Accounts of the nodes. @default - all */
  readonly accounts?: string[] | undefined;
  /** Tags of the nodes. @default - any */
  readonly tags?: Tags | undefined;
  /** Less severe findings go on to the next route. @default 'low' */
  readonly minSeverity?: 'critical' | 'high' | 'medium' | 'low' | undefined;
}

/** How long reports and logs are kept. */
export interface KubevigilRetention {
  /** S3 Object Lock: `governance` can be lifted by who is allowed to, `compliance` by nobody. @default 'governance' */
  readonly mode?: 'governance' | 'compliance' | undefined;
  /** Days for which reports are locked; then they are deleted. @default 400 */
  readonly days?: number | undefined;
  /** The only role that may delete or disable the data key in `compliance` mode. @default - nobody may */
  readonly breakGlassRole?: string | undefined;
  /** Days after which reports move to Glacier Instant Retrieval. @default - never */
  readonly glacierAfterDays?: number | undefined;
  /** Days for which the logs of the functions are kept, a number that CloudWatch Logs knows. @default 90 */
  readonly logDays?: UserSettings['retention']['logDays'] | undefined;
}

/** Settings of a scanner: docs/deploy.md says more of each. */
export interface KubevigilProps {
  /** What the names of roles, documents, alarms and keys begin with: each scanner of an account has its own. @default 'kubevigil' */
  readonly name?: string | undefined;
  /** When to scan, as EventBridge Scheduler writes it; at most every 15 minutes. @default 'cron(0 2 * * ? *)' */
  readonly schedule?: string | undefined;
  /** Time zone of the cron expression, by its name in the IANA database. @default 'UTC' */
  readonly timeZone?: string | undefined;
  /** The scan starts within this many minutes after its time. @default 0 */
  readonly flexibleWindowMinutes?: number | undefined;
  /** Tags that select nodes: all of these, or all of one of these lists. @default - nodes of EKS, Karpenter and any cluster */
  readonly tags?: Tags | undefined;
  /**
   * What to scan; the stack must then have an account and a region, and each target but its own needs a `KubevigilMember`.
   * @default - the account and region of the stack
   */
  readonly targets?: KubevigilTarget[] | undefined;
  /**
   * Instead of targets: the accounts of an organization, found anew by each scan. The stack must then have an account, which must
   * be a delegated administrator, and a region; the members are deployed by a `KubevigilOrganization`. @default - none
   */
  readonly organization?: KubevigilAccounts | undefined;
  /** Word of which the external id of each target is made; set a random one where there are several targets. @default 'kubevigil' */
  readonly externalId?: string | undefined;
  /** The word before this one, which members accept too until it is taken away. @default - none */
  readonly previousExternalId?: string | undefined;
  /** Name of a managed policy that every account has, as the permissions boundary of every role. @default - none */
  readonly permissionsBoundary?: string | undefined;
  /** Subnets and security groups of the functions. @default - no VPC */
  readonly vpc?: KubevigilNetwork | undefined;
  /** What there is already and is used instead of being made. @default - everything is made */
  readonly existing?: KubevigilExisting | undefined;
  /** A second account that keeps a copy of the archive; `keyArn` is what its stack gives. @default - none */
  readonly copy?:
    | { readonly account: string; readonly region: string; readonly keyArn?: string | undefined }
    | undefined;
  /** Benchmarks to judge by; `auto` chooses for each node. @default ['auto'] */
  readonly benchmarks?: string[] | undefined;
  /** Formats of the report besides JSON, which is always written. @default ['json', 'csv', 'html'] */
  readonly formats?: string[] | undefined;
  /** Certificates that run out within so many days are failures. @default 30 */
  readonly expiryDays?: number | undefined;
  /** Whether nodes are asked what the next version of their kubelet makes of what they are given. @default true */
  readonly rehearse?: boolean | undefined;
  /** Whether hybrid nodes (`mi-…`) that the tags select are scanned too. @default false */
  readonly hybridNodes?: boolean | undefined;
  /** How many nodes run the script at a time: `'50'` or `'10%'`. @default '100%' */
  readonly concurrency?: string | undefined;
  /** Seconds that a node may take to pick the script up. @default 600 */
  readonly deliveryTimeoutSeconds?: number | undefined;
  /** How often nodes are asked again that did not answer for a reason that may pass. @default 1 */
  readonly askAgain?: number | undefined;
  /** How many accounts and regions are scanned at a time, each by an invocation of its own. @default 200 */
  readonly targetsAtOnce?: number | undefined;
  /** When to send the message of a scan. @default 'changes' */
  readonly alertPolicy?: 'changes' | 'always' | 'failures' | undefined;
  /** A fall of the nodes of an account and region by more than this since the scan before raises an alarm. @default 10 */
  readonly populationFallPercent?: number | undefined;
  /** Less severe failures are counted in messages and not told; what will stop a node always is. @default 'low' */
  readonly alertMinSeverity?: 'critical' | 'high' | 'medium' | 'low' | undefined;
  /** Topics of teams; the first that takes something of a node gets it. @default [] */
  readonly routes?: KubevigilRoute[] | undefined;
  /** Whether findings are imported into Security Hub of the scanner's own account and region, which must be enabled. @default false */
  readonly securityHub?: boolean | undefined;
  /** Bus of EventBridge that gets an event of each scan, and of what is new, fixed or will stop a node. @default - none */
  readonly eventBusArn?: string | undefined;
  /** Address below which the keys of the bucket are, where people open reports. @default - the S3 console */
  readonly reportUrl?: string | undefined;
  /** Address of the runbook as people reach it; messages link to its sections. @default - no links */
  readonly runbookUrl?: string | undefined;
  /** Up to three addresses of time stamp authorities (RFC 3161) that stamp each manifest. @default [] */
  readonly timestampAuthorities?: string[] | undefined;
  /** YAML file of accepted findings, by its path; it is deployed with the functions. @default - none */
  readonly waivers?: string | undefined;
  /** How long reports and logs are kept. @default - 400 days, and logs 90 */
  readonly retention?: KubevigilRetention | undefined;
  /** Who gets messages and alarms by e-mail. @default [] */
  readonly emails?: string[] | undefined;
  /** Slack channel that gets them, by way of Amazon Q Developer in chat applications. @default - none */
  readonly slack?: { readonly workspaceId: string; readonly channelId: string } | undefined;
  /** When to raise the alarms on silence and on coverage. @default - after the schedule's longest pause; below 90 % */
  readonly alarms?:
    | { readonly silentHours?: number | undefined; readonly coveragePercent?: number | undefined }
    | undefined;
  /** Folder with the bundled handler. @default - the one that the package brings */
  readonly handler?: string | undefined;
}

/** Settings in which what is brought along is a construct. */
export type ScannerSettings = Omit<UserSettings, 'existing' | 'vpc'> & {
  existing: KubevigilExisting;
  vpc: KubevigilNetwork | undefined;
};

/** Account and region of a construct's stack; undefined where they are not known before it is deployed. */
export function placeOf(scope: Construct): { account: string; region: string } | undefined {
  const { account, region } = Stack.of(scope);
  return Token.isUnresolved(account) || Token.isUnresolved(region) ? undefined : { account, region };
}

/** An ARN that is known when the app is built, which alone can be checked. */
const known = (arn: string | undefined) => (Token.isUnresolved(arn) ? undefined : arn);

/** Checks the props of a construct and fills in the defaults. Throws SettingsError with one line for each wrong one. */
export function settingsOf(scope: Construct, props: KubevigilProps): ScannerSettings {
  const { existing = {}, vpc, handler: _, ...plain } = props;
  const { bucket, prefix, dataKey, signingKey, alertTopic, alertTopicKey, alarmTopic } = existing;
  const hub = placeOf(scope);
  if (!hub && (plain.targets || plain.organization || plain.copy)) {
    throw new SettingsError(
      `${scope.node.path}: kubevigil.targets, organization and copy need a stack with an account and a region (env)`,
    );
  }
  const settings = parseUserSettings(
    {
      ...plain,
      hub,
      existing: {
        // Its name may not be known yet; that there is one matters beside other settings.
        bucket: bucket && 'existing',
        prefix,
        dataKeyArn: known(dataKey?.keyArn),
        signingKeyArn: known(signingKey?.keyArn),
        alertTopicArn: known(alertTopic?.topicArn),
        // Of a topic whose ARN is not known yet nothing can be said.
        alertTopicKeyArn: Token.isUnresolved(alertTopic?.topicArn) ? undefined : known(alertTopicKey?.keyArn),
        alarmTopicArn: known(alarmTopic?.topicArn),
      },
    },
    scope.node.path,
  );
  return { ...settings, existing, vpc };
}

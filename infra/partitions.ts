/**
 * What the partitions of AWS lack of what the stacks use, or have in another way. Tested by test/infra/settings.test.ts and
 * test/infra/stacks.test.ts. Sources:
 * - Slack: AWS Chatbot administrator guide, "Supported Regions" (commercial Regions only); AWS GovCloud (US) user guide and the
 *   China Regions' "Services and features" (no Amazon Q Developer in chat applications; no us-east-1, where its metrics are).
 * - Log format: AWS GovCloud (US) user guide, "AWS Lambda" ("JSON log formatting is not available"); AWS Config developer guide,
 *   lambda-function-log-format-json (not in GovCloud nor China). The functions' own lines are JSON in both formats.
 * - Durable functions: neither of these guides, nor "Amazon Lambda" of the China Regions' user guide, names them among what is
 *   missing, and no page says that they are there.
 * - Organizations: CloudFormation user guide, "Prerequisites for using StackSets" (no trusted access in Beijing and Ningxia).
 * - `kms:ViaService`: AWS KMS developer guide, "kms:ViaService" (`s3.us-west-2.amazonaws.com`); it does not say which suffix
 *   China has, whose endpoints end in amazonaws.com.cn, so both are allowed there.
 */
import { ENABLED_BY_DEFAULT } from '../lambda/nodes/regions.ts';

/** `suffixes`: what the names of services end with in `kms:ViaService`; absent: the partition's own suffix. */
type Partition = {
  name: string;
  region: RegExp;
  slack: boolean;
  jsonLogs: boolean;
  durable: 'there' | 'unknown';
  /** Whether StackSets cannot be given trusted access to Organizations. */
  noStackSets?: true;
  /** Regions that every account has enabled; absent where that is not known. */
  regions?: readonly string[];
  suffixes?: readonly string[];
};

const PARTITIONS: readonly Partition[] = [
  { name: 'AWS GovCloud (US)', region: /^us-gov-/, slack: false, jsonLogs: false, durable: 'unknown' },
  {
    name: 'AWS China',
    region: /^cn-/,
    noStackSets: true,
    slack: false,
    jsonLogs: false,
    durable: 'unknown',
    suffixes: ['amazonaws.com.cn', 'amazonaws.com'],
  },
  { name: 'AWS European Sovereign Cloud', region: /^eusc-/, slack: false, jsonLogs: true, durable: 'unknown' },
  { name: 'AWS', region: /^/, slack: true, jsonLogs: true, durable: 'there', regions: ENABLED_BY_DEFAULT },
];

/** The partition of a region; one that is not known yet, when the stack is built, is taken for the commercial one. */
export function partitionOf(region = ''): Partition {
  return PARTITIONS.find((partition) => partition.region.test(region)) as Partition;
}

type Places = {
  hub?: { region: string } | undefined;
  targets?: { regions: string[] }[] | undefined;
  organization?: { regions: string[] | 'enabled' } | undefined;
  slack?: object | undefined;
};

/** A line for each setting that the scanner's partition has nothing for. */
export function missingFeatures({ hub, targets = [], organization, slack }: Places): string[] {
  const home = partitionOf(hub?.region);
  const lines: string[] = [];
  if (slack && !home.slack) {
    lines.push(
      `kubevigil.slack must not be set in ${home.name}, where Amazon Q Developer in chat applications is not: subscribe a function to the topic AlertTopic`,
    );
  }
  const named = organization?.regions ?? [];
  if (organization && home.noStackSets) {
    lines.push(
      `kubevigil.organization must not be set in ${home.name}, where StackSets have no access to Organizations: list targets`,
    );
  } else if (named === 'enabled' && !home.regions) {
    lines.push(
      `kubevigil.organization.regions must list regions in ${home.name}: which of them every account has is not known`,
    );
  }
  const regions = [...targets.flatMap(({ regions }) => regions), ...(named === 'enabled' ? [] : named)];
  const foreign = regions.find((region) => hub && partitionOf(region) !== home);
  if (foreign !== undefined) {
    lines.push(
      `kubevigil.${targets.length > 0 ? 'targets' : 'organization.regions'} must be in the partition of the scanner, ${home.name}, but ${foreign} is in ${partitionOf(foreign).name}: deploy a scanner there`,
    );
  }
  return lines;
}

/**
 * What the partitions of AWS lack of what the stacks use. Sources: AWS Chatbot administrator guide, "Supported Regions"
 * (commercial Regions only); AWS GovCloud (US) user guide and the China Regions' "Services and features" (no Amazon Q
 * Developer in chat applications; no us-east-1, where its metrics are). Tested by test/infra/settings.test.ts.
 */

type Partition = { name: string; region: RegExp; slack: boolean };

const PARTITIONS: readonly Partition[] = [
  { name: 'AWS GovCloud (US)', region: /^us-gov-/, slack: false },
  { name: 'AWS China', region: /^cn-/, slack: false },
  { name: 'AWS European Sovereign Cloud', region: /^eusc-/, slack: false },
  { name: 'AWS', region: /^/, slack: true },
];

/** The partition that a region is of; undefined region: where it is deployed, which is taken for the commercial one. */
function partitionOf(region = ''): Partition {
  return PARTITIONS.find((partition) => partition.region.test(region)) as Partition;
}

type Places = {
  hub?: { region: string } | undefined;
  targets?: { regions: string[] }[] | undefined;
  slack?: object | undefined;
};

/** A line for each setting that the scanner's partition has nothing for. */
export function missingFeatures({ hub, targets = [], slack }: Places): string[] {
  const home = partitionOf(hub?.region);
  const lines: string[] = [];
  if (slack && !home.slack) {
    lines.push(
      `kubevigil.slack must not be set in ${home.name}, where Amazon Q Developer in chat applications is not: subscribe a function to the topic AlertTopic`,
    );
  }
  const foreign = targets.flatMap(({ regions }) => regions).find((region) => hub && partitionOf(region) !== home);
  if (foreign !== undefined) {
    lines.push(
      `kubevigil.targets must be in the partition of the scanner, ${home.name}, but ${foreign} is in ${partitionOf(foreign).name}: deploy a scanner there`,
    );
  }
  return lines;
}

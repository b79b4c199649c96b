/**
 * Which regions an account must enable before anything is there. Tested by test/nodes/organization.test.ts and
 * test/infra/organization.test.ts. Source: AWS Account Management reference guide, "Enable or disable AWS Regions in your account"
 * (its lists of regions that are enabled by default, and of those that are not, which has none of another partition).
 */

/** Regions that every account has enabled, in the commercial partition. */
export const ENABLED_BY_DEFAULT: readonly string[] = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1'],
  ...['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
];

/** Whether an account may have the region or not; those of other partitions are told by how their names begin. */
export function isOptIn(region: string): boolean {
  return !ENABLED_BY_DEFAULT.includes(region) && !/^(us-gov|cn|eusc|us-iso[a-z]*|eu-iso[a-z]*)-/.test(region);
}

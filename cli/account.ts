/** The account and regions of a command that looks at real ones. Tested by test/cli/nodes.test.ts. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { explained } from '../lambda/failures.ts';
import { readRegion } from './options.ts';
import { InputError, unknownProfile } from './problems.ts';

/** The account of the environment's credentials, and the regions that are given, each once; else the environment's. */
export async function ownAccount(
  given: readonly string[] | undefined,
): Promise<{ account: string; regions: string[] }> {
  const regions = await ownRegions(given);
  const sts = explained(new STSClient({ region: regions[0] ?? '' }));
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  if (!Account) throw new InputError('STS did not say which account these credentials belong to');
  return { account: Account, regions };
}

/**
 * The regions that are given, each once; else the environment's. Throws an InputError where there is none, or where
 * AWS_PROFILE names no profile.
 */
export async function ownRegions(given: readonly string[] | undefined): Promise<string[]> {
  const profile = await unknownProfile();
  if (profile !== undefined) throw new InputError(profile);
  return [...new Set((given ?? [ownRegion()]).map(readRegion))];
}

function ownRegion(): string {
  const region = process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  if (!region) throw new InputError('--region is needed, because the environment names none');
  return region;
}

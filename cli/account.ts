/** The account and regions of a command that looks at real ones. Tested by test/cli/nodes.test.ts. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { explained } from '../lambda/failures.ts';
import { readRegion } from './options.ts';
import { InputError, unknownProfile } from './problems.ts';

/**
 * The account of the environment's credentials, and the regions that are given, each once; else the environment's. Throws
 * an InputError where there is no region, or AWS_PROFILE names no profile.
 */
export async function ownAccount(
  given: readonly string[] | undefined,
): Promise<{ account: string; regions: string[] }> {
  const profile = await unknownProfile();
  if (profile !== undefined) throw new InputError(profile);
  const regions = [...new Set((given ?? [ownRegion()]).map(readRegion))];
  const { Account } = await explained(new STSClient({ region: regions[0] ?? '' })).send(
    new GetCallerIdentityCommand({}),
  );
  if (!Account) throw new InputError('STS did not say which account these credentials belong to');
  return { account: Account, regions };
}

function ownRegion(): string {
  const region = process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  if (!region) throw new InputError('--aws needs --region, because the environment names none');
  return region;
}

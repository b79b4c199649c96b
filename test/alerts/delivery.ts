/** Endpoints of one account with Security Hub and a bus, and the environment by which the deployed clients find them. */
import type { TestContext } from 'node:test';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Call, EndpointOptions, Fault } from '../../simulator/aws/options.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';
export const PRODUCT = `arn:aws:securityhub:${REGION}:${ACCOUNT}:product/${ACCOUNT}/default`;
export const BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/security`;

export async function start(
  t: TestContext,
  fault: (call: Call) => Fault | undefined = () => undefined,
  more: Partial<EndpointOptions> = {},
): Promise<Endpoints> {
  const endpoints = await startEndpoints({
    accounts: { [ACCOUNT]: { regions: { [REGION]: { securityHub: true, buses: ['security'] }, 'us-east-1': {} } } },
    // Where the function runs is not where they are.
    region: 'us-east-1',
    intercept: fault,
    ...more,
  });
  const before = Object.keys(endpoints.environment).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, endpoints.environment);
  t.after(async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await endpoints.close();
  });
  return endpoints;
}

/** Clients try thrice at once, and what was refused is tried thrice again. */
export const SHORT = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 500, throwOnRequestTimeout: true },
};
export const AT_ONCE = [0, 0, 0];

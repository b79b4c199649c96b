/** A small world of two accounts, and the real SDK clients that talk to it over HTTP. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Endpoints, startEndpoints } from '../../../simulator/aws/endpoints.ts';
import type { EndpointOptions, Node } from '../../../simulator/aws/options.ts';

export const HUB = '111111111111';
export const MEMBER = '222222222222';
export const REGION = 'eu-west-1';

/** Starts endpoints that end with the test. */
export async function start(t: TestContext, options: Partial<EndpointOptions> = {}): Promise<Endpoints> {
  const endpoints = await startEndpoints({ accounts: { [HUB]: { regions: { [REGION]: {} } } }, ...options });
  t.after(() => endpoints.close());
  return endpoints;
}

/** What a client needs to reach the endpoints, without retries so that each error is seen once. */
export function client(endpoints: Endpoints, region = REGION) {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = endpoints.environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  return { endpoint: endpoints.url, region, credentials, maxAttempts: 1 };
}

/** A directory that ends with the test. */
export async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'kubevigil-aws-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** `i-` and the number in 17 hexadecimal digits. */
export function instanceId(number: number): string {
  return `i-${number.toString(16).padStart(17, '0')}`;
}

/** As many nodes as asked for, tagged `Fleet: yes`, each different from the others by its number. */
export function nodes(count: number, each: (number: number) => Partial<Node> = () => ({})): Node[] {
  return Array.from({ length: count }, (_, number) => ({
    instanceId: instanceId(number),
    tags: { Fleet: 'yes' },
    ...each(number),
  }));
}

/** The options of one account and region. */
export function world(contents: NonNullable<EndpointOptions['accounts'][string]['regions']>[string]) {
  return { [HUB]: { regions: { [REGION]: contents } } };
}

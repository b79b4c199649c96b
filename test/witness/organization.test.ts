/** What is asked of Organizations and Account Management, held against botocore's models of them. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { organizationTargets } from '../../lambda/nodes/organization.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';
import { python, without } from './python.ts';

const environment = { ...process.env };
after(() => {
  process.env = environment;
});

test('every request that finds the accounts of an organization is one of botocore’s model', {
  skip: without('botocore'),
}, async () => {
  const asked: [service: string, operation: string, input: unknown][] = [];
  const [hub, other] = ['111122223333', '222222222222'];
  const root = { id: 'r-ab12', units: [{ id: 'ou-ab12-cdef3456', accounts: [{ id: hub }, { id: other }] }] };
  const endpoints = await startEndpoints({
    accounts: { [hub]: { enabledRegions: ['eu-west-1'] }, [other]: { enabledRegions: ['eu-west-1', 'us-east-1'] } },
    organization: { id: 'o-a1b2c3d4e5', management: '999999999999', administrators: [hub], root },
    pageSize: { organizations: 1, account: 1 },
    intercept: ({ service, operation, input }) => void asked.push([service, operation, input]),
  });
  try {
    Object.assign(process.env, endpoints.environment);
    const organization = { id: 'o-a1b2c3d4e5', ous: ['r-ab12'], exclude: [], regions: 'enabled' as const };
    const { targets } = await organizationTargets(organization, { home: { account: hub, region: 'eu-west-1' } });
    assert.equal(targets.length, 3);
  } finally {
    await endpoints.close();
  }
  assert.ok(asked.length > 6);
  const { stdout, stderr } = await python(['service_models.py'], asked);
  const problems = JSON.parse(stdout || assert.fail(stderr)) as (string | null)[];
  assert.deepEqual(
    problems.filter((problem) => problem !== null),
    [],
  );
});

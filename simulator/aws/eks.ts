/** EKS: the clusters that are there; REST with JSON (API reference of DescribeCluster, version 2017-11-01). Tested by test/cli/horizon.test.ts. */
import { failure, notImplemented } from './failure.ts';
import type { Operation, RestAnswer, RestRequest, Service } from './service.ts';

function route({ method, url }: RestRequest): { name: string; input: { name: string } } {
  const { pathname } = new URL(url, 'http://endpoint');
  const [, name] = /^\/clusters\/([^/]+)$/.exec(pathname) ?? [];
  if (method !== 'GET' || name === undefined) throw notImplemented(`eks: ${method} ${pathname}`);
  return { name: 'DescribeCluster', input: { name: decodeURIComponent(name) } };
}

/** One cluster, with the bundle of its authorities. */
const describeCluster: Operation = ({ input, target, caller }): RestAnswer => {
  const { name } = input as { name: string };
  const authorities = new Map(Object.entries(target.clusters)).get(name);
  if (authorities === undefined) throw failure(404, 'ResourceNotFoundException', `No cluster found for name: ${name}.`);
  const arn = `arn:aws:eks:${caller.region}:${caller.account}:cluster/${name}`;
  const certificateAuthority = { data: Buffer.from(authorities).toString('base64') };
  return { status: 200, body: { cluster: { name, arn, status: 'ACTIVE', certificateAuthority } } };
};

export const eks: Service = { protocol: 'rest', route, operations: { DescribeCluster: describeCluster } };

/**
 * The embedded AWS endpoints in a process of their own, so that their cost is apart from the scan's:
 * node endpoints.ts NODES TARGETS S3-DIRECTORY [slow | paced], started by night.ts, which it tells the environment and later what
 * it was asked. The nodes are spread evenly over as many accounts as there are targets. Tested by test/bench/run.test.ts.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { collectDocument } from '../lambda/nodes/document.ts';
import { startEndpoints } from '../simulator/aws/endpoints.ts';
import type { EndpointOptions } from '../simulator/aws/options.ts';
import { REGION } from '../simulator/fleet/nodes.ts';
import { recordedFleet } from './fleet.ts';
import { accountsOf, BUCKET, ROLE, TOPIC } from './places.ts';

export type Asked = {
  /** Requests by `service.operation`. */
  calls: Record<string, number>;
  /** Bytes of HTTP that came and went. */
  received: number;
  sent: number;
  cpuSeconds: number;
  /** Nodes that answer when they are asked. */
  answering: number;
};

/** How fast AWS answers; the services' own limits are not published (AWS Systems Manager endpoints and quotas). */
const PACES: Record<string, Pick<EndpointOptions, 'latency' | 'rates'>> = {
  /** Half a second for every answer, and fewer requests a second than a scan would make. */
  slow: {
    latency: { ec2: 500, ssm: 500 },
    rates: {
      'ssm.ListCommandInvocations': 1.8,
      'ssm.GetCommandInvocation': 10,
      'ssm.ListCommands': 5,
      'ssm.SendCommand': 2,
      'ssm.DescribeInstanceInformation': 5,
      'ec2.DescribeInstances': 5,
    },
  },
  /** A tenth of a second for every answer, and ten requests a second for each operation of each target. */
  paced: {
    latency: { ec2: 100, ssm: 100, sts: 100, s3: 100, sns: 100 },
    rates: {
      'ssm.ListCommandInvocations': 10,
      'ssm.GetCommandInvocation': 10,
      'ssm.ListCommands': 10,
      'ssm.SendCommand': 10,
      'ssm.DescribeInstanceInformation': 10,
      'ec2.DescribeInstances': 10,
    },
  },
};

const [count = '0', targets = '1', s3Root = '', pace = ''] = process.argv.slice(2);

const sockets = new Set<Socket>();
const traffic = { received: 0, sent: 0 };
subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket };
  sockets.add(socket);
  socket.once('close', () => {
    sockets.delete(socket);
    traffic.received += socket.bytesRead;
    traffic.sent += socket.bytesWritten;
  });
});

const { name, version, content } = collectDocument();
const all = await recordedFleet(Number(count), Math.floor(Date.now() / 1000));
const accounts = accountsOf(Number(targets));
const size = Math.ceil(all.length / accounts.length);
const endpoints = await startEndpoints({
  accounts: Object.fromEntries(
    accounts.map((account, index) => {
      const nodes = all.slice(index * size, (index + 1) * size);
      const documents = [{ name, version, content, isDefault: true }];
      return [
        account,
        { roles: [{ name: `${ROLE}-${REGION}` }], regions: { [REGION]: { nodes, documents, topics: [TOPIC] } } },
      ];
    }),
  ),
  s3Root,
  ...PACES[pace],
  buckets: { [BUCKET]: {} },
});
const before = process.cpuUsage();
process.send?.({ environment: endpoints.environment });
process.on('message', async () => {
  const { user, system } = process.cpuUsage(before);
  for (const socket of sockets) {
    traffic.received += socket.bytesRead;
    traffic.sent += socket.bytesWritten;
  }
  const answering = all.filter(({ agent, answer }) => agent === 'online' && typeof answer === 'object').length;
  const asked: Asked = { ...traffic, calls: endpoints.calls, cpuSeconds: (user + system) / 1e6, answering };
  process.send?.({ asked });
  await endpoints.close();
  process.disconnect();
});

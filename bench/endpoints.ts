/**
 * The embedded AWS endpoints in a process of their own, so that their cost is apart from the scan's:
 * node endpoints.ts NODES S3-DIRECTORY, started by scan.ts, which it tells the environment and later what it was asked.
 * Tested by test/bench/run.test.ts.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { collectDocument } from '../lambda/nodes/document.ts';
import { startEndpoints } from '../simulator/aws/endpoints.ts';
import { ACCOUNT, REGION } from '../simulator/fleet/nodes.ts';
import { recordedFleet } from './fleet.ts';

const BUCKET = 'reports';
const TOPIC = 'kubevigil';

export type Asked = {
  /** Requests by `service.operation`. */
  calls: Record<string, number>;
  /** Bytes of HTTP that came and went. */
  received: number;
  sent: number;
  cpuSeconds: number;
};

const [count = '0', s3Root = '', pace = ''] = process.argv.slice(2);

/**
 * Half a second for every answer, and fewer requests a second than a scan would make: the service's own limits are not
 * published (AWS Systems Manager endpoints and quotas).
 */
const SLOW = {
  latency: { ec2: 500, ssm: 500 },
  rates: {
    'ssm.ListCommandInvocations': 1.8,
    'ssm.GetCommandInvocation': 10,
    'ssm.ListCommands': 5,
    'ssm.SendCommand': 2,
    'ssm.DescribeInstanceInformation': 5,
    'ec2.DescribeInstances': 5,
  },
};

const sockets = new Set<Socket>();
const asked: Asked = { calls: {}, received: 0, sent: 0, cpuSeconds: 0 };
subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket };
  sockets.add(socket);
  socket.once('close', () => {
    sockets.delete(socket);
    asked.received += socket.bytesRead;
    asked.sent += socket.bytesWritten;
  });
});

const { name, version, content } = collectDocument();
const nodes = await recordedFleet(Number(count), Math.floor(Date.now() / 1000));
const endpoints = await startEndpoints({
  accounts: {
    [ACCOUNT]: {
      regions: { [REGION]: { nodes, documents: [{ name, version, content, isDefault: true }], topics: [TOPIC] } },
    },
  },
  s3Root,
  ...(pace === 'slow' && SLOW),
  buckets: { [BUCKET]: {} },
});
const before = process.cpuUsage();
process.send?.({ environment: endpoints.environment });
process.on('message', async () => {
  const { user, system } = process.cpuUsage(before);
  for (const socket of sockets) {
    asked.received += socket.bytesRead;
    asked.sent += socket.bytesWritten;
  }
  process.send?.({ asked: { ...asked, calls: endpoints.calls, cpuSeconds: (user + system) / 1e6 } satisfies Asked });
  await endpoints.close();
  process.disconnect();
});

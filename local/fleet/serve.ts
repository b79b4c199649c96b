/** The embedded default: AWS endpoints in this process that serve the simulated fleet. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { newKey } from '../../lambda/reports/sign.ts';
import { type Endpoints, startEndpoints } from '../aws/endpoints.ts';
import type { Answer, Node, StatusDetails } from '../aws/options.ts';
import { collect } from '../collector.ts';
import { ACCOUNT, embeddedFleet, REGION, type SimulatedNode } from './nodes.ts';
import { writeRoot } from './root.ts';

export const BUCKET = 'reports';
const TOPIC = 'kubevigil';
const KEY = 'alias/kubevigil';

/** Names under which the endpoints of an account serve what a scan needs besides its nodes. */
export const arns = (account: string, region: string) => ({
  topicArn: `arn:aws:sns:${region}:${account}:${TOPIC}`,
  signingKeyArn: `arn:aws:kms:${region}:${account}:${KEY}`,
});

/**
 * Serves the embedded fleet; reports go to `out`/reports. The nodes' root directories are written below `directory`.
 * `now` is in seconds since the epoch.
 */
export async function serveFleet(out: string, directory: string, now: number): Promise<Endpoints> {
  const { name, version, content } = collectDocument();
  return startEndpoints({
    accounts: {
      [ACCOUNT]: {
        regions: {
          [REGION]: {
            nodes: embeddedFleet(now).map((node) => toNode(node, directory)),
            documents: [{ name, version, content, isDefault: true }],
            topics: [TOPIC],
            keys: { [KEY]: signingKey(out) },
          },
        },
      },
    },
    s3Root: out,
    buckets: { [BUCKET]: {} },
  });
}

/** Endpoints for what an account does not offer to a scan that is started by hand: reports on disk, no topic. */
export function serveReports(out: string, account: string, region: string): Promise<Endpoints> {
  return startEndpoints({
    accounts: { [account]: { regions: { [region]: { topics: [TOPIC], keys: { [KEY]: signingKey(out) } } } } },
    region,
    s3Root: out,
    buckets: { [BUCKET]: {} },
    // The caller's own credentials sign these requests too; nothing here checks signatures.
    foreignAccount: account,
  });
}

/** The key that signs this directory's reports, kept beside them; made at the first scan. */
function signingKey(out: string): string {
  const path = join(out, 'signing-key.pem');
  if (!existsSync(path)) {
    mkdirSync(out, { recursive: true });
    writeFileSync(path, newKey(), { mode: 0o600 });
  }
  return readFileSync(path, 'utf8');
}

function toNode({ id, tags, privateDnsName, agent, root, answer }: SimulatedNode, directory: string): Node {
  return {
    instanceId: id,
    tags,
    privateDnsName,
    agent,
    ...(root || answer ? { answer: () => run(root, join(directory, id), answer) } : {}),
  };
}

async function run(
  root: SimulatedNode['root'],
  directory: string,
  answer: SimulatedNode['answer'],
): Promise<Answer | StatusDetails> {
  if (!root) return 'Execution Timed Out';
  writeRoot(directory, root);
  const { stdout, stderr, exitCode } = await collect(directory, { simulated: true });
  return { stdout: answer === 'cut' ? stdout.slice(0, stdout.length / 2) : stdout, stderr, exitCode };
}

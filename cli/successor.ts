/** What `kubevigil horizon --successor` tells: who would drop out on the day of a successor. Tested by test/cli/horizon.test.ts. */
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { count } from '../lambda/alerts/text.ts';
import { targetKeys } from '../lambda/archive/keys.ts';
import { readNodes } from '../lambda/archive/nodes.ts';
import { explained } from '../lambda/failures.ts';
import { printable } from '../lambda/formats/text.ts';
import {
  type Readiness,
  readSuccessor,
  type Successor,
  type SuccessorGroup,
  type SuccessorReport,
  successorReport,
} from '../lambda/results/successor.ts';
import { secondsOf } from '../lambda/results/summary.ts';
import { REQUEST_RETRIES } from '../lambda/retries.ts';
import { ownRegions } from './account.ts';
import type { ArchivedScan } from './archive.ts';
import { readText } from './options.ts';
import { InputError } from './problems.ts';
import { colour } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

const WIDTH = 120;
const LABEL = 14;
/** Digits of a fingerprint that people compare by eye. */
const DIGITS = 16;

const HEADS: Record<Readiness, string> = {
  drops: 'DROPS OUT',
  unknown: 'UNKNOWN',
  restart: 'RESTART',
  trusts: 'STAYS',
};

const STYLES = { drops: 'red', unknown: 'magenta', restart: 'yellow', trusts: 'green' } as const;

/**
 * Prints it. `on` is the day, by default that of the scan, or of the successor's beginning where that is later. Exit code 1 where a node would drop out, or nobody knows.
 */
export async function tellSuccessor(
  { archive, summary }: ArchivedScan,
  { successor, on, json }: { successor: Successor; on: string | undefined; json: boolean },
  to: Terminal,
): Promise<number> {
  const begins = Math.ceil(successor.certificate.validFromDate.getTime() / 1000);
  const now = on === undefined ? Math.max(secondsOf(summary.startedAt), begins) : dayOf(on);
  const report = successorReport(successor, now);
  for (const target of summary.targets) {
    if (target.error !== undefined) continue;
    for await (const { evidence } of readNodes(archive, targetKeys(summary, target), ['evidence'])) {
      if (evidence) report.add(evidence);
    }
  }
  const result = report.result();
  const { subject, fingerprint256, validToDate } = successor.certificate;
  const about = {
    subject: printable(subject.replaceAll('\n', ', ')),
    sha256: fingerprint256.replaceAll(':', '').toLowerCase(),
    notAfter: validToDate.toISOString(),
    on: new Date(now * 1000).toISOString().slice(0, 10),
  };
  to.out(json ? `${JSON.stringify({ successor: about, ...result }, null, 2)}\n` : page(about, result));
  return result.nodes.drops + result.nodes.unknown + result.nodes.restart > 0 ? 1 : 0;
}

/** The successor of a file in PEM form, or of `-`, standard input. */
export function successorOfFile(file: string): Successor {
  return read(`--successor ${file}`, readText('--successor', file, { stdin: true }));
}

/** The successor that EKS has for a cluster: its bundle has the present authority too while both count. */
export async function successorOfCluster(name: string, given: string | undefined): Promise<Successor> {
  const [region = ''] = await ownRegions(given === undefined ? undefined : [given]);
  const client = explained(new EKSClient({ region, ...REQUEST_RETRIES }));
  const { cluster } = await client.send(new DescribeClusterCommand({ name })).catch((error: Error) => {
    if (error.name !== 'ResourceNotFoundException') throw error;
    throw new InputError(
      `--cluster ${name}: EKS has no such cluster in ${region} of the account of your credentials; name its --region or use that account's credentials`,
    );
  });
  const data = cluster?.certificateAuthority?.data;
  if (data === undefined)
    throw new InputError(
      `--cluster ${name}: EKS has no certificate authority for it yet, so it is still being made; ask again when it is ACTIVE`,
    );
  return read(`--cluster ${name}`, Buffer.from(data, 'base64').toString('utf8'));
}

function read(from: string, text: string): Successor {
  try {
    return readSuccessor(text);
  } catch (error) {
    throw new InputError(`${from}: ${(error as Error).message}`);
  }
}

function dayOf(text: string): number {
  const seconds = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) / 1000 : Number.NaN;
  if (Number.isNaN(seconds)) throw new InputError(`--on expects a day such as 2026-12-31, got ${JSON.stringify(text)}`);
  return seconds;
}

type About = { subject: string; sha256: string; notAfter: string; on: string };

function page({ subject, sha256, notAfter, on }: About, { nodes, groups }: SuccessorReport): string {
  const head = `Successor ${subject} (SHA-256 ${sha256.slice(0, DIGITS)}…) until ${notAfter.slice(0, 10)}, on ${on}: ${count(nodes.drops, 'node')} would drop out, ${nodes.restart} must restart first, ${nodes.trusts} would stay, ${nodes.unknown} unknown.`;
  const room = Math.max(40, process.stdout.columns ?? WIDTH);
  return `${[...wrap(head, room), ...groups.flatMap((group) => block(group, room))].join('\n')}\n`;
}

function block(group: SuccessorGroup, room: number): string[] {
  const { server, callers, trusted, nodes, examples } = group;
  const place = [group.cluster, group.group].filter((name) => name !== undefined).join(', ') || 'no cluster';
  const rest = nodes - examples.length;
  const who = `${count(nodes, 'node')} of ${place}: ${examples.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const trusts = trusted.map(
    ({ subject, sha256, notAfter }) =>
      `${subject} (SHA-256 ${sha256.slice(0, DIGITS)}…)${notAfter === undefined ? '' : ` until ${notAfter.slice(0, 10)}`}`,
  );
  const lines: [string, string][] = [
    [colour(STYLES[server.readiness], HEADS[server.readiness].padEnd(LABEL)), who],
    ['  API server', server.why],
    ['  callers', callers.readiness === 'drops' ? `${callers.why}: no logs, exec and metrics of them` : callers.why],
    ...trusts.map((each, index): [string, string] => [index === 0 ? '  trusts now' : '', each]),
  ];
  return lines.flatMap(([label, text]) =>
    wrap(printable(text), room - LABEL).map((line, at) => (at === 0 ? label.padEnd(LABEL) : ' '.repeat(LABEL)) + line),
  );
}

/**
 * What today's rules say of the evidence of yesterday: who was exposed, from when to when, although no rule asked then, or an
 * older rule saw nothing. Each night is judged as of its own time, with its own settings; nothing but archives and rules decides.
 */

import { targetKeys } from '../lambda/archive/keys.ts';
import { NodeOutlineSchema, readNodes } from '../lambda/archive/nodes.ts';
import { judgedAgain } from '../lambda/archive/replay.ts';
import type { Judge } from '../lambda/archive/verification.ts';
import type { Finding } from '../lambda/criteria/rule.ts';
import { csvRow } from '../lambda/formats/csv.ts';
import type { NodeLine } from '../lambda/results/node-line.ts';
import { ascending } from '../lambda/results/order.ts';
import { secondsOf } from '../lambda/results/summary.ts';
import { byPlace } from './order.ts';
import { assessed, type Night } from './period.ts';

/** One node that failed a rule of today, over nights that follow each other. */
export type Exposure = {
  archive: string;
  account: string;
  region: string;
  node: string;
  rule: string;
  /** The first and the last night whose evidence shows it. */
  from: string;
  to: string;
  /** The first night after that shows it no longer; absent where none in the period does. */
  until?: string;
  nights: number;
  /** On how many of them no finding told of it, and what was said instead: `not-asked`, or a status; several where it changed. */
  untold: number;
  said: string;
  /** What today's rule says of the last of these nights. */
  reason: string;
};

export type RetroOptions = {
  judge: Judge;
  /** Only these rules. */
  rules?: readonly string[];
  /** Also those that a finding told of on each night. */
  all?: boolean;
  /** Judges by these benchmarks instead of those that the scans named. */
  benchmarks?: readonly string[];
  /** Told of evidence that today's rules do not read. */
  onUnread?(night: Night, node: string, why: string): void;
  /** Told of each answer that they do. */
  onRead?(): void;
  onNight?(night: Night): void;
};

type Running = Exposure & { told: Set<string> };

/**
 * Exposures in nights that are in the order of their times, by archive, account, region, node, rule and time. Nights in which a node
 * said nothing end no exposure; an answer that shows no failure does. Waivers accept nothing here.
 */
export async function retro(nights: readonly Night[], options: RetroOptions): Promise<Exposure[]> {
  const { judge, rules, all = false, benchmarks, onUnread = () => {}, onRead = () => {}, onNight = () => {} } = options;
  const running = new Map<string, Map<string, Running>>();
  const done: Exposure[] = [];
  const end = (exposure: Running, until?: string) => {
    const { told, ...row } = exposure;
    if (all || row.untold > 0)
      done.push({ ...row, said: [...told].sort().join(', '), ...(until !== undefined && { until }) });
  };
  for (const night of nights) {
    onNight(night);
    const { summary, manifest, source } = night;
    const { waivers: _, ...settings } = summary.settings;
    const scan = {
      now: secondsOf(summary.startedAt),
      settings: benchmarks ? { ...settings, benchmarks: [...benchmarks] } : settings,
    };
    for (const target of assessed(night)) {
      const keys = targetKeys(summary, target);
      for await (const { line, evidence } of readNodes(source.archive, keys, ['evidence'], NodeOutlineSchema)) {
        if (!line || !evidence || !('evidence' in evidence)) continue;
        const judged = judgedAgain(judge, evidence, scan);
        if (judged instanceof Error) {
          onUnread(night, line.node.id, judged.message);
          continue;
        }
        onRead();
        if (judged.coverage !== 'evaluated') continue;
        const place = { archive: source.name, ...target, node: line.node.id };
        const key = `${source.name}/${target.account}/${target.region}/${line.node.id}`;
        const open = running.get(key) ?? new Map<string, Running>();
        const failing = new Map<string, Finding>();
        for (const finding of judged.findings)
          if (finding.status === 'fail' && (!rules || rules.includes(finding.rule))) failing.set(finding.rule, finding);
        for (const [rule, exposure] of open) {
          // Nobody can tell from evidence that is missing or contradicts itself.
          const isUnclear = judged.findings.some(
            (each) => each.rule === rule && (each.status === 'error' || each.status === 'manual'),
          );
          if (failing.has(rule) || isUnclear) continue;
          open.delete(rule);
          end(exposure, manifest.scheduledAt);
        }
        for (const [rule, { reason }] of failing) {
          const exposure = open.get(rule) ?? {
            ...{
              ...place,
              rule,
              from: manifest.scheduledAt,
              to: manifest.scheduledAt,
              nights: 0,
              untold: 0,
              said: '',
              reason,
            },
            ...{ told: new Set<string>() },
          };
          open.set(rule, exposure);
          Object.assign(exposure, { to: manifest.scheduledAt, nights: exposure.nights + 1, reason });
          const said = saidThen(line, rule);
          exposure.told.add(said);
          if (said !== 'fail') exposure.untold += 1;
        }
        if (open.size > 0) running.set(key, open);
        else running.delete(key);
      }
    }
  }
  for (const open of running.values()) for (const exposure of open.values()) end(exposure);
  return done.sort((a, b) => byPlace(a, b) || ascending(a.rule, b.rule) || ascending(a.from, b.from));
}

/** What the archived line said of a rule, the worst first. */
function saidThen(line: NodeLine, rule: string): string {
  const found = line.findings.filter((finding) => finding.rule === rule);
  return found.find(({ status }) => status === 'fail')?.status ?? found[0]?.status ?? 'not-asked';
}

/** As CSV. */
export function* exposureRows(exposures: readonly Exposure[]): Generator<string> {
  yield csvRow([
    ...[
      'archive',
      'account',
      'region',
      'node',
      'rule',
      'from',
      'to',
      'until',
      'nights',
      'nights_untold',
      'said_then',
      'reason',
    ],
  ]);
  for (const { archive, account, region, node, rule, from, to, until = '', nights, untold, said, reason } of exposures)
    yield csvRow([archive, account, region, node, rule, from, to, until, nights, untold, said, reason]);
}

/**
 * `waivers.csv`: who accepted what, from when to when, with every edit: a row for each wording of a waiver, as the settings of the
 * nights have it. Tested by test/audit/pack.test.ts.
 */

import { canonical } from '../lambda/archive/manifest.ts';
import { csvRow } from '../lambda/formats/csv.ts';
import { resolveRule } from '../lambda/judging/index.ts';
import { settingsOf } from '../lambda/results/judge-line.ts';
import { ascending } from '../lambda/results/order.ts';
import type { Night, Told } from './period.ts';

type Wording = { owner: string; reason: string; until: string };

/** One wording of a waiver: from the first night that has it to the last. */
export type WaiverRow = Wording & {
  archive: string;
  /** As it was written: a rule or a control. */
  rule: string;
  nodes: string;
  from: string;
  to: string;
  /** How it began and ended: `was there`, `added`, `edited: …`; `removed`, `edited`, `expired`, `expired, then …`, `holds`. */
  began: string;
  ended: string;
  /** The most findings that it accepted in one night. */
  most: number;
};

type Open = WaiverRow & { tonight: number };

/** Gathers waivers as nights pass, in the order of their times; `rule` is the only one that counts, if it is given. */
export function waiversOf(archive: string, rule?: string) {
  const open = new Map<string, Open>();
  /** The same by what a finding says of its waiver. */
  let byWording = new Map<string, Open[]>();
  const done: WaiverRow[] = [];
  let isFirst = true;
  let lastNight = '';

  const end = (key: string, ended: string) => {
    const row = open.get(key);
    if (!row) return;
    settle(row);
    open.delete(key);
    done.push(plain({ ...row, ended }));
  };

  return {
    night({ summary, manifest: { scheduledAt } }: Night): void {
      const { waivers = [] } = settingsOf(summary.settings);
      const now = new Map<string, { rule: string; nodes: string; wording: Wording }>();
      for (const { rule: written, nodes, owner, reason, until } of waivers) {
        if (rule !== undefined && ruleOf(written) !== rule) continue;
        const selector = canonical(nodes);
        const base = `${written}\n${selector}`;
        // Two of the same rule and nodes are told apart by their order.
        let key = base;
        for (let number = 2; now.has(key); number += 1) key = `${base}\n${number}`;
        now.set(key, { rule: written, nodes: selector, wording: { owner, reason, until } });
      }
      for (const [key, row] of [...open]) {
        if (!now.has(key)) end(key, endingOf(row, scheduledAt, 'removed'));
      }
      for (const [key, { rule: written, nodes, wording }] of now) {
        const known = open.get(key);
        const edits = known ? editsOf(known, wording) : [];
        if (known && edits.length === 0) {
          known.to = scheduledAt;
          continue;
        }
        if (known) end(key, endingOf(known, scheduledAt, 'edited'));
        const began = known ? `edited: ${edits.join('; ')}` : isFirst ? 'was there' : 'added';
        const at = { from: scheduledAt, to: scheduledAt };
        open.set(key, { archive, rule: written, nodes, ...wording, ...at, began, ended: 'holds', most: 0, tonight: 0 });
      }
      for (const row of open.values()) settle(row);
      byWording = Map.groupBy(open.values(), (row) => nameOf(ruleOf(row.rule), row));
      isFirst = false;
      lastNight = scheduledAt;
    },
    node({ line }: Told): void {
      for (const finding of line?.findings ?? []) {
        if (!finding.waiver) continue;
        for (const row of byWording.get(nameOf(finding.rule, finding.waiver)) ?? []) row.tonight += 1;
      }
    },
    all(): WaiverRow[] {
      for (const [key, { until }] of [...open]) end(key, isExpired(until, lastNight) ? 'expired' : 'holds');
      return done.sort((a, b) => ascending(a.rule, b.rule) || ascending(a.nodes, b.nodes) || ascending(a.from, b.from));
    },
  };
}

function isExpired(until: string, night: string): boolean {
  return until < night.slice(0, 10);
}

function endingOf({ until }: Wording, night: string, ending: string): string {
  return isExpired(until, night) ? `expired, then ${ending}` : ending;
}

function settle(row: Open): void {
  row.most = Math.max(row.most, row.tonight);
  row.tonight = 0;
}

function plain({ tonight: _, ...row }: Open): WaiverRow {
  return row;
}

function editsOf(before: Wording, now: Wording): string[] {
  return (['owner', 'reason', 'until'] as const).flatMap((name) =>
    before[name] === now[name] ? [] : [`${name} was ${JSON.stringify(before[name])}`],
  );
}

/** The rule that a waiver names, itself or by a control; undefined where it names none, or several. */
export function ruleOf(written: string): string | undefined {
  const meaning = resolveRule(written);
  return 'rule' in meaning ? meaning.rule.name : undefined;
}

function nameOf(rule: string | undefined, { owner, reason, until }: Wording): string {
  return JSON.stringify([rule, owner, reason, until]);
}

/** Rows in the order of rule, nodes and time. */
export function* waiverRows(rows: readonly WaiverRow[]): Generator<string> {
  yield csvRow([
    ...['archive', 'rule', 'nodes', 'owner', 'reason', 'until', 'first_night', 'last_night', 'began', 'ended'],
    'most_findings_in_a_night',
  ]);
  for (const each of rows) {
    const { archive, rule, nodes, owner, reason, until, from, to, began, ended, most } = each;
    yield csvRow([archive, rule, nodes, owner, reason, until, from, to, began, ended, most]);
  }
}

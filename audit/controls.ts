/**
 * `controls.csv`: each control on each night, by how many nodes it was answered and how. Nodes that had to answer and did not stand beside it:
 * of them nothing is known. Tested by test/audit/pack.test.ts.
 */
import type { Finding } from '../lambda/criteria/rule.ts';
import { csvRow } from '../lambda/formats/csv.ts';
import { coverageOf } from '../lambda/results/coverage.ts';
import { notAssessedOf } from '../lambda/results/summary.ts';
import type { Night, Told } from './period.ts';

/** Answers to one control in one night; `accepted` are failures with a waiver, which `fail` does not count. */
export type ControlCounts = Record<Finding['status'] | 'accepted', number>;

/** Counts of one night by benchmark, control and rule; `rule` is the only one that counts, if it is given. */
export function controlsOf(rule?: string) {
  let counts = new Map<string, ControlCounts>();
  return {
    node({ line }: Told): void {
      for (const finding of line?.findings ?? []) {
        if (rule !== undefined && finding.rule !== rule) continue;
        const status = finding.status === 'fail' && finding.waiver ? 'accepted' : finding.status;
        // What no benchmark asks for has no control.
        const asked = finding.controls.length > 0 ? finding.controls : [{ benchmark: '', control: '' }];
        for (const { benchmark, control } of asked) {
          const name = `${benchmark}\n${control}\n${finding.rule}`;
          let own = counts.get(name);
          if (!own) {
            own = { pass: 0, fail: 0, accepted: 0, manual: 0, 'not-applicable': 0, error: 0 };
            counts.set(name, own);
          }
          own[status] += 1;
        }
      }
    },
    /** The rows of a night whose nodes have passed; then the next one begins. */
    *rows({ source, manifest, summary }: Night): Generator<string> {
      const { missed } = coverageOf(summary.totals);
      for (const [name, own] of [...counts].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))) {
        const { pass, fail, accepted, manual, error } = own;
        yield csvRow([
          ...[source.name, manifest.scheduledAt, manifest.scanId, ...name.split('\n'), pass, fail, accepted, manual],
          ...[own['not-applicable'], error, missed, notAssessedOf(summary).length],
        ]);
      }
      counts = new Map();
    },
  };
}

export const CONTROLS_HEAD = csvRow([
  ...['archive', 'scheduled_at', 'scan', 'benchmark', 'control', 'rule', 'pass', 'fail', 'accepted', 'manual'],
  ...['not_applicable', 'error', 'unreachable_nodes', 'failed_targets'],
]);

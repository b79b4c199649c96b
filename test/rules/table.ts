/** Runs a table of cases against one rule: each case says what the node is, and what of the verdict it must be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Parameters, Rule, Status } from '../../lambda/criteria/rule.ts';
import { sentence } from '../../lambda/platforms/step.ts';
import { type Case, node } from './node.ts';

export type Row = Case & {
  status: Status;
  audit?: 'pass' | 'fail';
  /** What the reason must say. */
  reason: RegExp;
  /** The ids of the advisories, all of them. */
  advisories?: string[];
  /** What an advisory's text must say. */
  advice?: RegExp;
  /** What the remediation must say; `false`: there is none. */
  remediation?: RegExp | false;
  /** What the remediation must never say. */
  never?: RegExp;
  parameters?: Partial<Parameters>;
};

export function table(rule: Rule, rows: Record<string, Row>): void {
  for (const [name, row] of Object.entries(rows)) {
    test(`${rule.name}: ${name}`, () => {
      const verdict = rule.check(node(row), { expiryDays: 30, ...row.parameters });
      assert.equal(verdict.status, row.status, verdict.reason);
      assert.match(verdict.reason, row.reason);
      assert.equal(verdict.audit, row.audit, `audit; ${verdict.reason}`);
      assert.deepEqual(
        verdict.advisories.map((advisory) => advisory.id),
        row.advisories ?? [],
      );
      if (row.advice) assert.match(verdict.advisories.map((advisory) => advisory.text).join('\n'), row.advice);
      // Whoever must act or look is told what to do.
      if (['fail', 'manual', 'error'].includes(row.status)) assert.ok(verdict.remediation?.length, 'no remediation');
      const todo = (verdict.remediation ?? []).map(sentence).join(' ');
      if (row.remediation === false) assert.equal(verdict.remediation, undefined);
      else if (row.remediation) assert.match(todo, row.remediation);
      if (row.never) assert.doesNotMatch(todo, row.never);
    });
  }
}

/**
 * What becomes of one answer, whatever it is: the row that a scan would write, and what must hold for it.
 * Tested by test/hostile/corpus.test.ts.
 */

import assert from 'node:assert/strict';
import * as v from 'valibot';
import { readAnswerAsJson } from '../../lambda/nodes/answer/alike.ts';
import { inOneLine } from '../../lambda/platforms/step.ts';
import { type EvidenceLine, readAlikeLine } from '../../lambda/results/evidence-line.ts';
import { judgeLine } from '../../lambda/results/judge-line.ts';
import { linePieces } from '../../lambda/results/line-pieces.ts';
import { type NodeLine, NodeLineSchema } from '../../lambda/results/node-line.ts';
import { outliersOf } from '../../lambda/results/outliers.ts';

const NODE = { id: 'i-0123456789abcdef0', account: '111122223333', region: 'eu-central-1' };
const NOW = 1_764_000_000;

/** Longest sentence of a verdict, in characters, and what must not be in one: it steers terminals and logs. */
const LONGEST = 2_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const STEERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

const TAGS = { 'aws:autoscaling:groupName': 'workers' };

/** Reads and judges an answer as a scan does, by what is known of those before it, up to the bytes that are archived. */
export function rowOf(output: string): NodeLine {
  const line = lineOf(output);
  const row = judgeLine(line, { now: NOW });
  // The net below judging is for what nobody has thought of.
  assert.doesNotMatch(row.detail ?? '', /defect of kubevigil/);
  outliersOf({ waivers: [], now: NOW }).add(line);
  linePieces(row);
  return row;
}

/** The line of evidence as it is read back. */
function lineOf(output: string): EvidenceLine {
  const answer = readAnswerAsJson(output);
  if ('problem' in answer)
    return { node: NODE, tags: {}, reason: 'bad-answer', detail: `Its answer cannot be used: ${answer.problem}.` };
  const head = JSON.stringify({ node: NODE, tags: TAGS });
  const bytes = Buffer.from(`${head.slice(0, -1)},"evidence":${answer.evidence}}`);
  return readAlikeLine(bytes) ?? JSON.parse(bytes.toString());
}

/** A row is ours in identity and form, its sentences are bounded plain lines, and no prototype has changed. */
export function checkRow(row: NodeLine): void {
  // As it is read back from the archive.
  const parsed = v.safeParse(NodeLineSchema, JSON.parse(JSON.stringify(row)));
  assert.ok(parsed.success, parsed.issues && JSON.stringify(parsed.issues[0]?.path?.map(({ key }) => key)));
  assert.deepEqual(row.node, NODE, 'identity is the invocation’s');
  assert.equal(row.findings.length > 0, row.coverage === 'evaluated');
  for (const sentence of sentencesOf(row)) {
    assert.ok(sentence.length <= LONGEST, `a sentence of ${sentence.length} characters`);
    assert.doesNotMatch(sentence, STEERS);
  }
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.equal(Object.keys(Object.prototype).length, 0);
}

function sentencesOf({ detail, notes = [], findings }: NodeLine): string[] {
  return [
    ...notes,
    ...(detail === undefined ? [] : [detail]),
    ...findings.flatMap(({ reason, remediation, advisories }) => [
      reason,
      ...(remediation === undefined ? [] : [inOneLine(remediation)]),
      ...advisories.map(({ text }) => text),
    ]),
  ];
}

/** What became of it in one word. */
export function outcomeOf({ coverage, reason }: NodeLine): string {
  return coverage === 'evaluated' ? 'judged' : (reason ?? '');
}

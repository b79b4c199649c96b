import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isOfKind } from '../../lambda/judging/alike.ts';
import type { Evidence } from '../../lambda/kubelet/evidence.ts';
import { judgeLine } from '../../lambda/results/judge-line.ts';
import { linePieces } from '../../lambda/results/line-pieces.ts';
import { NODES } from '../../simulator/fleet/node-types.ts';

const textOf = (line: object) => Buffer.concat(linePieces(line).map((piece) => Buffer.from(piece))).toString();

test('a line is what JSON.stringify makes of it, whoever had parts of it before', () => {
  let shared = 0;
  for (const { kubelet, os } of Object.values(NODES)) {
    for (const number of [1, 2, 3, 4]) {
      const process = { ...kubelet, pid: number };
      const evidence: Evidence = { format: 2, collectedAt: number, os, kubelets: [process], proxies: [], notes: ['…'] };
      const line = judgeLine({ node: { id: `i-${number}` }, tags: {}, evidence }, { now: 9, expiryDays: 30 });
      assert.equal(textOf(line), `${JSON.stringify(line)}\n`);
      shared += line.findings.filter(isOfKind).length;
    }
  }
  assert.ok(shared > 500, `${shared} findings were kept`);
});

test('so is any line', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constant(undefined));
  const line = fc.dictionary(fc.string(), fc.oneof(value, fc.dictionary(fc.string(), value)));
  fc.assert(fc.property(line, (any) => assert.equal(textOf(any), `${JSON.stringify(any)}\n`)));
});

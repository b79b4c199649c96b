import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compare, readCases } from '../../local/agreement.ts';

for (const name of ['named.jsonl', 'random.jsonl.gz']) {
  test(`agrees with every recorded kubelet of ${name}`, () => {
    const cases = readCases(fileURLToPath(new URL(`vectors/${name}`, import.meta.url)));
    assert.ok(cases.length > 500, 'the vectors are there');
    assert.deepEqual(cases.flatMap(compare), []);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArchiveConflict } from '../../lambda/archive/store.ts';
import { isFinal, retryStrategy } from '../../lambda/scan/retries.ts';

const refused = (name: string, $metadata: object = { httpStatusCode: 400 }) =>
  Object.assign(new Error(name), { name, $metadata });

const cases: [what: string, error: unknown, final: boolean][] = [
  ['a wrong request', refused('InvalidDocument'), true],
  ['a conflict in the archive', new ArchiveConflict('s3://reports', 'summary.json'), true],
  ['a signature that does not fit', refused('InvalidSignatureException'), true],
  [
    'a clock that was wrong',
    refused('InvalidSignatureException', { httpStatusCode: 400, clockSkewCorrected: true }),
    false,
  ],
  ['throttling', refused('ThrottlingException'), false],
  ['credentials that ran out', refused('ExpiredTokenException'), false],
  ['a fault of the service', refused('InternalServerError', { httpStatusCode: 500 }), false],
  ['an answer that was lost', new Error('socket hang up'), false],
];

for (const [what, error, final] of cases) {
  test(`${what} ${final ? 'is final' : 'may pass'}`, () => assert.equal(isFinal(error), final));
}

test('what may pass is tried four times, within two minutes', () => {
  const delays = [1, 2, 3, 4].map((attempt) => retryStrategy(new Error('lost'), attempt).delay?.seconds);
  assert.deepEqual(delays, [10, 30, 60, undefined]);
});

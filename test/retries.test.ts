import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArchiveConflict } from '../lambda/archive/store.ts';
import { isFinal, putRepeatedly, retrySend, retryStep } from '../lambda/retries.ts';

const refused = (name: string, $metadata: object = {}) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400, requestId: '11112222', ...$metadata } });

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
  ['a fault of a service that says so', refused('InternalFailure', { httpStatusCode: 501 }), false],
  ['a page token that ran out', refused('InvalidNextToken'), false],
  ['an unknown answer to a HEAD', refused('Unknown', { httpStatusCode: 400 }), false],
  ['a permission that is not there yet', refused('AccessDeniedException'), false],
  ['a refusal by a proxy', refused('SyntaxError', { httpStatusCode: 403, requestId: undefined }), false],
  ['an answer that was lost', new Error('socket hang up'), false],
];

for (const [what, error, final] of cases) {
  test(`${what} ${final ? 'is final' : 'may pass'}`, () => assert.equal(isFinal(error), final));
}

test('what may pass is tried five times, within four minutes', () => {
  const delays = [1, 2, 3, 4, 5].map((attempt) => retryStep(new Error('lost'), attempt).delay?.seconds);
  assert.deepEqual(delays, [10, 30, 60, 120, undefined]);
});

test('a command that may have been sent is looked for much later', () => {
  const seconds = (error: unknown) => retrySend(error, 1).delay?.seconds;
  assert.equal(seconds(new Error('socket hang up')), 300);
  assert.equal(seconds(refused('InternalFailure', { httpStatusCode: 500 })), 300);
  assert.equal(seconds(refused('ThrottlingException')), 10);
  assert.equal(retrySend(refused('InvalidDocument'), 1).shouldRetry, false);
});

test('an object is put again after a lost race, a fault and a broken connection, and five times in all', async () => {
  const faults = [
    refused('ConditionalRequestConflict', { httpStatusCode: 409 }),
    refused('InternalError', { httpStatusCode: 500 }),
    Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
  ];
  let puts = 0;
  await putRepeatedly(async () => {
    puts += 1;
    const fault = faults.shift();
    if (fault) throw fault;
  });
  assert.equal(puts, 4);
});

test('an object that is refused is not put again', async () => {
  for (const error of [refused('AccessDenied', { httpStatusCode: 403 }), new RangeError('ours')]) {
    let puts = 0;
    const put = async () => {
      puts += 1;
      throw error;
    };
    await assert.rejects(putRepeatedly(put), error);
    assert.equal(puts, 1);
  }
});

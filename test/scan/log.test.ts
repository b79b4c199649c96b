import assert from 'node:assert/strict';
import { it } from 'node:test';
import { durableLogger } from '../../lambda/scan/log.ts';

it('a log line says in JSON what happened, and in which execution and step', (t) => {
  const logger = durableLogger('kubevigil');
  let operationName = 'keep';
  logger.configureDurableLoggingContext?.({
    getDurableLogData: () => ({ requestId: 'r-1', executionArn: 'arn:x', operationName, attempt: 2 }),
  });
  const lines: string[] = [];
  const { mock } = t.mock.method(process.stdout, 'write', (text: string) => lines.push(text) > 0);
  logger.info('scan started', { scanId: '20261123T020000Z', targets: 3 });
  operationName = 'notify';
  logger.debug('not written unless the level of the function asks for it');
  mock.restore();

  assert.equal(lines.length, 1);
  const { timestamp, sampling_rate: _, ...line } = JSON.parse(lines[0] ?? '');
  assert.match(timestamp, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(line, {
    level: 'INFO',
    message: 'scan started',
    service: 'kubevigil',
    requestId: 'r-1',
    executionArn: 'arn:x',
    operationName: 'keep',
    attempt: 2,
    scanId: '20261123T020000Z',
    targets: 3,
  });
});

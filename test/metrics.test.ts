import assert from 'node:assert/strict';
import { it } from 'node:test';
import { metricsLine } from '../lambda/metrics.ts';

it('metrics are one line of the embedded metric format', () => {
  const line = metricsLine({ Coverage: 97.5, ScanCompleted: 1, ScanDuration: 312 }, 1_795_485_600_000);
  assert.equal(line.indexOf('\n'), line.length - 1);
  assert.deepEqual(JSON.parse(line), {
    _aws: {
      Timestamp: 1_795_485_600_000,
      CloudWatchMetrics: [
        {
          Namespace: 'kubevigil',
          Dimensions: [[]],
          Metrics: [
            { Name: 'ScanCompleted', Unit: 'Count' },
            { Name: 'ScanDuration', Unit: 'Seconds' },
            { Name: 'Coverage', Unit: 'Percent' },
          ],
        },
      ],
    },
    Coverage: 97.5,
    ScanCompleted: 1,
    ScanDuration: 312,
  });
});

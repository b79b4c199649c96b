import assert from 'node:assert/strict';
import { it } from 'node:test';
import { recorded } from '../lambda/metrics.ts';

it('metrics are one line of the embedded metric format', () => {
  const { _aws, ...values } = recorded({ Coverage: 97.5, ScanCompleted: 1, ScanDuration: 312 }).serializeMetrics();
  assert.deepEqual(_aws.CloudWatchMetrics, [
    {
      Namespace: 'kubevigil',
      Dimensions: [['service']],
      Metrics: [
        { Name: 'ScanCompleted', Unit: 'Count' },
        { Name: 'ScanDuration', Unit: 'Seconds' },
        { Name: 'Coverage', Unit: 'Percent' },
      ],
    },
  ]);
  assert.deepEqual(values, { service: 'kubevigil', Coverage: 97.5, ScanCompleted: 1, ScanDuration: 312 });
});

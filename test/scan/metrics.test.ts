import assert from 'node:assert/strict';
import { it } from 'node:test';
import { METRICS, metricsOf, recorded } from '../../lambda/scan/metrics.ts';

it('metrics are one line of the embedded metric format', () => {
  const { _aws, ...values } = recorded(
    { Coverage: 97.5, ScanCompleted: 1, ScanDuration: 312 },
    'kubevigil',
  ).serializeMetrics();
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

const findings = { pass: 5, fail: 4, manual: 3, 'not-applicable': 2, error: 1 };
const scan = {
  totals: {
    nodes: 6,
    evaluated: 3,
    unreachable: { gone: 1, 'not-running': 1, 'connection-lost': 1 },
    findings,
    waived: 0,
    atRisk: 2,
  },
  failedTargets: 1,
  fallenTargets: 2,
  alert: 'sent: 1',
  calls: 9,
  seconds: 60,
  differed: 2,
};

it('a scan measures everything that alarms and the dashboard read', () => {
  const measured = metricsOf({ ...scan, previousAge: 86_400 });
  assert.deepEqual(measured, {
    ScanCompleted: 1,
    ScanDuration: 60,
    PreviousReportAge: 86_400,
    TargetsFailed: 1,
    TargetsFallen: 2,
    Nodes: 6,
    NodesAtRisk: 2,
    NodesEvaluated: 3,
    NodesUnreachable: 1,
    Coverage: 75,
    FindingsPass: 5,
    FindingsFail: 4,
    FindingsManual: 3,
    FindingsNotApplicable: 2,
    FindingsError: 1,
    ApiCalls: 9,
    KnownAnswersDiffered: 2,
    AlertsFailed: 0,
  });
  assert.deepEqual(Object.keys(measured).sort(), Object.keys(METRICS).sort());
});

it('the first scan has no age of the report before it', () => {
  assert.equal('PreviousReportAge' in metricsOf(scan), false);
});

it('a scan without nodes covers nothing, and a message that was not sent counts', () => {
  const totals = { ...scan.totals, nodes: 0, evaluated: 0 };
  const measured = metricsOf({ ...scan, totals, alert: 'failed: Error: no' });
  assert.equal('Coverage' in measured, false);
  assert.deepEqual([measured.Nodes, measured.AlertsFailed], [0, 1]);
});

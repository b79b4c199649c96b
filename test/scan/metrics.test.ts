import assert from 'node:assert/strict';
import { it } from 'node:test';
import { emptyDifference } from '../../lambda/results/compare.ts';
import { failedTarget } from '../../lambda/results/summary.ts';
import { emptyTally } from '../../lambda/results/tally.ts';
import {
  leftLine,
  METRICS,
  metricsOf,
  recorded,
  slowest,
  TARGET_FIELDS,
  targetLine,
} from '../../lambda/scan/metrics.ts';

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
  open: { critical: 1, high: 2, medium: 3, low: 4 },
  phases: { plan: 1.5, ask: 60, judge: 3, keep: 4, tell: 0.5 },
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
    NodesIdle: 2,
    Coverage: 75,
    FindingsPass: 5,
    FindingsFail: 4,
    FindingsManual: 3,
    FindingsNotApplicable: 2,
    FindingsError: 1,
    OpenCritical: 1,
    OpenHigh: 2,
    OpenMedium: 3,
    OpenLow: 4,
    PlanDuration: 1.5,
    AskDuration: 60,
    JudgeDuration: 3,
    KeepDuration: 4,
    TellDuration: 0.5,
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

it('of each part of a scan the slowest target counts, whichever it is', () => {
  const targets = [
    { phases: { plan: 1, ask: 9, judge: 2 } },
    { phases: { plan: 3, ask: 5, judge: 1 } },
    // One that failed.
    {},
  ];
  assert.deepEqual(slowest(targets), { plan: 3, ask: 9, judge: 2 });
  assert.deepEqual(slowest([{}]), { plan: 0, ask: 0, judge: 0 });
});

it('the line of a target has what the dashboard reads, and nothing else', () => {
  const target = { account: '123456789012', region: 'eu-west-1' };
  const tally = { ...emptyTally(), counts: { ...scan.totals, waived: 1 } };
  const scanned = { target, tally, difference: emptyDifference(), phases: { plan: 1, ask: 2, judge: 3 } };
  const line = targetLine(scanned);
  const counts = { nodes: 6, evaluated: 3, missed: 1, atRisk: 2, open: 3, seconds: 6 };
  assert.deepEqual(line, { ...target, ...counts });
  const failed = targetLine(failedTarget(target, 'refused'));
  assert.deepEqual([failed.error, failed.nodes, failed.seconds], ['refused', 0, undefined]);
  assert.deepEqual(Object.keys({ ...line, ...failed }), ['account', 'region', ...TARGET_FIELDS]);
});

it('the last line of a target that left says so in a column of the dashboard', () => {
  const left = { account: '123456789012', region: 'eu-west-1', nodes: 3, open: 2 };
  const { account, region } = left;
  assert.deepEqual(leftLine(left), { account, region, error: 'no longer scanned' });
  assert.equal(leftLine({ ...left, why: 'closed' }).error, 'no longer scanned: its account is closed');
  const known: readonly string[] = ['account', 'region', ...TARGET_FIELDS];
  assert.ok(Object.keys(leftLine(left)).every((name) => known.includes(name)));
});

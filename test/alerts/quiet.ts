/** A night on which nothing has changed, from which tests of messages begin. */
import type { AlertInput, Failures } from '../../lambda/alerts/alert.ts';

export const none = (): Failures => ({ groups: [], total: 0, nodes: 0, byRule: [] });
export const nothing = () => ({ items: [], total: 0 });
export const noHazards = () => ({ ...none(), stopped: 0, urgent: 0 });

/** A night on which nothing has changed, with what a test changes about it. */
export function night(more: Partial<AlertInput> = {}): AlertInput {
  return {
    scan: {
      id: '20261123T020000Z',
      startedAt: '2026-11-23T02:00:00Z',
      finishedAt: '2026-11-23T02:03:12Z',
      previous: { id: '20261122T020000Z', finishedAt: '2026-11-22T02:03:12Z' },
    },
    report: { url: 'https://reports.example.com/scans/report.html', location: 's3://reports/scans/report.html' },
    clusters: ['prod'],
    targets: [{ account: '111122223333', region: 'eu-west-1', nodes: 12, evaluated: 12, previousNodes: 12 }],
    hazards: { new: noHazards(), still: noHazards() },
    failures: { new: none(), still: none(), fixed: nothing() },
    unreachable: { new: nothing(), still: nothing() },
    undecided: { new: nothing(), still: nothing() },
    gone: nothing(),
    left: nothing(),
    lookalikes: nothing(),
    skew: nothing(),
    authorities: nothing(),
    outliers: nothing(),
    benchmarks: { added: [], removed: [] },
    waivers: { new: nothing(), still: nothing() },
    errors: nothing(),
    ...more,
  };
}

import { nodeClock } from '../../lambda/rules/node-clock.ts';
import { DAY, NOW } from './node.ts';
import { table } from './table.ts';

table(nodeClock, {
  'the same time': { status: 'pass', reason: /agrees/, remediation: false },
  'clocks disagree by minutes': { evidence: { collectedAt: NOW - 299 }, status: 'pass', reason: /agrees/ },
  'a node may answer hours after the scan began': {
    evidence: { collectedAt: NOW + 8 * 3600 },
    status: 'pass',
    reason: /agrees/,
  },
  'it cannot have answered before it was asked': {
    evidence: { collectedAt: NOW - 20 * 60 },
    status: 'fail',
    reason: /is 20 minutes behind the scan's/,
    remediation: /timedatectl/,
  },
  'a battery that is flat': {
    evidence: { collectedAt: NOW - 400 * DAY },
    status: 'fail',
    reason: /is 400 days behind the scan's/,
  },
  'a year ahead': {
    evidence: { collectedAt: NOW + 365 * DAY },
    status: 'fail',
    reason: /is 364 days ahead of the scan's/,
  },
  'inputs that start no kubelet do not stop a clock': { error: 'unknown flag: --x', status: 'pass', reason: /agrees/ },
  'a problem with the evidence neither': { problem: 'x', status: 'pass', reason: /agrees/ },
  'no time in the answer': { evidence: { collectedAt: 0 }, status: 'error', reason: /did not say what time it was/ },
});

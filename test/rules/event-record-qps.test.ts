import { eventRecordQps } from '../../lambda/rules/event-record-qps.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(eventRecordQps, {
  'the default passes; the audit has nothing to look at': {
    status: 'pass',
    reason: /eventRecordQPS is 50 from the kubelet's default: events beyond it are dropped/,
    remediation: false,
  },
  'the default of older kubelets passes likewise': {
    settings: { eventRecordQPS: { value: 5, source: { kind: 'default' } } },
    status: 'pass',
    reason: /is 5 from/,
  },
  'zero is five to a kubelet before 1.37': {
    settings: { eventRecordQPS: inFile(0) },
    version: { text: 'v1.36.2', minor: 36, known: true },
    status: 'pass',
    audit: 'pass',
    reason: /0 from \/var.*before 1\.37 takes for 5 a second: events beyond it are dropped/,
    advisories: ['zero-is-five'],
  },
  'zero drops nothing from 1.37 on, and has its price': {
    settings: { eventRecordQPS: inFile(0) },
    version: { text: 'v1.37.0', minor: 37, known: true },
    status: 'pass',
    audit: 'pass',
    reason: /0 from \/var.*no event is dropped/,
    advisories: ['unlimited-events'],
  },
  'less than any default is for a person to decide': {
    settings: { eventRecordQPS: byFlag(1, '--event-qps=1') },
    status: 'manual',
    audit: 'pass',
    reason: /1 from flag --event-qps=1, less than any default/,
    remediation: /eventRecordQPS: 50/,
  },
  'Bottlerocket has a setting for it': {
    settings: { eventRecordQPS: inFile(2, '/etc/kubernetes/kubelet/config') },
    evidence: { os: { id: 'bottlerocket' } },
    status: 'manual',
    audit: 'pass',
    reason: /2 from/,
    remediation: /`event-qps = 50`/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

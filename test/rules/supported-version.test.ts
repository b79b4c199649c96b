import { supportedVersion } from '../../lambda/rules/supported-version.ts';
import { table } from './table.ts';

const at = (minor: number, more = '') => ({
  version: { text: `v1.${minor}.3${more}`, minor, known: true },
  kubelet: { version: `v1.${minor}.3${more}` },
});

// The tests' day is 2026-11-23. Ends: kubernetes.io/releases; EKS User Guide, Kubernetes release calendar.
table(supportedVersion, {
  'the project supports it': {
    ...at(36),
    status: 'pass',
    reason: /^the Kubernetes project supports Kubernetes 1\.36 until 2027-06-28 \(table of 2026-11-27\)\.$/i,
    remediation: false,
  },
  'the project no longer does': {
    ...at(34),
    status: 'fail',
    reason: /Kubernetes 1\.34 has had no fixes from the Kubernetes project since 2026-10-27/,
    remediation: /one minor version at a time/,
  },
  'EKS still does, and says when it ends': {
    ...at(34, '-eks-1'),
    status: 'pass',
    reason: /^Amazon EKS supports Kubernetes 1\.34 until 2026-12-02/,
    advisories: ['support-ends-soon'],
  },
  'extended support costs': {
    ...at(33, '-eks-1'),
    status: 'pass',
    reason: /left standard support by Amazon EKS on 2026-07-29 and is in extended support until 2027-07-29/,
    advisories: ['extended-support'],
    advice: /costs extra/,
  },
  'extended support that ends in three days': {
    ...at(31, '-eks-1'),
    status: 'pass',
    reason: /extended support until 2026-11-26/,
    advisories: ['support-ends-soon', 'extended-support'],
  },
  'after it there is nothing': {
    ...at(30, '-eks-1'),
    status: 'fail',
    reason: /no fixes from Amazon EKS since 2026-07-23/,
    remediation: /Replace its nodes/,
  },
  'older than the table': { ...at(24), status: 'fail', reason: /ended its support before 2026-06-28/ },
  'newer than the table': {
    ...at(37),
    status: 'manual',
    reason: /1\.37 is not in the table of 2026-11-27/,
    remediation: /^Look up the days on which the Kubernetes project ends/,
  },
  'newer than the table on EKS': { ...at(36, '-eks-1'), status: 'manual', reason: /How long Amazon EKS supports/ },
  "OpenShift's own": { ...at(31, '+6d1b1ab'), status: 'not-applicable', reason: /life cycle of its own/ },
  'a version that nobody knows': {
    version: { minor: 36, known: false },
    kubelet: {},
    status: 'manual',
    reason: /not in the evidence/,
    remediation: /^Look up the version /,
  },
  'what cannot be derived has a version all the same': {
    ...at(36),
    error: 'unknown flag: --x',
    status: 'pass',
    reason: /until 2027-06-28/,
  },
});

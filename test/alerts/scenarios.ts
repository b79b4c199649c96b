/** Nights that people are woken, or not woken, for; their e-mail and chat texts are kept beside them in rendered/. */
import type {
  AlertInput,
  Changes,
  Failure,
  Failures,
  Listed,
  TargetCoverage,
  Unreachable,
} from '../../lambda/alerts/alert.ts';
import { SEVERITIES, type Severity } from '../../lambda/criteria/rule.ts';

const finishedAt = '2026-11-23T02:03:12Z';

/** The time so many days after the scan. */
function after(days: number): string {
  return new Date(Date.parse(finishedAt) + days * 86_400_000).toISOString();
}

export function listed<T>(items: T[] = [], total = items.length): Listed<T> {
  return { items, total };
}

function nothing<T>(): Changes<T> {
  return { new: listed<T>(), still: listed<T>() };
}

const rules: Record<string, Omit<Failure, 'node' | 'since'>> = {
  anonymous: {
    rule: 'anonymous-auth',
    title: 'The kubelet refuses requests without credentials',
    severity: 'critical',
    reason:
      'authentication.anonymous.enabled is true by the flag --anonymous-auth=true, which overrides false in /var/lib/kubelet/config.yaml',
    remediation:
      'Remove --anonymous-auth=true from KUBELET_EXTRA_ARGS in /etc/default/kubelet line 3, then: systemctl daemon-reload && systemctl restart kubelet',
    controls: [
      { benchmark: 'cis-kubernetes-1.12', control: '4.2.1' },
      { benchmark: 'cis-eks-1.8.0', control: '3.2.1' },
      { benchmark: 'cis-kubernetes-1.5.1', control: '4.2.1' },
    ],
  },
  rotation: {
    rule: 'rotate-client-certificates',
    title: 'The kubelet renews its client certificate',
    severity: 'high',
    reason:
      'rotateCertificates is false in /etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf, which overrides true in /etc/kubernetes/kubelet/config.json',
    remediation:
      'Set rotateCertificates: true in /etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf, then: systemctl restart kubelet',
    controls: [{ benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11' }],
  },
  port: {
    rule: 'read-only-port',
    title: 'The unauthenticated read-only port is closed',
    severity: 'medium',
    reason: 'readOnlyPort is 10255: no configuration file is in use, so the legacy default holds',
    remediation: 'Start the kubelet with a configuration file that has readOnlyPort: 0, or with --read-only-port=0',
    controls: [{ benchmark: 'cis-kubernetes-1.5.1', control: '4.2.4' }],
  },
  mode: {
    rule: 'kubeconfig-file-permissions',
    title: 'Only root may read the kubeconfig',
    severity: 'low',
    reason: '/var/lib/kubelet/kubeconfig has mode 644; the benchmark allows 600',
    remediation: 'chmod 600 /var/lib/kubelet/kubeconfig',
    controls: [{ benchmark: 'cis-kubernetes-1.12', control: '4.1.5' }],
  },
};

export function node(index: number, cluster = 'prod', region = 'eu-west-1') {
  const id = `i-${(0x0a1b2c3d4e5f0000n + BigInt(index)).toString(16).padStart(17, '0')}`;
  const privateDnsName = `ip-10-0-${index >> 8}-${index & 255}.${region}.compute.internal`;
  return { id, account: '111122223333', region, cluster, name: `${cluster}-workers`, privateDnsName };
}

export function failure(
  rule: keyof typeof rules,
  index: number,
  more: Partial<Failure> & { cluster?: string } = {},
): Failure {
  const { cluster, ...rest } = more;
  const known = rules[rule];
  if (known === undefined) throw new Error(`no rule ${rule}`);
  return { ...known, node: node(index, cluster), ...rest };
}

/** Counts by rule as the comparison with the previous scan has them. */
export function failures(items: Failure[], total = items.length): Failures {
  const byRule = [...Map.groupBy(items, ({ rule }) => rule)].map(([rule, found]) => {
    const [oldest] = found.flatMap(({ since }) => since ?? []).sort();
    const { title = '', severity = 'low' satisfies Severity } = found[0] ?? {};
    return { rule, title, severity, nodes: found.length, ...(oldest === undefined ? {} : { oldest }) };
  });
  byRule.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.nodes - a.nodes);
  return { items, total, byRule };
}

function target(more: Partial<TargetCoverage> = {}): TargetCoverage {
  return { account: '111122223333', region: 'eu-west-1', nodes: 12, evaluated: 12, previouslyEvaluated: 12, ...more };
}

function unreachable(reason: string, index: number, detail?: string): Unreachable {
  return { node: node(index), reason, ...(detail === undefined ? {} : { detail }) };
}

/** A night on which nothing has changed, with what a scenario changes about it. */
export function night(more: Partial<AlertInput> = {}): AlertInput {
  const key = 'scans/2026/11/23/20261123T020000Z/report.html';
  return {
    scan: {
      id: '20261123T020000Z',
      startedAt: '2026-11-23T02:00:00Z',
      finishedAt,
      previous: { id: '20261122T020000Z', finishedAt: after(-1) },
    },
    report: {
      url: `https://eu-west-1.console.aws.amazon.com/s3/object/kubevigil-reports-111122223333?region=eu-west-1&prefix=${encodeURIComponent(key)}`,
      location: `s3://kubevigil-reports-111122223333/${key}`,
    },
    targets: [target()],
    failures: { new: failures([]), still: failures([]), fixed: listed(), fingerprint: 'none' },
    unreachable: nothing(),
    undecided: listed(),
    lost: { nodes: 0, failures: 0 },
    benchmarks: { added: [], removed: [] },
    certificates: nothing(),
    waivers: nothing(),
    errors: listed(),
    ...more,
  };
}

const threeNew = failures([failure('anonymous', 17), failure('rotation', 17), failure('rotation', 18)]);
const known = failures([
  failure('port', 3, { since: after(-12) }),
  failure('port', 4, { since: after(-3) }),
  failure('mode', 5, { since: after(-40) }),
]);

const many = [
  ...Array.from({ length: 380 }, (_, index) =>
    failure('rotation', index, { cluster: index < 300 ? 'prod' : 'staging' }),
  ),
  ...Array.from({ length: 100 }, (_, index) => failure('mode', index)),
  ...Array.from({ length: 20 }, (_, index) => failure('anonymous', index * 7, { cluster: 'batch' })),
];

export const scenarios: Record<string, AlertInput> = {
  'first-scan': night({
    scan: { id: '20261123T020000Z', startedAt: '2026-11-23T02:00:00Z', finishedAt },
    targets: [target({ evaluated: 10 })],
    failures: { new: failures([...threeNew.items, ...known.items]), still: failures([]), fixed: listed() },
    unreachable: {
      new: listed([
        unreachable('not-managed', 21, 'No SSM agent of this instance has registered'),
        unreachable('no-kubelet', 22, 'No process on the node is a kubelet'),
      ]),
      still: listed(),
    },
  }),
  'quiet-night': night({ failures: { new: failures([]), still: known, fixed: listed() } }),
  'three-new-failures': night({
    failures: { new: threeNew, still: known, fixed: listed([failure('port', 9)]) },
    certificates: {
      new: listed([{ node: node(18), notAfter: after(27) }]),
      still: listed([
        {
          node: node(4),
          notAfter: after(4),
          reason:
            'rotateCertificates is false and no other process writes /var/lib/kubelet/pki/kubelet-client-current.pem',
          remediation:
            'Set rotateCertificates: true in /var/lib/kubelet/config.yaml, then: systemctl restart kubelet; approve the request if it stays pending: kubectl get csr',
        },
      ]),
    },
    waivers: {
      new: listed([
        {
          rule: 'protect-kernel-defaults',
          nodes: 'cluster legacy-*',
          reason: 'image is replaced in Q4',
          owner: 'team-compute',
          until: '2026-11-22',
        },
      ]),
      still: listed(),
    },
  }),
  'five-hundred-failures': night({
    targets: [target({ nodes: 9_400, evaluated: 9_391 }), target({ region: 'us-east-1', nodes: 604, evaluated: 604 })],
    failures: { new: failures(many), still: known, fixed: listed() },
    unreachable: {
      new: listed([
        ...Array.from({ length: 7 }, (_, index) => unreachable('connection-lost', 30 + index)),
        unreachable('bad-answer', 40, 'The answer says 2,312 bytes, 2,500 came'),
      ]),
      still: listed([unreachable('not-managed', 41)]),
    },
  }),
  'a-lost-region': night({
    targets: [
      target({ nodes: 214, evaluated: 213 }),
      target({
        account: '444455556666',
        region: 'us-east-1',
        nodes: 0,
        evaluated: 0,
        previouslyEvaluated: 388,
        failed:
          'AccessDenied: User arn:aws:sts::111122223333:assumed-role/kubevigil-scan/kubevigil is not authorized to perform sts:AssumeRole on arn:aws:iam::444455556666:role/kubevigil-member',
      }),
      target({ account: '444455556666', nodes: 51, evaluated: 0, previouslyEvaluated: 51 }),
    ],
    failures: { new: failures([]), still: known, fixed: listed() },
    unreachable: {
      new: listed(Array.from({ length: 51 }, (_, index) => unreachable('delivery-timed-out', 60 + index))),
      still: listed(),
    },
    errors: listed([
      { text: 'the waivers file could not be read: waivers.yaml line 12: until: expected a date, got "soon"' },
    ]),
  }),
};

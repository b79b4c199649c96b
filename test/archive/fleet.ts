/** A made-up fleet of any size for tests of reports: nodes of a few kinds, most of them well, some of each trouble. */

import type { Finding, Status } from '../../lambda/criteria/rule.ts';
import type { Catalog } from '../../lambda/results/catalog.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import type { Answer } from './memory.ts';
import { evaluated, evidence, finding, settings, unreachable } from './samples.ts';

const names: [string, string, Catalog[string]['severity']][] = [
  ['rotate-client-certificates', 'The kubelet renews its client certificate', 'high'],
  ['client-certificate-expiry', 'The client certificate does not run out unnoticed', 'critical'],
  ['anonymous-auth', 'Anonymous requests to the kubelet are refused', 'critical'],
  ['authorization-mode', 'The kubelet asks the API server who may do what', 'critical'],
  ['client-ca-file', 'The kubelet knows the authority of its clients', 'high'],
  ['read-only-port', 'The read-only port is closed', 'high'],
  ['streaming-connection-idle-timeout', 'Idle streaming connections are closed', 'low'],
  ['make-iptables-util-chains', 'The kubelet manages its iptables chains', 'medium'],
  ['event-record-qps', 'Events are recorded at a sensible rate', 'low'],
  ['protect-kernel-defaults', 'Kernel parameters are not changed', 'medium'],
  ['tls-cipher-suites', 'Only strong ciphers are offered', 'medium'],
  ['pod-pids-limit', 'A pod cannot exhaust process ids', 'medium'],
  ['seccomp-default', 'Containers run under the default seccomp profile', 'medium'],
  ['kubelet-config-permissions', 'Only its owner may write the kubelet configuration', 'high'],
  ['kubelet-config-ownership', 'The kubelet configuration belongs to root', 'high'],
  ['kubelet-kubeconfig-permissions', 'Only its owner may write the kubeconfig', 'high'],
  ['kubelet-service-permissions', 'Only its owner may write the service file', 'medium'],
  ['client-ca-permissions', 'Only its owner may write the client CA file', 'medium'],
];

export const catalog: Catalog = Object.fromEntries(
  names.map(([rule, title, severity]) => [
    rule,
    {
      title,
      failureTitle: `Not so: ${title}`,
      severity,
      why: `Without it, somebody may do on the node what nobody allowed.`,
      references: ['https://kubernetes.io/docs/'],
    },
  ]),
);

const controls = [
  { benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11' },
  { benchmark: 'cis-eks-1.8.0', control: '3.2.11' },
];
const reasons = ['connection-lost', 'not-managed', 'bad-answer', 'execution-timed-out'] as const;

/** Answers of `size` nodes at a night; the same arguments give the same nodes. */
export function fleet(size: number, night = 1): Answer[] {
  return Array.from({ length: size }, (_, index) => member(index, night));
}

/** One node of the fleet. */
export function member(index: number, night = 1): Answer {
  const id = `i-0${(0xabc_0000_0000 + index * 7919).toString(16).padStart(16, '0')}`;
  const cluster = ['payments-prod', 'search-prod', 'batch', 'staging-eu'][index % 4] as string;
  const about = {
    cluster,
    name: `${cluster}-${index % 3 === 0 ? 'spot' : 'base'}-${index}`,
    group: index % 3 === 0 ? 'spot' : 'base',
    owner: cluster === 'batch' ? 'data' : 'platform',
    privateDnsName: `ip-10-0-${index % 256}-${(index >> 8) % 256}.eu-central-1.compute.internal`,
  };
  if (index % 29 === 5) {
    const line = unreachable(id, reasons[index % reasons.length] ?? 'gone');
    return { line: { ...line, node: { ...line.node, ...about } } };
  }
  return { line: node(id, index, night, about), evidence, tags: { Name: about.name } };
}

const OWN = '/var/lib/kubelet/pki/kubelet-client-current.pem';

function node(id: string, index: number, night: number, about: Partial<NodeLine['node']>): NodeLine {
  const stops = statusOf(index, 1, night) === 'fail';
  const expiry = new Date(Date.UTC(2026, stops ? 10 : 11, 25 + (index % (stops ? 27 : 300)))).toISOString();
  const findings = names.map(([rule], position): Finding => {
    const status = statusOf(index, position, night);
    const on = expiry.slice(0, 10);
    return finding(rule, status, {
      controls: position === 1 ? [] : controls,
      ...(position === 1 && {
        reason:
          status === 'fail'
            ? `The client certificate ${OWN} expires on ${on}, and nothing will renew it: rotateCertificates is false from the kubelet's default.`
            : `The client certificate ${OWN} of ${id} expires on ${on}.`,
      }),
      ...(position === 1 &&
        status === 'fail' && {
          remediation: [
            { text: 'Set `rotateCertificates: true` in /var/lib/kubelet/config.yaml.' },
            { text: 'Restart the kubelet.', command: 'systemctl restart kubelet' },
          ],
        }),
      ...(position === 0 &&
        status === 'pass' &&
        index % 5 === 0 && {
          advisories: [
            {
              id: 'unset-means-off',
              text: 'Nothing sets rotateCertificates, and the kubelet’s own default is false: this certificate does not rotate.',
            },
          ],
        }),
      ...(status === 'fail' &&
        position === 9 && {
          waiver: {
            reason: 'Kernel parameters are set by the image build',
            owner: 'platform team',
            until: '2027-03-31',
          },
        }),
    });
  });
  return {
    ...evaluated(id, findings, about),
    certificates: [
      { role: 'client', path: OWN, notAfter: expiry, renews: !stops && index % 7 !== 3 },
      { role: 'authority', path: '/etc/kubernetes/pki/ca.crt', notAfter: '2036-11-20T00:00:00.000Z' },
    ],
    kubelet: { pid: 1000 + index, version: `v1.3${index % 4}.${index % 7}-eks-473151a`, settings },
  };
}

function statusOf(index: number, position: number, night: number): Status {
  const dice = (index * 31 + position * 17) % 97;
  if (position === 0 && index % 3 === 1) return 'not-applicable';
  if (dice < 3) return dice + night < 8 ? 'fail' : dice === 2 ? 'pass' : 'fail';
  if (dice === 50 && night > 7) return 'fail';
  if (dice === 60) return 'manual';
  if (dice === 70) return 'error';
  if (position === 9 && dice < 20) return 'fail';
  return 'pass';
}

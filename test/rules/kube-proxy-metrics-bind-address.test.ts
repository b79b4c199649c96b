import type { ProxyProcess } from '../../lambda/kubelet/evidence.ts';
import { kubeProxyMetricsBindAddress } from '../../lambda/rules/kube-proxy-metrics-bind-address.ts';
import { table } from './table.ts';

const PATH = '/var/lib/kube-proxy-config/config';

function proxies(...argvs: string[][]): { evidence: { proxies: ProxyProcess[] } } {
  return { evidence: { proxies: argvs.map((argv, pid) => ({ pid, argv, cwd: '/', files: [] })) } };
}

function configured(content?: string): { evidence: { proxies: ProxyProcess[] } } {
  const file = { path: PATH, role: 'proxy-config', state: 'file', ...(content !== undefined && { content }) } as const;
  return { evidence: { proxies: [{ pid: 1, argv: [`--config=${PATH}`], cwd: '/', files: [file] }] } };
}

table(kubeProxyMetricsBindAddress, {
  'no kube-proxy is not applicable': { status: 'not-applicable', reason: /No kube-proxy runs/ },
  'of the processes of Bottlerocket nothing is seen': {
    kubelet: { pid: 0, settings: { 'os.version_id': '1.50.0', 'os.variant_id': 'aws-k8s-1.34' } },
    status: 'manual',
    reason: /no process of the host was seen/,
    remediation: /ConfigMap of kube-proxy/,
  },
  'MicroK8s has a kube-proxy in its own program': {
    kubelet: { host: 'microk8s' },
    status: 'manual',
    reason: /kube-proxy is a part of MicroK8s, and its arguments in \/var\/snap\/microk8s\/current\/args\/kube-proxy/,
    remediation: /^Look for metrics-bind-address in \/var\/snap\/microk8s\/current\/args\/kube-proxy/,
  },
  'one of several pods, of which it is not known whose it is': {
    evidence: { proxies: [{ pid: 7, argv: [], cwd: '/', files: [], unread: 'several pods have a kube-proxy' }] },
    status: 'manual',
    reason: /Process 7 may be the node's kube-proxy and was not read: several pods have a kube-proxy\.$/,
  },
  'the default is local': {
    ...proxies(['--v=2']),
    status: 'pass',
    audit: 'pass',
    reason: /127\.0\.0\.1:10249 \(kube-proxy's default\)/,
  },
  'every address by flag fails': {
    ...proxies(['--metrics-bind-address=0.0.0.0:10249']),
    status: 'fail',
    audit: 'fail',
    reason: /0\.0\.0\.0:10249 \(flag --metrics-bind-address=0\.0\.0\.0:10249\)/,
    remediation: /^Remove --metrics-bind-address/,
  },
  'the last of two flags counts, in any form': {
    ...proxies(['--metrics-bind-address', '0.0.0.0', '--metrics_bind_address=127.0.0.1']),
    status: 'pass',
    audit: 'pass',
    reason: /127\.0\.0\.1 /,
  },
  // Searching for 127.0.0.1 in the text, as kube-bench does, fails this one.
  'IPv6 local is local': {
    ...proxies(['--metrics-bind-address=[::1]:10249']),
    status: 'pass',
    audit: 'fail',
    reason: /\[::1\]:10249/,
  },
  // Searching for 127.0.0.1 in the text passes this one.
  'an address that only contains the local one fails': {
    ...proxies(['--metrics-bind-address=127.0.0.1.example.com:10249']),
    status: 'fail',
    audit: 'pass',
    reason: /127\.0\.0\.1\.example\.com/,
  },
  'of a name that stands elsewhere nothing is taken': {
    ...configured(
      'detectLocal:\n  metricsBindAddress: 0.0.0.0\nmetricsbindaddress: 0.0.0.0\n# metricsBindAddress: 0.0.0.0\n',
    ),
    status: 'pass',
    audit: 'pass',
    reason: /127\.0\.0\.1:10249/,
  },
  'the last of two lines counts, however it is quoted': {
    ...configured("metricsBindAddress: 127.0.0.1:10249\n'metricsBindAddress': >-\n  0.0.0.0:10249\n"),
    status: 'fail',
    audit: 'fail',
    reason: /0\.0\.0\.0:10249/,
  },
  'what no reader of YAML takes is for a person': {
    ...configured('metricsBindAddress: [127.0.0.1\n'),
    status: 'manual',
    reason: /a person must look/,
  },
  'the file says every address (EKS)': {
    ...configured('apiVersion: kubeproxy.config.k8s.io/v1alpha1\nmetricsBindAddress: 0.0.0.0:10249 # scraped\n'),
    status: 'fail',
    audit: 'fail',
    reason: /0\.0\.0\.0:10249 \(\/var\/lib\/kube-proxy-config\/config\)/,
    remediation: /ConfigMap of kube-proxy/,
  },
  'the file says nothing: the default': {
    ...configured('mode: iptables\nmetricsBindAddress: ""\n'),
    status: 'pass',
    audit: 'pass',
    reason: /127\.0\.0\.1:10249 \(\/var/,
  },
  'the file as JSON': {
    ...configured('{"mode":"ipvs","metricsBindAddress":"127.0.0.1:10249"}'),
    status: 'pass',
    audit: 'pass',
    reason: /127\.0\.0\.1:10249/,
  },
  'the text of the file is not in the evidence: a person must look': {
    ...configured(),
    status: 'manual',
    reason: /from \/var\/lib\/kube-proxy-config\/config, whose text is not in the evidence/,
    remediation: /metricsBindAddress/,
  },
  'of two kube-proxies the worse counts': {
    ...proxies(['--v=2'], ['--metrics-bind-address=10.0.0.1:1']),
    status: 'fail',
    audit: 'fail',
    reason: /10\.0\.0\.1:1/,
  },
});

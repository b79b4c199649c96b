/**
 * One kubelet of each kind of node, as the collector describes it. Files and values are our own.
 * Tested by test/platforms/index.test.ts. Long because it is one of each kind.
 */
import type { Evidence, FileEvidence, KubeconfigShape, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { eksWindows, windows } from './windows.ts';

/** When every kubelet here was started; files are an hour older. */
export const STARTED_AT = 1_790_000_000;
const WRITTEN_AT = STARTED_AT - 3600;

export function kubeletProcess(parts: Partial<KubeletProcess>): KubeletProcess {
  return {
    pid: 1000,
    host: 'kubelet',
    argv: [],
    cwd: '/',
    version: 'v1.32.3',
    startedAt: STARTED_AT,
    files: [],
    dropInDirectories: [],
    kubeconfigs: [],
    clientCertificates: [],
    servingCertificates: [],
    authorities: [],
    ...parts,
  };
}

export function configFile(path: string, content: string): FileEvidence {
  return { path, role: 'config', state: 'file', modifiedAt: WRITTEN_AT, content };
}

export function dropIn(path: string, content: string): FileEvidence {
  return { ...configFile(path, content), role: 'drop-in' };
}

function kubeconfig(path: string, shape: Partial<KubeconfigShape>): KubeconfigShape {
  return { path, state: 'read', user: 'kubelet', ...shape };
}

const EKS_CONFIG = JSON.stringify(
  {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    address: '0.0.0.0',
    authentication: {
      anonymous: { enabled: false },
      webhook: { cacheTTL: '2m0s', enabled: true },
      x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
    },
    authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' } },
    clusterDomain: 'cluster.local',
    clusterDNS: ['172.20.0.10'],
    hairpinMode: 'hairpin-veth',
    readOnlyPort: 0,
    cgroupDriver: 'systemd',
    cgroupRoot: '/',
    featureGates: { RotateKubeletServerCertificate: true },
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    providerID: 'aws:///eu-north-1c/i-00112233445566778',
    systemReservedCgroup: '/system',
    kubeReservedCgroup: '/runtime',
    protectKernelDefaults: true,
    serializeImagePulls: false,
    serverTLSBootstrap: true,
    logging: { verbosity: 2 },
    maxPods: 29,
    evictionHard: { 'memory.available': '120Mi', 'nodefs.available': '8%', 'nodefs.inodesFree': '4%' },
    kubeReserved: { cpu: '80m', 'ephemeral-storage': '1Gi', memory: '574Mi' },
    tlsCipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  },
  null,
  4,
);

const EKS_DROP_IN = JSON.stringify({
  kind: 'KubeletConfiguration',
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  clusterDNS: ['169.254.20.10'],
  eventRecordQPS: 0,
});

export const eksAl2023 = kubeletProcess({
  argv: [
    '--node-ip=10.1.2.3',
    '--cloud-provider=external',
    '--hostname-override=i-00112233445566778',
    '--config=/etc/kubernetes/kubelet/config.json',
    '--config-dir=/etc/kubernetes/kubelet/config.json.d',
    '--kubeconfig=/var/lib/kubelet/kubeconfig',
    '--image-credential-provider-bin-dir=/etc/eks/image-credential-provider',
    '--image-credential-provider-config=/etc/eks/image-credential-provider/config.json',
    '--node-labels=eks.amazonaws.com/nodegroup=blue',
  ],
  version: 'v1.32.3-eks-473151a',
  files: [
    configFile('/etc/kubernetes/kubelet/config.json', EKS_CONFIG),
    dropIn('/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf', EKS_DROP_IN),
  ],
  dropInDirectories: [{ path: '/etc/kubernetes/kubelet/config.json.d', state: 'directory' }],
  kubeconfigs: [kubeconfig('/var/lib/kubelet/kubeconfig', { exec: { command: 'aws' } })],
});

const HYBRID_CONFIG = JSON.stringify({
  ...JSON.parse(EKS_CONFIG),
  providerID: 'eks-hybrid:///eu-central-1/plant/mi-0123456789abcdef0',
});

export const eksHybrid = kubeletProcess({
  argv: [
    '--config',
    '/etc/kubernetes/kubelet/config.json',
    '--kubeconfig',
    '/var/lib/kubelet/kubeconfig',
    '--container-runtime-endpoint',
    'unix:///run/containerd/containerd.sock',
    '--cloud-provider=',
    '--config-dir=/etc/kubernetes/kubelet/config.json.d',
    '--hostname-override=mi-0123456789abcdef0',
    '--node-labels=REDACTED',
  ],
  version: 'v1.33.5-eks-113cf36',
  files: [
    configFile('/etc/kubernetes/kubelet/config.json', HYBRID_CONFIG),
    dropIn('/etc/kubernetes/kubelet/config.json.d/00-nodeadm.conf', EKS_DROP_IN),
  ],
  dropInDirectories: [{ path: '/etc/kubernetes/kubelet/config.json.d', state: 'directory' }],
  kubeconfigs: [
    kubeconfig('/var/lib/kubelet/kubeconfig', { exec: { command: '/usr/local/bin/aws-iam-authenticator' } }),
  ],
});

export const eksAl2 = kubeletProcess({
  argv: [
    '--config',
    '/etc/kubernetes/kubelet/kubelet-config.json',
    '--kubeconfig',
    '/var/lib/kubelet/kubeconfig',
    '--container-runtime-endpoint',
    'unix:///run/containerd/containerd.sock',
  ],
  version: 'v1.26.15-eks-1552ad0',
  files: [configFile('/etc/kubernetes/kubelet/kubelet-config.json', EKS_CONFIG)],
  kubeconfigs: [kubeconfig('/var/lib/kubelet/kubeconfig', { exec: { command: '/usr/bin/aws-iam-authenticator' } })],
});

const KUBEADM_CONFIG = `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    cacheTTL: 0s
    enabled: true
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
authorization:
  mode: Webhook
  webhook:
    cacheAuthorizedTTL: 0s
cgroupDriver: systemd
clusterDNS:
- 10.96.0.10
kind: KubeletConfiguration
logging:
  flushFrequency: 0
rotateCertificates: true
streamingConnectionIdleTimeout: 0s
`;

export const kubeadm = kubeletProcess({
  argv: [
    '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
    '--kubeconfig=/etc/kubernetes/kubelet.conf',
    '--config=/var/lib/kubelet/config.yaml',
    '--pod-infra-container-image=registry.k8s.io/pause:3.10',
  ],
  version: 'v1.31.4',
  files: [configFile('/var/lib/kubelet/config.yaml', KUBEADM_CONFIG)],
  kubeconfigs: [
    kubeconfig('/etc/kubernetes/kubelet.conf', {
      clientCertificate: '/var/lib/kubelet/pki/kubelet-client-current.pem',
    }),
  ],
});

/** Kubespray's kubelet is kubeadm's, with files and arguments of Kubespray. */
const kubespray = kubeletProcess({
  exe: '/usr/local/bin/kubelet',
  unit: 'kubelet.service',
  argv: [
    '--v=2',
    '--node-ip=10.0.7.8',
    '--hostname-override=node1',
    '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
    '--config=/etc/kubernetes/kubelet-config.yaml',
    '--kubeconfig=/etc/kubernetes/kubelet.conf',
    '--runtime-cgroups=/kube.slice/containerd.service',
  ],
  version: 'v1.34.3',
  files: [configFile('/etc/kubernetes/kubelet-config.yaml', KUBEADM_CONFIG)],
  kubeconfigs: kubeadm.kubeconfigs,
});

export const kops = kubeletProcess({
  argv: ['--config=/var/lib/kubelet/kubelet.conf', '--kubeconfig=/var/lib/kubelet/kubeconfig', '--v=2'],
  version: 'v1.30.2',
  files: [
    configFile(
      '/var/lib/kubelet/kubelet.conf',
      `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, x509: {clientCAFile: /srv/kubernetes/ca.crt}}
tlsCertFile: /srv/kubernetes/kubelet-server.crt
tlsPrivateKeyFile: /srv/kubernetes/kubelet-server.key
`,
    ),
  ],
  kubeconfigs: [kubeconfig('/var/lib/kubelet/kubeconfig', { clientCertificateData: true })],
});

export const bottlerocket = kubeletProcess({
  argv: [
    '--cloud-provider',
    'external',
    '--kubeconfig',
    '/etc/kubernetes/kubelet/kubeconfig',
    '--config',
    '/etc/kubernetes/kubelet/config',
    '--node-labels',
    '',
    '--register-with-taints',
    '',
  ],
  version: 'v1.31.3-eks-59bf375',
  files: [
    configFile(
      '/etc/kubernetes/kubelet/config',
      `---
kind: KubeletConfiguration
apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  x509:
    clientCAFile: "/etc/kubernetes/pki/ca.crt"
authorization:
  mode: Webhook
seccompDefault: false
serverTLSBootstrap: true
podPidsLimit: 1048576
`,
    ),
  ],
  kubeconfigs: [
    kubeconfig('/etc/kubernetes/kubelet/kubeconfig', { exec: { command: '/usr/bin/aws-iam-authenticator' } }),
  ],
});

/** MicroK8s writes its arguments into a file; there is no configuration file. */
export const microk8s = kubeletProcess({
  host: 'microk8s',
  argv: [
    '--kubeconfig=/var/snap/microk8s/7449/credentials/kubelet.config',
    '--cert-dir=/var/snap/microk8s/7449/certs',
    '--client-ca-file=/var/snap/microk8s/7449/certs/ca.crt',
    '--anonymous-auth=false',
    '--feature-gates=RotateKubeletServerCertificate=true',
  ],
  version: 'v1.29.8',
  kubeconfigs: [
    kubeconfig('/var/snap/microk8s/7449/credentials/kubelet.config', { tokenFile: '/run/token', token: true }),
  ],
});

export const k3s = kubeletProcess({
  host: 'k3s',
  argv: ['--protect-kernel-defaults=true', '--streaming-connection-idle-timeout=5m'],
  version: 'v1.30.4+k3s1',
});

/** hyperkube's `kubelet` is already gone from the arguments. */
export const hyperkube = kubeletProcess({
  host: 'hyperkube',
  argv: ['--config=conf/kubelet.yaml', '--kubeconfig=conf/kubeconfig', '--rotate_certificates=T'],
  cwd: '/opt/kubernetes',
  version: 'v1.23.17',
  files: [
    configFile(
      '/opt/kubernetes/conf/kubelet.yaml',
      'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nrotateCertificates: no\n',
    ),
  ],
  kubeconfigs: [kubeconfig('/opt/kubernetes/conf/kubeconfig', { clientCertificate: 'pki/node.crt' })],
});

/** The kubelet of Canonical's snap for EKS: many flags and a configuration file, which they override. */
export const eksUbuntu = kubeletProcess({
  exe: '/snap/kubelet-eks/512/kubelet',
  unit: 'snap.kubelet-eks.daemon.service',
  argv: [
    '--address=0.0.0.0',
    '--anonymous-auth=false',
    '--authentication-token-webhook=true',
    '--authorization-mode=Webhook',
    '--client-ca-file=/etc/kubernetes/pki/ca.crt',
    '--container-runtime-endpoint=unix:///run/containerd/containerd.sock',
    '--config=/etc/kubernetes/kubelet/kubelet-config.json',
    '--feature-gates=RotateKubeletServerCertificate=true',
    '--kubeconfig=/var/lib/kubelet/kubeconfig',
  ],
  version: 'v1.26.14',
  files: [
    configFile(
      '/etc/kubernetes/kubelet/kubelet-config.json',
      '{"kind":"KubeletConfiguration","apiVersion":"kubelet.config.k8s.io/v1beta1","authentication":{"anonymous":{"enabled":true}},"readOnlyPort":0}',
    ),
  ],
  kubeconfigs: [{ path: '/var/lib/kubelet/kubeconfig', state: 'read', user: 'kubelet', exec: { command: 'aws' } }],
});

/** RKE2 runs a kubelet of its own with flags, and drop-ins since 1.32. */
export const rke2 = kubeletProcess({
  exe: '/var/lib/rancher/rke2/data/v1.32.5-rke2r1-0f1e2d3c4b5a/bin/kubelet',
  unit: 'rke2-agent.service',
  argv: [
    '--config-dir=/var/lib/rancher/rke2/agent/etc/kubelet.conf.d',
    '--kubeconfig=/var/lib/rancher/rke2/agent/kubelet.kubeconfig',
    '--read-only-port=0',
    '--tls-cert-file=/var/lib/rancher/rke2/agent/serving-kubelet.crt',
    '--tls-private-key-file=/var/lib/rancher/rke2/agent/serving-kubelet.key',
  ],
  version: 'v1.32.5+rke2r1',
  files: [
    dropIn(
      '/var/lib/rancher/rke2/agent/etc/kubelet.conf.d/00-rke2-defaults.conf',
      'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nauthentication:\n  anonymous:\n    enabled: false\nauthorization:\n  mode: Webhook\n',
    ),
  ],
  dropInDirectories: [{ path: '/var/lib/rancher/rke2/agent/etc/kubelet.conf.d', state: 'directory' }],
  kubeconfigs: [
    {
      path: '/var/lib/rancher/rke2/agent/kubelet.kubeconfig',
      state: 'read',
      user: 'user',
      clientCertificate: '/var/lib/rancher/rke2/agent/client-kubelet.crt',
    },
  ],
});

/** Another image that joins an EKS cluster: AWS's build of the kubelet, files of its own. */
const eksOther = kubeletProcess({
  argv: ['--config=/etc/kubelet/config.yaml', '--kubeconfig=/etc/kubelet/kubeconfig'],
  version: 'v1.32.3-eks-473151a',
  files: [configFile('/etc/kubelet/config.yaml', KUBEADM_CONFIG)],
  kubeconfigs: [kubeconfig('/etc/kubelet/kubeconfig', { exec: { command: 'aws' } })],
});

const openshift = kubeletProcess({
  argv: [
    '--config=/etc/kubernetes/kubelet.conf',
    '--kubeconfig=/var/lib/kubelet/kubeconfig',
    '--cloud-provider=external',
  ],
  unit: 'kubelet.service',
  version: 'v1.31.8',
  files: [configFile('/etc/kubernetes/kubelet.conf', KUBEADM_CONFIG)],
  kubeconfigs: [kubeconfig('/var/lib/kubelet/kubeconfig', { clientCertificate: '/var/lib/kubelet/pki/current.pem' })],
});

/** Typhoon's unit runs the kubelet in a container, whose group is the runtime's. */
const typhoon = kubeletProcess({
  contained: true,
  exe: '/usr/local/bin/kubelet',
  argv: [
    '--bootstrap-kubeconfig=/etc/kubernetes/kubeconfig',
    '--config=/etc/kubernetes/kubelet.yaml',
    '--container-runtime-endpoint=unix:///run/containerd/containerd.sock',
    '--kubeconfig=/var/lib/kubelet/kubeconfig',
    '--node-labels=node.kubernetes.io/node',
  ],
  version: 'v1.35.4',
  files: [configFile('/etc/kubernetes/kubelet.yaml', KUBEADM_CONFIG)],
  kubeconfigs: [
    kubeconfig('/var/lib/kubelet/kubeconfig', { clientCertificate: '/var/lib/kubelet/pki/kubelet-client-current.pem' }),
  ],
});

/** The kubelet of the snap that a charm configures: it has a token. */
const charmed = kubeletProcess({
  exe: '/snap/kubelet/3412/kubelet',
  unit: 'snap.kubelet.daemon.service',
  argv: [
    '--kubeconfig=/root/cdk/kubeconfig',
    '--node-ip=10.0.7.8',
    '--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock',
    '--hostname-override=juju-1a2b3c-0',
    '--config=/root/cdk/kubelet/config.yaml',
  ],
  version: 'v1.32.5',
  files: [configFile('/root/cdk/kubelet/config.yaml', KUBEADM_CONFIG.replace('rotateCertificates: true\n', ''))],
  kubeconfigs: [kubeconfig('/root/cdk/kubeconfig', { token: true })],
});

/** Talos runs the kubelet in a container of its own containerd, not as a unit. */
const talos = kubeletProcess({
  contained: true,
  argv: [
    '--config=/etc/kubernetes/kubelet.yaml',
    '--kubeconfig=/etc/kubernetes/kubeconfig-kubelet',
    '--cert-dir=/var/lib/kubelet/pki',
  ],
  version: 'v1.33.1',
  files: [configFile('/etc/kubernetes/kubelet.yaml', KUBEADM_CONFIG)],
});

const k0s = kubeletProcess({
  exe: '/var/lib/k0s/bin/kubelet',
  unit: 'k0sworker.service',
  argv: [
    '--config=/var/lib/k0s/kubelet-config.yaml',
    '--kubeconfig=/var/lib/k0s/kubelet.conf',
    '--cert-dir=/var/lib/k0s/kubelet/pki',
  ],
  version: 'v1.32.4',
  files: [configFile('/var/lib/k0s/kubelet-config.yaml', KUBEADM_CONFIG)],
});

/** One node of each kind, by the name of its platform. */
/** Windows Server 2022, by its build. */
const WINDOWS = { id: 'windows', version: '10.0.20348' };

export const NODES: Readonly<Record<string, { kubelet: KubeletProcess; os: Evidence['os'] }>> = {
  'eks-windows': { kubelet: eksWindows, os: WINDOWS },
  windows: { kubelet: windows, os: WINDOWS },
  k3s: { kubelet: k3s, os: { id: 'sles' } },
  microk8s: { kubelet: microk8s, os: { id: 'ubuntu' } },
  bottlerocket: { kubelet: bottlerocket, os: { id: 'bottlerocket' } },
  rke2: { kubelet: rke2, os: { id: 'rhel' } },
  openshift: { kubelet: openshift, os: { id: 'rhcos' } },
  talos: { kubelet: talos, os: { id: 'talos' } },
  k0s: { kubelet: k0s, os: { id: 'debian' } },
  'eks-hybrid': { kubelet: eksHybrid, os: { id: 'ubuntu', version: '24.04' } },
  'eks-al2023': { kubelet: eksAl2023, os: { id: 'amzn', version: '2023' } },
  'eks-ubuntu': { kubelet: eksUbuntu, os: { id: 'ubuntu' } },
  'eks-al2': { kubelet: eksAl2, os: { id: 'amzn', version: '2' } },
  kubespray: { kubelet: kubespray, os: { id: 'ubuntu' } },
  kubeadm: { kubelet: kubeadm, os: { id: 'ubuntu' } },
  kops: { kubelet: kops, os: { id: 'ubuntu' } },
  typhoon: { kubelet: typhoon, os: { id: 'flatcar' } },
  charmed: { kubelet: charmed, os: { id: 'ubuntu' } },
  'eks-other': { kubelet: eksOther, os: { id: 'flatcar' } },
  unknown: { kubelet: hyperkube, os: { id: 'centos' } },
};

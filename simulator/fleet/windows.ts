/**
 * Kubelets of Windows, as the collector describes them: EKS's, whose files Start-EKSBootstrap.ps1 writes, and kubeadm's with
 * sig-windows-tools. Layouts: bgsilvait/EKS, Windows/Start-EKSBootstrap_117_DSR.ps1; kubernetes-sigs/sig-windows-tools,
 * hostprocess/PrepareNode.ps1. Values are our own.
 * Tested by test/platforms/index.test.ts.
 */
import type { FileEvidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';

/** Where a service of Windows works. */
export const SERVICE_FOLDER = 'C:\\Windows\\System32';

/** SYSTEM and Administrators, who own and write what the bootstrap script makes. */
const ADMINISTRATORS = { owner: 'S-1-5-32-544', writers: ['S-1-5-18', 'S-1-5-32-544'] };

const file = (path: string, role: FileEvidence['role'], content?: string): FileEvidence => ({
  path,
  role,
  state: 'file',
  access: ADMINISTRATORS,
  ...(content !== undefined && { content }),
});

const EKS_CONFIG = 'C:\\ProgramData\\kubernetes\\kubelet-config.json';
const EKS_KUBECONFIG = 'C:\\ProgramData\\kubernetes\\kubeconfig';
const EKS_AUTHORITY = 'C:\\ProgramData\\Amazon\\EKS\\cluster_ca.crt';

/** What the script writes to the file of --config. */
export function eksWindowsConfig(more: object = {}): string {
  const own = {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    address: '0.0.0.0',
    authentication: {
      anonymous: { enabled: false },
      webhook: { cacheTTL: '2m0s', enabled: true },
      x509: { clientCAFile: EKS_AUTHORITY },
    },
    authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' } },
    clusterDomain: 'cluster.local',
    hairpinMode: 'hairpin-veth',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: '/',
    featureGates: { RotateKubeletServerCertificate: true },
    readOnlyPort: 0,
    serializeImagePulls: false,
    serverTLSBootstrap: true,
    clusterDNS: ['172.20.0.10'],
    ...more,
  };
  return `${JSON.stringify(own, null, 2)}\n`;
}

const common = { pid: 2716, host: 'kubelet', cwd: SERVICE_FOLDER, startedAt: 1_790_000_000, unit: 'kubelet' } as const;
const nothing = { dropInDirectories: [], clientCertificates: [], servingCertificates: [], authorities: [] };

export const eksWindows: KubeletProcess = {
  ...common,
  ...nothing,
  exe: 'C:\\Program Files\\kubernetes\\kubelet.exe',
  version: 'v1.33.5-eks-113cf36',
  argv: [
    '--cloud-provider=external',
    `--kubeconfig=${EKS_KUBECONFIG}`,
    '--hostname-override=ip-10-1-0-1.eu-central-1.compute.internal',
    '--v=1',
    '--resolv-conf=',
    '--enable-debugging-handlers',
    '--cgroups-per-qos=false',
    '--enforce-node-allocatable=',
    '--container-runtime-endpoint=npipe:////./pipe/containerd-containerd',
    `--config=${EKS_CONFIG}`,
    '--node-ip=10.1.0.1',
  ],
  files: [
    file(EKS_CONFIG, 'config', eksWindowsConfig()),
    file(EKS_KUBECONFIG, 'kubeconfig'),
    file(EKS_AUTHORITY, 'client-ca'),
    file('C:\\Program Files\\kubernetes\\kubelet.exe', 'program'),
  ],
  kubeconfigs: [
    {
      path: EKS_KUBECONFIG,
      state: 'read',
      user: 'kubelet',
      exec: { command: 'C:\\Program Files\\Amazon\\EKS\\bin\\aws-iam-authenticator.exe' },
      certificateAuthority: EKS_AUTHORITY,
    },
  ],
};

const CONFIG = 'C:\\var\\lib\\kubelet\\config.yaml';
const KUBECONFIG = 'C:\\etc\\kubernetes\\kubelet.conf';
const CERTIFICATE = 'C:\\var\\lib\\kubelet\\pki\\kubelet-client-current.pem';
/** kubeadm's path has no drive, so the kubelet looks for it below the folder of its file. */
const AUTHORITY = 'C:\\var\\lib\\kubelet\\etc\\kubernetes\\pki\\ca.crt';

export const windows: KubeletProcess = {
  ...common,
  ...nothing,
  exe: 'C:\\k\\kubelet.exe',
  version: 'v1.34.3',
  argv: [
    '--windows-service',
    '--cert-dir=C:\\var\\lib\\kubelet\\pki',
    `--config=${CONFIG}`,
    '--bootstrap-kubeconfig=C:\\etc\\kubernetes\\bootstrap-kubelet.conf',
    `--kubeconfig=${KUBECONFIG}`,
    '--hostname-override=win-1',
    '--enable-debugging-handlers',
    '--cgroups-per-qos=false',
    '--enforce-node-allocatable=',
    '--resolv-conf=',
  ],
  files: [
    file(
      CONFIG,
      'config',
      `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous:
    enabled: false
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
authorization:
  mode: Webhook
rotateCertificates: true
`,
    ),
    file(KUBECONFIG, 'kubeconfig'),
    file(CERTIFICATE, 'client-certificate'),
    file(AUTHORITY, 'client-ca'),
    file('C:\\k\\kubelet.exe', 'program'),
  ],
  kubeconfigs: [
    { path: KUBECONFIG, state: 'read', user: 'default-auth', clientCertificate: CERTIFICATE, clientKey: CERTIFICATE },
  ],
};

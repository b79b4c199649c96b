/**
 * Kubelets of Windows, as the collector describes them, and the nodes on which it finds them: EKS's, whose files Start-EKSBootstrap.ps1 writes, and kubeadm's with
 * sig-windows-tools. Layouts: bgsilvait/EKS, Windows/Start-EKSBootstrap_117_DSR.ps1; kubernetes-sigs/sig-windows-tools,
 * hostprocess/PrepareNode.ps1. Values are our own.
 * Tested by test/platforms/index.test.ts and test/nodes/collector/windows.test.ts.
 */
import { readFileSync } from 'node:fs';
import type { FileEvidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import type { WindowsNode } from '../windows-collector.ts';
import { clientCertificate, servingCertificate } from './certificate.ts';
import { certificateAuthority } from './images.ts';

/** Where a service of Windows works. */
const SERVICE_FOLDER = 'C:\\Windows\\System32';

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

/** Certificates that outlive every test, because recorded answers have their dates. Seconds since the epoch. */
const FROM = 1_789_000_000;
const TO = 2_366_000_000;

/** A kubeconfig as it is written by hand or by a script, with the secrets that a real one has. */
const kubeconfig = (authority: string, name: string, credentials: readonly string[]) => `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority: ${authority}
    server: https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: ${name}
  name: kubelet
current-context: kubelet
users:
- name: ${name}
  user:
${credentials.map((line) => `    ${line}\n`).join('')}`;

/** As it stands in the service of Windows: what has a blank in quotes. */
const inLine = (word: string) => (/[ ]|^$|=$/.test(word) ? word.replace(/(^|=)([^=]*)$/, '$1"$2"') : word);

function nodeOf(
  { exe = '', argv, pid, version }: KubeletProcess,
  more: readonly string[],
  files: WindowsNode['files'],
): WindowsNode {
  const host = 'C:\\Program Files\\Amazon\\EKS\\bin\\EKS-WindowsServiceHost.exe';
  const line = [`"${exe}"`, ...[...argv, ...more].map(inLine)].join(' ');
  const startedAt = common.startedAt;
  return {
    addresses: ['10.1.0.1'],
    services: [
      { name: 'kubelet', pid: 2700 },
      { name: 'kube-proxy', pid: 2800 },
    ],
    processes: [
      { name: 'EKS-WindowsServiceHost.exe', pid: 2700, exe: host, commandLine: `"${host}" kubelet ${line}`, startedAt },
      { name: 'kubelet.exe', pid, parent: 2700, exe, commandLine: line, startedAt },
      { name: 'EKS-WindowsServiceHost.exe', pid: 2800, exe: host, commandLine: `"${host}" kube-proxy`, startedAt },
      {
        name: 'kube-proxy.exe',
        pid: 2816,
        parent: 2800,
        exe: 'C:\\Program Files\\kubernetes\\kube-proxy.exe',
        commandLine:
          '"C:\\Program Files\\kubernetes\\kube-proxy.exe" --proxy-mode=kernelspace --metrics-bind-address=127.0.0.1',
        startedAt,
      },
    ],
    files: { [exe]: `Kubernetes ${version}\n`, ...files },
  };
}

function eksNode(more: object = {}, given: readonly string[] = [], authority = certificateAuthority): WindowsNode {
  const served = servingCertificate('ip-10-1-0-1.eu-central-1.compute.internal', FROM, TO, ['10.1.0.1']);
  const pem = served.certificate + served.key;
  return {
    ...nodeOf(eksWindows, given, {
      [EKS_CONFIG]: eksWindowsConfig(more),
      [EKS_KUBECONFIG]: kubeconfig(EKS_AUTHORITY, 'kubelet', [
        'exec:',
        '  apiVersion: client.authentication.k8s.io/v1beta1',
        '  command: C:\\Program Files\\Amazon\\EKS\\bin\\aws-iam-authenticator.exe',
        '  args:',
        '    - "token"',
        '    - "-i"',
        '    - "kinds"',
      ]),
      [EKS_AUTHORITY]: authority,
      'C:\\var\\lib\\kubelet\\pki\\kubelet-server-2026-09-21-10-13-20.pem': pem,
    }),
    links: {
      'C:\\var\\lib\\kubelet\\pki\\kubelet-server-current.pem':
        'C:\\var\\lib\\kubelet\\pki\\kubelet-server-2026-09-21-10-13-20.pem',
    },
  };
}

function kubeadmNode(edit: (config: string) => string = (config) => config, to = TO): WindowsNode {
  const own = clientCertificate('win-1', Math.min(FROM, to - 365 * 86_400), to, 'kubernetes');
  const dated = 'C:\\var\\lib\\kubelet\\pki\\kubelet-client-2026-09-21-10-13-20.pem';
  const [config] = windows.files;
  return {
    ...nodeOf(windows, [], {
      [CONFIG]: edit(config?.content ?? ''),
      [KUBECONFIG]: kubeconfig('C:\\etc\\kubernetes\\pki\\ca.crt', 'default-auth', [
        `client-certificate: ${CERTIFICATE}`,
        `client-key: ${CERTIFICATE}`,
      ]),
      'C:\\etc\\kubernetes\\pki\\ca.crt': certificateAuthority,
      [AUTHORITY]: certificateAuthority,
      [dated]: own.certificate + own.key,
    }),
    links: { [CERTIFICATE]: dated },
  };
}

/** Each kind in order, and with three faults: what the collector printed of each is kept beside this file. */
export const WINDOWS_NODES: Readonly<Record<string, WindowsNode>> = {
  'eks-windows': eksNode(),
  'eks-windows-anonymous': eksNode({}, ['--anonymous-auth=true']),
  'eks-windows-read-only-port': eksNode({ readOnlyPort: 10255 }),
  'eks-windows-unreadable': eksNode({ clusterDomain: 'cluster.l\u00f6cal' }),
  windows: kubeadmNode(),
  'windows-no-rotation': kubeadmNode((text) => text.replace('rotateCertificates: true', 'rotateCertificates: false')),
  'windows-anonymous': kubeadmNode((text) => text.replace('enabled: false', 'enabled: true')),
  'windows-expired': kubeadmNode((text) => text, 1_789_500_000),
};

/** What the collector printed of a node, as text inside the envelope; recorded by `node tools/windows-answers.ts`. */
export function recordedOnWindows(name: string): string {
  return readFileSync(new URL(`./windows/${name}.txt`, import.meta.url), 'utf8');
}

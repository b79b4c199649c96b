/**
 * What kubelets look like where projects of their own install them: Kubespray (kubernetes-sigs/kubespray 2.32,
 * roles/kubernetes/node/templates and tasks/kubelet.yml), Typhoon (poseidon/typhoon v1.36.1,
 * aws/flatcar-linux/kubernetes/workers/butane/worker.yaml) and Charmed Kubernetes (charmed-kubernetes/charm-lib-kubernetes-snaps,
 * charms/kubernetes_snaps.py).
 * Tested by test/simulator/fleet/self-managed.test.ts.
 */
import { clientCertificate, selfSignedCertificate, servingCertificate } from './certificate.ts';
import { certificateAuthority, certificateKubeconfig, configuration, type Image } from './images.ts';
import type { SimulatedFile, SimulatedRoot } from './root.ts';

const DAY = 86_400;
const ADDRESS = '10.0.7.8';
const PKI = '/var/lib/kubelet/pki';

/**
 * What a kubelet has in its --cert-dir that asked for its client certificate and signed its serving certificate itself; days
 * before and after its start.
 */
function certificates(
  { host, startedAt }: Image,
  expiresDaysAfter = 335,
  issuedDaysBefore = 30,
): Required<Pick<SimulatedRoot, 'files' | 'links'>> {
  const client = clientCertificate(
    host,
    startedAt - issuedDaysBefore * DAY,
    startedAt + expiresDaysAfter * DAY,
    'kubernetes',
  );
  const served = selfSignedCertificate(host, startedAt);
  const path = `${PKI}/kubelet-client-2026-10-24-02-00-00.pem`;
  return {
    files: {
      [path]: { text: client.certificate + client.key, mode: '600' },
      [`${PKI}/kubelet.crt`]: served.certificate,
      [`${PKI}/kubelet.key`]: { text: served.key, mode: '600' },
    },
    links: { [`${PKI}/kubelet-client-current.pem`]: path },
  };
}

export type KubesprayOptions = {
  /** By variable of the inventory: what its template makes of it. */
  rotates?: boolean;
  readOnlyPort?: number;
  customFlags?: string[];
  expiresDaysAfter?: number;
  /** Of the unit, which Kubespray writes by 644. */
  unitMode?: string;
};

/** Kubespray on Ubuntu: kubeadm's kubeconfig and certificates, a file, arguments and a unit of Kubespray. */
export function kubespray(image: Image, options: KubesprayOptions = {}): SimulatedRoot {
  const { rotates = true, readOnlyPort = 0, customFlags = [], expiresDaysAfter, unitMode = '644' } = options;
  const own = certificates(image, expiresDaysAfter);
  const base = [
    '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
    '--config=/etc/kubernetes/kubelet-config.yaml',
    '--kubeconfig=/etc/kubernetes/kubelet.conf',
    '--runtime-cgroups=/kube.slice/containerd.service',
  ];
  const secret = (text: string): SimulatedFile => ({ text, mode: '600' });
  return {
    os: { id: 'ubuntu', version: '24.04' },
    version: image.version,
    processes: [
      {
        pid: 1204,
        name: 'kubelet',
        exe: '/usr/local/bin/kubelet',
        unit: 'kubelet.service',
        startedAt: image.startedAt,
        argv: [
          '/usr/local/bin/kubelet',
          '--v=2',
          `--node-ip=${ADDRESS}`,
          `--hostname-override=${image.host}`,
          ...base,
          ...customFlags,
        ],
      },
    ],
    files: {
      '/etc/kubernetes/kubelet-config.yaml': secret(
        configuration(
          'nodeStatusUpdateFrequency: "10s"',
          'failSwapOn: true',
          'authentication:',
          '  anonymous:',
          '    enabled: false',
          '  webhook:',
          '    enabled: true',
          '  x509:',
          '    clientCAFile: /etc/kubernetes/ssl/ca.crt',
          'authorization:',
          '  mode: Webhook',
          'staticPodPath: /etc/kubernetes/manifests',
          'cgroupDriver: systemd',
          'containerRuntimeEndpoint : unix:///var/run/containerd/containerd.sock',
          'podPidsLimit: -1',
          `readOnlyPort: ${readOnlyPort}`,
          'healthzPort: 10248',
          'healthzBindAddress: "127.0.0.1"',
          'kubeletCgroups: /kube.slice/kubelet.service',
          'clusterDomain: cluster.local',
          'protectKernelDefaults: true',
          ...(rotates ? ['rotateCertificates: true'] : []),
          'clusterDNS:',
          '- 169.254.25.10',
          'resolvConf: "/run/systemd/resolve/resolv.conf"',
          'eventRecordQPS: 50',
        ),
      ),
      '/etc/kubernetes/kubelet.env': secret(
        `KUBE_LOG_LEVEL="--v=2"\nKUBELET_ADDRESS="--node-ip=${ADDRESS}"\nKUBELET_HOSTNAME="--hostname-override=${image.host}"\n\nKUBELET_ARGS="${base.join(' \\\n')} \\\n ${customFlags.join(' ')}"\nKUBELET_CLOUDPROVIDER=""\n\nPATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin\n`,
      ),
      '/etc/systemd/system/kubelet.service': {
        text: '[Unit]\nDescription=Kubernetes Kubelet Server\nAfter=containerd.service\nWants=containerd.service\n\n[Service]\nEnvironmentFile=-/etc/kubernetes/kubelet.env\nExecStart=/usr/local/bin/kubelet \\\n\t\t$KUBE_LOG_LEVEL \\\n\t\t$KUBELET_ADDRESS \\\n\t\t$KUBELET_HOSTNAME \\\n\t\t$KUBELET_ARGS \\\n\t\t$KUBELET_CLOUDPROVIDER\nRestart=always\nRestartSec=10s\n\n[Install]\nWantedBy=multi-user.target\n',
        mode: unitMode,
      },
      '/etc/kubernetes/kubelet.conf': secret(certificateKubeconfig(image.host, `${PKI}/kubelet-client-current.pem`)),
      '/etc/kubernetes/ssl/ca.crt': certificateAuthority,
      ...own.files,
    },
    links: own.links,
  };
}

export type TyphoonOptions = {
  /** Further lines of the file, as a snippet with the whole of it would have them. */
  config?: string[];
  /** As a drop-in of the unit would have them. */
  extraArguments?: string[];
  expiresDaysAfter?: number;
  configMode?: string;
};

/** Where the container's root directory is, for those outside of it. */
const CONTAINER = '/run/typhoon';

/** Typhoon on Flatcar Linux: the kubelet in a container with folders of the host, started by a unit there. */
export function typhoon(image: Image, options: TyphoonOptions = {}): SimulatedRoot {
  const { config = [], extraArguments = [], expiresDaysAfter = 22, configMode = '644' } = options;
  // Its certificates last 72 hours (docs/topics/security.md): this kubelet has renewed them since it started.
  const own = certificates(image, expiresDaysAfter, -19);
  const argv = [
    '--bootstrap-kubeconfig=/etc/kubernetes/kubeconfig',
    '--config=/etc/kubernetes/kubelet.yaml',
    '--container-runtime-endpoint=unix:///run/containerd/containerd.sock',
    '--kubeconfig=/var/lib/kubelet/kubeconfig',
    '--node-labels=node.kubernetes.io/node',
    '--provider-id=aws:///eu-central-1a/i-001c4f1a9d2e7b630',
    ...extraArguments,
  ];
  const inside: SimulatedRoot['files'] = {
    '/etc/kubernetes/kubelet.yaml': {
      text: configuration(
        'authentication:',
        '  anonymous:',
        '    enabled: false',
        '  webhook:',
        '    enabled: true',
        '  x509:',
        '    clientCAFile: /etc/kubernetes/ca.crt',
        'authorization:',
        '  mode: Webhook',
        'cgroupDriver: systemd',
        'clusterDNS:',
        '  - 10.3.0.10',
        'clusterDomain: cluster.local',
        'healthzPort: 0',
        ...(config.some((line) => line.startsWith('rotateCertificates')) ? [] : ['rotateCertificates: true']),
        'serializeImagePulls: false',
        'shutdownGracePeriod: 45s',
        'shutdownGracePeriodCriticalPods: 30s',
        'staticPodPath: /etc/kubernetes/manifests',
        'readOnlyPort: 0',
        'resolvConf: /run/systemd/resolve/resolv.conf',
        'volumePluginDir: /var/lib/kubelet/volumeplugins',
        ...config,
      ),
      mode: configMode,
    },
    '/var/lib/kubelet/kubeconfig': {
      text: certificateKubeconfig(image.host, `${PKI}/kubelet-client-current.pem`),
      mode: '600',
    },
    '/etc/kubernetes/ca.crt': certificateAuthority,
    ...own.files,
  };
  const under = <T>(entries: Record<string, T>) =>
    Object.fromEntries(Object.entries(entries).map(([path, value]) => [`${CONTAINER}${path}`, value]));
  return {
    os: { id: 'flatcar', version: '4230.2.3' },
    version: image.version,
    processes: [
      {
        pid: 1300,
        name: 'kubelet',
        exe: '/usr/local/bin/kubelet',
        unit: 'docker-0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0.scope',
        startedAt: image.startedAt,
        argv: ['/usr/local/bin/kubelet', ...argv],
      },
    ],
    files: {
      ...under(inside),
      '/etc/systemd/system/kubelet.service': `[Unit]\nDescription=Kubelet\nRequires=docker.service\n[Service]\nEnvironment=KUBELET_IMAGE=quay.io/poseidon/kubelet:${image.version}\nEnvironmentFile=/run/metadata/coreos\nExecStartPre=/usr/bin/docker run -d \\\n  --name kubelet \\\n  --privileged \\\n  --pid host \\\n  $\{KUBELET_IMAGE} \\\n${argv.map((argument) => `  ${argument}`).join(' \\\n')}\nExecStart=docker logs -f kubelet\nExecStop=docker stop kubelet\nExecStopPost=docker rm kubelet\nRestart=always\n`,
    },
    links: { ...under(own.links), '/proc/1300/root': CONTAINER },
  };
}

export type CharmedOptions = {
  /** Further lines of the file, by kubelet-extra-config. */
  extraConfig?: string[];
  extraArguments?: string[];
  kubeconfigMode?: string;
};

/** Charmed Kubernetes on Ubuntu: the snap kubelet, with a token and a serving certificate that the charm was given. */
export function charmed(image: Image, options: CharmedOptions = {}): SimulatedRoot {
  const { extraConfig = [], extraArguments = [], kubeconfigMode = '600' } = options;
  const { host, startedAt } = image;
  const served = servingCertificate(host, startedAt - 30 * DAY, startedAt + 335 * DAY, [host, ADDRESS]);
  return {
    os: { id: 'ubuntu', version: '22.04' },
    version: image.version,
    processes: [
      {
        pid: 4410,
        name: 'kubelet',
        exe: '/snap/kubelet/3412/kubelet',
        unit: 'snap.kubelet.daemon.service',
        startedAt,
        argv: [
          '/snap/kubelet/3412/kubelet',
          '--kubeconfig=/root/cdk/kubeconfig',
          '--v=0',
          `--node-ip=${ADDRESS}`,
          '--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock',
          `--hostname-override=${host}`,
          '--config=/root/cdk/kubelet/config.yaml',
          ...extraArguments,
        ],
      },
    ],
    files: {
      '/root/cdk/kubelet/config.yaml': {
        text: `# Generated by charm, do not edit\n${configuration(
          'address: 0.0.0.0',
          'authentication:',
          '  anonymous:',
          '    enabled: false',
          '  x509:',
          '    clientCAFile: /root/cdk/ca.crt',
          'authorization:',
          '  mode: Webhook',
          'clusterDNS:',
          '- 10.152.183.2',
          'clusterDomain: cluster.local',
          'failSwapOn: false',
          'port: 10250',
          'protectKernelDefaults: true',
          ...(extraConfig.some((line) => line.startsWith('readOnlyPort')) ? [] : ['readOnlyPort: 0']),
          'tlsCertFile: /root/cdk/server.crt',
          'tlsPrivateKeyFile: /root/cdk/server.key',
          ...extraConfig,
        )}`,
        mode: '644',
      },
      '/root/cdk/kubeconfig': {
        text: `apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: ${Buffer.from(certificateAuthority).toString('base64')}\n    server: https://10.0.0.10:6443\n  name: juju-cluster\ncontexts:\n- context:\n    cluster: juju-cluster\n    user: kubelet\n  name: juju-context\ncurrent-context: juju-context\npreferences: {}\nusers:\n- name: kubelet\n  user:\n    token: kubelet-0::abcdefghijklmnop\n`,
        mode: kubeconfigMode,
      },
      '/root/cdk/ca.crt': certificateAuthority,
      '/root/cdk/server.crt': served.certificate,
      '/root/cdk/server.key': { text: served.key, mode: '600' },
      '/etc/systemd/system/snap.kubelet.daemon.service':
        '[Unit]\nDescription=Service for snap application kubelet.daemon\n[Service]\nExecStart=/usr/bin/snap run kubelet.daemon\nRestart=always\n',
      '/etc/systemd/system/snap.kubelet.daemon.service.d/always-restart.conf':
        '[Unit]\nStartLimitIntervalSec=0\n\n[Service]\nRestartSec=10',
    },
  };
}

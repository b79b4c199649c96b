/**
 * What kubelets look like where projects of their own install them: Kubespray (kubernetes-sigs/kubespray 2.32,
 * roles/kubernetes/node/templates and tasks/kubelet.yml).
 * Tested by test/simulator/fleet/self-managed.test.ts.
 */
import { clientCertificate, selfSignedCertificate } from './certificate.ts';
import { certificateAuthority, certificateKubeconfig, configuration, type Image } from './images.ts';
import type { SimulatedFile, SimulatedRoot } from './root.ts';

const DAY = 86_400;
const ADDRESS = '10.0.7.8';
const PKI = '/var/lib/kubelet/pki';

/** What a kubelet has in its --cert-dir that asked for its client certificate and signed its serving certificate itself. */
function certificates(
  { host, startedAt }: Image,
  expiresDaysAfter = 335,
): Required<Pick<SimulatedRoot, 'files' | 'links'>> {
  const client = clientCertificate(host, startedAt - 30 * DAY, startedAt + expiresDaysAfter * DAY, 'kubernetes');
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

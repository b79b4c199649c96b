/**
 * An EKS Hybrid Node: a machine on premises on which nodeadm's hybrid form wrote the kubelet's files (aws/eks-hybrid,
 * internal/kubelet/config.go, kubelet.service, hybrid-kubeconfig.template.yaml; internal/iamrolesanywhere/aws_config.tpl).
 * Tested by test/simulator/fleet/hybrid.test.ts.
 */

import { clientCertificate } from './certificate.ts';
import { eksAl2023, execKubeconfig, type Image } from './images.ts';
import type { SimulatedRoot } from './root.ts';

const DAY = 86_400;
const FOLDER = '/etc/kubernetes/kubelet/config.json.d';

export type HybridOptions = {
  /** The user's, which nodeadm writes into a drop-in. */
  config?: Record<string, unknown>;
  /** spec.kubelet.flags, which come last. */
  flags?: string[];
  provider?: 'ssm' | 'iam-ra';
  /** Of the host's certificate for Roles Anywhere, in days from the start of the kubelet; it lives 365 days. */
  certificateEnds?: number;
  /** Where that certificate is; nodeadm is told where it is not at its default place. */
  certificatePath?: string;
  kubeconfigMode?: string;
};

/** On Ubuntu, with the name of its managed node where Systems Manager registered it. */
export function eksHybrid(
  image: Image,
  {
    config,
    flags = [],
    provider = 'ssm',
    certificateEnds = 200,
    certificatePath = '/etc/iam/pki/server.pem',
    kubeconfigMode = '644',
  }: HybridOptions = {},
): SimulatedRoot {
  const root = eksAl2023(image, undefined, {
    providerID: `eks-hybrid:///eu-central-1/plant/${image.host}`,
    resolvConf: '/run/systemd/resolve/resolv.conf',
  });
  const args = [
    '--cloud-provider=',
    '--config=/etc/kubernetes/kubelet/config.json',
    ...(config ? [`--config-dir=${FOLDER}`] : []),
    `--hostname-override=${image.host}`,
    '--image-credential-provider-bin-dir=/etc/eks/image-credential-provider',
    '--image-credential-provider-config=/etc/eks/image-credential-provider/config.json',
    '--kubeconfig=/var/lib/kubelet/kubeconfig',
    `--node-labels=eks.amazonaws.com/compute-type=hybrid,eks.amazonaws.com/hybrid-credential-provider=${provider}`,
    ...flags,
  ];
  const fixed = [
    '--config',
    '/etc/kubernetes/kubelet/config.json',
    '--kubeconfig',
    '/var/lib/kubelet/kubeconfig',
    '--container-runtime-endpoint',
    'unix:///run/containerd/containerd.sock',
  ];
  const dropIn = { kind: 'KubeletConfiguration', apiVersion: 'kubelet.config.k8s.io/v1beta1', ...config };
  return {
    ...root,
    os: { id: 'ubuntu', version: '24.04' },
    processes: root.processes.map((each) => ({
      ...each,
      argv: ['/usr/bin/kubelet', ...fixed, ...args],
      ...(config && { environment: { KUBELET_CONFIG_DROPIN_DIR_ALPHA: 'on' } }),
    })),
    files: {
      ...root.files,
      ...(config && { [`${FOLDER}/00-nodeadm.conf`]: `${JSON.stringify(dropIn, null, 4)}\n` }),
      '/var/lib/kubelet/kubeconfig': {
        text: execKubeconfig('/usr/local/bin/aws-iam-authenticator', [
          'token',
          '--cluster-id',
          'plant',
          '--region',
          'eu-central-1',
        ]),
        mode: kubeconfigMode,
      },
      ...(provider === 'iam-ra' && rolesAnywhere(image, certificatePath, certificateEnds)),
      '/etc/systemd/system/kubelet.service':
        '[Unit]\nDescription=Kubernetes Kubelet\nAfter=containerd.service\nRequires=containerd.service\n\n[Service]\nSlice=runtime.slice\nEnvironmentFile=/etc/eks/kubelet/environment\nExecStartPre=/sbin/iptables -P FORWARD ACCEPT -w 5\nExecStart=/usr/bin/kubelet \\\n    --config /etc/kubernetes/kubelet/config.json \\\n    --kubeconfig /var/lib/kubelet/kubeconfig \\\n    --container-runtime-endpoint unix:///run/containerd/containerd.sock \\\n    $NODEADM_KUBELET_ARGS\\\n    $KUBELET_EXTRA_ARGS\n\nRestart=on-failure\nKillMode=process\n\n[Install]\nWantedBy=multi-user.target\n',
      '/etc/eks/kubelet/environment': `${config ? 'KUBELET_CONFIG_DROPIN_DIR_ALPHA="on"\n' : ''}NODEADM_KUBELET_ARGS="${args.join(' ')}"`,
    },
  };
}

/** What the signing helper gets credentials for, and where it is told of it. */
function rolesAnywhere({ host, startedAt }: Image, path: string, ends: number): SimulatedRoot['files'] {
  const own = clientCertificate(host, startedAt + (ends - 365) * DAY, startedAt + ends * DAY, 'plant-ca');
  const key = path.replace(/\.pem$/, '.key');
  return {
    [path]: { text: own.certificate, mode: '644' },
    [key]: { text: own.key, mode: '600' },
    '/etc/aws/hybrid/config': `[profile default]\nregion = eu-central-1\ncredential_process = /usr/local/bin/aws_signing_helper credential-process --certificate ${path} --private-key ${key} --trust-anchor-arn arn:aws:rolesanywhere:eu-central-1:111122223333:trust-anchor/t --profile-arn arn:aws:rolesanywhere:eu-central-1:111122223333:profile/p --role-arn arn:aws:iam::111122223333:role/hybrid --role-session-name ${host}\n`,
  };
}

/**
 * What kubelets look like on the images people run, as functions of what differs: written after kubeadm's and the EKS
 * images' public behaviour (kubernetes.io, kubelet-integration; awslabs/amazon-eks-ami, nodeadm and bootstrap.sh).
 * Tested by test/nodes/collector/collect.test.ts. Long because an image is mostly text.
 */
import { clientCertificate, selfSignedCertificate, servingCertificate } from './certificate.ts';
import type { SimulatedFile, SimulatedRoot } from './root.ts';

const DAY = 86_400;

export type Image = {
  /** Name under which the kubelet registers: the private DNS name. */
  host: string;
  version: string;
  /** Seconds since the epoch at which the kubelet started. */
  startedAt: number;
};

/** A kubelet configuration as YAML, from lines below its type. */
export const configuration = (...lines: string[]) =>
  ['apiVersion: kubelet.config.k8s.io/v1beta1', 'kind: KubeletConfiguration', ...lines, ''].join('\n');

/** The CA of the simulated clusters, valid to 2045; its key is gone. */
export const certificateAuthority = `-----BEGIN CERTIFICATE-----
MIIBSjCB8aADAgECAgEBMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCmt1YmVybmV0
ZXMwHhcNMjUwMTAxMDAwMDAwWhcNNDUwMTAxMDAwMDAwWjAVMRMwEQYDVQQDDApr
dWJlcm5ldGVzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeMLgWijVrBfhgGh3
tWmrIjHagQX6IkP88dUl45gqT0e8bKABee138TjBZOoywXuyVCgSE+lh0uqujMTz
b0SE0KMyMDAwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUw6ZaOCtudZFEKDFo
Tb+iICFWXWQwCgYIKoZIzj0EAwIDSAAwRQIhAKPhRjQTbjdzbAj6uxgZdNtx8HVn
Fh72AMys4KpsAeVkAiAvNhTwKWlWe4KIeXQCmqHcn4lluh+qpLmQTnN+PGACpA==
-----END CERTIFICATE-----
`;

/** What will take its place, valid to 2055; its key is gone, too. */
export const successorAuthority = `-----BEGIN CERTIFICATE-----
MIIBMTCB2aADAgECAgRLVkcKMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCmt1YmVy
bmV0ZXMwIhgPMjAyNTA2MDEwMDAwMDBaGA8yMDU1MDEwMTAwMDAwMFowFTETMBEG
A1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMnwS1Bj
pZV5OgUfrn3nXNXB+M3q+HML5/G36yjVAEDsL1X+mmL8Sty6UWxFZBKtB0oOG7Me
ZEABkuOP12Kazj+jEzARMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAw
RAIgDDTIZDwU6B53l0bICK4YlHXK2RJU0yVPzUCUdaB9Q+cCIDJiPef9al4wt1LT
4gLHU1zsmZrzk0gNZmbDE1yyY5NX
-----END CERTIFICATE-----
`;

/** The address of every simulated node that has one. */
const ADDRESS = '10.0.7.8';
/** Where the kubelet keeps its certificates. */
const PKI = '/var/lib/kubelet/pki';

/** The kubeconfig of an EKS node: an exec plugin asks IAM for a token at every connection. */
export const execKubeconfig = (command: string, args: string[]) => `apiVersion: v1
kind: Config
clusters:
- name: kubernetes
  cluster:
    certificate-authority: /etc/kubernetes/pki/ca.crt
    server: https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com
current-context: kubelet
contexts:
- name: kubelet
  context:
    cluster: kubernetes
    user: kubelet
users:
- name: kubelet
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: ${command}
      args:
${args.map((argument) => `      - "${argument}"`).join('\n')}
`;

export const certificateKubeconfig = (host: string, certificate: string) => `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: ${Buffer.from(certificateAuthority).toString('base64')}
    server: https://10.0.0.10:6443
  name: payments
contexts:
- context:
    cluster: payments
    namespace: default
    user: system:node:${host}
  name: system:node:${host}@payments
current-context: system:node:${host}@payments
preferences: {}
users:
- name: system:node:${host}
  user:
    client-certificate: ${certificate}
    client-key: ${certificate}
`;

const eksConfiguration = (more: Record<string, unknown> = {}) =>
  `${JSON.stringify(
    {
      kind: 'KubeletConfiguration',
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      address: '0.0.0.0',
      authentication: {
        anonymous: { enabled: false },
        webhook: { cacheTTL: '2m0s', enabled: true },
        x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
      },
      authorization: {
        mode: 'Webhook',
        webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' },
      },
      clusterDomain: 'cluster.local',
      hairpinMode: 'hairpin-veth',
      readOnlyPort: 0,
      cgroupDriver: 'systemd',
      cgroupRoot: '/',
      featureGates: { RotateKubeletServerCertificate: true },
      protectKernelDefaults: true,
      serializeImagePulls: false,
      serverTLSBootstrap: true,
      clusterDNS: ['10.100.0.10'],
      evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '10%', 'nodefs.inodesFree': '5%' },
      kubeReserved: { cpu: '70m', 'ephemeral-storage': '1Gi', memory: '442Mi' },
      tlsCipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
      ...more,
    },
    null,
    4,
  )}\n`;

/** How the kubelet gets credentials for images in ECR (kubernetes/cloud-provider-aws, docs/credential_provider.md). */
const providers = `${JSON.stringify({
  apiVersion: 'kubelet.config.k8s.io/v1',
  kind: 'CredentialProviderConfig',
  providers: [
    {
      name: 'ecr-credential-provider',
      matchImages: ['*.dkr.ecr.*.amazonaws.com'],
      defaultCacheDuration: '12h',
      apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
    },
  ],
})}\n`;

/** EKS on Amazon Linux 2023: nodeadm writes the arguments, a configuration and, where the user gave one, a drop-in. */
export function eksAl2023(
  image: Image,
  dropIn?: Record<string, unknown>,
  more: Record<string, unknown> = {},
): SimulatedRoot {
  const rotated = rotatedServing(image);
  return {
    os: { id: 'amzn', version: '2023' },
    version: image.version,
    processes: [
      {
        pid: 1711,
        name: 'kubelet',
        exe: '/usr/bin/kubelet',
        unit: 'kubelet.service',
        startedAt: image.startedAt,
        argv: [
          '/usr/bin/kubelet',
          '--node-ip=10.0.12.34',
          '--cloud-provider=external',
          `--hostname-override=${image.host}`,
          '--config=/etc/kubernetes/kubelet/config.json',
          ...(dropIn ? ['--config-dir=/etc/kubernetes/kubelet/config.json.d'] : []),
          '--kubeconfig=/var/lib/kubelet/kubeconfig',
          '--image-credential-provider-bin-dir=/etc/eks/image-credential-provider',
          '--image-credential-provider-config=/etc/eks/image-credential-provider/config.json',
          '--node-labels=eks.amazonaws.com/nodegroup=workers,team=checkout',
        ],
      },
    ],
    files: {
      '/etc/kubernetes/kubelet/config.json': { text: eksConfiguration(more), mode: '644' },
      ...(dropIn
        ? {
            '/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf': `${JSON.stringify(
              { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', ...dropIn },
              null,
              4,
            )}\n`,
          }
        : {}),
      '/var/lib/kubelet/kubeconfig': execKubeconfig('aws', [
        'eks',
        'get-token',
        '--cluster-name',
        'shop',
        '--region',
        'eu-central-1',
      ]),
      '/etc/kubernetes/pki/ca.crt': certificateAuthority,
      ...rotated.files,
      '/etc/systemd/system/kubelet.service':
        '[Unit]\nDescription=Kubernetes Kubelet\n[Service]\nSlice=runtime.slice\nEnvironmentFile=/etc/eks/kubelet/environment\nExecStart=/usr/bin/kubelet $NODEADM_KUBELET_ARGS\n',
      '/etc/eks/image-credential-provider/config.json': providers,
      '/etc/eks/image-credential-provider/ecr-credential-provider': { text: '', mode: '755' },
      '/etc/eks/kubelet/environment': `NODEADM_KUBELET_ARGS="--config=/etc/kubernetes/kubelet/config.json --kubeconfig=/var/lib/kubelet/kubeconfig --hostname-override=${image.host}"\n`,
    },
    links: rotated.links,
  };
}

/** EKS on Amazon Linux 2: bootstrap.sh, arguments separated by spaces, a configuration in JSON. */
export function eksAl2(image: Image, extraArguments: string[] = []): SimulatedRoot {
  const rotated = rotatedServing(image);
  return {
    os: { id: 'amzn', version: '2' },
    version: image.version,
    processes: [
      {
        pid: 3390,
        name: 'kubelet',
        exe: '/usr/bin/kubelet',
        unit: 'kubelet.service',
        startedAt: image.startedAt,
        argv: [
          '/usr/bin/kubelet',
          '--config',
          '/etc/kubernetes/kubelet/kubelet-config.json',
          '--kubeconfig',
          '/var/lib/kubelet/kubeconfig',
          '--container-runtime-endpoint',
          'unix:///run/containerd/containerd.sock',
          `--node-ip=${ADDRESS}`,
          '--v=2',
          '--hostname-override',
          image.host,
          ...extraArguments,
        ],
      },
    ],
    files: {
      '/etc/kubernetes/kubelet/kubelet-config.json': { text: eksConfiguration(), mode: '644' },
      '/var/lib/kubelet/kubeconfig': execKubeconfig('/usr/bin/aws-iam-authenticator', [
        'token',
        '-i',
        'shop',
        '--region',
        'eu-central-1',
      ]),
      '/etc/kubernetes/pki/ca.crt': certificateAuthority,
      ...rotated.files,
      '/etc/systemd/system/kubelet.service':
        '[Service]\nExecStart=/usr/bin/kubelet \\\n    --config /etc/kubernetes/kubelet/kubelet-config.json \\\n    --kubeconfig /var/lib/kubelet/kubeconfig \\\n    $KUBELET_ARGS $KUBELET_EXTRA_ARGS\n',
      '/etc/systemd/system/kubelet.service.d/30-kubelet-extra-args.conf': `[Service]\nEnvironment='KUBELET_EXTRA_ARGS=${extraArguments.join(' ')}'\n`,
    },
    links: rotated.links,
  };
}

/** What a kubelet has that rotates its serving certificate, which EKS approves by itself. */
function rotatedServing({ host, startedAt }: Image): Required<Pick<SimulatedRoot, 'files' | 'links'>> {
  const { certificate, key } = servingCertificate(host, startedAt, startedAt + 365 * DAY, [host, ADDRESS]);
  const path = `${PKI}/kubelet-server-2026-11-03-02-00-00.pem`;
  return {
    files: { [path]: { text: certificate + key, mode: '600' } },
    links: { [`${PKI}/kubelet-server-current.pem`]: path },
  };
}

/** The link to the client certificate in use, and where it leads (client-go, certificate_store.go). */
const OWN = `${PKI}/kubelet-client-current.pem`;
const ROTATED = `${PKI}/kubelet-client-2026-10-24-02-00-00.pem`;

export type KubeadmOptions = {
  /** The configuration's text; rotation on, as kubeadm writes it, by default. */
  config?: string;
  /** In /var/lib/kubelet/kubeadm-flags.env and on the command line. */
  extraArguments?: string[];
  /** Drop-ins: name → text. */
  dropIns?: Record<string, string>;
  /** Path of the client certificate; in --cert-dir by default. */
  certificate?: string;
  /** The certificate comes from the API server: --bootstrap-kubeconfig is given. */
  bootstraps?: boolean;
  /** How long ago the certificate was issued and how long it lasts, in days before and after the kubelet's start. */
  issuedDaysBefore?: number;
  expiresDaysAfter?: number;
  /** Seconds since the epoch at which the configuration was changed; long before the start by default. */
  configModifiedAt?: number;
};

const kubeadmConfiguration = configuration(
  'authentication:',
  '  anonymous:',
  '    enabled: false',
  '  webhook:',
  '    cacheTTL: 0s',
  '    enabled: true',
  '  x509:',
  '    clientCAFile: /etc/kubernetes/pki/ca.crt',
  'authorization:',
  '  mode: Webhook',
  'cgroupDriver: systemd',
  'clusterDNS:',
  '- 10.96.0.10',
  'clusterDomain: cluster.local',
  'containerRuntimeEndpoint: unix:///run/containerd/containerd.sock',
  'rotateCertificates: true',
  'staticPodPath: /etc/kubernetes/manifests',
);

/** kubeadm on Ubuntu: the unit's drop-in names kubeconfig and configuration, an environment file adds flags. */
export function kubeadm(image: Image, options: KubeadmOptions = {}): SimulatedRoot {
  const {
    config = kubeadmConfiguration,
    extraArguments = [],
    dropIns,
    certificate: path = OWN,
    bootstraps = true,
    issuedDaysBefore = 30,
    expiresDaysAfter = 335,
    configModifiedAt,
  } = options;
  const { certificate, key } = clientCertificate(
    image.host,
    image.startedAt - issuedDaysBefore * DAY,
    image.startedAt + expiresDaysAfter * DAY,
    bootstraps ? 'kubernetes' : 'corporate issuing CA',
  );
  const own = path === OWN;
  const served = selfSignedCertificate(image.host, image.startedAt);
  const configFile: SimulatedFile = { text: config, mode: '600' };
  if (configModifiedAt !== undefined) configFile.modifiedAt = configModifiedAt;
  const directory = dropIns ? ['--config-dir=/etc/kubernetes/kubelet.conf.d'] : [];
  return {
    os: { id: 'ubuntu', version: '24.04' },
    version: image.version,
    processes: [
      {
        pid: 912,
        name: 'kubelet',
        exe: '/usr/bin/kubelet',
        unit: 'kubelet.service',
        startedAt: image.startedAt,
        argv: [
          '/usr/bin/kubelet',
          ...(bootstraps ? ['--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf'] : []),
          '--kubeconfig=/etc/kubernetes/kubelet.conf',
          '--config=/var/lib/kubelet/config.yaml',
          ...directory,
          ...extraArguments,
        ],
      },
    ],
    files: {
      '/var/lib/kubelet/config.yaml': configFile,
      ...Object.fromEntries(
        Object.entries(dropIns ?? {}).map(([file, text]) => [`/etc/kubernetes/kubelet.conf.d/${file}`, text]),
      ),
      '/etc/kubernetes/kubelet.conf': { text: certificateKubeconfig(image.host, path), mode: '600' },
      '/etc/kubernetes/pki/ca.crt': certificateAuthority,
      [own ? ROTATED : path]: { text: certificate + key, mode: '600' },
      [`${PKI}/kubelet.crt`]: served.certificate,
      [`${PKI}/kubelet.key`]: { text: served.key, mode: '600' },
      '/usr/lib/systemd/system/kubelet.service': '[Service]\nExecStart=/usr/bin/kubelet\nRestart=always\n',
      '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf':
        '[Service]\nEnvironment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"\nEnvironment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"\nEnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nEnvironmentFile=-/etc/default/kubelet\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS\n',
      '/var/lib/kubelet/kubeadm-flags.env': `KUBELET_KUBEADM_ARGS="${[...directory, ...extraArguments].join(' ')}"\n`,
    },
    ...(own && { links: { [OWN]: ROTATED } }),
  };
}

/**
 * One node of each kind, as a fleet: for a scan that meets them all. Those with an image of their own are made by it, the
 * others from the kubelet that the collector would describe (node-types.ts) and what stands around it (units.ts).
 * Tested by test/simulator/fleet/kinds.test.ts.
 */
import { posix } from 'node:path';
import type { Evidence, KubeconfigShape, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { bottlerocket } from './bottlerocket.ts';
import { clientCertificate, servingCertificate } from './certificate.ts';
import { eksHybrid } from './hybrid.ts';
import { certificateAuthority, eksAl2, eksAl2023, type Image, kubeadm } from './images.ts';
import { NODES } from './node-types.ts';
import { REGION, type SimulatedNode } from './nodes.ts';
import type { SimulatedFile, SimulatedRoot } from './root.ts';
import { charmed, kubespray, typhoon } from './self-managed.ts';
import { withSurroundings } from './units.ts';

const DAY = 86_400;

/** As /proc/PID/comm shows a kubelet of this host. */
const NAMES: Readonly<Record<KubeletProcess['host'], string>> = {
  kubelet: 'kubelet',
  hyperkube: 'hyperkube',
  k3s: 'k3s-agent',
  microk8s: 'kubelite',
};

/** Where MicroK8s keeps its kubelet's arguments, and the version of the snap. */
const SNAP_ARGUMENTS = '/var/snap/microk8s/current/args/kubelet';
const SNAP = '/snap/microk8s/current/meta/snap.yaml';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A kubeconfig of this shape, with the secrets that a real one has; `own` is the certificate that it embeds. */
function kubeconfig({ user = 'u', ...shape }: KubeconfigShape, own: { certificate: string }): string {
  const { exec, token, tokenFile, clientCertificate: certificate, clientCertificateData } = shape;
  const lines = [
    ...(exec
      ? [
          'exec:',
          '  apiVersion: client.authentication.k8s.io/v1beta1',
          `  command: ${exec.command}`,
          '  args:',
          '  - eks',
          '  - get-token',
        ]
      : []),
    ...(token ? ['token: secret-token'] : []),
    ...(tokenFile ? [`tokenFile: ${tokenFile}`] : []),
    ...(certificate ? [`client-certificate: ${certificate}`, `client-key: ${certificate}`] : []),
    ...(clientCertificateData
      ? [`client-certificate-data: ${base64(own.certificate)}`, 'client-key-data: c2VjcmV0']
      : []),
  ].map((line) => `    ${line}`);
  return `apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: https://api.example\ncontexts:\n- name: main\n  context:\n    cluster: c\n    user: ${user}\ncurrent-context: main\nusers:\n- name: ${user}\n  user:\n${lines.join('\n')}\n`;
}

/** The kubeconfig of --kubeconfig where nothing is known of it: it names a certificate that the kubelet rotates. */
function unseen(path: string | undefined): KubeconfigShape[] {
  return path === undefined
    ? []
    : [{ path, state: 'read', clientCertificate: '/var/lib/kubelet/pki/kubelet-client-current.pem' }];
}

function pair(
  certificate: string | undefined,
  key: string | undefined,
  [first, second]: [SimulatedFile, SimulatedFile],
): SimulatedRoot['files'] {
  return certificate === undefined || key === undefined ? {} : { [certificate]: first, [key]: second };
}

/** The root directory of a node on which this kubelet runs, with the certificates that its kubeconfigs name. */
export function rootOf(process: KubeletProcess, os: Evidence['os'], startedAt = process.startedAt ?? 0): SimulatedRoot {
  const { host, argv, pid, cwd, version, unit, files, kubeconfigs, exe = `/usr/bin/${NAMES[host]}` } = process;
  const lines = {
    kubelet: [exe, ...argv],
    hyperkube: [exe, 'kubelet', ...argv],
    k3s: [exe, 'agent', ...argv.map((argument) => `--kubelet-arg=${argument.slice(2)}`)],
    microk8s: [exe, `--kubelet-args-file=${SNAP_ARGUMENTS}`],
  };
  const modifiedAt = startedAt - 3600;
  const written = (text: string, mode = '644'): SimulatedFile => ({ text, mode, modifiedAt });
  const own = clientCertificate('node', startedAt - 30 * DAY, startedAt + 335 * DAY, 'kubernetes');
  const served = servingCertificate('node', startedAt - 30 * DAY, startedAt + 335 * DAY, ['node']);
  const value = (flag: string) => argv.find((each) => each.startsWith(`--${flag}=`))?.slice(flag.length + 3);
  const text = files.map(({ content }) => content).join('\n');
  const inFile = (field: string) => new RegExp(`${field}"?: *"?(/[^\\s",}]+)`).exec(text)?.[1];
  const shapes = kubeconfigs.length > 0 ? kubeconfigs : unseen(value('kubeconfig'));
  // Paths in a kubeconfig are relative to its folder.
  const named = shapes.flatMap(({ path, clientCertificate: of }) =>
    of === undefined ? [] : [posix.resolve(posix.dirname(path), of)],
  );
  return {
    os: { id: os.id ?? 'linux', ...(os.version !== undefined && { version: os.version }) },
    ...(version !== undefined && { version }),
    processes: [
      { pid, name: NAMES[host], exe, argv: lines[host], cwd, startedAt, ...(unit !== undefined && { unit }) },
    ],
    files: {
      ...Object.fromEntries(files.map(({ path, content = '' }) => [path, written(content)])),
      ...Object.fromEntries(shapes.map((shape) => [shape.path, written(kubeconfig(shape, own), '600')])),
      ...Object.fromEntries(named.map((path) => [path, written(own.certificate + own.key, '600')])),
      [value('client-ca-file') ?? inFile('clientCAFile') ?? '/etc/kubernetes/pki/ca.crt']:
        written(certificateAuthority),
      ...pair(
        value('tls-cert-file') ?? inFile('tlsCertFile'),
        value('tls-private-key-file') ?? inFile('tlsPrivateKeyFile'),
        [written(served.certificate), written(served.key, '600')],
      ),
      ...(host === 'microk8s' && {
        [SNAP_ARGUMENTS]: written(`${argv.join('\n')}\n`),
        [SNAP]: written(`name: microk8s\nversion: ${version}\n`),
      }),
    },
  };
}

/** How a node of each kind that has an image of its own is made. */
const IMAGES: Readonly<Record<string, (image: Image) => SimulatedRoot>> = {
  bottlerocket: () => bottlerocket(),
  'eks-hybrid': (image) => eksHybrid({ ...image, version: 'v1.33.5-eks-113cf36' }),
  'eks-al2023': (image) => eksAl2023({ ...image, version: 'v1.33.5-eks-113cf36' }),
  'eks-al2': (image) => eksAl2({ ...image, version: 'v1.29.15-eks-3abbec1' }),
  kubespray,
  kubeadm,
  typhoon,
  charmed,
};

/** A node in order of the kind `name` of lambda/platforms. */
export function rootOfKind(name: string, startedAt: number, host = 'node-1'): SimulatedRoot {
  const made = IMAGES[name]?.({ host, version: 'v1.34.3', startedAt });
  if (made) return made;
  const { kubelet, os } = NODES[name] ?? { kubelet: undefined, os: {} };
  if (!kubelet) throw new Error(`there is no kind of node ${name}`);
  // With an exec plugin rotation is a fault, which the kubelet of some other image on EKS has in node-types.ts.
  const files = kubelet.files.map((file) =>
    name === 'eks-other' ? { ...file, content: file.content?.replace('rotateCertificates: true\n', '') ?? '' } : file,
  );
  // As its snap has it (canonical/microk8s, microk8s-resources/default-args/kubelet).
  const argv = name === 'microk8s' ? [...kubelet.argv, '--read-only-port=0'] : kubelet.argv;
  return withSurroundings(name, rootOf({ ...kubelet, files, argv }, os, startedAt), startedAt);
}

/** The nodes, whose kubelets started 20 days before `now` (seconds). Talos has no agent, and hybrid nodes are none of EC2's. */
export function kindsFleet(now: number): SimulatedNode[] {
  return Object.entries(NODES).map(([name, { os }], index) => {
    const number = (index + 1).toString(16).padStart(2, '0');
    const id = `i-0${number}d4e5f60718293a`;
    const host = name === 'eks-hybrid' ? `m${id}` : `ip-10-1-0-${index + 1}.${REGION}.compute.internal`;
    const tags = { Name: name, kubevigil: 'scan', 'kubernetes.io/cluster/kinds': 'owned' };
    const isWindows = os.id === 'windows';
    return {
      id: name === 'eks-hybrid' ? `m${id}` : id,
      name,
      privateDnsName: host,
      tags,
      agent: name === 'talos' ? 'absent' : 'online',
      ...(isWindows && { windows: name }),
      ...(name !== 'talos' && !isWindows && { root: rootOfKind(name, now - 20 * DAY, host) }),
    };
  });
}

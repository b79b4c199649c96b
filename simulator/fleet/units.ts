/**
 * What stands around the kubelet of kinds that node-types.ts describes by their kubelet alone: the unit that starts it or its
 * host, and files that this kind writes beside it. The units are our own, with what theirs run and read. Sources: k3s-io/k3s,
 * install.sh and pkg/agent/config; rancher/rke2, bundle/lib/systemd/system; snapd's units for services of snaps;
 * openshift/machine-config-operator, templates/worker/01-worker-kubelet; k0sproject/k0s, pkg/install/linux_systemd.go;
 * kubernetes/kops, nodeup/pkg/model/kubelet.go.
 * Tested by test/simulator/fleet/kinds.test.ts.
 */
import { clientCertificate, servingCertificate } from './certificate.ts';
import { certificateAuthority } from './images.ts';
import type { SimulatedFile, SimulatedRoot } from './root.ts';

const DAY = 86_400;
const OF_ADMIN = '/etc/systemd/system';
const OF_PACKAGE = '/usr/lib/systemd/system';

type Around = {
  /** Where the file of the unit is. */
  folder: string;
  unit: string;
  /** Lines of its section `[Service]`. */
  service: readonly string[];
  files?(startedAt: number): SimulatedRoot['files'];
};

const snap = (name: string) => ({
  folder: OF_ADMIN,
  unit: `snap.${name}.service`,
  service: [`ExecStart=/usr/bin/snap run ${name}`, 'Restart=always', 'Type=simple'],
});

const AROUND: Readonly<Record<string, Around>> = {
  k3s: {
    folder: OF_ADMIN,
    unit: 'k3s-agent.service',
    service: [
      'Type=exec',
      'EnvironmentFile=-/etc/default/%N',
      'EnvironmentFile=-/etc/systemd/system/k3s-agent.service.env',
      'ExecStart=/usr/local/bin/k3s \\',
      '    agent \\',
      '',
    ],
    files: ofK3s,
  },
  microk8s: snap('microk8s.daemon-kubelite'),
  rke2: {
    folder: OF_PACKAGE,
    unit: 'rke2-agent.service',
    service: ['EnvironmentFile=-/etc/default/rke2-agent', 'ExecStart=/usr/local/bin/rke2 agent', 'Restart=always'],
    files: () => ({ '/etc/rancher/rke2/config.yaml': ofJoining('9345') }),
  },
  openshift: {
    folder: OF_ADMIN,
    unit: 'kubelet.service',
    service: [
      'Type=notify',
      'EnvironmentFile=/etc/os-release',
      'EnvironmentFile=-/etc/kubernetes/kubelet-workaround',
      'EnvironmentFile=/etc/node-sizing.env',
      'ExecStart=/usr/local/bin/kubenswrapper \\',
      '    /usr/bin/kubelet \\',
      '      --config=/etc/kubernetes/kubelet.conf \\',
      '      --kubeconfig=/var/lib/kubelet/kubeconfig \\',
      '      --cloud-provider=external',
    ],
    files: () => ({ '/etc/node-sizing.env': 'NODE_SIZING_ENABLED=false\nSYSTEM_RESERVED_MEMORY=1Gi\n' }),
  },
  k0s: {
    folder: OF_ADMIN,
    unit: 'k0sworker.service',
    service: ['ExecStart=/usr/local/bin/k0s worker --token-file=/etc/k0s/token', 'Delegate=yes', 'Restart=always'],
  },
  'eks-ubuntu': snap('kubelet-eks.daemon'),
  kops: {
    folder: OF_PACKAGE,
    unit: 'kubelet.service',
    service: [
      'EnvironmentFile=/etc/sysconfig/kubelet',
      'ExecStart=/usr/bin/kubelet "$DAEMON_ARGS"',
      'Restart=always',
      'User=root',
    ],
    files: () => ({
      '/etc/sysconfig/kubelet':
        'DAEMON_ARGS="--config=/var/lib/kubelet/kubelet.conf --kubeconfig=/var/lib/kubelet/kubeconfig --v=2"\nHOME="/root"\n',
    }),
  },
};

/** The root with what stands around its kubelet, which started at this time; as it is where there is nothing of its kind. */
export function withSurroundings(kind: string, root: SimulatedRoot, startedAt: number): SimulatedRoot {
  const around = AROUND[kind];
  if (!around) return root;
  const { folder, unit, service, files } = around;
  const modifiedAt = startedAt - 30 * DAY;
  const dated = (file: string | SimulatedFile): SimulatedFile =>
    typeof file === 'string' ? { text: file, modifiedAt } : { modifiedAt, ...file };
  const text = `[Unit]\nAfter=network-online.target\n\n[Service]\n${service.join('\n')}\n\n[Install]\nWantedBy=multi-user.target\n`;
  return {
    ...root,
    processes: root.processes.map((each) => ({ ...each, unit })),
    files: {
      ...root.files,
      [`${folder}/${unit}`]: dated(text),
      ...Object.fromEntries(Object.entries(files?.(startedAt) ?? {}).map(([path, file]) => [path, dated(file)])),
    },
  };
}

/** Server and token, as people write them where a node is to join. */
function ofJoining(port: string): SimulatedFile {
  return { text: `server: https://10.0.0.10:${port}\ntoken: secret-token\n`, mode: '600' };
}

/** What its agent writes below its data directory. */
function ofK3s(startedAt: number): SimulatedRoot['files'] {
  const agent = '/var/lib/rancher/k3s/agent';
  const [from, to] = [startedAt - 30 * DAY, startedAt + 335 * DAY];
  const own = clientCertificate('node', from, to, 'k3s-client-ca');
  const served = servingCertificate('node', from, to, ['node']);
  const kubeconfig = (name: string): SimulatedFile => ({
    text: `apiVersion: v1\nkind: Config\nclusters:\n- name: local\n  cluster:\n    server: https://127.0.0.1:6444\n    certificate-authority: ${agent}/server-ca.crt\ncontexts:\n- name: Default\n  context:\n    cluster: local\n    user: user\ncurrent-context: Default\nusers:\n- name: user\n  user:\n    client-certificate: ${agent}/${name}.crt\n    client-key: ${agent}/${name}.key\n`,
    mode: '600',
  });
  return {
    '/etc/rancher/k3s/config.yaml': ofJoining('6443'),
    [`${agent}/client-ca.crt`]: { text: certificateAuthority, mode: '600' },
    [`${agent}/server-ca.crt`]: { text: certificateAuthority, mode: '600' },
    [`${agent}/kubelet.kubeconfig`]: kubeconfig('client-kubelet'),
    [`${agent}/client-kubelet.crt`]: { text: own.certificate, mode: '600' },
    [`${agent}/client-kubelet.key`]: { text: own.key, mode: '600' },
    [`${agent}/kubeproxy.kubeconfig`]: kubeconfig('client-kube-proxy'),
    [`${agent}/serving-kubelet.crt`]: { text: served.certificate, mode: '600' },
    [`${agent}/serving-kubelet.key`]: { text: served.key, mode: '600' },
  };
}

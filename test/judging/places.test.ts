/**
 * Nodes whose files and processes lie where a scanner does not look for them, from their files to their findings: each
 * was reported against a scanner of this kind, and stands beside a node that is judged the other way.
 */
import { administratorCertificate } from '../../simulator/fleet/certificate.ts';
import { configuration, eksAl2023, kubeadm } from '../../simulator/fleet/images.ts';
import type { SimulatedFile, SimulatedProcess, SimulatedRoot } from '../../simulator/fleet/root.ts';
import { changed, NOW, situations } from './roots.ts';

const DAY = 86_400;
const startedAt = NOW - 20 * DAY;
const IMAGE = { host: 'ip-10-0-7-8.eu-central-1.compute.internal', version: 'v1.31.6', startedAt };
/** Any certificate will do as an authority: who signed what is not looked at here. */
const AUTHORITY = administratorCertificate(startedAt, NOW + 3000 * DAY).certificate;

const withProcess = (root: SimulatedRoot, other: Partial<SimulatedProcess>): SimulatedRoot => ({
  ...root,
  processes: root.processes.map((each) => ({ ...each, ...other })),
});
const beside = (root: SimulatedRoot, other: SimulatedProcess): SimulatedRoot => ({
  ...root,
  processes: [...root.processes, other],
});
const text = (mode: string, content: string): SimulatedFile => ({ text: content, mode });

/** RKE2 since 1.32: no --config; what it sets stands in the only drop-in. */
function rke2(mode: string): SimulatedRoot {
  const agent = '/var/lib/rancher/rke2/agent';
  const exe = '/var/lib/rancher/rke2/data/v1.32.4-rke2r1-0123456789ab/bin/kubelet';
  return {
    os: { id: 'rhel', version: '9.4' },
    version: 'v1.32.4+rke2r1',
    processes: [
      {
        pid: 2210,
        name: 'kubelet',
        exe,
        unit: 'rke2-agent.service',
        startedAt,
        argv: ['kubelet', `--config-dir=${agent}/etc/kubelet.conf.d`, '--node-labels='],
      },
    ],
    files: {
      [`${agent}/etc/kubelet.conf.d/00-rke2-defaults.conf`]: configuration(
        'authentication:',
        '  x509:',
        `    clientCAFile: ${agent}/client-ca.crt`,
      ),
      [`${agent}/client-ca.crt`]: text(mode, AUTHORITY),
      '/usr/local/lib/systemd/system/rke2-agent.service': '[Service]\nExecStart=/usr/local/bin/rke2 agent\n',
    },
  };
}

/** Started in /etc/kubernetes with --config=conf/kubelet.json, which names its CA relative to itself. */
function relative(beside: string, inside: string): SimulatedRoot {
  const root = kubeadm(IMAGE);
  const argv = root.processes[0]?.argv.map((each) =>
    each.startsWith('--config=') ? '--config=conf/kubelet.json' : each,
  );
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: { x509: { clientCAFile: 'ca.crt' } },
  };
  return changed(withProcess(root, { cwd: '/etc/kubernetes', ...(argv && { argv }) }), {
    files: {
      '/etc/kubernetes/conf/kubelet.json': text('600', JSON.stringify(config)),
      '/etc/kubernetes/conf/ca.crt': text(beside, AUTHORITY),
      '/etc/kubernetes/ca.crt': text(inside, AUTHORITY),
    },
  });
}

/** A unit and its drop-in, once in /etc and once as the vendor made them. */
function shadowed(own: string, vendor: string): SimulatedRoot {
  const files = (folder: string, mode: string) => ({
    [`${folder}/kubelet.service`]: text(mode, '[Service]\nExecStart=/usr/bin/kubelet\n'),
    [`${folder}/kubelet.service.d/10-kubeadm.conf`]: text(mode, '[Service]\nRestart=always\n'),
  });
  return changed(kubeadm(IMAGE), {
    files: { ...files('/etc/systemd/system', own), ...files('/usr/lib/systemd/system', vendor) },
  });
}

const k3s = (unit: string): SimulatedProcess => ({
  pid: 48_121,
  name: 'k3s-server',
  exe: '/usr/local/bin/k3s',
  argv: ['/usr/local/bin/k3s', 'server'],
  unit,
  startedAt,
});
const POD = 'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-0a.scope';

const proxyConfiguration = (kubeconfig: string) =>
  [
    'apiVersion: kubeproxy.config.k8s.io/v1alpha1',
    'kind: KubeProxyConfiguration',
    'clientConnection:',
    `  kubeconfig: ${kubeconfig}`,
    '',
  ].join('\n');
const proxy = (unit: string): SimulatedProcess => ({
  pid: 2301,
  name: 'kube-proxy',
  exe: '/usr/local/bin/kube-proxy',
  argv: ['/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf'],
  unit,
  startedAt,
});
/** In a pod of kubeadm's DaemonSet: what a ConfigMap brings are links through `..data` (kubernetes pkg/volume/util/atomic_writer.go). */
function proxyInPod(): SimulatedRoot {
  const volume = '/run/pods/kp/var/lib/kube-proxy';
  const content = '..2026_11_01_00_00_00.1';
  const kubeconfig = 'apiVersion: v1\nkind: Config\n';
  return changed(beside(kubeadm(IMAGE), proxy(POD)), {
    files: {
      [`${volume}/${content}/config.conf`]: proxyConfiguration('/var/lib/kube-proxy/kubeconfig.conf'),
      [`${volume}/${content}/kubeconfig.conf`]: kubeconfig,
    },
    links: {
      [`${volume}/..data`]: content,
      [`${volume}/config.conf`]: '..data/config.conf',
      [`${volume}/kubeconfig.conf`]: '..data/kubeconfig.conf',
      '/proc/2301/root': '/run/pods/kp',
      '/proc/2301/ns/mnt': 'mnt:[2]',
      '/proc/912/ns/mnt': 'mnt:[1]',
      '/proc/1/ns/mnt': 'mnt:[1]',
    },
  });
}
const proxyAsService = changed(beside(kubeadm(IMAGE), proxy('kube-proxy.service')), {
  files: {
    '/var/lib/kube-proxy/config.conf': proxyConfiguration('/var/lib/kube-proxy/kubeconfig.conf'),
    '/var/lib/kube-proxy/kubeconfig.conf': text('644', 'apiVersion: v1\nkind: Config\n'),
  },
});

/** The program was moved away, and a script stands in its place. */
function wrapped(anonymous: boolean): SimulatedRoot {
  const config = configuration('authentication:', '  anonymous:', `    enabled: ${anonymous}`);
  const root = kubeadm(IMAGE, { config });
  const exe = '/usr/local/bin/kubelet.real';
  const argv = [exe, ...(root.processes[0]?.argv.slice(1) ?? [])];
  return withProcess(root, { name: 'kubelet.real', exe, argv });
}

const streaming = (timeout: string) =>
  kubeadm(IMAGE, { extraArguments: [`--streaming-connection-idle-timeout=${timeout}`] });

const k3sAgent = (...kubeletArguments: string[]): SimulatedRoot => ({
  os: { id: 'ubuntu', version: '24.04' },
  processes: [
    {
      pid: 900,
      name: 'k3s-agent',
      exe: '/usr/local/bin/k3s',
      argv: ['/usr/local/bin/k3s', 'agent'],
      unit: 'k3s-agent.service',
      startedAt,
    },
  ],
  files: {
    '/etc/rancher/k3s/config.yaml': `data-dir: /app/data/rancher/k3s\nkubelet-arg:\n${kubeletArguments
      .map((each) => `- "${each}"\n`)
      .join('')}`,
    '/etc/systemd/system/k3s-agent.service': '[Service]\nExecStart=/usr/local/bin/k3s agent\n',
  },
});

situations({
  // k3s-io/k3s pkg/daemons/agent since 1.32; rancher/rke2 issue 8094.
  'a client CA that only a drop-in names': {
    'with mode 644': [
      rke2('644'),
      {
        'client-ca-file': ['pass', /client-ca\.crt from drop-in/],
        'client-ca-permissions': ['pass', /^\/var\/lib\/rancher\/rke2\/agent\/client-ca\.crt has mode 644/],
        'client-ca-ownership': ['pass', /client-ca\.crt has owner root:root/],
      },
    ],
    'with mode 666': [rke2('666'), { 'client-ca-permissions': ['fail', /agent\/client-ca\.crt has mode 666/] }],
  },
  // aquasecurity/kube-bench issue 1256; kubernetes pkg/kubelet/kubeletconfig/configfiles, resolveRelativePaths.
  'a relative --config, and in it a relative client CA': {
    'beside the file, with mode 666': [
      relative('666', '644'),
      {
        'client-ca-permissions': ['fail', /^\/etc\/kubernetes\/conf\/ca\.crt has mode 666/],
        'kubelet-config-permissions': ['pass', /^\/etc\/kubernetes\/conf\/kubelet\.json has mode 600/],
      },
    ],
    'beside the file, with mode 644; one of its name in the working directory is not meant': [
      relative('644', '666'),
      { 'client-ca-permissions': ['pass', /^\/etc\/kubernetes\/conf\/ca\.crt has mode 644/] },
    ],
  },
  // replicatedhq/kURL issue 4059; systemd.unit(5).
  'a unit that hides another of its name': {
    'the one in use has mode 600': [
      shadowed('600', '644'),
      { 'kubelet-service-permissions': ['pass', /^\/etc\/systemd\/system\/kubelet\.service and .* have mode 600/] },
    ],
    'the one in use has mode 644': [
      shadowed('644', '600'),
      { 'kubelet-service-permissions': ['fail', /^\/etc\/systemd\/system\/kubelet\.service and .* have mode 644/] },
    ],
  },
  // k3s-io/k3s issue 5118, loft-sh/vcluster issue 167.
  "another cluster's k3s": {
    'in a pod of this node': [
      beside(eksAl2023(IMAGE), k3s(POD)),
      {
        'anonymous-auth': ['pass', /config\.json/],
        'authorization-mode': ['pass', /Webhook/],
        'read-only-port': ['pass', /is 0/],
        'kubelet-restart': ['pass', /would start again/],
      },
    ],
    'of the node itself': [
      { os: { id: 'ubuntu', version: '24.04' }, processes: [k3s('k3s.service')], files: {} },
      {
        'anonymous-auth': ['manual', /k3s hides its kubelet's arguments/],
        'read-only-port': ['manual', /k3s hides its kubelet's arguments/],
      },
    ],
  },
  // aquasecurity/kube-bench issues 407, 699 and 2151.
  'the kubeconfig of kube-proxy': {
    'from a ConfigMap': [
      proxyInPod(),
      {
        'proxy-kubeconfig-permissions': ['not-applicable', /comes from a ConfigMap/],
        'proxy-kubeconfig-ownership': ['not-applicable', /comes from a ConfigMap/],
      },
    ],
    'a file of the node': [
      proxyAsService,
      {
        'proxy-kubeconfig-permissions': ['fail', /^\/var\/lib\/kube-proxy\/kubeconfig\.conf has mode 644/],
        'proxy-kubeconfig-ownership': ['pass', /root:root/],
      },
    ],
  },
  'a kubelet by another name, behind a script': {
    'that refuses strangers': [wrapped(false), { 'anonymous-auth': ['pass', /is false from \S+config\.yaml/] }],
    'that lets them in': [wrapped(true), { 'anonymous-auth': ['fail', /is true from \S+config\.yaml/] }],
  },
  // kubernetes/kubernetes issue 131992; types.go, "Deprecated: no longer has any effect".
  'a timeout that the kubelet does not use': {
    'of zero': [
      streaming('0s'),
      { 'streaming-connection-idle-timeout': ['fail', /is 0s .*Since 1\.24 the kubelet does not use it/] },
    ],
    'of five minutes': [
      streaming('5m0s'),
      { 'streaming-connection-idle-timeout': ['pass', /is 5m0s .*Since 1\.24 the kubelet does not use it/] },
    ],
  },
  // aquasecurity/kube-bench issue 1973.
  "k3s with a data directory of its own, and the kubelet's arguments in its configuration": {
    'that fail': [
      k3sAgent('anonymous-auth=true', 'read-only-port=10255'),
      {
        'anonymous-auth': ['fail', /is true from flag --anonymous-auth=true/],
        'read-only-port': ['fail', /is 10255 from flag --read-only-port=10255/],
        'authorization-mode': ['manual', /k3s hides its kubelet's arguments/],
      },
    ],
    'that pass, because nothing overrides them': [
      k3sAgent('anonymous-auth=false', 'read-only-port=0'),
      {
        'anonymous-auth': ['pass', /is false from flag --anonymous-auth=false/],
        'read-only-port': ['pass', /is 0 from flag --read-only-port=0/],
      },
    ],
  },
});

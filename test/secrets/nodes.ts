/** Nodes with a canary in every place where a node may hold a secret, and a marker in one where it holds none. */
import { configuration } from '../../simulator/fleet/images.ts';
import type { SimulatedProcess, SimulatedRoot } from '../../simulator/fleet/root.ts';

/** What must never leave a node, as text and as base64 holds it; and what must, so that a search that finds nothing is one. */
export const CANARY = 'CANARY0123456789abcdefCANARY';
export const MARKER = 'marker-that-is-no-secret';
export const ENCODED = Buffer.from(CANARY).toString('base64');

const KEY = `-----BEGIN EC PRIVATE KEY-----\n${ENCODED}\n${CANARY}\n-----END EC PRIVATE KEY-----\n`;
const RSA_KEY = KEY.replaceAll('EC PRIVATE', 'RSA PRIVATE');
const NEW_KEY = KEY.replaceAll('EC PRIVATE', 'PRIVATE');
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUc2ltdWxhdGVk\n-----END CERTIFICATE-----\n';

const kubeconfig = (user: string) =>
  `apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters:\n- name: k\n  cluster:\n    certificate-authority-data: ${ENCODED}\n    server: https://user:${CANARY}@10.0.0.1:6443\ncontexts:\n- name: c\n  context:\n    cluster: k\n    user: u\nusers:\n- name: u\n  user:\n${user}`;

const process = (argv: string[], more: Partial<SimulatedProcess> = {}): SimulatedProcess => ({
  pid: 40,
  name: 'kubelet',
  exe: '/usr/bin/kubelet',
  unit: 'kubelet.service',
  startedAt: 1_763_000_000,
  environment: { AWS_SECRET_ACCESS_KEY: CANARY, TOKEN: ENCODED, KUBELET_CONFIG_DROPIN_DIR_ALPHA: CANARY },
  argv,
  ...more,
});

const PUBLIC = configuration(`clusterDomain: ${MARKER}`);

const node = (processes: SimulatedProcess[], files: SimulatedRoot['files']): SimulatedRoot => ({
  os: { id: 'ubuntu', version: '24.04' },
  version: 'v1.32.1',
  processes,
  files,
});

/** By what is secret on each. */
export const nodes: Record<string, SimulatedRoot> = {
  'arguments, environment, unit and environment file': node(
    [
      process([
        '/usr/bin/kubelet',
        '--config=/etc/k.yaml',
        '--config-dir=/etc/k.d',
        '--manifest-url',
        `https://user:${CANARY}@host/pods`,
        `--manifest-url=https://host/pods?access_token=${CANARY}&Signature=${ENCODED}`,
        `--manifest-url-header=Authorization:Bearer ${CANARY}`,
        '--manifest_url_header',
        `X-Token:${CANARY}`,
        `--node-labels=a=https://user:${CANARY}@host/`,
        `--node-labels=team=a,vault/api-token=${CANARY}`,
        `--eviction-hard=Password=${CANARY}`,
        '--bearer-token',
        CANARY,
        '--manifest-url-header',
        '--manifest-url-header',
        `A:${CANARY}`,
        `--api-key=${CANARY}`,
        '--registry-credentials',
        CANARY,
      ]),
    ],
    {
      '/etc/k.yaml': PUBLIC,
      '/etc/k.d/10.conf': PUBLIC,
      '/etc/systemd/system/kubelet.service': `[Service]\nEnvironment=TOKEN=${CANARY}\nEnvironment="X=--config=${CANARY}"\nEnvironmentFile=/etc/default/kubelet\nExecStart=/usr/bin/kubelet --rotate-certificates=${CANARY}\n`,
      '/etc/default/kubelet': `AWS_SECRET_ACCESS_KEY=${CANARY}\nKUBELET_EXTRA_ARGS="--config=${CANARY} --cert-dir=${CANARY}"\n`,
    },
  ),
  'a YAML configuration': node([process(['/usr/bin/kubelet', '--config=/etc/k.yaml', '--config-dir=/etc/k.d'])], {
    '/etc/k.yaml': configuration(
      `# password: ${CANARY}`,
      'staticPodURLHeader:',
      '  Authorization:',
      `  - "Bearer ${CANARY}"`,
      `  X-Token: [${CANARY}]`,
      `staticPodURL: https://user:${CANARY}@host/pods?token=${CANARY}`,
      `containerRuntimeEndpoint: "tcp://user:${CANARY}@host"`,
      `clusterDomain: ${MARKER}`,
    ),
    '/etc/k.d/10.conf': configuration(`STATICPODURLHEADER: {A: ["${CANARY}"]}`),
    '/etc/k.d/20.conf': configuration('"staticPodURLHeader":', `    A: |`, `      ${CANARY}`, 'maxPods: 4'),
    '/etc/k.d/30.conf': configuration('staticPodURLHeader: &h', `  A: ["${CANARY}"]`),
    '/etc/k.d/40.conf': configuration('x: |', ...KEY.split('\n').map((line) => `  ${line}`)),
  }),
  'a JSON configuration': node([process(['/usr/bin/kubelet', '--config', '/etc/k.json', '--config-dir', '/etc/k.d'])], {
    '/etc/k.json': JSON.stringify({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      clusterDomain: MARKER,
      staticPodURLHeader: { Authorization: [`Bearer ${CANARY}`, `}${CANARY}`], 'X-"{': [`\\"${CANARY}`] },
    }),
    '/etc/k.d/10.conf': `{\n  "kind": "KubeletConfiguration",\n  "apiVersion": "kubelet.config.k8s.io/v1beta1",\n  "staticpodurlheader": {\n    "A": [\n      "${CANARY}"\n    ]\n  }\n}\n`,
    '/etc/k.d/20.conf': `{"staticPodURLHeader":{"A":["${CANARY}"`,
  }),
  'kubeconfigs in block style': node(
    [
      process(['/usr/bin/kubelet', '--config=/etc/k.yaml', '--kubeconfig=/k', '--bootstrap-kubeconfig=/b']),
      process(['/usr/bin/kubelet', '--kubeconfig=/e'], { pid: 41 }),
      process(['/usr/bin/kubelet', '--kubeconfig=/m'], { pid: 42 }),
      process(['/usr/bin/kubelet', '--kubeconfig=/q'], { pid: 43 }),
      process(['/usr/bin/kubelet', '--kubeconfig=/i'], { pid: 44 }),
    ],
    {
      '/etc/k.yaml': PUBLIC,
      '/k': kubeconfig(
        `    token: ${CANARY}\n    client-certificate: /var/lib/kubelet/pki/other.pem\n    client-key-data: ${ENCODED}\n    password: "${CANARY}"\n    username: ${CANARY}\n`,
      ),
      '/b': kubeconfig(`    token: "${CANARY}"\n`),
      '/e': kubeconfig(
        `    exec:\n      command: aws\n      args:\n      - --token\n      - ${CANARY}\n      env:\n      - name: AWS_SECRET_ACCESS_KEY\n        value: ${CANARY}\n`,
      ),
      '/m': kubeconfig(`    token: |\n      ${CANARY}\n    client-key-data: >-\n      ${ENCODED}\n`),
      '/q': kubeconfig(
        `    token: "a\n      name: ${CANARY}"\n    password: !!str 'b\n      command: ${CANARY}'\n    as-groups:\n    - "name: ${CANARY}"\n    as: [x,\n      user: ${CANARY}]\n`,
      ),
      '/i': `current-context: c\ncontexts: [{name: c, context: {user: u}}]\nusers: [{name: u, user: {password: "a,name: ${CANARY}"}}]\n`,
      '/var/lib/kubelet/pki/other.pem': RSA_KEY + CERTIFICATE + KEY,
      '/var/lib/kubelet/pki/kubelet-client-current.pem': CERTIFICATE + KEY + NEW_KEY,
    },
  ),
  'kubeconfigs in JSON and flow style, and an embedded key': node(
    [
      process(['/usr/bin/kubelet', '--config=/etc/k.yaml', '--kubeconfig=/j', '--bootstrap-kubeconfig=/f']),
      process(['/usr/bin/kubelet', '--kubeconfig=/x'], { pid: 41 }),
    ],
    {
      '/etc/k.yaml': PUBLIC,
      '/j': JSON.stringify({
        'current-context': 'c',
        users: [
          {
            name: 'u',
            user: {
              token: `a,name:${CANARY}`,
              password: `","name":"${CANARY}`,
              username: `{name:${CANARY}}`,
              'client-key-data': ENCODED,
              exec: {
                command: 'x',
                args: [`name: ${CANARY}`, `"name": "${CANARY}"`],
                env: [{ name: 'S', value: CANARY }],
              },
            },
          },
        ],
      }),
      '/f': `users: [{name: u, user: {token: ${CANARY}, username: ${CANARY}, auth-provider: {config: {secret: ${CANARY}}}}}]\n`,
      '/x': kubeconfig(
        `    client-certificate-data: ${Buffer.from(RSA_KEY + CERTIFICATE + KEY).toString('base64')}\n    client-key-data: ${Buffer.from(KEY).toString('base64')}\n`,
      ),
    },
  ),
  'k3s, which keeps its token beside its arguments': node(
    [
      process(['/usr/local/bin/k3s agent', '--token', CANARY, `--token=${CANARY}`, '--kubelet-arg=v=3'], {
        name: 'k3s-agent',
        unit: 'k3s.service',
      }),
    ],
    {
      '/etc/rancher/k3s/config.yaml': `token: ${CANARY}\nagent-token: "${CANARY}"\nkubelet-arg:\n- "config=/etc/k.yaml"\nkube-apiserver-arg:\n- "secret=${CANARY}"\n`,
      '/etc/k.yaml': PUBLIC,
      '/etc/systemd/system/k3s.service': `[Service]\nEnvironment=K3S_TOKEN=${CANARY}\nExecStart=/usr/local/bin/k3s agent --token ${CANARY}\n`,
    },
  ),
  'MicroK8s and a kube-proxy': node(
    [
      process(['/snap/microk8s/1/kubelite', `--x=${CANARY}`], { name: 'kubelite' }),
      process(['/usr/local/bin/kube-proxy', '--config=/p.yaml', '--kubeconfig', '/p.conf', '--x-token', CANARY], {
        pid: 50,
        name: 'kube-proxy',
      }),
    ],
    {
      '/var/snap/microk8s/current/args/kubelet': `# ${CANARY}\n--config=/etc/k.yaml\n--manifest-url-header=A:${CANARY}\n`,
      '/etc/k.yaml': PUBLIC,
      '/p.yaml': `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclientConnection:\n  kubeconfig: /p.conf\nsecret: ${CANARY}\n`,
      '/p.conf': kubeconfig(`    token: ${CANARY}\n`),
    },
  ),
};

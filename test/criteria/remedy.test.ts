/**
 * What to do on each kind of node.
 * Long because it is one table: every kind of node, every layer that a value can come from.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedy } from '../../lambda/criteria/remedy.ts';
import type { Change } from '../../lambda/platforms/platform.ts';
import { byFlag, type Case, CONFIG, inDropIn, inFile, node } from '../rules/node.ts';

const EKS = 'v1.32.3-eks-473151a';
const nodeadm: Case = {
  evidence: { os: { id: 'amzn', version: '2023' } },
  kubelet: { version: EKS, argv: ['--config=/etc/kubernetes/kubelet/config.json'] },
};
const al2: Case = {
  evidence: { os: { id: 'amzn', version: '2' } },
  kubelet: { version: EKS, argv: ['--config', '/etc/kubernetes/kubelet/kubelet-config.json'] },
};
const plain: Case = { kubelet: { argv: ['--config=/etc/kubelet.yaml', '--kubeconfig=/etc/kubelet.kubeconfig'] } };
const withContent = (content: string): Case => ({
  kubelet: { ...plain.kubelet, files: [{ path: '/etc/kubelet.yaml', role: 'config', state: 'file', content }] },
});

const with28: Case = {
  version: { text: 'v1.28.5', minor: 28, known: true },
  kubelet: {
    ...plain.kubelet,
    files: [
      { path: '/etc/kubelet.yaml', role: 'config', state: 'file', content: 'kind: K\nreadOnlyPort: 10255\n' },
      { path: '/d/1.conf', role: 'drop-in', state: 'file', content: 'readOnlyPort: 10256\n' },
      { path: '/d/2.conf', role: 'drop-in', state: 'file', content: 'kind: K\n' },
      { path: '/etc/kubernetes/kubelet.conf', role: 'kubeconfig', state: 'file' },
    ],
  },
};

const change = (current: Change['current'], more: Partial<Change> = {}): Change => ({
  setting: 'readOnlyPort',
  flag: 'read-only-port',
  value: '0',
  current,
  ...more,
});
const FLAG = byFlag(10255, '--read-only-port=10255');
const kops: Case = { kubelet: { argv: ['--config=/var/lib/kubelet/kubelet.conf'] } };
const DRIFT =
  'then wait until Karpenter, which finds the nodes drifted, has replaced them (kubectl get nodeclaims; it leaves those alone that say karpenter.sh/do-not-disrupt)';
const RESTART = 'run `systemctl daemon-reload && systemctl restart kubelet`';

const advice: [name: string, given: Case, change: Change, text: string][] = [
  [
    'kubeadm, value in the file',
    {},
    change(inFile(10255)),
    `Set \`readOnlyPort: 0\` in ${CONFIG}; then ${RESTART}; change the kubelet-config ConfigMap in kube-system as well, because kubeadm upgrade rewrites the file from it.`,
  ],
  [
    'a flag and the lines where it is written',
    {
      ...plain,
      kubelet: {
        ...plain.kubelet,
        files: [
          { path: '/etc/kubelet.yaml', role: 'config', state: 'file', content: '{"kind": "K",\n "readOnlyPort": 2}' },
          {
            path: '/etc/default/kubelet',
            role: 'environment',
            state: 'file',
            flags: [
              { name: 'v', line: 2 },
              { name: 'read_only_port', line: 3 },
            ],
          },
        ],
      },
    },
    change({ ...FLAG, overrode: [inFile(2, '/etc/kubelet.yaml')] }),
    `Remove \`--read-only-port=10255\` from /etc/default/kubelet line 3, and set \`readOnlyPort: 0\` in /etc/kubelet.yaml (line 2); then ${RESTART}.`,
  ],
  [
    'a flag over a file that is right already',
    plain,
    change({ ...FLAG, overrode: [inFile(0, '/etc/kubelet.yaml')] }),
    `Remove \`--read-only-port=10255\` from the kubelet's command line, and leave /etc/kubelet.yaml as it is (it says \`readOnlyPort: 0\`); then ${RESTART}.`,
  ],
  [
    'a flag given twice: both must go',
    plain,
    change({ ...FLAG, overrode: [byFlag(1, '--read_only_port=1'), inFile(2, '/etc/kubelet.yaml')] }),
    `Remove \`--read-only-port=10255\` and \`--read_only_port=1\` from the kubelet's command line, and set \`readOnlyPort: 0\` in /etc/kubelet.yaml; then ${RESTART}.`,
  ],
  [
    'a flag given twice, the first time right',
    plain,
    change({ ...FLAG, overrode: [byFlag(0, '--read-only-port=0')] }),
    `Remove \`--read-only-port=10255\` from the kubelet's command line, and leave flag --read-only-port=0 as it is (it says \`readOnlyPort: 0\`); then ${RESTART}.`,
  ],
  [
    'nodeadm: a flag over a file that is right already',
    nodeadm,
    change({ ...FLAG, overrode: [inFile(0, '/etc/kubernetes/kubelet/config.json')] }),
    "Remove `--read-only-port=10255` from spec.kubelet.flags of the NodeConfig in the node group's user data (launch template), then replace the node: nodeadm rewrites the kubelet's files at every boot.",
  ],
  [
    'a flag whose place was not seen, no config file',
    { ...plain, legacy: true, kubelet: { ...plain.kubelet, files: [] } },
    change(FLAG),
    `Remove \`--read-only-port=10255\` from the kubelet's command line, and add \`--read-only-port=0\` to the kubelet's command line; then ${RESTART}.`,
  ],
  [
    'a flag over another value that will do: it stays as its owner chose it',
    plain,
    {
      ...change({ ...byFlag('0s', '--streaming-connection-idle-timeout=0'), overrode: [inFile('5m0s')] }),
      setting: 'streamingConnectionIdleTimeout',
      flag: 'streaming-connection-idle-timeout',
      value: '4h0m0s',
      accepts: (value) => value !== '0s',
    },
    `Remove \`--streaming-connection-idle-timeout=0\` from the kubelet's command line, and leave ${CONFIG} as it is (it says \`streamingConnectionIdleTimeout: 5m0s\`); then ${RESTART}.`,
  ],
  [
    'keys of the same name elsewhere in the file are not pointed at',
    {
      ...plain,
      kubelet: {
        ...plain.kubelet,
        files: [
          {
            path: '/etc/kubelet.yaml',
            role: 'config',
            state: 'file',
            content: 'authentication:\n  anonymous: {}\n  webhook:\n    enabled: true\n',
          },
        ],
      },
    },
    {
      setting: 'authentication.anonymous.enabled',
      flag: 'anonymous-auth',
      value: 'false',
      current: byFlag(true, '--anonymous-auth'),
    },
    `Remove \`--anonymous-auth\` from the kubelet's command line, and set \`authentication.anonymous.enabled\` to \`false\` in /etc/kubelet.yaml; then ${RESTART}.`,
  ],
  [
    'a comment is not pointed at',
    withContent('# readOnlyPort: 0 is what we want\nkind: KubeletConfiguration\nreadOnlyPort: 10255\n'),
    change(inFile(10255, '/etc/kubelet.yaml')),
    `Set \`readOnlyPort: 0\` in /etc/kubelet.yaml (line 3); then ${RESTART}.`,
  ],
  [
    'a key in another case is not pointed at',
    withContent('READONLYPORT: 10255\n'),
    change(inFile(10255, '/etc/kubelet.yaml')),
    `Set \`readOnlyPort: 0\` in /etc/kubelet.yaml; then ${RESTART}.`,
  ],
  [
    'what follows a # in a text is no comment',
    withContent('{"clusterDomain": "#", "readOnlyPort": 10255}'),
    change(inFile(10255, '/etc/kubelet.yaml')),
    `Set \`readOnlyPort: 0\` in /etc/kubelet.yaml (line 1); then ${RESTART}.`,
  ],
  [
    'of a key that is there twice the last line counts',
    withContent('readOnlyPort: 0\nreadOnlyPort: 10255\n'),
    change(inFile(10255, '/etc/kubelet.yaml')),
    `Set \`readOnlyPort: 0\` in /etc/kubelet.yaml (line 2); then ${RESTART}.`,
  ],
  [
    'kubeadm before 1.24 had a ConfigMap for each version',
    { version: { text: 'v1.22.17', minor: 22, known: true } },
    change(inFile(10255)),
    `Set \`readOnlyPort: 0\` in ${CONFIG}; then ${RESTART}; change the kubelet-config-1.22 ConfigMap in kube-system as well, because kubeadm upgrade rewrites the file from it.`,
  ],
  [
    'kubeadm from 1.24 on has one',
    { version: { text: 'v1.24.17', minor: 24, known: true } },
    change(inFile(10255)),
    `Set \`readOnlyPort: 0\` in ${CONFIG}; then ${RESTART}; change the kubelet-config ConfigMap in kube-system as well, because kubeadm upgrade rewrites the file from it.`,
  ],
  [
    'nodeadm: a drop-in of somebody else decides, so a NodeConfig would change nothing',
    nodeadm,
    change(inDropIn(10255, '/etc/kubernetes/kubelet/config.json.d/90-hotfix.conf', inFile(0))),
    `Set \`readOnlyPort: 0\` in /etc/kubernetes/kubelet/config.json.d/90-hotfix.conf, and in whatever puts that file on new nodes (user data or image), because it overrides what nodeadm writes; then ${RESTART}.`,
  ],
  [
    'nodeadm: its own drop-in comes from the NodeConfig',
    nodeadm,
    change(inDropIn(10255, '/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf', inFile(0))),
    "Set `readOnlyPort: 0` in spec.kubelet.config of the NodeConfig in the node group's user data (launch template), then replace the node: nodeadm rewrites the kubelet's files at every boot.",
  ],
  [
    'a list as an argument is no YAML',
    al2,
    change(inFile(['TLS_X']), {
      setting: 'tlsCipherSuites',
      flag: 'tls-cipher-suites',
      value: '[TLS_A, TLS_B]',
      argument: 'TLS_A,TLS_B',
    }),
    "Add `--tls-cipher-suites=TLS_A,TLS_B` in --kubelet-extra-args of /etc/eks/bootstrap.sh in the node group's user data (launch template), then replace the node.",
  ],
  [
    'MicroK8s: the file of its arguments',
    {
      noUnit: true,
      legacy: true,
      kubelet: {
        host: 'microk8s',
        unit: 'snap.microk8s.daemon-kubelite.service',
        argv: ['--kubeconfig=/var/snap/microk8s/current/credentials/kubelet.config'],
        files: [{ path: '/var/snap/microk8s/current/args/kubelet', role: 'environment', state: 'file' }],
      },
    },
    change({ value: 10255, source: { kind: 'legacy-default' } }),
    'Add `--read-only-port=0` to /var/snap/microk8s/current/args/kubelet; then run `systemctl daemon-reload && systemctl restart snap.microk8s.daemon-kubelite`.',
  ],
  [
    'a drop-in',
    plain,
    change(inDropIn(10255, '/etc/kubelet.d/9.conf', inFile(0))),
    `Set \`readOnlyPort: 0\` in /etc/kubelet.d/9.conf; then ${RESTART}.`,
  ],
  [
    'nodeadm: user data, not the file that it writes',
    nodeadm,
    change(inFile(10255, '/etc/kubernetes/kubelet/config.json')),
    "Set `readOnlyPort: 0` in spec.kubelet.config of the NodeConfig in the node group's user data (launch template), then replace the node: nodeadm rewrites the kubelet's files at every boot.",
  ],
  [
    'nodeadm: the flag goes from spec.kubelet.flags',
    nodeadm,
    change(FLAG),
    "Remove `--read-only-port=10255` from spec.kubelet.flags and set `readOnlyPort: 0` in spec.kubelet.config of the NodeConfig in the node group's user data (launch template), then replace the node: nodeadm rewrites the kubelet's files at every boot.",
  ],
  [
    'Amazon Linux 2: arguments of bootstrap.sh',
    al2,
    change(inFile(10255, '/etc/kubernetes/kubelet/kubelet-config.json')),
    "Add `--read-only-port=0` in --kubelet-extra-args of /etc/eks/bootstrap.sh in the node group's user data (launch template), then replace the node.",
  ],
  [
    'Amazon Linux 2: the argument is replaced',
    al2,
    change(FLAG),
    "Replace `--read-only-port=10255` by `--read-only-port=0` in --kubelet-extra-args of /etc/eks/bootstrap.sh in the node group's user data (launch template), then replace the node.",
  ],
  [
    'Amazon Linux 2: a flag over a file that is right already',
    al2,
    change({ ...FLAG, overrode: [inFile(0, '/etc/kubernetes/kubelet/kubelet-config.json')] }),
    "Remove `--read-only-port=10255` from --kubelet-extra-args of /etc/eks/bootstrap.sh in the node group's user data (launch template), then replace the node.",
  ],
  [
    'Bottlerocket with a setting',
    { evidence: { os: { id: 'bottlerocket' } } },
    change(inFile(2), { setting: 'eventRecordQPS', flag: 'event-qps', value: '50' }),
    'Set `event-qps = 50` below `[settings.kubernetes]` in the user data, or by apiclient set on the running node; Bottlerocket restarts the kubelet itself.',
  ],
  [
    'Bottlerocket without one',
    { evidence: { os: { id: 'bottlerocket' } } },
    change(inFile(10255)),
    'Bottlerocket has no setting for readOnlyPort: its image decides it, so update to a Bottlerocket release whose kubelet configuration has the wanted value.',
  ],
  [
    'another unit',
    { ...plain, kubelet: { ...plain.kubelet, unit: 'snap.kubelet-eks.daemon.service' } },
    change(inFile(10255)),
    `Set \`readOnlyPort: 0\` in ${CONFIG}; then run \`systemctl daemon-reload && systemctl restart snap.kubelet-eks.daemon\`.`,
  ],
  [
    'RKE2: the list from which it makes the arguments',
    { kubelet: { unit: 'rke2-server.service', argv: [] } },
    change(inFile(10255)),
    "Set `read-only-port=0` in the list kubelet-arg of /etc/rancher/rke2/config.yaml; then run `systemctl daemon-reload && systemctl restart rke2-server`: RKE2 makes the kubelet's arguments from it, and they come before its files.",
  ],
  [
    'RKE2: in place of the entry that is there',
    { kubelet: { unit: 'rke2-agent.service', argv: [] } },
    change(FLAG),
    "Set `read-only-port=0` in the list kubelet-arg of /etc/rancher/rke2/config.yaml in place of what gives `--read-only-port=10255`; then run `systemctl daemon-reload && systemctl restart rke2-agent`: RKE2 makes the kubelet's arguments from it, and they come before its files.",
  ],
  [
    'MicroK8s: the flag goes from the file of its arguments',
    {
      noUnit: true,
      legacy: true,
      kubelet: {
        host: 'microk8s',
        unit: 'snap.microk8s.daemon-kubelite.service',
        argv: ['--read-only-port=10255'],
        files: [{ path: '/var/snap/microk8s/current/args/kubelet', role: 'environment', state: 'file' }],
      },
    },
    change(FLAG),
    'Remove `--read-only-port=10255` from /var/snap/microk8s/current/args/kubelet, and add `--read-only-port=0` to /var/snap/microk8s/current/args/kubelet; then run `systemctl daemon-reload && systemctl restart snap.microk8s.daemon-kubelite`.',
  ],
  [
    'OpenShift: a KubeletConfig, never the file',
    { kubelet: { argv: ['--config=/etc/kubernetes/kubelet.conf'] } },
    change(inFile(10255, '/etc/kubernetes/kubelet.conf')),
    'Set `readOnlyPort: 0` in spec.kubeletConfig of a KubeletConfig (machineconfiguration.openshift.io/v1) for the machine config pool of this node; the Machine Config Operator then restarts the nodes of the pool one after the other. Do not edit the files on the node: the operator would then report it as degraded.',
  ],
  [
    'OpenShift: a flag over a file that is right already',
    { kubelet: { argv: ['--config=/etc/kubernetes/kubelet.conf'] } },
    change({ ...FLAG, overrode: [inFile(0, '/etc/kubernetes/kubelet.conf')] }),
    'Remove `--read-only-port=10255` from the unit kubelet.service in a MachineConfig of the machine config pool of this node, and leave /etc/kubernetes/kubelet.conf as it is (it says `readOnlyPort: 0`); the Machine Config Operator then restarts the nodes of the pool one after the other. Do not edit the files on the node: the operator would then report it as degraded.',
  ],
  [
    'Talos: the machine configuration',
    { evidence: { os: { id: 'talos' } }, noUnit: true, kubelet: { argv: ['--config=/etc/kubernetes/kubelet.yaml'] } },
    change(FLAG),
    "Remove `--read-only-port=10255` from machine.kubelet.extraArgs of the machine configuration, and set `readOnlyPort: 0` in machine.kubelet.extraConfig of the machine configuration; apply it by talosctl: Talos rewrites the kubelet's files and restarts it.",
  ],
  [
    'Talos: what its configuration may not override',
    { evidence: { os: { id: 'talos' } }, noUnit: true, kubelet: { argv: ['--config=/etc/kubernetes/kubelet.yaml'] } },
    change(inFile(false, '/etc/kubernetes/kubelet.yaml'), {
      setting: 'rotateCertificates',
      flag: 'rotate-certificates',
      value: 'true',
    }),
    "Add `--rotate-certificates=true` to machine.kubelet.extraArgs of the machine configuration; apply it by talosctl: Talos rewrites the kubelet's files and restarts it.",
  ],
  [
    'k0s: what it always sets itself',
    { kubelet: { unit: 'k0sworker.service', argv: [] } },
    change(inFile('', '/var/lib/k0s/kubelet-config.yaml'), {
      setting: 'authentication.x509.clientCAFile',
      flag: 'client-ca-file',
      value: '/var/lib/k0s/pki/ca.crt',
    }),
    "Add `--client-ca-file=/var/lib/k0s/pki/ca.crt` to --kubelet-extra-args of k0s worker; then restart k0s on the node: it rewrites the kubelet's files.",
  ],
  [
    'of two files of --config the one that counts',
    {
      configFile: '/etc/b.yaml',
      kubelet: {
        ...plain.kubelet,
        files: [
          { path: '/etc/a.yaml', role: 'config', state: 'file' },
          { path: '/etc/b.yaml', role: 'config', state: 'file' },
        ],
      },
    },
    change({ value: 10255, source: { kind: 'default' } }),
    `Set \`readOnlyPort: 0\` in /etc/b.yaml; then ${RESTART}.`,
  ],
  [
    'neither a unit nor a container: nobody knows how it is started',
    { ...plain, noUnit: true },
    change(inFile(10255)),
    `Set \`readOnlyPort: 0\` in ${CONFIG}; then restart the kubelet in the way in which this node starts it.`,
  ],
  [
    'no unit in the cgroup, but its file was found',
    {
      ...plain,
      noUnit: true,
      kubelet: {
        ...plain.kubelet,
        files: [{ path: '/etc/systemd/system/kubelet.service', role: 'service', state: 'file' }],
      },
    },
    change(inFile(10255)),
    `Set \`readOnlyPort: 0\` in ${CONFIG}; then ${RESTART}.`,
  ],
  [
    'a container',
    { ...plain, noUnit: true, kubelet: { ...plain.kubelet, contained: true } },
    change(inFile(10255)),
    `Set \`readOnlyPort: 0\` in ${CONFIG}; then restart the container of the kubelet.`,
  ],
  [
    'a container, by a unit of the host or with a systemd of its own, as with kind',
    { ...plain, kubelet: { ...plain.kubelet, contained: true } },
    change(inFile(10255)),
    `Set \`readOnlyPort: 0\` in ${CONFIG}; then ${RESTART} where \`systemctl status kubelet\` finds the unit: on this host, or with kind in the node's container (docker exec).`,
  ],
  [
    'kubelet 1.28: a zero of a drop-in changes nothing, so every file must say it',
    with28,
    change(inDropIn(10256, '/d/1.conf', inFile(10255, '/etc/kubelet.yaml'))),
    `Set \`readOnlyPort: 0\` in /d/1.conf (line 1) and /etc/kubelet.yaml (line 2); then ${RESTART}.`,
  ],
  [
    'kubelet 1.28: below drop-ins nothing else is heard, because they are read with all defaults',
    with28,
    change(inFile(-1, '/etc/kubelet.yaml'), { setting: 'podPidsLimit', flag: 'pod-max-pids', value: '4096' }),
    `Set \`podPidsLimit: 4096\` in /d/2.conf; then ${RESTART}.`,
  ],
  [
    'kubelet 1.29 merges what is written alone',
    { ...with28, version: { text: 'v1.29.1', minor: 29, known: true } },
    change(inDropIn(10256, '/d/1.conf', inFile(10255, '/etc/kubelet.yaml'))),
    `Set \`readOnlyPort: 0\` in /d/1.conf (line 1); then ${RESTART}.`,
  ],
  [
    'kOps: the cluster, not the file',
    { kubelet: { argv: ['--config=/var/lib/kubelet/kubelet.conf'] } },
    change(inFile(10255, '/var/lib/kubelet/kubelet.conf')),
    `Set \`readOnlyPort: 0\` in /var/lib/kubelet/kubelet.conf; then ${RESTART}; set \`readOnlyPort: 0\` below spec.kubelet (\`kops edit instancegroup\`, or \`kops edit cluster\` for all), then run \`kops update cluster --yes\` and \`kops rolling-update cluster --yes\`, because kOps rewrites the file.`,
  ],
  [
    'kOps has names of its own for some settings',
    kops,
    change(inFile(true, '/var/lib/kubelet/kubelet.conf'), {
      setting: 'authentication.anonymous.enabled',
      flag: 'anonymous-auth',
      value: 'false',
    }),
    `Set \`authentication.anonymous.enabled\` to \`false\` in /var/lib/kubelet/kubelet.conf; then ${RESTART}; set \`anonymousAuth: false\` below spec.kubelet (\`kops edit instancegroup\`, or \`kops edit cluster\` for all), then run \`kops update cluster --yes\` and \`kops rolling-update cluster --yes\`, because kOps rewrites the file.`,
  ],
  [
    'kOps has no field for every setting',
    kops,
    change(inFile(false, '/var/lib/kubelet/kubelet.conf'), {
      setting: 'seccompDefault',
      flag: 'seccomp-default',
      value: 'true',
    }),
    `Set \`seccompDefault: true\` in /var/lib/kubelet/kubelet.conf; then ${RESTART}; kOps rewrites the file: where your version of it has no field for this below spec.kubelet, let a hook of the instance group (spec.hooks) make the change before kubelet.service, then run \`kops rolling-update cluster --yes\`.`,
  ],
  [
    'Karpenter: the EC2NodeClass, and drift',
    { ...nodeadm, tags: { 'karpenter.sh/nodepool': 'spot', 'karpenter.k8s.aws/ec2nodeclass': 'default' } },
    change(inFile(10255, '/etc/kubernetes/kubelet/config.json')),
    `Set \`readOnlyPort: 0\` in spec.kubelet.config of the NodeConfig in spec.userData of the EC2NodeClass default, ${DRIFT}: nodeadm rewrites the kubelet's files at every boot.`,
  ],
  [
    'Karpenter: the node pool, where the tag of its class is not there; a hostile name stays one line',
    { ...nodeadm, tags: { 'karpenter.sh/nodepool': 'a\nb' } },
    change(FLAG),
    `Remove \`--read-only-port=10255\` from spec.kubelet.flags and set \`readOnlyPort: 0\` in spec.kubelet.config of the NodeConfig in spec.userData of the EC2NodeClass of the NodePool a b, ${DRIFT}: nodeadm rewrites the kubelet's files at every boot.`,
  ],
  [
    'Karpenter on Amazon Linux 2: it calls bootstrap.sh itself, after a script of the EC2NodeClass',
    { ...al2, tags: { 'karpenter.k8s.aws/ec2nodeclass': 'default' } },
    change(inFile(10255, '/etc/kubernetes/kubelet/kubelet-config.json')),
    `Set \`readOnlyPort: 0\` in /etc/kubernetes/kubelet/kubelet-config.json by a script in spec.userData of the EC2NodeClass default, which runs before /etc/eks/bootstrap.sh; ${DRIFT}.`,
  ],
  [
    'Karpenter on Amazon Linux 2: what gives a flag is there too',
    { ...al2, tags: { 'karpenter.k8s.aws/ec2nodeclass': 'default' } },
    change(FLAG),
    `Replace \`--read-only-port=10255\` by \`--read-only-port=0\` in --kubelet-extra-args of /etc/eks/bootstrap.sh in spec.userData of the EC2NodeClass default, ${DRIFT}.`,
  ],
  [
    'Karpenter on Bottlerocket',
    { evidence: { os: { id: 'bottlerocket' } }, tags: { 'karpenter.k8s.aws/ec2nodeclass': 'default' } },
    change(inFile(2), { setting: 'eventRecordQPS', flag: 'event-qps', value: '50' }),
    'Set `event-qps = 50` below `[settings.kubernetes]` in spec.userData of the EC2NodeClass default, or by apiclient set on the running node; Bottlerocket restarts the kubelet itself.',
  ],
  [
    'a hostile unit is not repeated in a command',
    { ...plain, kubelet: { ...plain.kubelet, unit: 'a; reboot' } },
    change(inFile(10255)),
    `Set \`readOnlyPort: 0\` in ${CONFIG}; then ${RESTART}.`,
  ],
];

for (const [name, given, wanted, text] of advice) {
  test(`remedy: ${name}`, () => assert.equal(remedy(node(given), wanted).text, text));
}

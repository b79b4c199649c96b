/**
 * What to do on each kind of node.
 * Long because it is one table: every kind of node, every layer that a value can come from.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedy } from '../../lambda/criteria/remedy.ts';
import type { Change } from '../../lambda/platforms/platform.ts';
import { inOneLine } from '../../lambda/platforms/step.ts';
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
const kubespray: Case = {
  kubelet: { argv: ['--config=/etc/kubernetes/kubelet-config.yaml', '--kubeconfig=/etc/kubernetes/kubelet.conf'] },
};
const typhoon: Case = {
  kubelet: { argv: ['--bootstrap-kubeconfig=/etc/kubernetes/kubeconfig', '--config=/etc/kubernetes/kubelet.yaml'] },
};
const APPLY =
  'Apply it where the cluster is declared: workers are then replaced one after the other (on AWS by an instance refresh), a controller at once: `terraform apply`.';
const RUN = `Run Kubespray on the nodes, by which it writes the file anew and restarts the kubelet: \`ansible-playbook -b -i "\${INVENTORY:?}" cluster.yml --tags=node --skip-tags=k8s-gen-certs\`.`;
const DRIFT =
  'Wait until Karpenter, which finds the nodes drifted, has replaced them; it leaves those alone that say karpenter.sh/do-not-disrupt: `kubectl get nodeclaims`.';
const RESTART = 'Restart the kubelet: `systemctl daemon-reload && systemctl restart kubelet`.';

const advice: [name: string, given: Case, change: Change, text: string][] = [
  [
    'kubeadm, value in the file',
    {},
    change(inFile(10255)),
    `1. Set \`readOnlyPort: 0\` in ${CONFIG}. 2. Change the ConfigMap kubelet-config of kube-system as well, because kubeadm upgrade rewrites the file from it: \`kubectl -n kube-system edit configmap kubelet-config\`. 3. ${RESTART}`,
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
    `1. Remove \`--read-only-port=10255\` from /etc/default/kubelet line 3. 2. Set \`readOnlyPort: 0\` in /etc/kubelet.yaml (line 2). 3. ${RESTART}`,
  ],
  [
    'a flag over a file that is right already',
    plain,
    change({ ...FLAG, overrode: [inFile(0, '/etc/kubelet.yaml')] }),
    `1. Remove \`--read-only-port=10255\` from the kubelet's command line, and leave /etc/kubelet.yaml as it is (it says \`readOnlyPort: 0\`). 2. ${RESTART}`,
  ],
  [
    'a flag given twice: both must go',
    plain,
    change({ ...FLAG, overrode: [byFlag(1, '--read_only_port=1'), inFile(2, '/etc/kubelet.yaml')] }),
    `1. Remove \`--read-only-port=10255\` and \`--read_only_port=1\` from the kubelet's command line. 2. Set \`readOnlyPort: 0\` in /etc/kubelet.yaml. 3. ${RESTART}`,
  ],
  [
    'a flag given twice, the first time right',
    plain,
    change({ ...FLAG, overrode: [byFlag(0, '--read-only-port=0')] }),
    `1. Remove \`--read-only-port=10255\` from the kubelet's command line, and leave flag --read-only-port=0 as it is (it says \`readOnlyPort: 0\`). 2. ${RESTART}`,
  ],
  [
    'nodeadm: a flag over a file that is right already',
    nodeadm,
    change({ ...FLAG, overrode: [inFile(0, '/etc/kubernetes/kubelet/config.json')] }),
    `1. Remove \`--read-only-port=10255\` from spec.kubelet.flags of the NodeConfig in the node group's user data (launch template). 2. Replace the node.`,
  ],
  [
    'a flag whose place was not seen, no config file',
    { ...plain, legacy: true, kubelet: { ...plain.kubelet, files: [] } },
    change(FLAG),
    `1. Remove \`--read-only-port=10255\` from the kubelet's command line. 2. Add \`--read-only-port=0\` to the kubelet's command line. 3. ${RESTART}`,
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
    `1. Remove \`--streaming-connection-idle-timeout=0\` from the kubelet's command line, and leave ${CONFIG} as it is (it says \`streamingConnectionIdleTimeout: 5m0s\`). 2. ${RESTART}`,
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
    `1. Remove \`--anonymous-auth\` from the kubelet's command line. 2. Set \`authentication.anonymous.enabled\` to \`false\` in /etc/kubelet.yaml. 3. ${RESTART}`,
  ],
  [
    'a comment is not pointed at',
    withContent('# readOnlyPort: 0 is what we want\nkind: KubeletConfiguration\nreadOnlyPort: 10255\n'),
    change(inFile(10255, '/etc/kubelet.yaml')),
    `1. Set \`readOnlyPort: 0\` in /etc/kubelet.yaml (line 3). 2. ${RESTART}`,
  ],
  [
    'a key in another case is not pointed at',
    withContent('READONLYPORT: 10255\n'),
    change(inFile(10255, '/etc/kubelet.yaml')),
    `1. Set \`readOnlyPort: 0\` in /etc/kubelet.yaml. 2. ${RESTART}`,
  ],
  [
    'what follows a # in a text is no comment',
    withContent('{"clusterDomain": "#", "readOnlyPort": 10255}'),
    change(inFile(10255, '/etc/kubelet.yaml')),
    `1. Set \`readOnlyPort: 0\` in /etc/kubelet.yaml (line 1). 2. ${RESTART}`,
  ],
  [
    'of a key that is there twice the last line counts',
    withContent('readOnlyPort: 0\nreadOnlyPort: 10255\n'),
    change(inFile(10255, '/etc/kubelet.yaml')),
    `1. Set \`readOnlyPort: 0\` in /etc/kubelet.yaml (line 2). 2. ${RESTART}`,
  ],
  [
    'kubeadm before 1.24 had a ConfigMap for each version',
    { version: { text: 'v1.22.17', minor: 22, known: true } },
    change(inFile(10255)),
    `1. Set \`readOnlyPort: 0\` in ${CONFIG}. 2. Change the ConfigMap kubelet-config-1.22 of kube-system as well, because kubeadm upgrade rewrites the file from it: \`kubectl -n kube-system edit configmap kubelet-config-1.22\`. 3. ${RESTART}`,
  ],
  [
    'kubeadm from 1.24 on has one',
    { version: { text: 'v1.24.17', minor: 24, known: true } },
    change(inFile(10255)),
    `1. Set \`readOnlyPort: 0\` in ${CONFIG}. 2. Change the ConfigMap kubelet-config of kube-system as well, because kubeadm upgrade rewrites the file from it: \`kubectl -n kube-system edit configmap kubelet-config\`. 3. ${RESTART}`,
  ],
  [
    'nodeadm: a drop-in of somebody else decides, so a NodeConfig would change nothing',
    nodeadm,
    change(inDropIn(10255, '/etc/kubernetes/kubelet/config.json.d/90-hotfix.conf', inFile(0))),
    `1. Set \`readOnlyPort: 0\` in /etc/kubernetes/kubelet/config.json.d/90-hotfix.conf. 2. Make the same change in whatever puts that file on new nodes (user data or image), because it overrides what nodeadm writes. 3. ${RESTART}`,
  ],
  [
    'nodeadm: its own drop-in comes from the NodeConfig',
    nodeadm,
    change(inDropIn(10255, '/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf', inFile(0))),
    `1. Set \`readOnlyPort: 0\` in spec.kubelet.config of the NodeConfig in the node group's user data (launch template). 2. Replace the node.`,
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
    `1. Add \`--tls-cipher-suites=TLS_A,TLS_B\` to --kubelet-extra-args of /etc/eks/bootstrap.sh in the node group's user data (launch template). 2. Replace the node.`,
  ],
  [
    'k3s: the entry is replaced in the file that has it',
    {
      kubelet: {
        host: 'k3s',
        unit: 'k3s-agent.service',
        files: [
          { path: '/etc/rancher/k3s/config.yaml', role: 'environment', state: 'file' },
          {
            path: '/etc/rancher/k3s/config.yaml.d/10-a.yaml',
            role: 'environment',
            state: 'file',
            flags: [{ name: 'read-only-port', line: 2 }],
          },
        ],
      },
    },
    change(FLAG),
    `1. Set \`read-only-port=0\` in place of what gives \`--read-only-port=10255\` in the list kubelet-arg (/etc/rancher/k3s/config.yaml.d/10-a.yaml line 2). 2. Restart the kubelet: \`systemctl daemon-reload && systemctl restart k3s-agent\`.`,
  ],
  [
    'k3s: what no file gives stands on its command line, which no file can override',
    {
      kubelet: {
        host: 'k3s',
        unit: 'k3s.service',
        files: [
          { path: '/etc/systemd/system/k3s.service', role: 'service', state: 'file' },
          { path: '/etc/rancher/k3s/config.yaml', role: 'environment', state: 'file' },
        ],
      },
    },
    change(FLAG),
    `1. Set \`--kubelet-arg=read-only-port=0\` in place of what gives \`--read-only-port=10255\` on the command line of k3s in /etc/systemd/system/k3s.service, which comes after its configuration. 2. Restart the kubelet: \`systemctl daemon-reload && systemctl restart k3s\`.`,
  ],
  [
    'k3s: a new entry stands in the last list, which may take the place of those before; its file may be another',
    {
      kubelet: {
        host: 'k3s',
        unit: 'k3s.service',
        files: [
          { path: '/opt/k3s.yaml', role: 'environment', state: 'file' },
          { path: '/opt/k3s.yaml.d/a.yaml', role: 'environment', state: 'file', flags: [{ name: 'v', line: 1 }] },
          { path: '/opt/k3s.yaml.d/b.yaml', role: 'environment', state: 'file' },
          { path: '/etc/systemd/system/k3s.service.env', role: 'environment', state: 'file' },
        ],
      },
    },
    change({ value: 10255, source: { kind: 'default' } }),
    `1. Set \`read-only-port=0\` in the list kubelet-arg of /opt/k3s.yaml.d/a.yaml. 2. Restart the kubelet: \`systemctl daemon-reload && systemctl restart k3s\`.`,
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
    `1. Add \`--read-only-port=0\` to /var/snap/microk8s/current/args/kubelet. 2. Restart the kubelet: \`systemctl daemon-reload && systemctl restart snap.microk8s.daemon-kubelite\`.`,
  ],
  [
    'a drop-in',
    plain,
    change(inDropIn(10255, '/etc/kubelet.d/9.conf', inFile(0))),
    `1. Set \`readOnlyPort: 0\` in /etc/kubelet.d/9.conf. 2. ${RESTART}`,
  ],
  [
    'nodeadm: user data, not the file that it writes',
    nodeadm,
    change(inFile(10255, '/etc/kubernetes/kubelet/config.json')),
    `1. Set \`readOnlyPort: 0\` in spec.kubelet.config of the NodeConfig in the node group's user data (launch template). 2. Replace the node.`,
  ],
  [
    'nodeadm: the flag goes from spec.kubelet.flags',
    nodeadm,
    change(FLAG),
    `1. Remove \`--read-only-port=10255\` from spec.kubelet.flags of the NodeConfig in the node group's user data (launch template). 2. Set \`readOnlyPort: 0\` in spec.kubelet.config of the NodeConfig in the node group's user data (launch template). 3. Replace the node.`,
  ],
  [
    'Amazon Linux 2: arguments of bootstrap.sh',
    al2,
    change(inFile(10255, '/etc/kubernetes/kubelet/kubelet-config.json')),
    `1. Add \`--read-only-port=0\` to --kubelet-extra-args of /etc/eks/bootstrap.sh in the node group's user data (launch template). 2. Replace the node.`,
  ],
  [
    'Amazon Linux 2: the argument is replaced',
    al2,
    change(FLAG),
    `1. Replace \`--read-only-port=10255\` by \`--read-only-port=0\` in --kubelet-extra-args of /etc/eks/bootstrap.sh in the node group's user data (launch template). 2. Replace the node.`,
  ],
  [
    'Amazon Linux 2: a flag over a file that is right already',
    al2,
    change({ ...FLAG, overrode: [inFile(0, '/etc/kubernetes/kubelet/kubelet-config.json')] }),
    `1. Remove \`--read-only-port=10255\` from --kubelet-extra-args of /etc/eks/bootstrap.sh in the node group's user data (launch template). 2. Replace the node.`,
  ],
  [
    'Bottlerocket with a setting',
    { evidence: { os: { id: 'bottlerocket' } } },
    change(inFile(2), { setting: 'eventRecordQPS', flag: 'event-qps', value: '50' }),
    `1. Set \`event-qps = 50\` below \`[settings.kubernetes]\` in the node group's user data (launch template), from which new nodes start. 2. Set it on the running node too, where Bottlerocket restarts the kubelet itself: \`apiclient set settings.kubernetes.event-qps=50\`.`,
  ],
  [
    'Bottlerocket without one',
    { evidence: { os: { id: 'bottlerocket' } } },
    change(inFile(10255)),
    `Update to a Bottlerocket release whose kubelet configuration has the wanted value: Bottlerocket has no setting for readOnlyPort, its image decides it.`,
  ],
  [
    'another unit',
    { ...plain, kubelet: { ...plain.kubelet, unit: 'snap.kubelet-eks.daemon.service' } },
    change(inFile(10255)),
    `1. Set \`readOnlyPort: 0\` in ${CONFIG}. 2. Restart the kubelet: \`systemctl daemon-reload && systemctl restart snap.kubelet-eks.daemon\`.`,
  ],
  [
    'RKE2: the list from which it makes the arguments',
    { kubelet: { unit: 'rke2-server.service', argv: [] } },
    change(inFile(10255)),
    `1. Set \`read-only-port=0\` in the list kubelet-arg of /etc/rancher/rke2/config.yaml. 2. Restart the kubelet: \`systemctl daemon-reload && systemctl restart rke2-server\`.`,
  ],
  [
    'RKE2: in place of the entry that is there',
    { kubelet: { unit: 'rke2-agent.service', argv: [] } },
    change(FLAG),
    `1. Set \`read-only-port=0\` in the list kubelet-arg of /etc/rancher/rke2/config.yaml, in place of what gives \`--read-only-port=10255\`. 2. Restart the kubelet: \`systemctl daemon-reload && systemctl restart rke2-agent\`.`,
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
    `1. Remove \`--read-only-port=10255\` from /var/snap/microk8s/current/args/kubelet. 2. Add \`--read-only-port=0\` to /var/snap/microk8s/current/args/kubelet. 3. Restart the kubelet: \`systemctl daemon-reload && systemctl restart snap.microk8s.daemon-kubelite\`.`,
  ],
  [
    'OpenShift: a KubeletConfig, never the file',
    { kubelet: { argv: ['--config=/etc/kubernetes/kubelet.conf'] } },
    change(inFile(10255, '/etc/kubernetes/kubelet.conf')),
    `1. Set \`readOnlyPort: 0\` in spec.kubeletConfig of a KubeletConfig (machineconfiguration.openshift.io/v1) for the machine config pool of this node. 2. Wait until the Machine Config Operator has restarted the nodes of the pool, one after the other; it reports a node whose files were edited by hand as degraded: \`oc get machineconfigpool\`.`,
  ],
  [
    'OpenShift: a flag over a file that is right already',
    { kubelet: { argv: ['--config=/etc/kubernetes/kubelet.conf'] } },
    change({ ...FLAG, overrode: [inFile(0, '/etc/kubernetes/kubelet.conf')] }),
    `1. Remove \`--read-only-port=10255\` from the unit kubelet.service in a MachineConfig of the machine config pool of this node, and leave /etc/kubernetes/kubelet.conf as it is (it says \`readOnlyPort: 0\`). 2. Wait until the Machine Config Operator has restarted the nodes of the pool, one after the other; it reports a node whose files were edited by hand as degraded: \`oc get machineconfigpool\`.`,
  ],
  [
    'Talos: the machine configuration',
    { evidence: { os: { id: 'talos' } }, noUnit: true, kubelet: { argv: ['--config=/etc/kubernetes/kubelet.yaml'] } },
    change(FLAG),
    `1. Remove \`--read-only-port=10255\` from machine.kubelet.extraArgs of the machine configuration. 2. Set \`readOnlyPort: 0\` in machine.kubelet.extraConfig of the machine configuration. 3. Apply it, by which Talos rewrites the kubelet's files and restarts it; NODE is the address of the node: \`talosctl -n "\${NODE:?}" edit machineconfig\`.`,
  ],
  [
    'Talos: what its configuration may not override',
    { evidence: { os: { id: 'talos' } }, noUnit: true, kubelet: { argv: ['--config=/etc/kubernetes/kubelet.yaml'] } },
    change(inFile(false, '/etc/kubernetes/kubelet.yaml'), {
      setting: 'rotateCertificates',
      flag: 'rotate-certificates',
      value: 'true',
    }),
    `1. Add \`--rotate-certificates=true\` to machine.kubelet.extraArgs of the machine configuration. 2. Apply it, by which Talos rewrites the kubelet's files and restarts it; NODE is the address of the node: \`talosctl -n "\${NODE:?}" edit machineconfig\`.`,
  ],
  [
    'k0s: what it always sets itself',
    { kubelet: { unit: 'k0sworker.service', argv: [] } },
    change(inFile('', '/var/lib/k0s/kubelet-config.yaml'), {
      setting: 'authentication.x509.clientCAFile',
      flag: 'client-ca-file',
      value: '/var/lib/k0s/pki/ca.crt',
    }),
    `1. Add \`--client-ca-file=/var/lib/k0s/pki/ca.crt\` to --kubelet-extra-args of k0s worker. 2. Restart k0s on the node, which rewrites the kubelet's files: \`k0s stop && k0s start\`.`,
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
    `1. Set \`readOnlyPort: 0\` in /etc/b.yaml. 2. ${RESTART}`,
  ],
  [
    'neither a unit nor a container: nobody knows how it is started',
    { ...plain, noUnit: true },
    change(inFile(10255)),
    `1. Set \`readOnlyPort: 0\` in ${CONFIG}. 2. Restart the kubelet in the way in which this node starts it.`,
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
    `1. Set \`readOnlyPort: 0\` in ${CONFIG}. 2. ${RESTART}`,
  ],
  [
    'a container',
    { ...plain, noUnit: true, kubelet: { ...plain.kubelet, contained: true } },
    change(inFile(10255)),
    `1. Set \`readOnlyPort: 0\` in ${CONFIG}. 2. Restart the container of the kubelet.`,
  ],
  [
    'a container, by a unit of the host or with a systemd of its own, as with kind',
    { ...plain, kubelet: { ...plain.kubelet, contained: true } },
    change(inFile(10255)),
    `1. Set \`readOnlyPort: 0\` in ${CONFIG}. 2. Restart the kubelet where \`systemctl status kubelet\` finds its unit: on this host, or in the container that is the node (kind): \`systemctl daemon-reload && systemctl restart kubelet\`.`,
  ],
  [
    'kubelet 1.28: a zero of a drop-in changes nothing, so every file must say it',
    with28,
    change(inDropIn(10256, '/d/1.conf', inFile(10255, '/etc/kubelet.yaml'))),
    `1. Set \`readOnlyPort: 0\` in /d/1.conf (line 1). 2. Set \`readOnlyPort: 0\` in /etc/kubelet.yaml (line 2). 3. ${RESTART}`,
  ],
  [
    'kubelet 1.28: below drop-ins nothing else is heard, because they are read with all defaults',
    with28,
    change(inFile(-1, '/etc/kubelet.yaml'), { setting: 'podPidsLimit', flag: 'pod-max-pids', value: '4096' }),
    `1. Set \`podPidsLimit: 4096\` in /d/2.conf. 2. ${RESTART}`,
  ],
  [
    'kubelet 1.28: an empty text is a zero too',
    with28,
    change(inFile('http://x/', '/etc/kubelet.yaml'), { setting: 'staticPodURL', flag: 'manifest-url', value: '""' }),
    `1. Set \`staticPodURL: ""\` in /etc/kubelet.yaml. 2. ${RESTART}`,
  ],
  [
    'kubelet 1.28: without a file no drop-in makes a zero of the default of a flag',
    { ...with28, legacy: true },
    change(inDropIn(10256, '/d/1.conf')),
    `1. Add \`--read-only-port=0\` to the kubelet's command line. 2. ${RESTART}`,
  ],
  [
    'kubelet 1.28: without a file the last drop-in is heard with what is no zero',
    { ...with28, legacy: true },
    change(inDropIn(-1, '/d/1.conf'), { setting: 'podPidsLimit', flag: 'pod-max-pids', value: '4096' }),
    `1. Set \`podPidsLimit: 4096\` in /d/2.conf. 2. ${RESTART}`,
  ],
  [
    'kubelet 1.29 merges what is written alone',
    { ...with28, version: { text: 'v1.29.1', minor: 29, known: true } },
    change(inDropIn(10256, '/d/1.conf', inFile(10255, '/etc/kubelet.yaml'))),
    `1. Set \`readOnlyPort: 0\` in /d/1.conf (line 1). 2. ${RESTART}`,
  ],
  [
    'kOps: the cluster, not the file',
    { kubelet: { argv: ['--config=/var/lib/kubelet/kubelet.conf'] } },
    change(inFile(10255, '/var/lib/kubelet/kubelet.conf')),
    `1. Set \`readOnlyPort: 0\` below spec.kubelet of the instance group, or of the cluster for all, from which kOps makes file and flags of each new instance: \`kops edit cluster\`. 2. Update the cluster: \`kops update cluster --yes\`. 3. Run a rolling update: \`kops rolling-update cluster --yes\`.`,
  ],
  [
    'kOps has names of its own for some settings',
    kops,
    change(inFile(true, '/var/lib/kubelet/kubelet.conf'), {
      setting: 'authentication.anonymous.enabled',
      flag: 'anonymous-auth',
      value: 'false',
    }),
    `1. Set \`anonymousAuth: false\` below spec.kubelet of the instance group, or of the cluster for all, from which kOps makes file and flags of each new instance: \`kops edit cluster\`. 2. Update the cluster: \`kops update cluster --yes\`. 3. Run a rolling update: \`kops rolling-update cluster --yes\`.`,
  ],
  [
    'kOps has no field for every setting',
    kops,
    change(inFile(false, '/var/lib/kubelet/kubelet.conf'), {
      setting: 'seccompDefault',
      flag: 'seccomp-default',
      value: 'true',
    }),
    `1. Let a hook of the instance group (spec.hooks) set \`seccompDefault: true\` in /var/lib/kubelet/kubelet.conf before kubelet.service, unless your version of kOps has a field for this below spec.kubelet: \`kops edit cluster\`. 2. Update the cluster: \`kops update cluster --yes\`. 3. Run a rolling update: \`kops rolling-update cluster --yes\`.`,
  ],
  [
    'Karpenter: the EC2NodeClass, and drift',
    { ...nodeadm, tags: { 'karpenter.sh/nodepool': 'spot', 'karpenter.k8s.aws/ec2nodeclass': 'default' } },
    change(inFile(10255, '/etc/kubernetes/kubelet/config.json')),
    `1. Set \`readOnlyPort: 0\` in spec.kubelet of the EC2NodeClass default (Karpenter after 1.14.1; before, spec.kubelet.config of the NodeConfig in its spec.userData). 2. ${DRIFT}`,
  ],
  [
    'Karpenter: the node pool, where the tag of its class is not there; a hostile name stays one line',
    { ...nodeadm, tags: { 'karpenter.sh/nodepool': 'a\nb' } },
    change(FLAG),
    `1. Remove \`--read-only-port=10255\` from spec.kubelet.flags of the NodeConfig in spec.userData of the EC2NodeClass of the NodePool a b. 2. Set \`readOnlyPort: 0\` in spec.kubelet of the EC2NodeClass of the NodePool a b (Karpenter after 1.14.1; before, spec.kubelet.config of the NodeConfig in its spec.userData). 3. ${DRIFT}`,
  ],
  [
    'Karpenter on Amazon Linux 2: it calls bootstrap.sh itself, after a script of the EC2NodeClass',
    { ...al2, tags: { 'karpenter.k8s.aws/ec2nodeclass': 'default' } },
    change(inFile(10255, '/etc/kubernetes/kubelet/kubelet-config.json')),
    `1. Set \`readOnlyPort: 0\` in /etc/kubernetes/kubelet/kubelet-config.json by a script in spec.userData of the EC2NodeClass default, which runs before /etc/eks/bootstrap.sh. 2. ${DRIFT}`,
  ],
  [
    'Karpenter on Amazon Linux 2: what gives a flag is there too',
    { ...al2, tags: { 'karpenter.k8s.aws/ec2nodeclass': 'default' } },
    change(FLAG),
    `1. Replace \`--read-only-port=10255\` by \`--read-only-port=0\` in --kubelet-extra-args of /etc/eks/bootstrap.sh in spec.userData of the EC2NodeClass default. 2. ${DRIFT}`,
  ],
  [
    'Karpenter on Bottlerocket',
    { evidence: { os: { id: 'bottlerocket' } }, tags: { 'karpenter.k8s.aws/ec2nodeclass': 'default' } },
    change(inFile(2), { setting: 'eventRecordQPS', flag: 'event-qps', value: '50' }),
    `1. Set \`event-qps = 50\` below \`[settings.kubernetes]\` in spec.userData of the EC2NodeClass default, from which new nodes start. 2. Set it on the running node too, where Bottlerocket restarts the kubelet itself: \`apiclient set settings.kubernetes.event-qps=50\`.`,
  ],
  [
    'Kubespray, a setting with a variable of its own',
    kubespray,
    change(inFile(10255, '/etc/kubernetes/kubelet-config.yaml')),
    `1. Set \`kube_read_only_port: 0\` in the variables of the inventory. 2. ${RUN}`,
  ],
  [
    'Kubespray, the mode of authorization is a boolean there',
    kubespray,
    change(inFile('AlwaysAllow'), { setting: 'authorization.mode', flag: 'authorization-mode', value: 'Webhook' }),
    `1. Set \`kubelet_authorization_mode_webhook: true\` in the variables of the inventory. 2. ${RUN}`,
  ],
  [
    'Kubespray, a setting without one',
    kubespray,
    change(inFile(''), { setting: 'tlsCertFile', flag: 'tls-cert-file', value: '/pki/a.crt' }),
    `1. Set \`tlsCertFile: /pki/a.crt\` below kubelet_config_extra_args in the variables of the inventory. 2. ${RUN}`,
  ],
  [
    'Kubespray, what its template writes by no variable',
    kubespray,
    change(inFile(true), { setting: 'authentication.anonymous.enabled', flag: 'anonymous-auth', value: 'false' }),
    `1. Leave authentication.anonymous.enabled to Kubespray, which writes it into /etc/kubernetes/kubelet-config.yaml by no variable: what differs there was changed by hand. 2. ${RUN}`,
  ],
  [
    'Kubespray, a flag above a value that will do',
    kubespray,
    change({ ...FLAG, overrode: [inFile(0)] }),
    `1. Remove \`--read-only-port=10255\` from kubelet_custom_flags in the variables of the inventory, and leave ${CONFIG} as it is (it says \`readOnlyPort: 0\`). 2. ${RUN}`,
  ],
  [
    'Typhoon, value in the file',
    typhoon,
    change(inFile(10255, '/etc/kubernetes/kubelet.yaml')),
    `1. Set \`readOnlyPort: 0\` in /etc/kubernetes/kubelet.yaml of a Butane snippet (worker_snippets, or controller_snippets), which takes the place of the whole file. 2. ${APPLY}`,
  ],
  [
    'Typhoon, flag above a value that will do',
    typhoon,
    change({ ...FLAG, overrode: [inFile(0)] }),
    `1. Remove \`--read-only-port=10255\` from what starts the kubelet, in a drop-in of kubelet.service in a Butane snippet (worker_snippets, or controller_snippets), and leave ${CONFIG} as it is (it says \`readOnlyPort: 0\`). 2. ${APPLY}`,
  ],
  [
    'Charmed Kubernetes, value in the file',
    { kubelet: { argv: ['--config=/root/cdk/kubelet/config.yaml'] } },
    change(inFile(10255, '/root/cdk/kubelet/config.yaml')),
    '1. Set `readOnlyPort: 0` in the option kubelet-extra-config of the charm of this node (kubernetes-worker). 2. Wait until the charm has written the file anew and restarted the kubelet: `juju status`.',
  ],
  [
    'Charmed Kubernetes, flag',
    { kubelet: { argv: ['--config=/root/cdk/kubelet/config.yaml'] } },
    change({ ...FLAG, overrode: [inFile(0)] }),
    `1. Remove \`--read-only-port=10255\` from the option kubelet-extra-args of the charm of this node (kubernetes-worker), and leave ${CONFIG} as it is (it says \`readOnlyPort: 0\`). 2. Wait until the charm has written the file anew and restarted the kubelet: \`juju status\`.`,
  ],
  [
    'a hostile unit is not repeated in a command',
    { ...plain, kubelet: { ...plain.kubelet, unit: 'a; reboot' } },
    change(inFile(10255)),
    `1. Set \`readOnlyPort: 0\` in ${CONFIG}. 2. ${RESTART}`,
  ],
];

for (const [name, given, wanted, text] of advice) {
  test(`remedy: ${name}`, () => assert.equal(inOneLine(remedy(node(given), wanted).steps), text));
}

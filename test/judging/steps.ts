/** What a step of advice may be, and what may be named on which kind of node. */
import assert from 'node:assert/strict';
import type { Step } from '../../lambda/platforms/step.ts';

/** Where people administer the cluster from. */
const ANYWHERE = ['kubectl', 'aws'];
/** On a node with a shell. */
const HOST =
  'systemctl chmod chown stat openssl mv ln rm ls install printf sysctl timedatectl chronyc swapon swapoff lsblk journalctl grep hostname'.split(
    ' ',
  );
/** What each kind has beside that, on the node or where it is made. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'eks-windows': [...ANYWHERE, 'Restart-Service'],
  windows: [...ANYWHERE, 'Restart-Service'],
  // The admin container is one of Amazon Linux.
  bottlerocket: [...ANYWHERE, 'apiclient', 'sheltie', 'grep'],
  talos: [...ANYWHERE, 'talosctl'],
  k3s: [...ANYWHERE, ...HOST],
  microk8s: [...ANYWHERE, ...HOST, 'microk8s', 'dpkg-statoverride'],
  rke2: [...ANYWHERE, ...HOST],
  openshift: [...ANYWHERE, ...HOST, 'oc'],
  k0s: [...ANYWHERE, ...HOST, 'k0s', 'dpkg-statoverride'],
  'eks-hybrid': [...ANYWHERE, ...HOST, 'nodeadm', 'dpkg-statoverride'],
  'eks-al2023': [...ANYWHERE, ...HOST],
  'eks-ubuntu': [...ANYWHERE, ...HOST, 'dpkg-statoverride'],
  'eks-al2': [...ANYWHERE, ...HOST],
  kubespray: [...ANYWHERE, ...HOST, 'kubeadm', 'ansible-playbook', 'dpkg-statoverride'],
  typhoon: [...ANYWHERE, ...HOST, 'terraform'],
  charmed: [...ANYWHERE, ...HOST, 'juju', 'dpkg-statoverride'],
  kubeadm: [...ANYWHERE, ...HOST, 'kubeadm', 'dpkg-statoverride'],
  kops: [...ANYWHERE, ...HOST, 'kops', 'dpkg-statoverride'],
  'eks-other': [...ANYWHERE, ...HOST],
  unknown: [...ANYWHERE, ...HOST],
};
const WINDOWS: readonly string[] = ['eks-windows', 'windows'];
/** Files and words that only these kinds have. */
const ONLY: readonly [words: RegExp, kinds: readonly string[]][] = [
  [/NodeConfig|nodeadm/, ['eks-al2023', 'eks-hybrid']],
  [/bootstrap\.sh|kubelet-extra-args of \/etc/, ['eks-al2', 'eks-ubuntu']],
  [/settings\.kubernetes|apiclient/, ['bottlerocket']],
  [/machine configuration\b/, ['talos']],
  [/machineconfig|KubeletConfig |FeatureGate cluster/, ['openshift', 'talos']],
  [/\/etc\/rancher\/k3s|k3s /, ['k3s']],
  [/\/etc\/rancher\/rke2|RKE2/, ['rke2']],
  [/k0s/, ['k0s']],
  [/spec\.kubelet\b(?!\.)|kOps/, ['kops', 'eks-al2023']],
  [/configmap kubelet-config/, ['kubeadm']],
  [/kubeadm token|kubeadm kubeconfig/, ['kubeadm', 'kubespray']],
  [/inventory\b|Kubespray/, ['kubespray']],
  [/Butane|terraform/, ['typhoon']],
  [/charm|juju/, ['charmed']],
  [/microk8s/i, ['microk8s']],
  [
    /\/etc\/sysctl\.d/,
    Object.keys(PROGRAMS).filter((kind) => !['bottlerocket', 'talos', 'openshift', ...WINDOWS].includes(kind)),
  ],
  [/Restart-Service|Start-EKSBootstrap|access control list/, WINDOWS],
  [
    /systemd|journal|chmod|chown|crontab|\bsudo\b|\/etc\/fstab/,
    Object.keys(PROGRAMS).filter((kind) => !WINDOWS.includes(kind)),
  ],
];

/** It is one action that can be taken on this kind: what stands outside of code and brackets is one sentence. */
export function checkStep(kind: string, { text, command }: Step): void {
  assert.match(text, /^[A-Z][^\p{Cc}]{5,600}\.$/u, text);
  assert.doesNotMatch(text.replace(/`[^`]*`/g, 'x').replace(/\([^)]*\)/g, ''), /\.\s+[A-Z]/, text);
  assert.doesNotMatch(text, /undefined|\[object|NaN|\.\.$| {2}|;\.|,\.|\bThen\b/);
  const code = [...text.matchAll(/`([^`]*)`/g)].flatMap(([, part = '']) => part);
  const programs = new Set(Object.values(PROGRAMS).flat());
  const used = [
    ...(command === undefined ? [] : command.replace(/'[^']*'/g, '').split(/ && | \| /)),
    ...code.filter((part) => programs.has(part.split(' ')[0] ?? '')),
  ].map((part) => part.split(' ')[0] ?? '');
  for (const program of used)
    assert.ok(PROGRAMS[kind]?.includes(program), `${kind} has no ${program}: ${text} ${command}`);
  for (const [words, kinds] of ONLY) {
    if (!kinds.includes(kind)) assert.doesNotMatch(`${text} ${command ?? ''}`, words, `${kind}: ${text}`);
  }
  if (command !== undefined) assert.doesNotMatch(command, /[\p{Cc}…]/u, command);
}

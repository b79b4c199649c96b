/** Every kind of node, one line each, in the order in which they are recognised. */
import type { KubeletProcess } from '../kubelet/evidence.ts';
import { bottlerocket } from './bottlerocket.ts';
import { charmed } from './charmed.ts';
import { eksAl2 } from './eks-al2.ts';
import { eksAl2023 } from './eks-al2023.ts';
import { eksHybrid } from './eks-hybrid.ts';
import { eksOther } from './eks-other.ts';
import { eksUbuntu } from './eks-ubuntu.ts';
import { eksWindows } from './eks-windows.ts';
import { k0s } from './k0s.ts';
import { k3s } from './k3s.ts';
import { kops } from './kops.ts';
import { kubeadm } from './kubeadm.ts';
import { kubespray } from './kubespray.ts';
import { microk8s } from './microk8s.ts';
import { openshift } from './openshift.ts';
import type { NodeSigns, Platform } from './platform.ts';
import { rke2 } from './rke2.ts';
import { talos } from './talos.ts';
import { typhoon } from './typhoon.ts';
import { unknown } from './unknown.ts';
import { windows } from './windows.ts';

export const platforms: readonly Platform[] = [
  eksWindows,
  windows,
  k3s,
  microk8s,
  bottlerocket,
  rke2,
  openshift,
  talos,
  k0s,
  eksHybrid,
  eksAl2023,
  eksUbuntu,
  eksAl2,
  kubespray,
  kubeadm,
  kops,
  typhoon,
  charmed,
  eksOther,
  unknown,
];

/** The kind of this node: the first that it certainly is, else the first that it is likely to be. */
export function platformOf(node: NodeSigns): Platform {
  const { evidence, kubelet, tags, id } = node;
  const known = asked.get(kubelet);
  if (known && known.os === evidence.os && known.tags === tags && known.id === id) return known.platform;
  const platform =
    platforms.find((each) => each.isCertain(node)) ?? platforms.find((each) => each.isLikely(node)) ?? unknown;
  asked.set(kubelet, { os: evidence.os, tags, id, platform });
  return platform;
}

/** Takes it for known of which kind a node is, where that was found of one that is alike. */
export function recognise({ evidence, kubelet, tags, id }: NodeSigns, name: Platform['name']): void {
  const platform = platforms.find((each) => each.name === name);
  if (platform) asked.set(kubelet, { os: evidence.os, tags, id, platform });
}

type Asked = Pick<NodeSigns, 'tags'> & { os: NodeSigns['evidence']['os']; id: string | undefined; platform: Platform };

/** Many rules ask of one kubelet, one after the other. */
const asked = new WeakMap<KubeletProcess, Asked>();

/** What the host of a kubelet whose arguments are hidden is known to give it stands before those that are seen. */
export function withOwn(node: NodeSigns): KubeletProcess {
  const own = platformOf(node).hiddenArguments(node.kubelet)?.own ?? [];
  return own.length === 0 ? node.kubelet : { ...node.kubelet, argv: [...own, ...node.kubelet.argv] };
}

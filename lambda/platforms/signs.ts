/**
 * Signs by which kinds of nodes are recognised.
 * Tested by test/platforms/signs.test.ts and index.test.ts.
 */
import type { NodeSigns } from './platform.ts';

/** One of the kubelet's arguments is this path, or a flag with it. */
export function namesPath({ kubelet: { argv } }: Pick<NodeSigns, 'kubelet'>, ...paths: readonly string[]): boolean {
  return argv.some((argument) => paths.some((path) => argument === path || argument.endsWith(`=${path}`)));
}

/** --config is this path. */
export function isConfig({ kubelet: { argv } }: NodeSigns, path: string): boolean {
  return argv.some(
    (argument, at) => argument === `--config=${path}` || (argument === '--config' && argv[at + 1] === path),
  );
}

/** The tags whose values are read: of hybrid activations, kOps, the AWS cloud provider and Karpenter. */
const SIGN_TAGS = [
  'EKSClusterARN',
  'kops.k8s.io/instancegroup',
  'KubernetesCluster',
  'karpenter.sh/nodepool',
  'karpenter.k8s.aws/ec2nodeclass',
] as const;

/** By which EKS's own tags begin; what they say is not read. */
const EKS_TAGS = ['eks:', 'aws:eks:'] as const;

/** The value of one of the instance's tags. */
export function tag(tags: NodeSigns['tags'], key: (typeof SIGN_TAGS)[number]): string | undefined {
  return Object.hasOwn(tags, key) ? tags[key] : undefined;
}

/** EKS has tagged the instance. */
export function isTaggedByEks(tags: NodeSigns['tags']): boolean {
  return Object.keys(tags).some((key) => EKS_TAGS.some((prefix) => key.startsWith(prefix)));
}

/** As much of the tags as `tag` and `isTaggedByEks` tell of: names of nodes are not among them. */
export function signTags(tags: NodeSigns['tags']): NodeSigns['tags'] {
  const signs = SIGN_TAGS.flatMap((key) => (Object.hasOwn(tags, key) ? [[key, tags[key] ?? '']] : []));
  return Object.fromEntries(isTaggedByEks(tags) ? [...signs, [EKS_TAGS[0], '']] : signs);
}

/** The kubelet's program lies in this folder. */
export function runsFrom({ kubelet: { exe = '' } }: NodeSigns, folder: string): boolean {
  return exe.startsWith(folder);
}

/**
 * The id is that of a managed node outside of EC2 (Systems Manager API reference, InstanceInformation). Where Systems Manager
 * gives EKS's hybrid nodes their credentials it is their name as well.
 */
export function isHybrid(id: string): boolean {
  return /^mi-[0-9a-f]{17}$/.test(id);
}

/** It runs elsewhere than on EC2, as far as that can be told. */
export function isOutside({ evidence: { os }, id = '' }: NodeSigns): boolean {
  return isHybrid(id) || (os.id === 'bottlerocket' && /^(vmware|metal)-/.test(os.variant ?? ''));
}

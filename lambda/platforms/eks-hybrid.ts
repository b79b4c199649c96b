/**
 * EKS Hybrid Nodes: machines outside of EC2 on which nodeadm's hybrid form writes the kubelet's files from a NodeConfig, each
 * time that somebody runs it. Sources: aws/eks-hybrid, internal/kubelet/config.go (provider id, 00-nodeadm.conf, host name),
 * internal/kubelet/daemon.go (init restarts the kubelet), internal/flows/upgrade.go, internal/node/hybrid/defaults.go; EKS
 * User Guide, "Hybrid nodes nodeadm reference" and "Prepare credentials for hybrid nodes".
 * Tested by test/platforms/index.test.ts.
 */
import { bootstrapped } from './certificates.ts';
import { AL2023_CONFIG as CONFIG, hybridCluster } from './eks.ts';
import { eksAl2023, foreignDropIn } from './eks-al2023.ts';
import { removeFlags, unwind, writeSetting } from './flags.ts';
import { openIn } from './gates.ts';
import { setOnNode } from './kernel.ts';
import type { Advice, Change, NodeFacts, NodeSigns, Platform } from './platform.ts';
import { isHybrid, namesPath } from './signs.ts';
import { step } from './step.ts';
import { restartUnit } from './systemd.ts';
import { oneLine } from './wording.ts';

/** As nodeadm names the node to the cluster, in the kubelet's configuration: region, cluster and name of the node. */
const PROVIDER_ID = /\bproviderID"?\s*:\s*"?eks-hybrid:\/\/\/[^/\s",]+\/[^/\s",]+\/([^/\s",]+)/;
const LABEL = 'eks.amazonaws.com/compute-type=hybrid';
const BY_ROLES = 'eks.amazonaws.com/hybrid-credential-provider=iam-ra';
/** Where nodeadm looks for the certificate unless it is told otherwise (internal/node/hybrid/defaults.go). */
const HOST_CERTIFICATE = '/etc/iam/pki/server.pem';
const BY_SSM = 'eks.amazonaws.com/hybrid-credential-provider=ssm';
/** So nodeadm of Amazon Linux says of an instance (awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go, withCloudProvider). */
const INSTANCE = /\bproviderID"?\s*:\s*"?aws:\/\/\//;

/** What nodeadm installs and writes (internal/kubelet/install.go and kubelet.service); of other files it knows nothing. */
const INSTALLED =
  /^\/(usr\/bin\/kubelet$|etc\/(eks|kubernetes)\/|etc\/systemd\/system\/kubelet\.service$|opt\/cni\/bin\/|var\/lib\/kubelet\/kubeconfig$)/;

const CONFIG_IN = "spec.kubelet.config of the node's NodeConfig";
const FLAGS_IN = "spec.kubelet.flags of the node's NodeConfig";

const texts = {
  foreign: 'Make the same change in whatever puts that file there, because it overrides what nodeadm writes.',
  upgraded: 'Do the same again after `nodeadm upgrade`, which installs the files anew.',
  apply: step(
    "Run nodeadm with it on the node, which writes the kubelet's files anew and restarts the kubelet; FILE is the NodeConfig.",
    `nodeadm init --config-source "file://\${FILE:?}"`,
  ),
  ssm: 'Systems Manager gives this hybrid node its credentials, and its agent renews them as long as it reaches AWS.',
  rolesAnywhere: `IAM Roles Anywhere gives this hybrid node its credentials for a certificate of the host's own (${HOST_CERTIFICATE}, unless its NodeConfig says otherwise), which whoever issued it must replace before it ends: nothing on the node does.`,
};

export const eksHybrid: Platform = {
  name: 'eks-hybrid',
  title: 'EKS Hybrid Nodes',
  isCertain: (node) =>
    namesPath(node, CONFIG) &&
    (nameOf(node) !== undefined || (!isInstance(node) && (isLabelled(node, LABEL) || isRegistered(node)))),
  isLikely: () => false,
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: true,
  embeddedProxy: undefined,
  change: changeNodeConfig,
  openGate: openIn(`featureGates of ${CONFIG_IN}`),
  restart: restartUnit,
  afterChange: () => [texts.apply],
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: setOnNode,
  files: {
    byHand: true,
    lasting: (files) => (files.some(({ path }) => INSTALLED.test(path)) ? [step(texts.upgraded)] : []),
  },
  clientCertificate: bootstrapped(restartUnit),
  credentials: (node) => {
    const name = nameOf(node);
    const byRoles = isLabelled(node, BY_ROLES);
    // With Roles Anywhere people choose the name, and may choose one that looks like Systems Manager's.
    if (!byRoles && (isLabelled(node, BY_SSM) || isHybrid(name ?? ''))) return { by: texts.ssm };
    if (!byRoles && name === undefined) return undefined;
    return { by: texts.rolesAnywhere, certificate: HOST_CERTIFICATE };
  },
  // nodeadm's upgrade writes all of it anew for the next version, and takes the NodeConfig along.
  upgrade: eksAl2023.upgrade,
};

/** The name that nodeadm gave a hybrid node; undefined for another, and where it was not read. */
export function nameOf(node: NodeSigns): string | undefined {
  return PROVIDER_ID.exec(contentOf(node))?.[1];
}

function contentOf({ kubelet: { files } }: NodeSigns): string {
  return files.find(({ role, path }) => role === 'config' && path === CONFIG)?.content ?? '';
}

/** Systems Manager has it as a machine outside of EC2, or its activation names a cluster. */
function isRegistered({ tags, id = '' }: NodeSigns): boolean {
  return isHybrid(id) || hybridCluster(tags) !== undefined;
}

/** What nodeadm of Amazon Linux wrote says that it is an instance, whatever labels and tags say that people write. */
function isInstance(node: NodeSigns): boolean {
  return INSTANCE.test(contentOf(node)) || node.kubelet.argv.includes('--cloud-provider=external');
}

/** What nodeadm labels a hybrid node with tells it where its configuration could not be read. */
function isLabelled({ kubelet: { argv } }: NodeSigns, label: string): boolean {
  return argv.some((argument) => argument.startsWith('--node-labels=') && argument.includes(label));
}

function changeNodeConfig(node: NodeFacts, change: Change): Advice {
  const { flags, remains } = unwind(change);
  const removal = removeFlags(change, flags, FLAGS_IN, remains);
  if (remains) return { steps: [...removal, texts.apply], writes: false };
  const foreign = foreignDropIn(change);
  if (foreign === undefined) {
    return { steps: [...removal, writeSetting(change, CONFIG_IN), texts.apply], writes: true };
  }
  const edit = writeSetting(change, oneLine(foreign));
  return { steps: [...removal, edit, step(texts.foreign), restartUnit(node)], writes: true };
}

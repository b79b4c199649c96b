/**
 * EKS on Windows: Start-EKSBootstrap.ps1 writes the kubelet's files and makes its service, whose program starts the kubelet
 * with arguments to which -KubeletExtraArgs are added. Sources: the script itself, as copies of it are public (bgsilvait/EKS,
 * Windows/Start-EKSBootstrap_117_DSR.ps1); EKS User Guide, "Create nodes with optimized Windows AMIs", Bootstrap script
 * configuration parameters.
 * Tested by test/platforms/index.test.ts.
 */
import { isOnWindows } from '../kubelet/files.ts';
import { editInPlace } from './edit.ts';
import { isEks } from './eks.ts';
import type { NodeFacts, NodeSigns, Platform } from './platform.ts';
import { namesPath, runsFrom } from './signs.ts';
import { type Step, step } from './step.ts';
import { userDataOf } from './user-data.ts';
import { onWindows, restartService, SERVICE_ARGUMENTS } from './windows.ts';

const CONFIG = 'C:\\ProgramData\\kubernetes\\kubelet-config.json';
const KUBECONFIG = 'C:\\ProgramData\\kubernetes\\kubeconfig';

const texts = {
  arguments: (where: string) =>
    `Give the same to -KubeletExtraArgs of Start-EKSBootstrap.ps1 in ${where}: a new node starts from the image again.`,
  file: (where: string) =>
    `Have ${where} change ${CONFIG} alike, after Start-EKSBootstrap.ps1, and restart the kubelet: a new node starts from the image again.`,
};

/** What must be written where nodes are made, so that the next one has it too. */
function lasting(node: NodeFacts, inFile: boolean): Step[] {
  const { where } = userDataOf(node);
  return [step(inFile ? texts.file(where) : texts.arguments(where))];
}

/** The kubelet of AWS's image: EKS by its tags or its version, or the files that its script writes. */
function isOurs(node: NodeSigns): boolean {
  return isOnWindows(node.kubelet) && (isEks(node) || (namesPath(node, CONFIG) && namesPath(node, KUBECONFIG)));
}

export const eksWindows: Platform = {
  ...onWindows,
  name: 'eks-windows',
  title: 'EKS on Windows',
  isCertain: isOurs,
  isLikely: (node) => isOnWindows(node.kubelet) && runsFrom(node, 'C:\\Program Files\\Amazon\\EKS\\'),
  namesNodes: true,
  change: (node, change) =>
    editInPlace(node, change, {
      commandLine: SERVICE_ARGUMENTS,
      restart: restartService,
      also: (file) => lasting(node, file !== undefined),
    }),
  afterChange: (node) => [restartService(node)],
  authorizesApiServer: true,
  clientCaFile: 'C:\\ProgramData\\Amazon\\EKS\\cluster_ca.crt',
  upgrade: {
    node: 'is replaced',
    bootstrap: {
      // Those that the script sets in one version or another.
      flags: [
        'cgroups-per-qos',
        'cloud-provider',
        'cni-bin-dir',
        'cni-conf-dir',
        'config',
        'container-runtime',
        'container-runtime-endpoint',
        'enable-debugging-handlers',
        'enforce-node-allocatable',
        'hostname-override',
        'image-credential-provider-bin-dir',
        'image-credential-provider-config',
        'image-pull-progress-deadline',
        'kubeconfig',
        'logtostderr',
        'network-plugin',
        'node-ip',
        'pod-infra-container-image',
        'resolv-conf',
        'v',
      ],
      files: [CONFIG],
      gates: ['KubeletCredentialProviders', 'RotateKubeletServerCertificate'],
    },
  },
};

/**
 * kOps: nodeup writes the kubelet's files and arguments from the cluster's and the instance group's spec when an instance
 * starts. Sources: kubernetes/kops, nodeup/pkg/model/kubelet.go, nodeidentity/aws, docs/operations/rolling-update.md.
 * Tested by test/platforms/index.test.ts.
 */
import { approveRequests } from './certificates.ts';
import { assignment } from './flags.ts';
import { openIn } from './gates.ts';
import { setInImage } from './kernel.ts';
import type { Advice, Change, NodeFacts, Platform } from './platform.ts';
import { sh } from './shell.ts';
import { namesPath, tag } from './signs.ts';
import { type Step, step } from './step.ts';
import { restartUnit } from './systemd.ts';

const CONFIG = '/var/lib/kubelet/kubelet.conf';

/** kOps tags every instance with its group and its cluster (pkg/model/awsmodel, cloudup CloudTagsForInstanceGroup). */
const GROUP_TAG = 'kops.k8s.io/instancegroup';
const CLUSTER_TAG = 'KubernetesCluster';

const texts = {
  field: (field: string) =>
    `Set \`${field}\` below spec.kubelet of the instance group, or of the cluster for all, from which kOps makes file and flags of each new instance.`,
  noField: (assigned: string) =>
    `Let a hook of the instance group (spec.hooks) set ${assigned} in ${CONFIG} before kubelet.service, unless your version of kOps has a field for this below spec.kubelet.`,
  update: 'Update the cluster.',
  roll: 'Run a rolling update.',
  files: 'Put the command into a hook of the instance group too (spec.hooks): a new instance starts as kOps makes it.',
  replace:
    'Run a rolling update of the instance group: each new instance gets a new certificate, and one that is not replaced keeps this one.',
};

/**
 * Fields of spec.kubelet in clusters and instance groups (kubernetes/kops, pkg/apis/kops/v1alpha2/componentconfig.go,
 * KubeletConfigSpec); what is not here has none, and the client CA is not for users to set.
 */
const FIELDS: Readonly<Record<string, string>> = {
  rotateCertificates: 'rotateCertificates',
  readOnlyPort: 'readOnlyPort',
  'authentication.anonymous.enabled': 'anonymousAuth',
  'authentication.webhook.enabled': 'authenticationTokenWebhook',
  'authorization.mode': 'authorizationMode',
  tlsCertFile: 'tlsCertFile',
  tlsPrivateKeyFile: 'tlsPrivateKeyFile',
  tlsCipherSuites: 'tlsCipherSuites',
  tlsMinVersion: 'tlsMinVersion',
  streamingConnectionIdleTimeout: 'streamingConnectionIdleTimeout',
  eventRecordQPS: 'eventQPS',
  podPidsLimit: 'podPidsLimit',
  protectKernelDefaults: 'protectKernelDefaults',
  enableDebuggingHandlers: 'enableDebuggingHandlers',
  failSwapOn: 'failSwapOn',
  allowedUnsafeSysctls: 'allowedUnsafeSysctls',
  staticPodPath: 'podManifestPath',
};

export const kops: Platform = {
  name: 'kops',
  title: 'kOps',
  isCertain: (node) => namesPath(node, CONFIG) || tag(node.tags, GROUP_TAG) !== undefined,
  isLikely: () => false,
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: false,
  embeddedProxy: undefined,
  change: changeSpec,
  openGate: openIn('spec.kubelet.featureGates of the kOps cluster or instance group'),
  restart: restartUnit,
  afterChange: roll,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/srv/kubernetes/ca.crt',
  setKernelParameters: setInImage,
  files: { byHand: true, lasting: () => [step(texts.files)] },
  clientCertificate: {
    renewedBy: 'installer',
    approve: approveRequests(restartUnit),
    replace: replaceInstances,
  },
  upgrade: {
    node: 'is replaced',
    bootstrap: {
      flags: [
        'cloud-provider',
        'config',
        'image-credential-provider-bin-dir',
        'image-credential-provider-config',
        'kubeconfig',
      ],
      // The spec and nodeup's own values stand in one file, so all of it may come along.
      files: [],
      gates: [],
    },
  },
};

/** Flags and file come from the spec, so that is changed alone, and each instance replaced. */
function changeSpec(node: NodeFacts, change: Change): Advice {
  const { setting, value } = change;
  const field = FIELDS[setting];
  const edit = editSpec(node);
  return {
    steps: [
      field === undefined
        ? step(texts.noField(assignment(change)), edit)
        : step(texts.field(`${field}: ${value}`), edit),
      ...roll(node),
    ],
    writes: true,
  };
}

function editSpec({ tags }: NodeFacts): string | undefined {
  const group = tag(tags, GROUP_TAG);
  const cluster = tag(tags, CLUSTER_TAG);
  if (group === undefined) return cluster === undefined ? 'kops edit cluster' : sh`kops edit cluster ${cluster}`;
  return cluster === undefined
    ? sh`kops edit instancegroup ${group}`
    : sh`kops edit instancegroup ${group} --name ${cluster}`;
}

/** How a change of the spec comes to the instances (kubernetes/kops, docs/operations/rolling-update.md). */
function roll({ tags }: NodeFacts): Step[] {
  const cluster = tag(tags, CLUSTER_TAG);
  const update = cluster === undefined ? 'kops update cluster --yes' : sh`kops update cluster ${cluster} --yes`;
  return [step(texts.update, update), step(texts.roll, rollingUpdate(cluster, '--yes'))];
}

function replaceInstances({ tags }: NodeFacts): Step[] {
  const group = tag(tags, GROUP_TAG);
  const only = group === undefined ? '' : sh`--instance-group ${group} `;
  const command = only === undefined ? undefined : rollingUpdate(tag(tags, CLUSTER_TAG), `${only}--force --yes`);
  return [step(texts.replace, command)];
}

function rollingUpdate(cluster: string | undefined, options: string): string | undefined {
  const named = cluster === undefined ? '' : sh`${cluster} `;
  return named === undefined ? undefined : `kops rolling-update cluster ${named}${options}`;
}

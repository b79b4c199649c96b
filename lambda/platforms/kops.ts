/**
 * kOps: nodeup writes the kubelet's files and arguments from the cluster's and the instance group's spec when an instance
 * starts. Sources: kubernetes/kops, nodeup/pkg/model/kubelet.go, nodeidentity/aws, docs/operations/rolling-update.md.
 * Tested by test/platforms/index.test.ts.
 */
import { approveRequests } from './certificates.ts';
import { editInPlace } from './edit.ts';
import { openIn } from './gates.ts';
import { setInImage } from './kernel.ts';
import type { Platform } from './platform.ts';
import { namesPath } from './signs.ts';
import { restartUnit } from './systemd.ts';

const CONFIG = '/var/lib/kubelet/kubelet.conf';

/** kOps tags every instance with its group. */
const GROUP_TAG = 'kops.k8s.io/instancegroup';

const texts = {
  also: 'make the change in spec.kubelet of the kOps cluster or instance group and run a rolling update, because kOps rewrites the file',
  files: ' Put the command into a hook of the instance group too (spec.hooks): a new instance starts as kOps makes it.',
  replace:
    'Run a rolling update of the instance group (kops rolling-update cluster --instance-group … --force --yes): each new instance gets a new certificate; one that is not replaced keeps this one.',
};

export const kops: Platform = {
  name: 'kops',
  title: 'kOps',
  isCertain: (node) => namesPath(node, CONFIG) || Object.hasOwn(node.tags, GROUP_TAG),
  isLikely: () => false,
  hiddenArguments: () => undefined,
  change: (node, change) => editInPlace(node, change, () => texts.also),
  openGate: openIn('spec.kubelet.featureGates of the kOps cluster or instance group'),
  restart: restartUnit,
  afterChange: () => 'Then run a rolling update.',
  setsCallers: true,
  clientCaFile: '/srv/kubernetes/ca.crt',
  setKernelParameters: setInImage,
  files: { byHand: true, lasting: () => texts.files },
  clientCertificate: {
    renewedBy: 'installer',
    approve: approveRequests(restartUnit),
    replace: () => texts.replace,
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
    },
  },
};

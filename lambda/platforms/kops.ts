/**
 * kOps: nodeup writes the kubelet's files and arguments from the cluster's and the instance group's spec when an instance
 * starts. Sources: kubernetes/kops, nodeup/pkg/model/kubelet.go, nodeidentity/aws, docs/operations/rolling-update.md.
 * Tested by test/platforms/index.test.ts.
 */
import { approveRequests } from './certificates.ts';
import { editInPlace } from './edit.ts';
import { openIn } from './gates.ts';
import { setInImage } from './kernel.ts';
import type { Change, Platform } from './platform.ts';
import { namesPath } from './signs.ts';
import { restartUnit } from './systemd.ts';

const CONFIG = '/var/lib/kubelet/kubelet.conf';

/** kOps tags every instance with its group. */
const GROUP_TAG = 'kops.k8s.io/instancegroup';

const texts = {
  field: (field: string) =>
    `set \`${field}\` below spec.kubelet (\`kops edit instancegroup\`, or \`kops edit cluster\` for all), then run \`kops update cluster --yes\` and \`kops rolling-update cluster --yes\`, because kOps rewrites the file`,
  noField:
    'kOps rewrites the file: where your version of it has no field for this below spec.kubelet, let a hook of the instance group (spec.hooks) make the change before kubelet.service, then run `kops rolling-update cluster --yes`',
  files: ' Put the command into a hook of the instance group too (spec.hooks): a new instance starts as kOps makes it.',
  replace:
    'Run a rolling update of the instance group (kops rolling-update cluster --instance-group … --force --yes): each new instance gets a new certificate; one that is not replaced keeps this one.',
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
};

export const kops: Platform = {
  name: 'kops',
  title: 'kOps',
  isCertain: (node) => namesPath(node, CONFIG) || Object.hasOwn(node.tags, GROUP_TAG),
  isLikely: () => false,
  hiddenArguments: () => undefined,
  namesNodes: false,
  embeddedProxy: undefined,
  change: (node, change) => editInPlace(node, change, () => inSpec(change)),
  openGate: openIn('spec.kubelet.featureGates of the kOps cluster or instance group'),
  restart: restartUnit,
  afterChange: () => 'Then run a rolling update.',
  setsCallers: true,
  authorizesApiServer: true,
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

function inSpec({ setting, value }: Change): string {
  const field = FIELDS[setting];
  return field ? texts.field(`${field}: ${value}`) : texts.noField;
}

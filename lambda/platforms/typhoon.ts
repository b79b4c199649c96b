/**
 * Typhoon, on Flatcar Linux and Fedora CoreOS: the unit kubelet.service runs the kubelet in a container, and Ignition writes
 * unit and files when an instance starts for the first time. Sources: poseidon/typhoon v1.36.1,
 * aws/{flatcar-linux,fedora-coreos}/kubernetes/workers/butane/worker.yaml, docs/advanced/customization.md (snippets) and
 * docs/topics/maintenance.md (instance refresh); poseidon/terraform-render-bootstrap, resources/manifests/bootstrap-token.yaml
 * (a token without end); kubernetes 1.35, pkg/kubelet/certificate/bootstrap (isClientConfigStillValid).
 * Tested by test/platforms/index.test.ts.
 */
import { approveRequests } from './certificates.ts';
import { openIn } from './gates.ts';
import { changeByInstaller, type Installer } from './installer.ts';
import { setIn } from './kernel.ts';
import type { Platform } from './platform.ts';
import { isConfig, namesPath } from './signs.ts';
import { step } from './step.ts';
import { watchLogOf } from './systemd.ts';

const CONFIG = '/etc/kubernetes/kubelet.yaml';
const BOOTSTRAP = '/etc/kubernetes/kubeconfig';

const SNIPPET = 'a Butane snippet (worker_snippets, or controller_snippets)';
const RESTART = 'systemctl daemon-reload && systemctl restart kubelet';

const texts = {
  restart: 'Restart the kubelet by its unit on the host, which runs the container.',
  replace: 'Restart the kubelet, which asks for a new certificate by the bootstrap token of its node.',
  files: `Give the file that mode and owner in ${SNIPPET} too: a new instance starts as Ignition makes it.`,
};

const restart = () => step(texts.restart, RESTART);
const watch = () => watchLogOf('kubelet');

const installer: Installer = {
  config: `${CONFIG} of ${SNIPPET}, which takes the place of the whole file`,
  flags: `what starts the kubelet, in a drop-in of kubelet.service in ${SNIPPET}`,
  ending: [
    step(
      'Apply it where the cluster is declared: workers are then replaced one after the other (on AWS by an instance refresh), a controller at once.',
      'terraform apply',
    ),
  ],
  own: [],
};

export const typhoon: Platform = {
  name: 'typhoon',
  title: 'Typhoon',
  isCertain: (node) => isConfig(node, CONFIG) && namesPath(node, BOOTSTRAP),
  isLikely: () => false,
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: false,
  embeddedProxy: undefined,
  change: (_node, change) => changeByInstaller(installer, change),
  openGate: openIn(`featureGates of ${CONFIG} of ${SNIPPET}`),
  restart,
  afterChange: () => installer.ending,
  setsCallers: true,
  // Its kubelets ask by Webhook since they have a file.
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/ca.crt',
  setKernelParameters: setIn(`a file of /etc/sysctl.d in ${SNIPPET}`),
  files: { byHand: true, lasting: () => [step(texts.files)] },
  clientCertificate: {
    renewedBy: 'kubelet',
    approve: approveRequests(restart, watch),
    replace: () => [step(texts.replace, RESTART)],
  },
  upgrade: {
    node: 'is replaced',
    bootstrap: {
      flags: [
        'bootstrap-kubeconfig',
        'cloud-provider',
        'config',
        'container-runtime-endpoint',
        'kubeconfig',
        'node-labels',
        'provider-id',
        'register-with-taints',
      ],
      // A snippet may have taken its place.
      files: [],
      gates: [],
    },
  },
};

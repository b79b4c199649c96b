/**
 * Kubespray: kubeadm makes the cluster, and Kubespray writes the kubelet's unit, arguments and file from the variables of an
 * Ansible inventory, all anew at each run. Sources: kubernetes-sigs/kubespray 2.32, roles/kubernetes/node/templates
 * (kubelet-config.v1beta1.yaml.j2, kubelet.env.v1beta1.j2) and tasks/kubelet.yml, roles/kubespray_defaults,
 * docs/operations/upgrades.md.
 * Tested by test/platforms/index.test.ts.
 */
import { bootstrapped } from './certificates.ts';
import { assignment, removeFlags, unwind } from './flags.ts';
import { openIn } from './gates.ts';
import { setOnNode } from './kernel.ts';
import type { Advice, Change, Platform } from './platform.ts';
import { isConfig, namesPath } from './signs.ts';
import { type Step, step } from './step.ts';
import { restartUnit } from './systemd.ts';

const CONFIG = '/etc/kubernetes/kubelet-config.yaml';
const KUBECONFIG = '/etc/kubernetes/kubelet.conf';

/**
 * Variables by which its template writes settings. A setting of these in kubelet_config_extra_args would stand in the file
 * twice, and of two the kubelet takes the last: the template's, where that writes it below (eventRecordQPS, tlsMinVersion).
 */
const VARIABLES: Readonly<Record<string, string>> = {
  'authentication.webhook.enabled': 'kubelet_authentication_token_webhook',
  eventRecordQPS: 'kubelet_event_record_qps',
  failSwapOn: 'kubelet_fail_swap_on',
  healthzBindAddress: 'kubelet_healthz_bind_address',
  makeIPTablesUtilChains: 'kubelet_make_iptables_util_chains',
  podPidsLimit: 'kubelet_pod_pids_limit',
  protectKernelDefaults: 'kubelet_protect_kernel_defaults',
  readOnlyPort: 'kube_read_only_port',
  rotateCertificates: 'kubelet_rotate_certificates',
  seccompDefault: 'kubelet_seccomp_default',
  serverTLSBootstrap: 'kubelet_rotate_server_certificates',
  staticPodPath: 'kube_manifest_dir',
  streamingConnectionIdleTimeout: 'kubelet_streaming_connection_idle_timeout',
  tlsCipherSuites: 'tls_cipher_suites',
  tlsMinVersion: 'tls_min_version',
};

/** Its template writes these as the benchmarks want them, and has no variable for them. */
const FIXED: ReadonlySet<string> = new Set(['authentication.anonymous.enabled', 'authentication.x509.clientCAFile']);

const FLAGS = 'kubelet_custom_flags in the variables of the inventory';

const texts = {
  variable: (line: string) => `Set \`${line}\` in the variables of the inventory.`,
  extra: (assigned: string) => `Set ${assigned} below kubelet_config_extra_args in the variables of the inventory.`,
  fixed: (setting: string) =>
    `Leave ${setting} to Kubespray, which writes it into ${CONFIG} by no variable: what differs there was changed by hand.`,
  run: 'Run Kubespray on the nodes, by which it writes the file anew and restarts the kubelet.',
  files:
    'Run the command again after each run of Kubespray, which sets the mode of the unit to 644 and of its other files to 600, or accept the finding by a waiver.',
};

const run = (): [Step] => [
  step(texts.run, `ansible-playbook -b -i "\${INVENTORY:?}" cluster.yml --tags=node --skip-tags=k8s-gen-certs`),
];

export const kubespray: Platform = {
  name: 'kubespray',
  title: 'Kubespray',
  isCertain: (node) => isConfig(node, CONFIG) && namesPath(node, KUBECONFIG),
  isLikely: () => false,
  hiddenArguments: () => undefined,
  hasKubeadm: true,
  // Unless its users empty kube_override_hostname, by which it names the host too (override_system_hostname).
  namesNodes: true,
  embeddedProxy: undefined,
  change: changeVariable,
  openGate: openIn(
    'kubelet_feature_gates in the variables of the inventory (where that is not set, kube_feature_gates)',
  ),
  restart: restartUnit,
  afterChange: run,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/ssl/ca.crt',
  setKernelParameters: setOnNode,
  files: {
    byHand: true,
    lasting: (_files, attribute) => (attribute === 'mode' ? [step(texts.files)] : []),
  },
  clientCertificate: bootstrapped(restartUnit, 'kubeadm token create'),
  // The file of its arguments is written anew, by a template that no longer has this one.
  upgrade: { node: 'stays', cleans: [{ minor: 35, flag: 'pod-infra-container-image', file: 'kubelet.env' }] },
};

function changeVariable(_node: unknown, change: Change): Advice {
  const { flags, remains } = unwind(change);
  const removal = removeFlags(change, flags, FLAGS, remains);
  if (remains) return { steps: [...removal, ...run()], writes: false };
  return { steps: [...removal, writeVariable(change), ...run()], writes: true };
}

function writeVariable(change: Change): Step {
  const { setting, value } = change;
  if (FIXED.has(setting)) return step(texts.fixed(setting));
  // The mode is Webhook where this is true, else AlwaysAllow.
  if (setting === 'authorization.mode') {
    return step(texts.variable(`kubelet_authorization_mode_webhook: ${value === 'Webhook'}`));
  }
  const variable = Object.hasOwn(VARIABLES, setting) ? VARIABLES[setting] : undefined;
  return step(variable === undefined ? texts.extra(assignment(change)) : texts.variable(`${variable}: ${value}`));
}

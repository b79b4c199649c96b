/**
 * Values with which the kubelet exits although it could read them, in its words.
 * Source: kubernetes pkg/kubelet/apis/config/validation/validation.go, ValidateKubeletConfiguration, 1.24 to 1.37;
 * cmd/kubelet/app/server.go, NewKubeletCommand. Of older minors only those checks are made that have always been there.
 */
import { Exit } from '../../go/outcome.ts';
import { aggregate, type GateValues } from '../gates.ts';
import type { Layers } from '../layers.ts';
import { FIRST_WITH_ALL_GATES } from '../tables.ts';
import type { Rules } from '../version.ts';
import { Checked, type Complaint } from './checked.ts';
import { checkLimits } from './limits.ts';
import { checkLogging, checkTracing } from './logging.ts';
import { checkPods } from './pods.ts';
import { checkNode, checkReservations } from './resources.ts';

/** What validation asks of the machine; nothing is refused for what is absent here. */
export type Host = { cgroup?: 1 | 2; windows?: boolean };

/** From 1.25 on logging is begun, and refused, before the configuration is validated. */
const FIRST_WITH_EARLY_LOGGING = 25;

/** Up to here this gate is locked, though not in the registry of gates. */
const LAST_WITH_DYNAMIC_CONFIG = 25;

/**
 * Throws Exit with every single message where the kubelet refuses the configuration. `given` is the last value of a flag.
 */
export function validate(
  layers: Layers,
  gates: GateValues,
  rules: Rules,
  given: (flag: string) => string | undefined,
  host: Host = {},
): void {
  const { minor } = rules;
  if (minor < FIRST_WITH_ALL_GATES) {
    validateOld(layers, gates, rules);
    return;
  }
  const logging = new Checked(layers, gates, rules);
  checkLogging(logging, given);
  if (minor >= FIRST_WITH_EARLY_LOGGING) {
    refuse(layers, logging.complaints, (said) => `initialize logging: ${said}`, []);
  }
  if (minor >= FIRST_WITH_EARLY_LOGGING) panicOverFlushing(logging);
  const c = new Checked(layers, gates, rules);
  checkLimits(c);
  checkPods(c);
  checkReservations(c, host.cgroup);
  if (host.windows) checkWindows(c);
  c.complaints.push(...logging.complaints);
  checkTracing(c);
  checkNode(c, host.windows === true);
  const messages = c.complaints.map(({ message }) => message);
  refuse(layers, c.complaints, (said) => `failed to validate kubelet configuration, error: ${said}`, messages);
  if (minor < FIRST_WITH_EARLY_LOGGING) panicOverFlushing(logging);
  if (minor <= LAST_WITH_DYNAMIC_CONFIG && c.isOn('DynamicKubeletConfig')) {
    throw new Exit('cannot set feature gate DynamicKubeletConfig to true, feature is locked to false', {
      stage: 'gates',
      about: [{ setting: 'featureGates', gate: 'DynamicKubeletConfig' }],
    });
  }
}

/** Since 1.30 a kubelet of Windows only warns of what it has no use for (kubernetes pull request 123137). */
const LAST_WITH_WINDOWS_ERRORS = 29;

/** Source: validation_windows.go, validateKubeletOSConfiguration. */
function checkWindows(c: Checked): void {
  if (c.minor > LAST_WITH_WINDOWS_ERRORS) return;
  const refuseOnWindows = (name: string, flag: string, value: string, setting: string) =>
    c.invalid(`${name} (--${flag}) ${value} is not supported on Windows`, setting);
  if (c.value('cgroupsPerQOS') !== false) refuseOnWindows('CgroupsPerQOS', 'cgroups-per-qos', 'true', 'cgroupsPerQOS');
  const enforced = c.list('enforceNodeAllocatable');
  if (enforced.length === 0) return;
  const value = `[${enforced.join(' ')}]`;
  refuseOnWindows('EnforceNodeAllocatable', 'enforce-node-allocatable', value, 'enforceNodeAllocatable');
}

/** Up to 1.34 nothing checks what the daemon that flushes logs cannot run with (klog.StartFlushDaemon). */
const LAST_WITH_PANIC = 34;

function panicOverFlushing(c: Checked): void {
  const setting = 'logging.flushFrequency';
  if (c.minor > LAST_WITH_PANIC || c.duration(setting) > 0n) return;
  throw new Exit('panic: non-positive interval for NewTicker', { stage: 'panic', about: [{ setting }] });
}

/** Settings whose bounds are the same since 1.20. */
const ALWAYS_BOUND = new Set([
  ...['readOnlyPort', 'port', 'healthzPort', 'eventRecordQPS', 'eventBurst', 'nodeLeaseDurationSeconds'],
  ...['registryPullQPS', 'registryBurst', 'oomScoreAdj', 'imageGCHighThresholdPercent', 'imageGCLowThresholdPercent'],
  ...['maxPods', 'maxOpenFiles', 'nodeStatusMaxImages', 'kubeAPIQPS', 'kubeAPIBurst', 'podsPerCore'],
  ...['iptablesMasqueradeBit', 'iptablesDropBit', 'hairpinMode', 'topologyManagerPolicy', 'serverTLSBootstrap'],
]);

/** Before 1.24 most gates are not known, and so is what they allow. */
function validateOld(layers: Layers, gates: GateValues, rules: Rules): void {
  const c = new Checked(layers, gates, rules);
  checkLimits(c);
  checkPods(c);
  const complaints = c.complaints.filter(({ settings: [setting = ''] }) => ALWAYS_BOUND.has(setting));
  const around = (said: string) => `failed to validate kubelet configuration, error: ${said}`;
  refuse(
    layers,
    complaints,
    around,
    complaints.map(({ message }) => message),
  );
}

function refuse(
  layers: Layers,
  complaints: readonly Complaint[],
  around: (said: string) => string,
  messages: readonly string[],
): void {
  if (complaints.length === 0) return;
  const settings = [...new Set(complaints.flatMap((complaint) => complaint.settings))];
  throw new Exit(around(aggregate(complaints.map(({ message }) => message))), {
    stage: 'validation',
    messages,
    about: settings.map((setting) => {
      const where = layers[setting]?.source;
      return where === undefined ? { setting } : { setting, where };
    }),
  });
}

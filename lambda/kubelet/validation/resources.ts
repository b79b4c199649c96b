/**
 * What is reserved, and what the node's system must allow.
 * Source: kubernetes pkg/kubelet/apis/config/validation/validation.go, 1.24 to 1.37, from ReservedSystemCPUs to its end;
 * validation_reserved_memory.go; validation_linux.go; k8s.io/component-base/metrics.
 * Tested by test/kubelet/validation/validate.test.ts.
 */

import { cpusProblem } from '../../go/cpus.ts';
import { clean, isAbsolute, isOfWindows } from '../../go/paths.ts';
import { goFloat, goQuote } from '../../go/quoting.ts';
import { type Checked, SECOND } from './checked.ts';

/** Says what is wrong, in the kubelet's order. */
export function checkReservations(c: Checked, cgroup: 1 | 2 | undefined): void {
  const cpus = c.text('reservedSystemCPUs');
  if (cpus !== '') {
    if (c.text('systemReservedCgroup') !== '' || c.text('kubeReservedCgroup') !== '') {
      c.invalid(
        "can't use reservedSystemCPUs (--reserved-cpus) with systemReservedCgroup (--system-reserved-cgroup) or kubeReservedCgroup (--kube-reserved-cgroup)",
        'reservedSystemCPUs',
        c.text('systemReservedCgroup') === '' ? 'kubeReservedCgroup' : 'systemReservedCgroup',
      );
    }
    const problem = cpusProblem(cpus, c.minor);
    if (problem !== undefined) {
      c.invalid(
        `unable to parse reservedSystemCPUs (--reserved-cpus) ${cpus}, error: ${problem}`,
        'reservedSystemCPUs',
      );
    }
  }
  checkReservedMemory(c);
  if (!refusesCgroups(c, cgroup)) checkUserNamespaces(c);
  checkHiddenMetrics(c);
}

function checkReservedMemory(c: Checked): void {
  const seen = new Set<string>();
  for (const reservation of c.list('reservedMemory')) {
    const { numaNode = 0, limits } = reservation as { numaNode?: number; limits?: ReadonlyMap<string, string> };
    for (const [name, quantity] of limits ?? []) {
      const resource = goQuote(name);
      if (name !== 'memory' && !name.startsWith('hugepages-')) {
        c.invalid(
          `the limit type ${resource} for NUMA node ${numaNode} is not supported, only [memory hugepages-<HugePageSize>] is accepted`,
          'reservedMemory',
        );
      }
      if (quantity === '0') {
        c.invalid(
          `reserved memory may not be zero for NUMA node ${numaNode} and resource ${resource}`,
          'reservedMemory',
        );
      }
      const identity = `${numaNode} ${name}`;
      if (seen.has(identity)) {
        c.invalid(
          `the reserved memory has a duplicate value for NUMA node ${numaNode} and resource ${resource}`,
          'reservedMemory',
        );
      }
      seen.add(identity);
    }
  }
}

const IDS_PER_POD = 65_536;
const MOST_IDS = 2 ** 32 - 1;

/** validateKubeletOSConfiguration: it says one thing at a time, and of the host's control groups first. */
function refusesCgroups(c: Checked, cgroup: 1 | 2 | undefined): boolean {
  if (cgroup !== 1) return false;
  if (c.value('failCgroupV1') === true) {
    const support = c.minor >= 35 ? 'unsupported and will be removed in a future release' : 'in maintenance mode';
    const message = `kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is ${support}`;
    c.say(message, 'failCgroupV1');
    return true;
  }
  if (c.value('singleProcessOOMKill') !== false) return false;
  c.invalid('singleProcessOOMKill must not be explicitly set to false when using cgroup v1', 'singleProcessOOMKill');
  return true;
}

function checkUserNamespaces(c: Checked): void {
  const path = 'userNamespaces.idsPerPod';
  const ids = c.value(path);
  if (c.minor < 33 || typeof ids !== 'number') return;
  if (ids < IDS_PER_POD) c.invalid(`${path} must not be less than ${IDS_PER_POD}`, path);
  else if (ids % IDS_PER_POD !== 0) c.invalid(`${path} must be a multiple of ${IDS_PER_POD}`, path);
  else if (ids > MOST_IDS) c.invalid(`${path} must not be more than ${MOST_IDS}`, path);
}

/** Only what the minor before hid can be shown. */
function checkHiddenMetrics(c: Checked): void {
  const version = c.text('showHiddenMetricsForVersion');
  const previous = `1.${c.minor - 1}`;
  if (version === '' || version === previous) return;
  c.say(
    c.minor >= 36
      ? `invalid showHiddenMetricsForVersion: showHiddenMetricsForVersion: Invalid value: ${goQuote(version)}: must be omitted or have the value '${previous}'; only the previous minor version is allowed`
      : `--show-hidden-metrics-for-version must be omitted or have the value '${previous}'. Only the previous minor version is allowed`,
    'showHiddenMetricsForVersion',
  );
}

/** The default up to 1.36, which stays allowed (previousDefaultMemoryThrottlingFactor). */
const FORMER_FACTOR = 0.9;

/** What comes after logging and tracing. */
export function checkNode(c: Checked, windows: boolean): void {
  checkMemory(c);
  if (c.minor >= 27) checkRuntime(c);
  if (c.minor >= 30) checkLogs(c, windows);
}

function checkMemory(c: Checked): void {
  const factor = c.value('memoryThrottlingFactor');
  const qos = c.isOn('MemoryQoS');
  if (c.minor <= 36) {
    if (qos && factor === null) {
      c.invalid('memoryThrottlingFactor is required when MemoryQoS feature flag is enabled', 'memoryThrottlingFactor');
    }
  } else if (!qos && factor !== null && factor !== FORMER_FACTOR) {
    c.invalid(
      'memoryThrottlingFactor must not be set when MemoryQoS feature gate is disabled',
      'memoryThrottlingFactor',
    );
  }
  if (typeof factor === 'number' && (factor <= 0 || factor > 1)) {
    c.invalid(
      `memoryThrottlingFactor ${goFloat(factor)} must be greater than 0 and less than or equal to 1.0`,
      'memoryThrottlingFactor',
    );
  }
  if (c.minor < 36) return;
  const policy = c.text('memoryReservationPolicy');
  if (!qos && policy === 'TieredReservation') {
    c.invalid(
      'memoryReservationPolicy "TieredReservation" requires MemoryQoS feature gate to be enabled',
      'memoryReservationPolicy',
    );
  }
  if (policy !== 'None' && policy !== 'TieredReservation') {
    c.invalid(
      `option ${goQuote(policy)} specified for memoryReservationPolicy. Valid options are "None" or "TieredReservation"`,
      'memoryReservationPolicy',
    );
  }
}

function checkRuntime(c: Checked): void {
  if (c.text('containerRuntimeEndpoint') === '') {
    c.invalid('the containerRuntimeEndpoint was not specified or empty', 'containerRuntimeEndpoint');
  }
  if (c.value('enableSystemLogQuery') !== true) return;
  if (!c.isOn('NodeLogQuery')) {
    const wanted = c.minor <= 34 ? 'enableSystemLogHandler' : 'enableSystemLogQuery';
    c.invalid(`NodeLogQuery feature gate is required for ${wanted}`, 'enableSystemLogQuery');
  }
  if (c.value('enableSystemLogHandler') === false) {
    c.invalid('enableSystemLogHandler is required for enableSystemLogQuery', 'enableSystemLogHandler');
  }
}

function checkLogs(c: Checked, windows: boolean): void {
  if (c.number('containerLogMaxWorkers') < 1) {
    c.invalid('containerLogMaxWorkers must be greater than or equal to 1', 'containerLogMaxWorkers');
  }
  if (c.duration('containerLogMonitorInterval') < 3n * SECOND) {
    c.invalid(
      'containerLogMonitorInterval must be a positive time duration greater than or equal to 3s',
      'containerLogMonitorInterval',
    );
  }
  if (c.minor >= 33 && c.number('containerLogMaxFiles') <= 1) {
    c.invalid('containerLogMaxFiles must be greater than 1', 'containerLogMaxFiles');
  }
  const folder = c.text('podLogsDir');
  const quoted = goQuote(folder);
  if (folder === '') c.invalid('podLogsDir was not specified', 'podLogsDir');
  // A drive is none of Linux; a leading slash will do on Windows too (k8s.io/kubernetes pkg/util/filesystem, IsAbs).
  if (!isAbsolute(folder) && !(windows && isOfWindows(folder)))
    c.invalid(`pod logs path ${quoted} must be absolute path`, 'podLogsDir');
  if (clean(folder) !== folder) c.invalid(`pod logs path ${quoted} must be normalized`, 'podLogsDir');
  // The misspelling is the kubelet's own.
  if (/[^\0-\x7f]/.test(folder)) c.invalid(`pod logs path ${quoted} mut contains ASCII characters only`, 'podLogsDir');
}

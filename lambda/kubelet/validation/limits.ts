/**
 * Numbers and durations within their bounds.
 * Source: kubernetes pkg/kubelet/apis/config/validation/validation.go, 1.24 to 1.37, from its beginning to RunOnce.
 * Tested by test/kubelet/validation/validate.test.ts.
 */
import { goInteger, goQuote } from '../../go/quoting.ts';
import { type Checked, SECOND } from './checked.ts';

const MILLISECOND = 1_000_000n;
const MICROSECOND = 1_000n;

/** Says what is out of bounds, in the kubelet's order. */
export function checkLimits(c: Checked): void {
  if (c.number('nodeLeaseDurationSeconds') <= 0) {
    c.invalid('nodeLeaseDurationSeconds must be greater than 0', 'nodeLeaseDurationSeconds');
  }
  if (c.minor <= 30 && c.value('cgroupsPerQOS') === false && c.list('enforceNodeAllocatable').length > 0) {
    c.invalid(
      'enforceNodeAllocatable (--enforce-node-allocatable) is not supported unless cgroupsPerQOS (--cgroups-per-qos) is set to true',
      'cgroupsPerQOS',
      'enforceNodeAllocatable',
    );
  }
  if (c.text('systemCgroups') !== '' && c.text('cgroupRoot') === '') {
    c.invalid(
      'systemCgroups (--system-cgroups) was specified and cgroupRoot (--cgroup-root) was not specified',
      'systemCgroups',
      'cgroupRoot',
    );
  }
  notNegative(c, 'eventBurst', 'event-burst');
  notNegative(c, 'eventRecordQPS', 'event-qps');
  const healthz = c.number('healthzPort');
  if (healthz !== 0) within(c, 'healthzPort', 'healthz-port', 1, 65_535);
  checkQuotaPeriod(c);
  checkImages(c);
  within(c, 'iptablesDropBit', 'iptables-drop-bit', 0, 31);
  within(c, 'iptablesMasqueradeBit', 'iptables-masquerade-bit', 0, 31);
  notNegative(c, 'kubeAPIBurst', 'kube-api-burst');
  notNegative(c, 'kubeAPIQPS', 'kube-api-qps');
  if (c.number('nodeStatusMaxImages') < -1) {
    c.invalid(
      `nodeStatusMaxImages (--node-status-max-images) ${c.number('nodeStatusMaxImages')} must be -1 or greater`,
      'nodeStatusMaxImages',
    );
  }
  notNegative(c, 'maxOpenFiles', 'max-open-files');
  notNegative(c, 'maxPods', 'max-pods');
  within(c, 'oomScoreAdj', 'oom-score-adj', -1000, 1000);
  notNegative(c, 'podsPerCore', 'pods-per-core');
  within(c, 'port', 'port', 1, 65_535);
  if (c.number('readOnlyPort') !== 0) within(c, 'readOnlyPort', 'read-only-port', 1, 65_535, 0);
  notNegative(c, 'registryBurst', 'registry-burst');
  notNegative(c, 'registryPullQPS', 'registry-qps');
  checkPulls(c);
  if (c.value('serverTLSBootstrap') === true && !c.isOn('RotateKubeletServerCertificate')) {
    c.invalid('serverTLSBootstrap true requires feature gate RotateKubeletServerCertificate', 'serverTLSBootstrap');
  }
  const policy = c.text('topologyManagerPolicy');
  if (c.minor >= 24 && c.minor <= 26 && policy !== 'none' && !c.isOn('TopologyManager')) {
    c.invalid(`topologyManagerPolicy ${policy} requires feature gate TopologyManager`, 'topologyManagerPolicy');
  }
  if (c.minor >= 32 && c.value('runOnce') === true) {
    c.invalid('runOnce (--runOnce) true, Runonce mode has been deprecated and should not be set', 'runOnce');
  }
}

function notNegative(c: Checked, path: string, flag: string): void {
  const value = c.number(path);
  if (value < 0) c.invalid(`${path} (--${flag}) ${goInteger(value)} must not be a negative number`, path);
}

/** `from` is what the message says where zero, which means off, was let through before. */
function within(c: Checked, path: string, flag: string, least: number, most: number, from = least): void {
  const value = c.number(path);
  if (value < least || value > most) {
    c.invalid(`${path} (--${flag}) ${value} must be between ${from} and ${most}, inclusive`, path);
  }
}

function checkQuotaPeriod(c: Checked): void {
  const name = 'cpuCFSQuotaPeriod (--cpu-cfs-quota-period)';
  const shown = `{${c.text('cpuCFSQuotaPeriod')}}`;
  if (!c.isOn('CustomCPUCFSQuotaPeriod')) {
    if (c.text('cpuCFSQuotaPeriod') !== '100ms') {
      c.invalid(`${name} ${shown} requires feature gate CustomCPUCFSQuotaPeriod`, 'cpuCFSQuotaPeriod');
    }
    return;
  }
  const [least, unit] = c.minor <= 25 ? [MICROSECOND, '1usec'] : [MILLISECOND, '1ms'];
  const period = c.duration('cpuCFSQuotaPeriod');
  if (period < least || period > SECOND) {
    c.invalid(`${name} ${shown} must be between ${unit} and 1sec, inclusive`, 'cpuCFSQuotaPeriod');
  }
}

function checkImages(c: Checked): void {
  const [high, low] = [c.number('imageGCHighThresholdPercent'), c.number('imageGCLowThresholdPercent')];
  within(c, 'imageGCHighThresholdPercent', 'image-gc-high-threshold', 0, 100);
  within(c, 'imageGCLowThresholdPercent', 'image-gc-low-threshold', 0, 100);
  if (low >= high) {
    c.invalid(
      `imageGCLowThresholdPercent (--image-gc-low-threshold) ${low} must be less than imageGCHighThresholdPercent (--image-gc-high-threshold) ${high}`,
      'imageGCLowThresholdPercent',
      'imageGCHighThresholdPercent',
    );
  }
  if (c.minor < 29) return;
  const [least, most] = [c.duration('imageMinimumGCAge'), c.duration('imageMaximumGCAge')];
  if (most !== 0n && !c.isOn('ImageMaximumGCAge')) {
    const option = c.minor === 29 ? 'ImageMaximumGCAge' : 'imageMaximumGCAge';
    c.invalid(
      `ImageMaximumGCAge feature gate is required for Kubelet configuration option ${option}`,
      'imageMaximumGCAge',
    );
  }
  if (c.minor >= 37) checkSysctls(c);
  if (c.minor >= 36 && least < 0n) {
    c.invalid(`imageMinimumGCAge ${c.text('imageMinimumGCAge')} must not be negative`, 'imageMinimumGCAge');
  }
  if (most < 0n) {
    c.invalid(`imageMaximumGCAge ${c.text('imageMaximumGCAge')} must not be negative`, 'imageMaximumGCAge');
  }
  if (most > 0n && most <= least) {
    c.invalid(
      `imageMaximumGCAge ${c.text('imageMaximumGCAge')} must be greater than imageMinimumGCAge ${c.text('imageMinimumGCAge')}`,
      'imageMaximumGCAge',
      'imageMinimumGCAge',
    );
  }
}

/** A dot or a slash between segments; the kernel's own limit is longer. */
const SYSCTL = /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?(?:[./][a-z0-9](?:[-_a-z0-9]*[a-z0-9])?)*$/;
const LONGEST_SYSCTL = 253;

/** Sysctls of a namespace (k8s.io/component-helpers/node/util/sysctl/namespace.go). */
const NAMESPACED =
  /^(?:kernel\.(?:domainname|sem|shmall|shmmax|shmmni|shm_rmid_forced|shm|msgmax|msgmnb|msgmni|msg)$|net\.|fs\.mqueue\.|user\.)/;

function checkSysctls(c: Checked): void {
  const sysctls = c.map('defaultPodSysctls');
  if (sysctls.size === 0) return;
  if (!c.isOn('DefaultPodSysctls')) {
    c.invalid(
      'DefaultPodSysctls feature gate is required for Kubelet configuration option defaultPodSysctls',
      'defaultPodSysctls',
    );
    return;
  }
  const seen = new Set<string>();
  for (const name of sysctls.keys()) {
    if (name.length > LONGEST_SYSCTL || !SYSCTL.test(name)) {
      c.invalid(`${goQuote(name)} is not a valid sysctl name for defaultPodSysctls`, 'defaultPodSysctls');
      continue;
    }
    const normal = normalizedSysctl(name);
    if (!NAMESPACED.test(normal)) {
      c.invalid(`${goQuote(name)} is not known to be namespaced for defaultPodSysctls`, 'defaultPodSysctls');
    }
    if (seen.has(normal)) {
      c.invalid(`duplicate sysctl ${goQuote(normal)} found in defaultPodSysctls`, 'defaultPodSysctls');
    }
    seen.add(normal);
  }
}

/** With dots between its segments: where a slash comes first, the dots are parts of names. */
function normalizedSysctl(name: string): string {
  const first = name.search(/[./]/);
  if (first === -1 || name[first] === '.') return name;
  return name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

function checkPulls(c: Checked): void {
  const pulls = c.value('maxParallelImagePulls');
  if (c.minor < 27 || typeof pulls !== 'number') return;
  if (pulls < 1) c.invalid(`maxParallelImagePulls ${pulls} must be a positive number`, 'maxParallelImagePulls');
  if (pulls > 1 && c.value('serializeImagePulls') === true) {
    c.invalid(
      'maxParallelImagePulls cannot be larger than 1 unless SerializeImagePulls (--serialize-image-pulls) is set to false',
      'maxParallelImagePulls',
      'serializeImagePulls',
    );
  }
}

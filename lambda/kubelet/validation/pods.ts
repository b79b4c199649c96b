/**
 * What the kubelet is to do with pods: taints, topology, shutdown, swap, back-off, enforcement, images.
 * Source: kubernetes pkg/kubelet/apis/config/validation/validation.go, 1.24 to 1.37, from RegisterWithTaints to
 * PreloadedImagesVerificationAllowlist; pkg/kubelet/images/pullmanager/image_pull_policies.go.
 * Tested by test/kubelet/validation/validate.test.ts.
 */
import { nameProblems, valueProblems } from '../../go/names.ts';
import { goFloat, goQuote } from '../../go/quoting.ts';
import { type Checked, SECOND } from './checked.ts';
import { imageProblem } from './images.ts';

/** Says what is wrong, in the kubelet's order. */
export function checkPods(c: Checked): void {
  checkTaints(c);
  checkTopology(c);
  checkShutdown(c);
  checkSwap(c);
  if (c.minor >= 32) checkBackOff(c);
  checkEnforcement(c);
  checkHairpin(c);
  if (c.minor >= 33) checkPullPolicy(c);
}

const EFFECTS = new Set(['', 'NoSchedule', 'PreferNoSchedule', 'NoExecute']);

function checkTaints(c: Checked): void {
  for (const taint of c.list('registerWithTaints')) {
    const { key = '', value = '', effect = '', timeAdded = null } = taint as Record<string, string | null>;
    const wrong =
      nameProblems(String(key)).length > 0 ||
      (value !== '' && valueProblems(String(value)).length > 0) ||
      !EFFECTS.has(String(effect));
    // A time is a pointer, which Go would print as an address.
    if (wrong) c.say(`invalid taint: {${key} ${value} ${effect} <nil>}`, 'registerWithTaints');
    if (timeAdded !== null) c.invalid('taint.TimeAdded is not nil', 'registerWithTaints');
  }
}

const POLICIES = ['none', 'best-effort', 'restricted', 'single-numa-node'];

function checkTopology(c: Checked): void {
  const policy = c.text('topologyManagerPolicy');
  if (!POLICIES.includes(policy)) {
    const options = POLICIES.map(goQuote).join(' ');
    c.invalid(
      `topologyManagerPolicy (--topology-manager-policy) ${goQuote(policy)} must be one of: [${options}]`,
      'topologyManagerPolicy',
    );
  }
  const scope = c.text('topologyManagerScope');
  if (c.minor <= 26 && scope !== 'container' && !c.isOn('TopologyManager')) {
    c.invalid(`topologyManagerScope ${scope} requires feature gate TopologyManager`, 'topologyManagerScope');
  }
  if (scope !== 'container' && scope !== 'pod') {
    c.invalid(
      `topologyManagerScope (--topology-manager-scope) ${goQuote(scope)} must be one of: "container", or "pod"`,
      'topologyManagerScope',
    );
  }
}

function checkShutdown(c: Checked): void {
  const [period, critical] = [c.duration('shutdownGracePeriod'), c.duration('shutdownGracePeriodCriticalPods')];
  const shown = (path: string) => `{${c.text(path)}}`;
  if (c.isOn('GracefulNodeShutdown')) {
    if (critical > period) {
      c.invalid(
        `shutdownGracePeriodCriticalPods ${shown('shutdownGracePeriodCriticalPods')} must be <= shutdownGracePeriod ${shown('shutdownGracePeriod')}`,
        'shutdownGracePeriodCriticalPods',
        'shutdownGracePeriod',
      );
    }
    for (const path of ['shutdownGracePeriod', 'shutdownGracePeriodCriticalPods']) {
      const value = c.duration(path);
      if (value < 0n || (value > 0n && value < SECOND)) {
        c.invalid(`${path} ${shown(path)} must be either zero or otherwise >= 1 sec`, path);
      }
    }
  } else if (period > 0n || critical > 0n) {
    c.invalid(
      'specifying shutdownGracePeriod or shutdownGracePeriodCriticalPods requires feature gate GracefulNodeShutdown',
      period > 0n ? 'shutdownGracePeriod' : 'shutdownGracePeriodCriticalPods',
    );
  }
  if (c.list('shutdownGracePeriodByPodPriority').length === 0) return;
  if (!c.isOn('GracefulNodeShutdownBasedOnPodPriority')) {
    c.invalid(
      'Specifying shutdownGracePeriodByPodPriority requires feature gate GracefulNodeShutdownBasedOnPodPriority',
      'shutdownGracePeriodByPodPriority',
    );
  } else if (period > 0n || critical > 0n) {
    c.invalid(
      'Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time',
      'shutdownGracePeriodByPodPriority',
      'shutdownGracePeriod',
    );
  }
}

function checkSwap(c: Checked): void {
  const behavior = c.text('memorySwap.swapBehavior');
  if (!c.isOn('NodeSwap')) {
    if (behavior !== '') {
      c.invalid(
        'memorySwap.swapBehavior cannot be set when NodeSwap feature flag is disabled',
        'memorySwap.swapBehavior',
      );
    }
    return;
  }
  const other = c.minor <= 29 ? 'UnlimitedSwap' : 'NoSwap';
  if (['', 'LimitedSwap', other].includes(behavior)) return;
  const options = c.minor <= 29 ? '"", "LimitedSwap", or "UnlimitedSwap"' : '"", "LimitedSwap" or "NoSwap"';
  c.invalid(`memorySwap.swapBehavior ${goQuote(behavior)} must be one of: ${options}`, 'memorySwap.swapBehavior');
}

function checkBackOff(c: Checked): void {
  const path = 'crashLoopBackOff.maxContainerRestartPeriod';
  const isSet = c.value(path) !== null;
  if (!c.isOn('KubeletCrashLoopBackOffMax')) {
    if (isSet) {
      c.invalid(
        'FeatureGate KubeletCrashLoopBackOffMax not enabled, CrashLoopBackOff.MaxContainerRestartPeriod must not be set',
        path,
      );
    }
  } else if (!isSet) {
    c.invalid(
      'FeatureGate KubeletCrashLoopBackOffMax is enabled, CrashLoopBackOff.MaxContainerRestartPeriod must be set',
      path,
    );
  } else {
    const period = c.duration(path);
    const milliseconds = period / 1_000_000n;
    if (milliseconds < 1000n || milliseconds > 300_000n) {
      c.invalid(
        `CrashLoopBackOff.MaxContainerRestartPeriod (got: ${goFloat(Number(period) / 1e9)} seconds) must be set between 1s and 300s`,
        path,
      );
    }
  }
}

/** Since 1.32 a reservation may be enforced for what can be compressed alone. */
const FIRST_COMPRESSIBLE = 32;

function checkEnforcement(c: Checked): void {
  const path = 'enforceNodeAllocatable';
  const flag = 'enforceNodeAllocatable (--enforce-node-allocatable)';
  const values = c.list(path).map(String);
  const options =
    c.minor < FIRST_COMPRESSIBLE
      ? '"pods", "system-reserved", "kube-reserved", or "none"'
      : '"pods", "system-reserved", "system-reserved-compressible", "kube-reserved", "kube-reserved-compressible" or "none"';
  if (c.minor >= FIRST_COMPRESSIBLE) {
    for (const key of ['system-reserved', 'kube-reserved']) {
      if (values.includes(key) && values.includes(`${key}-compressible`)) {
        c.invalid(`both "${key}" and "${key}-compressible" cannot be specified together in ${flag}`, path);
      }
    }
  }
  const seen = new Set<string>();
  for (const value of values) {
    if (c.minor >= 31 && seen.has(value)) {
      c.invalid(`duplicated enforcements ${goQuote(value)} in ${flag}`, path);
      continue;
    }
    seen.add(value);
    const [, key, compressible] = /^(system-reserved|kube-reserved)(-compressible)?$/.exec(value) ?? [];
    if (value === 'none') {
      if (values.length > 1) {
        c.invalid(`${flag} may not contain additional enforcements when "none" is specified`, path);
      }
      continue;
    }
    if (key !== undefined && (compressible === undefined || c.minor >= FIRST_COMPRESSIBLE)) checkCgroup(c, key, flag);
    else if (value !== 'pods') {
      c.invalid(`option ${goQuote(value)} specified for ${flag}. Valid options are ${options}`, path);
      continue;
    }
    if (c.minor >= 31 && c.value('cgroupsPerQOS') === false) {
      c.invalid(
        `cgroupsPerQOS (--cgroups-per-qos) must be set to true when ${goQuote(value)} contained in ${flag}`,
        'cgroupsPerQOS',
        path,
      );
    }
  }
}

function checkCgroup(c: Checked, key: string, flag: string): void {
  const path = key === 'system-reserved' ? 'systemReservedCgroup' : 'kubeReservedCgroup';
  if (c.text(path) !== '') return;
  const named = c.minor < FIRST_COMPRESSIBLE ? `"${key}" contained` : `"${key}" or "${key}-compressible" included`;
  c.invalid(`${path} (--${key}-cgroup) must be specified when ${named} in ${flag}`, path, 'enforceNodeAllocatable');
}

function checkHairpin(c: Checked): void {
  const mode = c.text('hairpinMode');
  if (['none', 'hairpin-veth', 'promiscuous-bridge'].includes(mode)) return;
  c.invalid(
    `option ${goQuote(mode)} specified for hairpinMode (--hairpin-mode). Valid options are "none", "hairpin-veth" or "promiscuous-bridge"`,
    'hairpinMode',
  );
}

const PULL_POLICIES = ['NeverVerify', 'NeverVerifyPreloadedImages', 'NeverVerifyAllowlistedImages', 'AlwaysVerify'];

function checkPullPolicy(c: Checked): void {
  const [policyPath, listPath] = ['imagePullCredentialsVerificationPolicy', 'preloadedImagesVerificationAllowlist'];
  const [policy, patterns] = [c.text(policyPath), c.list(listPath).map(String)];
  if (!c.isOn('KubeletEnsureSecretPulledImages')) {
    for (const [path, isSet] of [
      [policyPath, policy !== ''],
      [listPath, patterns.length > 0],
    ] as const) {
      if (!isSet) continue;
      c.invalid(`\`${path}\` must not be set if KubeletEnsureSecretPulledImages feature gate is not enabled`, path);
    }
    return;
  }
  if (!PULL_POLICIES.includes(policy)) {
    const options = `${PULL_POLICIES.slice(0, 3).map(goQuote).join(', ')} or "AlwaysVerify"`;
    c.invalid(`option ${goQuote(policy)} specified for ${policyPath}. Valid options are ${options}`, policyPath);
  }
  if (patterns.length > 0 && policy !== 'NeverVerifyAllowlistedImages') {
    c.invalid(
      // The misspelling is the kubelet's own.
      `can't set \`${listPath}\` if \`imagePullCredentialsVertificationPolicy\` is not "NeverVerifyAllowlistedImages"`,
      listPath,
      policyPath,
    );
    return;
  }
  const problem = patterns.map(imageProblem).find((found) => found !== undefined);
  if (problem !== undefined) c.invalid(`invalid image pattern in \`${listPath}\`: ${problem}`, listPath);
}

/** The kubelet's words for what it refuses; recorded kubelets (test/kubelet/vectors) say the same of many more values. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { derive } from '../../../lambda/kubelet/derive.ts';
import { configFile, kubeletProcess } from '../../../simulator/fleet/node-types.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

function messages(minor: number, text: string): readonly string[] {
  const derived = derive(
    kubeletProcess({
      version: `v1.${minor}.0`,
      argv: ['--container-runtime-endpoint=unix:///x', '--config=/c'],
      files: [configFile('/c', HEAD + text)],
    }),
  );
  if (derived.starts !== false) return [];
  assert.equal(derived.refusal.stage, 'validation', derived.error);
  return derived.refusal.messages;
}

const none: readonly string[] = [];
const enforce = 'in enforceNodeAllocatable (--enforce-node-allocatable)';

/** minor, file, messages without `invalid configuration: `. */
const cases: [minor: number, text: string, expected: readonly string[]][] = [
  [23, 'shutdownGracePeriod: 30s\n', none],
  [23, 'maxPods: -1\n', ['maxPods (--max-pods) -1 must not be a negative number']],
  [
    24,
    'cpuCFSQuotaPeriod: 50ms\n',
    ['cpuCFSQuotaPeriod (--cpu-cfs-quota-period) {50ms} requires feature gate CustomCPUCFSQuotaPeriod'],
  ],
  [
    26,
    'topologyManagerPolicy: restricted\nfeatureGates: {TopologyManager: false}\n',
    ['topologyManagerPolicy restricted requires feature gate TopologyManager'],
  ],
  [
    28,
    'cgroupsPerQOS: false\n',
    [
      `enforceNodeAllocatable (--enforce-node-allocatable) is not supported unless cgroupsPerQOS (--cgroups-per-qos) is set to true`,
    ],
  ],
  [
    31,
    'cgroupsPerQOS: false\n',
    [`cgroupsPerQOS (--cgroups-per-qos) must be set to true when "pods" contained ${enforce}`],
  ],
  [31, 'enforceNodeAllocatable: [pods, pods]\n', [`duplicated enforcements "pods" ${enforce}`]],
  [
    30,
    'enforceNodeAllocatable: [pods, pods, none]\n',
    [
      'enforceNodeAllocatable (--enforce-node-allocatable) may not contain additional enforcements when "none" is specified',
    ],
  ],
  [
    32,
    'enforceNodeAllocatable: [kube-reserved, kube-reserved-compressible]\nkubeReservedCgroup: /k\n',
    [`both "kube-reserved" and "kube-reserved-compressible" cannot be specified together ${enforce}`],
  ],
  [34, 'runOnce: true\n', ['runOnce (--runOnce) true, Runonce mode has been deprecated and should not be set']],
  [31, 'runOnce: true\n', none],
  [29, 'memorySwap: {swapBehavior: UnlimitedSwap}\nfeatureGates: {NodeSwap: true}\n', none],
  [
    30,
    'memorySwap: {swapBehavior: UnlimitedSwap}\n',
    ['memorySwap.swapBehavior "UnlimitedSwap" must be one of: "", "LimitedSwap" or "NoSwap"'],
  ],
  [
    28,
    'memorySwap: {swapBehavior: LimitedSwap}\nfeatureGates: {NodeSwap: false}\n',
    ['memorySwap.swapBehavior cannot be set when NodeSwap feature flag is disabled'],
  ],
  [
    29,
    'imageMaximumGCAge: 1m\nfeatureGates: {ImageMaximumGCAge: true}\n',
    ['imageMaximumGCAge 1m0s must be greater than imageMinimumGCAge 2m0s'],
  ],
  [
    29,
    'maxParallelImagePulls: 3\nserializeImagePulls: true\n',
    [
      'maxParallelImagePulls cannot be larger than 1 unless SerializeImagePulls (--serialize-image-pulls) is set to false',
    ],
  ],
  [29, 'maxParallelImagePulls: 3\n', none],
  [
    35,
    'shutdownGracePeriodByPodPriority: [{priority: 1, shutdownGracePeriodSeconds: 5}]\nshutdownGracePeriod: 30s\n',
    ['Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time'],
  ],
  [
    32,
    'crashLoopBackOff: {maxContainerRestartPeriod: 500ms}\nfeatureGates: {KubeletCrashLoopBackOffMax: true}\n',
    ['CrashLoopBackOff.MaxContainerRestartPeriod (got: 0.5 seconds) must be set between 1s and 300s'],
  ],
  [35, 'featureGates: {KubeletCrashLoopBackOffMax: false}\n', none],
  [
    33,
    'imagePullCredentialsVerificationPolicy: AlwaysVerify\n',
    [
      '`imagePullCredentialsVerificationPolicy` must not be set if KubeletEnsureSecretPulledImages feature gate is not enabled',
    ],
  ],
  [
    35,
    'preloadedImagesVerificationAllowlist: [a]\n',
    [
      'can\'t set `preloadedImagesVerificationAllowlist` if `imagePullCredentialsVertificationPolicy` is not "NeverVerifyAllowlistedImages"',
    ],
  ],
  [
    35,
    'imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages\npreloadedImagesVerificationAllowlist: ["a/*/b"]\n',
    [
      "invalid image pattern in `preloadedImagesVerificationAllowlist`: not a valid wildcard pattern, only patterns ending with '/*' are allowed: a/*/b",
    ],
  ],
  [
    35,
    'imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages\npreloadedImagesVerificationAllowlist: [a.io/b:1]\n',
    [
      'invalid image pattern in `preloadedImagesVerificationAllowlist`: neither tag nor digest is accepted in an image reference: a.io/b:1',
    ],
  ],
  [
    35,
    'imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages\npreloadedImagesVerificationAllowlist: [a.io/b, "c.io/*"]\n',
    none,
  ],
  [
    35,
    'imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages\npreloadedImagesVerificationAllowlist: [a.io/B]\n',
    [
      'invalid image pattern in `preloadedImagesVerificationAllowlist`: failed to parse as an image name: repository name must be lowercase',
    ],
  ],
  [
    36,
    'reservedSystemCPUs: 3-1\nkubeReservedCgroup: /k\n',
    [
      "can't use reservedSystemCPUs (--reserved-cpus) with systemReservedCgroup (--system-reserved-cgroup) or kubeReservedCgroup (--kube-reserved-cgroup)",
      'unable to parse reservedSystemCPUs (--reserved-cpus) 3-1, error: invalid range "3-1" (3 > 1)',
    ],
  ],
  [
    36,
    'reservedMemory: [{numaNode: 0, limits: {memory: 0}}, {numaNode: 0, limits: {memory: 1Gi}}]\n',
    [
      'reserved memory may not be zero for NUMA node 0 and resource "memory"',
      'the reserved memory has a duplicate value for NUMA node 0 and resource "memory"',
    ],
  ],
  [36, 'userNamespaces: {idsPerPod: 4294967296}\n', ['userNamespaces.idsPerPod must not be more than 4294967295']],
  [
    36,
    'memoryThrottlingFactor: 0\n',
    ['memoryThrottlingFactor 0 must be greater than 0 and less than or equal to 1.0'],
  ],
  [37, 'memoryThrottlingFactor: 0.9\n', none],
  [
    37,
    'defaultPodSysctls: {net.a/b: "1", net/a.b: "1", "x y": "1"}\nfeatureGates: {DefaultPodSysctls: true}\n',
    ['duplicate sysctl "net.a/b" found in defaultPodSysctls', '"x y" is not a valid sysctl name for defaultPodSysctls'],
  ],
  [
    34,
    'enableSystemLogQuery: true\nenableSystemLogHandler: false\nfeatureGates: {NodeLogQuery: false}\n',
    [
      'NodeLogQuery feature gate is required for enableSystemLogHandler',
      'enableSystemLogHandler is required for enableSystemLogQuery',
    ],
  ],
  [
    33,
    'containerLogMaxFiles: 1\npodLogsDir: /var/log/pöds/\n',
    [
      'containerLogMaxFiles must be greater than 1',
      'pod logs path "/var/log/pöds/" must be normalized',
      'pod logs path "/var/log/pöds/" mut contains ASCII characters only',
    ],
  ],
  [
    33,
    'tracing: {}\nfeatureGates: {KubeletTracing: false}\n',
    ['tracing should not be configured if KubeletTracing feature flag is disabled.'],
  ],
];

describe('what is refused, in the kubelet’s words', () => {
  for (const [minor, text, expected] of cases) {
    test(`1.${minor} ${text.trim().replaceAll('\n', ', ')}`, () => {
      assert.deepEqual(
        messages(minor, text),
        expected.map((message) => `invalid configuration: ${message}`),
      );
    });
  }

  const whole: [minor: number, text: string, expected: readonly string[]][] = [
    [24, 'logging: {format: xml}\n', ['logging.format: Invalid value: "xml": Unsupported log format']],
    [36, 'registerWithTaints: [{key: a b, effect: NoSchedule}]\n', ['invalid taint: {a b  NoSchedule <nil>}']],
    [
      34,
      'tracing: {endpoint: "http://x"}\n',
      [
        'tracing.endpoint: Invalid value: "http://x": unsupported scheme: http.  Options are none, dns, unix, or unix-abstract.  See https://github.com/grpc/grpc/blob/master/doc/naming.md',
      ],
    ],
    [
      34,
      'tracing: {samplingRatePerMillion: 1000001}\n',
      [
        'tracing.samplingRatePerMillion: Invalid value: 1000001: sampling rate per million must be less than or equal to one million',
      ],
    ],
    [
      35,
      'showHiddenMetricsForVersion: "1.33"\n',
      [
        "--show-hidden-metrics-for-version must be omitted or have the value '1.34'. Only the previous minor version is allowed",
      ],
    ],
    [36, 'showHiddenMetricsForVersion: "1.35"\n', none],
    [
      36,
      'showHiddenMetricsForVersion: "1.33"\n',
      [
        'invalid showHiddenMetricsForVersion: showHiddenMetricsForVersion: Invalid value: "1.33": must be omitted or have the value \'1.35\'; only the previous minor version is allowed',
      ],
    ],
  ];
  for (const [minor, text, expected] of whole) {
    test(`1.${minor} ${text.trim()}`, () => assert.deepEqual(messages(minor, text), expected));
  }

  const logging: [minor: number, text: string, expected: string][] = [
    [
      25,
      '{format: xml, verbosity: 3000000000}',
      '[logging.format: Invalid value: "xml": Unsupported log format, logging.verbosity: Invalid value: 3000000000: Must be <= 2147483647]',
    ],
    [35, '{flushFrequency: -1s}', 'logging.flushFrequency: Invalid value: "-1s": Must be greater than zero'],
    [35, '{flushFrequency: -5}', 'logging.flushFrequency: Invalid value: -5: Must be greater than zero'],
    [
      30,
      '{options: {text: {infoBufferSize: 1Ki}, json: {infoBufferSize: 1Ki}}}',
      '[logging.options.text.infoBufferSize: Forbidden: Feature LoggingAlphaOptions is disabled, logging.options.json.infoBufferSize: Forbidden: Feature LoggingAlphaOptions is disabled]',
    ],
    [
      30,
      '{vmodule: [{filePattern: "", verbosity: 1}, {filePattern: "a=b", verbosity: 1}]}',
      '[logging.vmodule[0]: Required value: File pattern must not be empty, logging.vmodule[1]: Invalid value: "a=b": File pattern must not contain equal sign or comma]',
    ],
  ];
  for (const [minor, text, expected] of logging) {
    test(`1.${minor} logging ${text} before all else`, () => {
      const files = [configFile('/c', `${HEAD}logging: ${text}\nmaxPods: -1\n`)];
      const derived = derive(kubeletProcess({ version: `v1.${minor}.0`, argv: ['--config=/c'], files }));
      assert.equal(derived.starts === false && derived.refusal.error, `initialize logging: ${expected}`);
    });
  }

  test('up to 1.25 JSON does not honour the flags of klog', () => {
    const argv = ['--logging-format=json', '--logtostderr=false'];
    const derived = derive(kubeletProcess({ version: 'v1.25.0', argv }));
    assert.match(derived.starts === false ? derived.error : '', /Non-default format doesn't honor flag: logtostderr/);
  });
});

test('a refusal names each setting, where it comes from, and every message once', () => {
  const files = [configFile('/c', `${HEAD}eventBurst: -1\nreadOnlyPort: 70000\n`)];
  const derived = derive(kubeletProcess({ argv: ['--config=/c', '--event-qps=-5'], files }));
  assert.ok(derived.starts === false);
  assert.deepEqual(derived.refusal.about, [
    { setting: 'eventBurst', where: { kind: 'file', where: '/c' } },
    { setting: 'eventRecordQPS', where: { kind: 'flag', where: '--event-qps=-5' } },
    { setting: 'readOnlyPort', where: { kind: 'file', where: '/c' } },
  ]);
  assert.equal(derived.refusal.messages.length, 3);
  assert.equal(derived.reached, undefined);
});

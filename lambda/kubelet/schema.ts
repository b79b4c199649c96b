/**
 * The fields of KubeletConfiguration and their Go types, by which the kubelet refuses values of a wrong type.
 * Source: kubernetes staging/src/k8s.io/kubelet/config/v1beta1/types.go, 1.20 to 1.36.
 * Tested by test/kubelet/facts.test.ts.
 */

/** `*` marks a pointer: null unsets it, and only absence gives the default. */
export type FieldType =
  | 'bool'
  | '*bool'
  | 'int32'
  | '*int32'
  | 'int64'
  | '*int64'
  | '*float64'
  | 'string'
  | '*string'
  | 'Duration'
  | '*Duration'
  | '[]string'
  | '[]int32'
  | 'map[string]string'
  | 'map[string]bool'
  /** Not looked at: a secret that the collector replaces, or a type of another package. */
  | 'any'
  /** An object whose fields are not looked at. */
  | 'object';

export type Fields = { readonly [name: string]: FieldType | Fields | readonly [Fields] };

const TAINT: Fields = { key: 'string', value: 'string', effect: 'string', timeAdded: 'any' };

export const KUBELET_CONFIGURATION: Fields = {
  apiVersion: 'string',
  kind: 'string',
  enableServer: '*bool',
  staticPodPath: 'string',
  podLogsDir: 'string',
  syncFrequency: 'Duration',
  fileCheckFrequency: 'Duration',
  httpCheckFrequency: 'Duration',
  staticPodURL: 'string',
  staticPodURLHeader: 'any',
  address: 'string',
  port: 'int32',
  readOnlyPort: 'int32',
  tlsCertFile: 'string',
  tlsPrivateKeyFile: 'string',
  tlsCipherSuites: '[]string',
  tlsCurvePreferences: '[]int32',
  tlsMinVersion: 'string',
  rotateCertificates: 'bool',
  serverTLSBootstrap: 'bool',
  authentication: {
    x509: { clientCAFile: 'string' },
    webhook: { enabled: '*bool', cacheTTL: 'Duration' },
    anonymous: { enabled: '*bool' },
  },
  authorization: { mode: 'string', webhook: { cacheAuthorizedTTL: 'Duration', cacheUnauthorizedTTL: 'Duration' } },
  registryPullQPS: '*int32',
  registryBurst: 'int32',
  imagePullCredentialsVerificationPolicy: 'string',
  preloadedImagesVerificationAllowlist: '[]string',
  eventRecordQPS: '*int32',
  eventBurst: 'int32',
  enableDebuggingHandlers: '*bool',
  enableContentionProfiling: 'bool',
  healthzPort: '*int32',
  healthzBindAddress: 'string',
  oomScoreAdj: '*int32',
  clusterDomain: 'string',
  clusterDNS: '[]string',
  streamingConnectionIdleTimeout: 'Duration',
  nodeStatusUpdateFrequency: 'Duration',
  nodeStatusReportFrequency: 'Duration',
  nodeLeaseDurationSeconds: 'int32',
  imageMinimumGCAge: 'Duration',
  imageMaximumGCAge: 'Duration',
  imageGCHighThresholdPercent: '*int32',
  imageGCLowThresholdPercent: '*int32',
  volumeStatsAggPeriod: 'Duration',
  kubeletCgroups: 'string',
  systemCgroups: 'string',
  cgroupRoot: 'string',
  cgroupsPerQOS: '*bool',
  cgroupDriver: 'string',
  cpuManagerPolicy: 'string',
  singleProcessOOMKill: '*bool',
  cpuManagerPolicyOptions: 'map[string]string',
  cpuManagerReconcilePeriod: 'Duration',
  memoryManagerPolicy: 'string',
  topologyManagerPolicy: 'string',
  topologyManagerScope: 'string',
  topologyManagerPolicyOptions: 'map[string]string',
  qosReserved: 'map[string]string',
  runtimeRequestTimeout: 'Duration',
  hairpinMode: 'string',
  maxPods: 'int32',
  podCIDR: 'string',
  podPidsLimit: '*int64',
  resolvConf: '*string',
  runOnce: 'bool',
  cpuCFSQuota: '*bool',
  cpuCFSQuotaPeriod: '*Duration',
  nodeStatusMaxImages: '*int32',
  maxOpenFiles: 'int64',
  contentType: 'string',
  kubeAPIQPS: '*int32',
  kubeAPIBurst: 'int32',
  serializeImagePulls: '*bool',
  maxParallelImagePulls: '*int32',
  evictionHard: 'map[string]string',
  evictionSoft: 'map[string]string',
  evictionSoftGracePeriod: 'map[string]string',
  evictionPressureTransitionPeriod: 'Duration',
  evictionMaxPodGracePeriod: 'int32',
  evictionMinimumReclaim: 'map[string]string',
  mergeDefaultEvictionSettings: '*bool',
  podsPerCore: 'int32',
  enableControllerAttachDetach: '*bool',
  protectKernelDefaults: 'bool',
  makeIPTablesUtilChains: '*bool',
  iptablesMasqueradeBit: '*int32',
  iptablesDropBit: '*int32',
  featureGates: 'map[string]bool',
  failSwapOn: '*bool',
  memorySwap: { swapBehavior: 'string' },
  containerLogMaxSize: 'string',
  containerLogMaxFiles: '*int32',
  containerLogMaxWorkers: '*int32',
  containerLogMonitorInterval: '*Duration',
  configMapAndSecretChangeDetectionStrategy: 'string',
  systemReserved: 'map[string]string',
  kubeReserved: 'map[string]string',
  reservedSystemCPUs: 'string',
  showHiddenMetricsForVersion: 'string',
  systemReservedCgroup: 'string',
  kubeReservedCgroup: 'string',
  enforceNodeAllocatable: '[]string',
  allowedUnsafeSysctls: '[]string',
  volumePluginDir: 'string',
  providerID: 'string',
  kernelMemcgNotification: 'bool',
  logging: 'object',
  enableSystemLogHandler: '*bool',
  enableSystemLogQuery: '*bool',
  shutdownGracePeriod: 'Duration',
  shutdownGracePeriodCriticalPods: 'Duration',
  shutdownGracePeriodByPodPriority: [{ priority: 'int32', shutdownGracePeriodSeconds: 'int64' }],
  crashLoopBackOff: { maxContainerRestartPeriod: '*Duration' },
  reservedMemory: [{ numaNode: 'int32', limits: 'object' }],
  enableProfilingHandler: '*bool',
  enableDebugFlagsHandler: '*bool',
  seccompDefault: '*bool',
  memoryThrottlingFactor: '*float64',
  registerWithTaints: [TAINT],
  registerNode: '*bool',
  tracing: 'object',
  localStorageCapacityIsolation: '*bool',
  containerRuntimeEndpoint: 'string',
  imageServiceEndpoint: 'string',
  failCgroupV1: '*bool',
  userNamespaces: { idsPerPod: '*int64' },
};

/**
 * The first minor version of fields that came after 1.20; older kubelets ignore them like any unknown key.
 * Source: the changelogs of Kubernetes. It decides only whether a value of a wrong type stops an older kubelet.
 */
const FIRST_MINOR: Readonly<Record<string, number>> = {
  reservedMemory: 21,
  memoryManagerPolicy: 21,
  enableProfilingHandler: 21,
  enableDebugFlagsHandler: 21,
  cpuManagerPolicyOptions: 22,
  memorySwap: 22,
  seccompDefault: 22,
  memoryThrottlingFactor: 22,
  registerWithTaints: 23,
  registerNode: 23,
  shutdownGracePeriodByPodPriority: 23,
  localStorageCapacityIsolation: 25,
  tracing: 25,
  topologyManagerPolicyOptions: 26,
  maxParallelImagePulls: 27,
  containerRuntimeEndpoint: 27,
  imageServiceEndpoint: 27,
  enableSystemLogQuery: 27,
  imageMaximumGCAge: 29,
  podLogsDir: 30,
  containerLogMaxWorkers: 30,
  containerLogMonitorInterval: 30,
  failCgroupV1: 31,
  crashLoopBackOff: 32,
  singleProcessOOMKill: 32,
  imagePullCredentialsVerificationPolicy: 33,
  preloadedImagesVerificationAllowlist: 33,
  mergeDefaultEvictionSettings: 33,
  userNamespaces: 33,
  tlsCurvePreferences: 36,
};

/** The field exists in that version; `name` is a top-level field. */
export function exists(name: string, minor: number): boolean {
  return minor >= (Object.hasOwn(FIRST_MINOR, name) ? (FIRST_MINOR[name] ?? 0) : 0);
}

/**
 * What another program gets of `kubevigil/kubelet`: evidence of a node → what its kubelet is effectively configured to do.
 * Pure functions on plain data, nothing of Node or AWS. Tested by test/tools/package.test.ts.
 */
export type {
  Credentials,
  EffectiveConfiguration,
  Refusal,
  Setting,
  SettingPath,
  Settings,
  Source,
} from './configuration.ts';
export { derive } from './derive.ts';
export type { Evidence, FileEvidence, KubeconfigShape, KubeletProcess, ProxyProcess } from './evidence.ts';

/**
 * What the Kubernetes project plans for the version after the newest that is known. Tested by test/criteria/rehearsal.test.ts.
 */
import { NEWEST_MINOR } from '../kubelet/tables.ts';
import type { NodeFacts } from '../platforms/platform.ts';

/** Planned by the Kubernetes project for a version that is not out: told as planned, judged by nothing. */
export type Planned = { minor: number; text: string };

const texts = {
  driver:
    'the kubelet is to ask the container runtime for the cgroup driver alone (RuntimeConfig), which containerd answers from 2.0 on: plan to update it (KEP-4033)',
  flag: '--cgroup-driver and cgroupDriver are to go (kubernetes pull request 139121): stop setting them once the runtime answers',
  cgroup: 'support of cgroup v1 may be removed (KEP-5573): plan hosts with cgroup v2',
};

/** What is planned for the minor after the newest known and concerns this node. */
export function plannedFor({ evidence, configuration }: NodeFacts): Planned[] {
  const minor = 38;
  if (minor <= NEWEST_MINOR || configuration.starts !== true) return [];
  const driver = configuration.settings.cgroupDriver?.source.kind;
  const isOld = evidence.runtime?.name === 'containerd' && /^v?1\./.test(evidence.runtime.version ?? '');
  return [
    ...(isOld ? [texts.driver] : []),
    ...(driver !== undefined && driver !== 'default' && driver !== 'legacy-default' ? [texts.flag] : []),
    ...(evidence.cgroup === 1 ? [texts.cgroup] : []),
  ].map((text) => ({ minor, text }));
}

/** Nodes with the kubelets that a test gives them. */
import type { SimulatedProcess, SimulatedRoot } from '../../../simulator/fleet/root.ts';

/** A kubelet with these arguments, process 40 where nothing else is said. */
export const kubelet = (argv: string[], more: Partial<SimulatedProcess> = {}): SimulatedProcess => ({
  pid: 40,
  name: 'kubelet',
  exe: '/usr/bin/kubelet',
  argv: ['/usr/bin/kubelet', ...argv],
  startedAt: 1_763_000_000,
  ...more,
});

/** A node of this kubelet's version with these processes and files. */
export const node = (processes: SimulatedProcess[], files: SimulatedRoot['files'] = {}): SimulatedRoot => ({
  os: { id: 'ubuntu', version: '24.04' },
  version: 'v1.32.1',
  processes,
  files,
});

/**
 * Kubelets of Windows: kubeadm's with sig-windows-tools, or others. Each runs by itself as a service, or another program that
 * is one starts it; files are changed where they stand. Source: kubernetes-sigs/sig-windows-tools, hostprocess/PrepareNode.ps1;
 * Microsoft, about_PowerShell and Restart-Service.
 * Tested by test/platforms/index.test.ts.
 */
import { isOnWindows } from '../kubelet/files.ts';
import { approveRequests, bootstrapped } from './certificates.ts';
import { editInPlace } from './edit.ts';
import { openWhereOff } from './gates.ts';
import type { NodeFacts, Platform } from './platform.ts';
import { type Step, step } from './step.ts';

const texts = {
  restart: 'Restart the kubelet in PowerShell, as an administrator.',
  other: 'Restart the kubelet in the way in which this node starts it.',
  arguments: "the arguments of the kubelet's service",
  log: 'Watch the log of the kubelet for certificate_manager.',
  files: (paths: string) => `Have administrators alone write ${paths}, by its access control list.`,
};

/** Where a kubelet of Windows has its arguments. */
export const SERVICE_ARGUMENTS = texts.arguments;

/** Restarts the service that runs the kubelet, which the collector names. */
export function restartService({ kubelet: { unit } }: NodeFacts): Step {
  return unit !== undefined && /^\w[\w.-]{0,79}$/.test(unit)
    ? step(texts.restart, `Restart-Service -Name ${unit}`)
    : step(texts.other);
}

const log = () => step(texts.log);

/** What all kubelets of Windows have in common. */
export const onWindows = {
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  embeddedProxy: undefined,
  openGate: openWhereOff,
  restart: restartService,
  setsCallers: true,
  // Nothing there is judged by them.
  setKernelParameters: () => [],
  files: { byHand: false, instead: (paths) => step(texts.files(paths)) },
  clientCertificate: { ...bootstrapped(restartService), approve: approveRequests(restartService, log) },
} satisfies Partial<Platform>;

export const windows: Platform = {
  ...onWindows,
  name: 'windows',
  title: 'Windows',
  isCertain: ({ kubelet }) => isOnWindows(kubelet),
  isLikely: () => false,
  namesNodes: false,
  change: (node, change) => editInPlace(node, change, { commandLine: SERVICE_ARGUMENTS, restart: restartService }),
  afterChange: (node) => [restartService(node)],
  authorizesApiServer: false,
  clientCaFile: 'C:\\etc\\kubernetes\\pki\\ca.crt',
  upgrade: { node: 'stays' },
};

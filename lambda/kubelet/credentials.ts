/** How this kubelet proves to the API server who it is. */

import { beside, clean, directoryOf, isBelow } from '../go/paths.ts';
import type { Credentials } from './configuration.ts';
import type { KubeconfigShape, KubeletProcess } from './evidence.ts';
import { absolute } from './files.ts';

/** Values of the flags that decide; empty where not given. */
export type CredentialFlags = { kubeconfig: string; bootstrapKubeconfig: string; certDir: string };

/**
 * Reads the credentials from the shape of the kubeconfig.
 * Where its user has several: client-go presents a client certificate beside any of the others, and the API server
 * looks at certificates first; a bearer token keeps the exec plugin from being asked
 * (k8s.io/client-go/transport/round_trippers.go; k8s.io/client-go/plugin/pkg/client/auth/exec/exec.go).
 * With rotation on the kubelet uses the certificates of --cert-dir instead of all of these
 * (kubernetes cmd/kubelet/app/server.go, buildKubeletClientConfig): that is for the reader of `rotateCertificates`.
 */
export function credentialsOf(process: KubeletProcess, flags: CredentialFlags): Credentials {
  // Without --kubeconfig the kubelet is standalone, whatever --bootstrap-kubeconfig says.
  if (flags.kubeconfig === '') return { kind: 'none' };
  const path = absolute(process, flags.kubeconfig);
  const shape = process.kubeconfigs.find((candidate) => clean(candidate.path) === path);
  const bootstrap = flags.bootstrapKubeconfig === '' ? undefined : absolute(process, flags.bootstrapKubeconfig);
  if (shape === undefined || shape.state === 'unreadable') {
    return { kind: 'unknown', problem: shape?.problem ?? `the kubeconfig ${path} could not be read` };
  }
  if (shape.state === 'refused') {
    return { kind: 'unknown', problem: shape.problem ?? `the kubeconfig ${path} is refused`, cause: 'unusable' };
  }
  if (shape.state === 'missing') {
    if (bootstrap !== undefined) return { kind: 'bootstrap', where: bootstrap };
    return { kind: 'unknown', problem: `the kubeconfig ${path} does not exist`, cause: 'missing' };
  }
  return fromShape(shape, path, absolute(process, flags.certDir), bootstrap);
}

function fromShape(shape: KubeconfigShape, where: string, certDir: string, bootstrap: string | undefined): Credentials {
  // client-go prefers the embedded certificate to the file's.
  if (shape.clientCertificateData) return { kind: 'embedded-certificate', where };
  if (shape.clientCertificate) {
    // Paths in a kubeconfig are relative to its directory.
    const path = beside(directoryOf(where), shape.clientCertificate);
    return { kind: 'client-certificate', path, inCertDir: isBelow(path, certDir), where };
  }
  if (shape.token || shape.tokenFile) return { kind: 'token', where };
  if (shape.exec) return { kind: 'exec', command: shape.exec.command, where };
  if (shape.other) {
    return { kind: 'unknown', problem: `the kubeconfig ${where} authenticates by ${shape.other}`, cause: 'unusable' };
  }
  if (bootstrap !== undefined) return { kind: 'bootstrap', where: bootstrap };
  const problem = shape.problem ?? `the user of the kubeconfig ${where} has no credentials`;
  return { kind: 'unknown', problem, cause: 'unusable' };
}

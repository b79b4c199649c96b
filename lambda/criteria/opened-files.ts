/**
 * Files beside its configuration and credentials that a kubelet opens when it starts, and without which it exits.
 * Sources: kubernetes cmd/kubelet/app/server.go, InitializeTLS; pkg/kubelet/kubelet.go, NewMainKubelet; apiserver
 * dynamic_cafile_content.go, loadCABundle; client-go util/cert/io.go, CanReadCertAndKey, and
 * util/certificate/certificate_store.go, Current.
 * Tested by test/rules/kubelet-restart.test.ts.
 */
import type { CertificateFacts, FileEvidence, FileRole, KubeletProcess } from '../kubelet/evidence.ts';
import { absolute } from '../kubelet/files.ts';
import type { Trouble } from './next-start.ts';
import { FIRST_WITHOUT_PAIR, inCertDir, rotatesServing } from './serving-certificate.ts';
import type { Started } from './setting.ts';

/** What of these files is wrong, the first one that a start stumbles over; nothing where the evidence does not tell. */
export function unopenable(kubelet: KubeletProcess, configuration: Started): Trouble | undefined {
  return clientCa(kubelet, configuration) ?? serving(kubelet, configuration);
}

function clientCa(kubelet: KubeletProcess, { settings }: Started): Trouble | undefined {
  const value = settings['authentication.x509.clientCAFile'].value;
  if (value === '') return undefined;
  const what = 'client CA file';
  const path = absolute(kubelet, value);
  const found = kubelet.authorities.filter((facts) => facts.of === 'client-ca' && facts.path === path);
  const empty = fileOf(kubelet, 'client-ca', path)?.size === 0;
  return empty ? { what, path, cause: 'damaged' } : unusable(what, 'client-ca', path, kubelet, found);
}

function serving(kubelet: KubeletProcess, configuration: Started): Trouble | undefined {
  const { settings, version } = configuration;
  const certificate = settings.tlsCertFile.value;
  const key = settings.tlsPrivateKeyFile.value;
  const rotates = rotatesServing(configuration);
  const facts = (path: string) => kubelet.servingCertificates.filter((each) => each.path === path);
  const pair = (certificatePath: string, keyPath: string) =>
    unusable('serving certificate', 'serving-certificate', certificatePath, kubelet, facts(certificatePath)) ??
    unusable('serving key', 'serving-key', keyPath, kubelet, []);
  if (rotates) {
    const path = inCertDir(kubelet, configuration, 'kubelet-server-current.pem');
    const damaged = facts(path).some((each) => each.damaged);
    if (damaged) return { what: 'serving certificate', path, cause: 'damaged' };
  }
  if (certificate !== '' && key !== '') {
    // A kubelet that rotates its certificate opens the pair all the same, until 1.36.
    if (rotates && version.minor >= FIRST_WITHOUT_PAIR) return undefined;
    return pair(absolute(kubelet, certificate), absolute(kubelet, key));
  }
  if (certificate !== '' || key !== '') {
    if (version.minor >= FIRST_WITHOUT_PAIR) return undefined;
    const named = absolute(kubelet, certificate || key);
    return { what: certificate === '' ? 'serving key' : 'serving certificate', path: named, cause: 'alone' };
  }
  return rotates ? undefined : selfSigned(kubelet, configuration, pair);
}

/** Both are made where both are missing. */
function selfSigned(
  kubelet: KubeletProcess,
  configuration: Started,
  pair: (certificate: string, key: string) => Trouble | undefined,
): Trouble | undefined {
  const certificate = inCertDir(kubelet, configuration, 'kubelet.crt');
  const key = inCertDir(kubelet, configuration, 'kubelet.key');
  const missing = (role: FileRole, path: string) => fileOf(kubelet, role, path)?.state === 'missing';
  const none = missing('serving-certificate', certificate) && missing('serving-key', key);
  return none ? undefined : pair(certificate, key);
}

function fileOf(kubelet: KubeletProcess, role: FileRole, path: string): FileEvidence | undefined {
  return kubelet.files.find((file) => file.role === role && file.path === path);
}

function unusable(
  what: string,
  role: FileRole,
  path: string,
  kubelet: KubeletProcess,
  found: readonly CertificateFacts[],
): Trouble | undefined {
  const state = fileOf(kubelet, role, path)?.state;
  if (state === 'missing') return { what, path, cause: 'missing' };
  if (state === 'directory' || state === 'other') return { what, path, cause: 'no-file' };
  return found.length > 0 && found.every((facts) => facts.damaged) ? { what, path, cause: 'damaged' } : undefined;
}

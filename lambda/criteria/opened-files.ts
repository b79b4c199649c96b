/**
 * Files beside its configuration and credentials that a kubelet opens when it starts, and without which it exits.
 * Sources: kubernetes cmd/kubelet/app/server.go, InitializeTLS; pkg/kubelet/kubelet.go, NewMainKubelet; apiserver
 * dynamic_cafile_content.go, loadCABundle; client-go util/cert/io.go, CanReadCertAndKey, util/cert/pem.go, ParseCertsPEM, and
 * util/certificate/certificate_store.go, Current; pkg/credentialprovider/plugin/plugin.go, RegisterCredentialProviderPlugins.
 * Tested by test/rules/kubelet-restart.test.ts.
 */
import { mayServeOwn } from '../kubelet/bottlerocket.ts';
import type { CertificateFacts, FileEvidence, FileRole, KubeletProcess } from '../kubelet/evidence.ts';
import { absolute } from '../kubelet/files.ts';
import { isDated } from './certificate.ts';
import { type Trouble, type Unjudged, unjudged, unread } from './next-start.ts';
import { ofKind } from './of-kind.ts';
import type { NodeView } from './rule.ts';
import { FIRST_WITHOUT_PAIR, inCertDir, rotatesServing } from './serving-certificate.ts';
import type { Started } from './setting.ts';

/** The gate KubeletCredentialProviders, on since 1.24, can be turned off before this version (kube_features.go). */
const FIRST_ALWAYS_WITH_PROVIDERS = 26;
/** The first kubelet that takes a directory for the providers' configuration (plugin/config.go, readCredentialProviderConfig). */
const FIRST_WITH_PROVIDER_DIRECTORY = 34;

const texts = {
  pair: 'certificate and key are of no use alone',
  not: (flag: string) => `--${flag} is not given`,
  empty: 'it is empty',
  key: (path: string) =>
    `the certificate ${path} cannot be used, and whether its key is given, without which it is not opened, is not known`,
};

/** What of these files is wrong, the first one that a start stumbles over; else the first that could not be judged. */
export function unopenable(node: NodeView, configuration: Started): Trouble | Unjudged | undefined {
  const found = [
    ofKind(node, 'client CA', (each, its) => clientCa(each.kubelet, its)),
    serving(node.kubelet, configuration),
    ofKind(node, 'credential provider', (each, its) => credentialProvider(each.kubelet, its)),
  ];
  return found.find((each) => each !== undefined && 'cause' in each) ?? found.find((each) => each !== undefined);
}

/** One certificate that cannot be parsed is enough: for it the whole file is refused, in every version. */
function clientCa(kubelet: KubeletProcess, { settings }: Started): Trouble | Unjudged | undefined {
  const value = settings['authentication.x509.clientCAFile'].value;
  if (value === '') return undefined;
  const what = 'client CA file';
  const path = absolute(kubelet, value);
  const found = kubelet.authorities.filter((facts) => facts.of === 'client-ca' && facts.path === path);
  const empty = fileOf(kubelet, 'client-ca', path)?.size === 0;
  const trouble = empty
    ? ({ what, path, cause: 'damaged' } as const)
    : unusable(what, 'client-ca', path, kubelet, found);
  if (trouble || !found.some((facts) => facts.damaged)) return trouble;
  return { what, path, cause: 'partly-damaged' };
}

function serving(kubelet: KubeletProcess, configuration: Started): Trouble | Unjudged | undefined {
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
    const state = fileOf(kubelet, 'serving-certificate', path)?.state;
    if (state === 'directory' || state === 'other') return { what: 'serving certificate', path, cause: 'no-file' };
  }
  if (certificate !== '' && key !== '') {
    // A kubelet that rotates its certificate opens the pair all the same, until 1.36.
    if (rotates && version.minor >= FIRST_WITHOUT_PAIR) return undefined;
    const path = absolute(kubelet, certificate);
    const found = pair(path, absolute(kubelet, key));
    return found && mayServeOwn(kubelet) ? { path, unknown: texts.key(path), certificates: true } : found;
  }
  if (certificate !== '' || key !== '') {
    if (version.minor >= FIRST_WITHOUT_PAIR) return undefined;
    const named = absolute(kubelet, certificate || key);
    const what = certificate === '' ? 'serving key' : 'serving certificate';
    return { what, path: named, cause: 'alone', detail: texts.pair };
  }
  return rotates ? undefined : selfSigned(kubelet, configuration, pair);
}

/** Both flags are needed where one is given. Which programs the configuration names is not in the evidence. */
function credentialProvider(
  kubelet: KubeletProcess,
  { flags, settings, version }: Started,
): Trouble | Unjudged | undefined {
  const [ofConfig, ofPrograms] = ['image-credential-provider-config', 'image-credential-provider-bin-dir'] as const;
  const [config, programs] = [flags[ofConfig].value, flags[ofPrograms].value];
  if (config === '' && programs === '') return undefined;
  const off = settings.featureGates.value.KubeletCredentialProviders === false;
  if (off && version.minor < FIRST_ALWAYS_WITH_PROVIDERS) return undefined;
  const named = {
    config: { what: 'configuration of the image credential providers', path: absolute(kubelet, config) },
    programs: { what: 'directory of the image credential providers', path: absolute(kubelet, programs) },
  };
  if (programs === '') return { ...named.config, cause: 'alone', detail: texts.not(ofPrograms) };
  if (config === '') return { ...named.programs, cause: 'alone', detail: texts.not(ofConfig) };
  const directory = fileOf(kubelet, 'credential-provider', named.programs.path);
  if (directory?.state === 'missing') return { ...named.programs, cause: 'missing' };
  if (directory?.state === 'file' || directory?.state === 'other') return { ...named.programs, cause: 'no-directory' };
  const file = fileOf(kubelet, 'credential-provider', named.config.path);
  if (file?.state === 'directory' && version.minor >= FIRST_WITH_PROVIDER_DIRECTORY) return undefined;
  if (file?.state === 'file' && file.size === 0) return { ...named.config, cause: 'refused', detail: texts.empty };
  return unusable(named.config.what, 'credential-provider', named.config.path, kubelet, []);
}

/** Both are made where both are missing. */
function selfSigned(
  kubelet: KubeletProcess,
  configuration: Started,
  pair: (certificate: string, key: string) => Trouble | Unjudged | undefined,
): Trouble | Unjudged | undefined {
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
): Trouble | Unjudged | undefined {
  const state = fileOf(kubelet, role, path)?.state;
  if (state === 'missing') return { what, path, cause: 'missing' };
  if (state === 'directory' || state === 'other') return { what, path, cause: 'no-file' };
  if (state === 'unreadable') return unread(path);
  if (found.length === 0 || found.some(isDated)) return undefined;
  return found.some((facts) => !facts.damaged) ? unjudged(path, found) : { what, path, cause: 'damaged' };
}

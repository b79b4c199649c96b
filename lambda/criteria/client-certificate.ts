/**
 * The kubelet's client certificate: which one it presents, and whether the kubelet can and does renew it.
 * Tested by test/rules/client-certificate-expiry.test.ts.
 */
import type { CertificateFacts, FileEvidence, KubeletProcess } from '../kubelet/evidence.ts';
import { absolute } from '../kubelet/files.ts';
import { type DatedCertificate, isDated, renewalDue } from './certificate.ts';
import type { Started } from './setting.ts';

/** What of a configuration decides about the certificate. */
export type Deciding = Pick<Started, 'credentials' | 'settings' | 'gates' | 'flags'>;

/** How the kubelet calls the certificate in --cert-dir that is in use (client-go, certificate_store.go, CurrentPath). */
const CURRENT = 'kubelet-client-current.pem';

/**
 * How long the kubelet waits for a request to be signed before it asks anew: a kubelet that has just started may be about
 * to renew (client-go, certificate_manager.go, certificateWaitTimeout).
 */
const REQUEST_SECONDS = 15 * 60;

/** The kubelet renews its client certificate: the setting is on, and so is its gate where the version still has one. */
export function rotates({ settings, gates }: Pick<Deciding, 'settings' | 'gates'>): boolean {
  return settings.rotateCertificates.value && gates.RotateKubeletClientCertificate?.value !== false;
}

/** Path of the kubelet's own certificate, where it has one. */
export function ownPath(kubelet: KubeletProcess, { flags }: Pick<Deciding, 'flags'>): string {
  return absolute(kubelet, `${flags['cert-dir'].value}/${CURRENT}`);
}

/** The file of that path as it was found; undefined where the evidence does not have it. */
export function ownFile(kubelet: KubeletProcess, configuration: Pick<Deciding, 'flags'>): FileEvidence | undefined {
  const path = ownPath(kubelet, configuration);
  return kubelet.files.find((file) => file.role === 'client-certificate' && file.path === path);
}

/** The facts of what lies there, dates or the reason why there are none. */
export function ownFacts(
  kubelet: KubeletProcess,
  configuration: Pick<Deciding, 'flags'>,
): CertificateFacts | undefined {
  const path = ownPath(kubelet, configuration);
  return kubelet.clientCertificates.find((facts) => facts.path === path);
}

/** The certificate that the kubeconfig names or embeds: the first one of its file, which is the kubelet's. */
function named({ clientCertificates }: KubeletProcess, { credentials }: Deciding): DatedCertificate | undefined {
  const path =
    credentials.kind === 'client-certificate'
      ? credentials.path
      : credentials.kind === 'embedded-certificate'
        ? credentials.where
        : undefined;
  const facts = clientCertificates.find((each) => each.path === path);
  return facts && isDated(facts) ? facts : undefined;
}

/** The kubelet's own certificate in --cert-dir, which counts where rotation is on. */
function own(kubelet: KubeletProcess, configuration: Deciding): DatedCertificate | undefined {
  if (!rotates(configuration) || configuration.credentials.kind === 'none') return undefined;
  const facts = ownFacts(kubelet, configuration);
  return facts && isDated(facts) ? facts : undefined;
}

/**
 * The certificate that a kubelet with this configuration presents, if its dates were seen. Without rotation it is the
 * kubeconfig's. With rotation the kubelet's own of --cert-dir takes its place, even that of exec plugins and tokens; once
 * that has expired, one that is embedded in the kubeconfig is presented again, but never one that it names by a path
 * (kubernetes cmd/kubelet/app/server.go, buildClientCertificateManager; client-go certificate_manager.go,
 * getCurrentCertificateOrBootstrap). That of a bootstrap kubeconfig only ever asks for the first one.
 */
export function clientCertificate(
  kubelet: KubeletProcess,
  configuration: Deciding,
  now: number,
): DatedCertificate | undefined {
  const mine = own(kubelet, configuration);
  const theirs = named(kubelet, configuration);
  if (!mine || mine.notAfter > now) return mine ?? theirs;
  const embedded = configuration.credentials.kind === 'embedded-certificate';
  return embedded && theirs && theirs.notAfter > now ? theirs : mine;
}

/**
 * The kubelet has a certificate of its own, which it rotates. With rotation on, that of the kubeconfig only asks for the
 * first one, whoever issued it (kubernetes pkg/kubelet/certificate/kubelet.go, NewKubeletClientCertificateManager).
 */
export function hasOwn(kubelet: KubeletProcess, configuration: Deciding): boolean {
  return own(kubelet, configuration) !== undefined;
}

/** Somebody else than the API server issues it. With rotation on the kubelet soon presents one of its own instead. */
export function isExternal(
  { credentials, bootstraps }: Pick<Started, 'credentials' | 'bootstraps'>,
  { path }: DatedCertificate,
): boolean {
  return (
    credentials.kind === 'client-certificate' && !credentials.inCertDir && !bootstraps && path === credentials.path
  );
}

/**
 * The certificate whose renewal by the kubelet is overdue, if there is one. It may be another than the one that is
 * presented: when the kubelet's own expires, that of the kubeconfig takes its place and hides that nothing is renewed.
 */
export function overdue(kubelet: KubeletProcess, configuration: Deciding, now: number): DatedCertificate | undefined {
  if (!rotates(configuration)) return undefined;
  const rotating = own(kubelet, configuration) ?? clientCertificate(kubelet, configuration, now);
  if (!rotating) return undefined;
  return now >= renewalDue(rotating) && hasRequested(kubelet, now) ? rotating : undefined;
}

/** It has run for long enough that a request of its first minute would have been answered. */
export function hasRequested({ startedAt = 0, startedWithin = 0 }: KubeletProcess, now: number): boolean {
  return now >= Math.min(startedAt + startedWithin, now) + REQUEST_SECONDS;
}

/**
 * What keeps the kubelet from ever putting a new certificate in place: its kubelet-client-current.pem must be a link to
 * the one in use (client-go certificate_store.go, updateSymlink: "expected … to be a symlink but it is a file").
 */
export function blocker(kubelet: KubeletProcess, configuration: Deciding): FileEvidence | undefined {
  const file = rotates(configuration) ? ownFile(kubelet, configuration) : undefined;
  return file && file.state !== 'missing' && file.symlink !== true ? file : undefined;
}

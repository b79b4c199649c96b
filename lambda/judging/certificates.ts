/** When the certificates that a node lives by end, and which of them are renewed by themselves. */
import * as v from 'valibot';
import { isoTime, renewalDue } from '../criteria/certificate.ts';
import { blocker, clientCertificate, isExternal, overdue, rotates } from '../criteria/client-certificate.ts';
import type { NodeView } from '../criteria/rule.ts';
import { type Started, stated } from '../criteria/setting.ts';
import type { EffectiveConfiguration } from '../kubelet/configuration.ts';
import type { AuthorityFacts, CertificateFacts, KubeletProcess } from '../kubelet/evidence.ts';
import { onceOf } from '../kubelet/shared.ts';
import { platformOf } from '../platforms/index.ts';

/** The end of one certificate. */
export const CertificateLifeSchema = v.strictObject({
  role: v.pipe(
    v.picklist(['client', 'serving', 'authority']),
    v.description(
      "By which the kubelet authenticates, or the host gets the kubelet's credentials; which it shows to callers, or which it trusts.",
    ),
  ),
  path: v.pipe(v.string(), v.description('File that holds it, or the kubeconfig that embeds it.')),
  /** ISO 8601. */
  notAfter: v.pipe(v.string(), v.isoTimestamp()),
  renews: v.exactOptional(
    v.pipe(
      v.boolean(),
      v.description("Whether the kubelet renews it before; absent where that is an issuer's or an installer's matter."),
    ),
  ),
  why: v.exactOptional(v.pipe(v.string(), v.description('Why nothing renews it, or whose matter that is.'))),
});

export type CertificateLife = v.InferOutput<typeof CertificateLifeSchema>;

/** How the kubelet calls its own serving certificate; source: client-go/util/certificate/certificate_store.go. */
const OWN_SERVING = /\/kubelet-server-[^/]*\.pem$/;

const texts = {
  ended: 'it has ended',
  overdue: 'rotation is on, but its renewal is overdue',
  noLink: 'rotation is on, but its file is no link, so that no other certificate can take its place',
  issuer: 'its issuer renews it',
  installer: 'its installer renews it',
  selfSigned: 'it signed itself, and the kubelet never renews such a one',
  serving: 'the renewal of the certificate that it asked for is overdue',
  unknown: 'what the kubelet runs with is not known',
};

type Renewal = Pick<CertificateLife, 'renews' | 'why'>;

type Kubelet = { process: KubeletProcess; configuration: EffectiveConfiguration };

/** Those of all kubelets of a node whose dates were seen, the first to end first. */
export function certificatesOf(
  kubelets: readonly Kubelet[],
  node: Pick<NodeView, 'evidence' | 'tags' | 'id' | 'now'>,
): CertificateLife[] {
  const lives = kubelets.flatMap(({ process, configuration }) => {
    const view = { ...node, kubelet: process, configuration };
    const own = [
      ...clientLife(view),
      ...process.servingCertificates.flatMap((facts) => life('serving', facts, servingRenews(view, facts))),
    ].map(keyed);
    return [...own, ...authorityLives(process.authorities)];
  });
  // Kubelets may share files, and one authority may stand twice in its file.
  const distinct = new Map(lives);
  return [...distinct.values()].sort((a, b) => (a.notAfter < b.notAfter ? -1 : 1));
}

const keyed = (each: CertificateLife): [key: string, CertificateLife] => [JSON.stringify(each), each];

/** Those that the nodes of a cluster have alike. */
const authorityLives = onceOf((authorities: readonly AuthorityFacts[]) =>
  authorities.flatMap((facts) => life('authority', facts)).map((each) => keyed(Object.freeze(each))),
);

/** The one that the kubelet presents, or for which the host gets the kubelet's credentials. */
function clientLife(node: NodeView): CertificateLife[] {
  const started = startedWith(node);
  if (!started) return [];
  const facts = clientCertificate(node.kubelet, started, node.now);
  if (!facts) return hostLife(node, started);
  const why = whyNot(node, started, facts.notAfter);
  if (why === undefined) return life('client', facts, { renews: true });
  if (isExternal(started, facts)) return life('client', facts, { why: texts.issuer });
  if (platformOf(node).clientCertificate.renewedBy === 'installer')
    return life('client', facts, { why: texts.installer });
  return life('client', facts, { renews: false, why });
}

function hostLife(node: NodeView, { credentials }: Started): CertificateLife[] {
  const path = credentials.kind === 'exec' ? platformOf(node).credentials?.(node)?.certificate : undefined;
  return node.kubelet.clientCertificates
    .filter((facts) => facts.path === path)
    .slice(0, 1)
    .flatMap((facts) => life('client', facts, { why: texts.issuer }));
}

/** What keeps a kubelet from renewing its client certificate; undefined where nothing does. */
function whyNot({ kubelet, now }: NodeView, started: Started, notAfter: number): string | undefined {
  const gate = started.gates.RotateKubeletClientCertificate;
  if (!rotates(started))
    return gate?.value === false
      ? stated('feature gate RotateKubeletClientCertificate', gate)
      : stated('rotateCertificates', started.settings.rotateCertificates);
  if (notAfter <= now) return texts.ended;
  if (blocker(kubelet, started)) return texts.noLink;
  return overdue(kubelet, started, now) ? texts.overdue : undefined;
}

/**
 * With serverTLSBootstrap the kubelet renews the one that it asked the API server for, as long as its requests are approved.
 * That of tlsCertFile is its issuer's matter, and a self-signed one is never renewed (pkg/kubelet/certificate/kubelet.go).
 */
function servingRenews(node: NodeView, facts: CertificateFacts): Renewal {
  const settings = startedWith(node)?.settings;
  if (!settings) return { why: texts.unknown };
  if (facts.path === settings.tlsCertFile.value) return { why: texts.issuer };
  if (!OWN_SERVING.test(facts.path)) return { renews: false, why: texts.selfSigned };
  if (!settings.serverTLSBootstrap.value)
    return { renews: false, why: stated('serverTLSBootstrap', settings.serverTLSBootstrap) };
  const { notBefore = 0, notAfter = 0 } = facts;
  return node.now < renewalDue({ ...facts, notBefore, notAfter })
    ? { renews: true }
    : { renews: false, why: texts.serving };
}

/** What the kubelet runs with, as far as that is known. */
function startedWith(node: NodeView): Started | undefined {
  const { configuration } = node;
  return configuration.starts === true && platformOf(node).hiddenArguments(node.kubelet) === undefined
    ? configuration
    : undefined;
}

function life(
  role: CertificateLife['role'],
  { path, notAfter }: CertificateFacts,
  renewal: Renewal = {},
): CertificateLife[] {
  const end = isoTime(notAfter);
  return end === undefined ? [] : [{ role, path, notAfter: end, ...renewal }];
}

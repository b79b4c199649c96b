import {
  clientCertificate,
  type DatedCertificate,
  day,
  overdue,
  renewalDue,
  rotates,
} from '../criteria/certificate.ts';
import { checkSettings } from '../criteria/check-settings.ts';
import { openGate, openGateAlone } from '../criteria/gate.ts';
import { findCredentials } from '../criteria/kubeconfig.ts';
import { approve, isReissued, reissue, renew } from '../criteria/renewal.ts';
import { turnRotation } from '../criteria/rotation.ts';
import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import { type Started, stated } from '../criteria/setting.ts';
import { oneLine } from '../platforms/wording.ts';

const GATE = 'RotateKubeletClientCertificate';
const DAY_SECONDS = 86_400;

const texts = {
  none: 'The kubelet has no --kubeconfig: it runs standalone and has no client certificate.',
  other: (kind: string, where: string) =>
    `The kubelet authenticates by ${kind} of ${where}: it has no client certificate.`,
  bootstrapping: (where: string) =>
    `The kubelet is still bootstrapping by ${where}: it has no client certificate of its own yet.`,
  unknown: (problem: string) => `How this kubelet authenticates is unknown: ${problem}.`,
  unseen: (path: string, problem: string) =>
    `The dates of the client certificate ${path} are not in the evidence: ${problem}.`,
  noFacts: 'the collector found none there',
  look: (path: string) => `Look at ${path} on the node (openssl x509 -noout -enddate), and fix what the reason names.`,
  expired: (path: string, on: string) =>
    `The client certificate ${path} expired on ${on}: this node cannot authenticate to the API server any more.`,
  soon: (path: string, on: string, days: number, why: string) =>
    `The client certificate ${path} expires on ${on}, in ${count(days)}, and nothing will renew it: ${why}.`,
  issuer: (path: string, on: string, days: number) =>
    `The client certificate ${path} expires on ${on}, in ${count(days)}. It is not issued by the API server: a person must make sure that its issuer replaces it.`,
  later: (path: string, on: string, days: number) =>
    `The client certificate ${path} expires on ${on}, in ${count(days)}.`,
  renews: (path: string, on: string) =>
    `The client certificate ${path} expires on ${on}, and rotation is on: the kubelet renews it before that day.`,
  overdue: (on: string) => `rotation is on, but the renewal was due by ${on} and has not happened`,
  stuck: (path: string, on: string) =>
    `Rotation is on, but the renewal of ${path} was due by ${on} and has not happened: its signing requests are probably not being approved.`,
  outside: 'it lies outside --cert-dir and its issuer has let 90 % of its life pass',
  approved: 'Then make sure that its signing request is approved (kubectl get csr).',
  recur: 'So that it does not happen again:',
};

/** The outage that the rotation control exists to prevent, with its date. Ours: no benchmark has it. */
export const clientCertificateExpiry: Rule = {
  name: 'client-certificate-expiry',
  title: "The kubelet's client certificate will not run out",
  why: 'On the day on which a client certificate expires its node leaves the cluster: it can no longer report, and its pods are moved away. All nodes of a batch tend to share that day.',
  severity: 'critical',
  hazard: 'client-certificate',
  references: [
    'https://kubernetes.io/docs/tasks/tls/certificate-rotation/',
    'https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/',
  ],
  check: checkSettings(['rotateCertificates'], (node, configuration, { expiryDays }) => {
    const { credentials } = configuration;
    if (credentials.kind === 'none') return { status: 'not-applicable', reason: texts.none, advisories: [] };
    if (credentials.kind === 'exec' || credentials.kind === 'token') {
      const kind = credentials.kind === 'exec' ? `the exec plugin ${oneLine(credentials.command)}` : 'the token';
      return { status: 'not-applicable', reason: texts.other(kind, oneLine(credentials.where)), advisories: [] };
    }
    if (credentials.kind === 'bootstrap') {
      return { status: 'not-applicable', reason: texts.bootstrapping(oneLine(credentials.where)), advisories: [] };
    }
    if (credentials.kind === 'unknown') {
      const reason = texts.unknown(oneLine(credentials.problem));
      return { status: 'error', reason, advisories: [], remediation: findCredentials(credentials) };
    }
    const certificate = clientCertificate(node.kubelet, configuration, node.now);
    if (!certificate) {
      const broken = node.kubelet.clientCertificates.find((facts) => facts.problem !== undefined);
      const path = oneLine(broken?.path ?? ('path' in credentials ? credentials.path : credentials.where));
      const reason = texts.unseen(path, oneLine(broken?.problem ?? texts.noFacts));
      return { status: 'error', reason, advisories: [], remediation: texts.look(path) };
    }
    return byDates(node, configuration, certificate, expiryDays);
  }),
};

/** Somebody else than the API server issues it. With rotation on the kubelet soon presents one of its own instead. */
export function isExternal({ credentials, bootstraps }: Started, { path }: DatedCertificate): boolean {
  return (
    credentials.kind === 'client-certificate' && !credentials.inCertDir && !bootstraps && path === credentials.path
  );
}

function byDates(node: NodeView, configuration: Started, certificate: DatedCertificate, expiryDays: number): Verdict {
  const { now } = node;
  const external = isExternal(configuration, certificate);
  const path = oneLine(certificate.path);
  const on = day(certificate.notAfter);
  const due = renewalDue(certificate);
  const days = Math.floor((certificate.notAfter - now) / DAY_SECONDS);
  const soon = certificate.notAfter - now <= expiryDays * DAY_SECONDS;
  const fail = (reason: string, remediation: string): Verdict => ({
    status: 'fail',
    reason,
    advisories: [],
    remediation,
  });
  if (now >= certificate.notAfter) {
    return fail(texts.expired(path, on), external ? reissue(node, path) : afterExpiry(node, configuration));
  }
  if (external) {
    if (!soon) return { status: 'pass', reason: texts.later(path, on, days), advisories: [] };
    const remediation = reissue(node, path);
    if (now >= due) return fail(texts.soon(path, on, days, texts.outside), remediation);
    return { status: 'manual', reason: texts.issuer(path, on, days), advisories: [], remediation };
  }
  if (!rotates(configuration)) {
    if (!soon) return { status: 'pass', reason: texts.later(path, on, days), advisories: [] };
    const { why, turnOn } = whatKeepsRotationOff(node, configuration);
    const remediation = isReissued(node) ? reissue(node, path) : `${turnOn} ${texts.approved}`;
    return fail(texts.soon(path, on, days, why), remediation);
  }
  const late = overdue(node.kubelet, configuration, now);
  if (!late) return { status: 'pass', reason: texts.renews(path, on), advisories: [] };
  const since = day(renewalDue(late));
  if (soon) return fail(texts.soon(path, on, days, texts.overdue(since)), approve(node));
  const advisories = [{ id: 'rotation-stuck', text: texts.stuck(oneLine(late.path), since) }];
  return { status: 'pass', reason: texts.later(path, on, days), advisories };
}

/** What keeps rotation off, and how it is turned on. */
function whatKeepsRotationOff(node: NodeView, { settings, gates }: Started): { why: string; turnOn: string } {
  const current = settings.rotateCertificates;
  const gate = gates[GATE];
  const rotate = turnRotation(node, current, 'true');
  if (gate?.value !== false) return { why: stated('rotateCertificates', current), turnOn: rotate };
  const turnOn = current.value ? openGateAlone(node, GATE, gate) : `${openGate(node, GATE, gate)} ${rotate}`;
  return { why: stated(`feature gate ${GATE}`, gate), turnOn };
}

/** An expired certificate cannot ask for its successor: something else must, and then rotation keeps it from recurring. */
function afterExpiry(node: NodeView, configuration: Started): string {
  const renewed = renew(node, configuration.bootstraps);
  return rotates(configuration) || isReissued(node)
    ? renewed
    : `${renewed} ${texts.recur} ${whatKeepsRotationOff(node, configuration).turnOn}`;
}

function count(days: number): string {
  if (days === 0) return 'less than a day';
  return days === 1 ? '1 day' : `${days} days`;
}

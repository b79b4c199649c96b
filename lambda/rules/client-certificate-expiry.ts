import { clientCertificate, type DatedCertificate, day, renewalDue, rotates } from './certificate.ts';
import { openGate, remedy, restart } from './remedy.ts';
import type { NodeView, Rule, Verdict } from './rule.ts';
import { judged, quote, type Started, stated } from './setting.ts';

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
  stuck: (on: string) =>
    `Rotation is on, but the renewal was due by ${on} and has not happened: its signing requests are probably not being approved.`,
  outside: 'it lies outside --cert-dir and its issuer has let 90 % of its life pass',
  approve: (restart: string) =>
    `Look for the node's pending signing requests (kubectl get csr) and approve them; if there are none, ${restart} and watch its log for certificate_manager.`,
  bootstrap: (restart: string, named: boolean) =>
    `Give the node a valid bootstrap kubeconfig (kubeadm: kubeadm token create, then write /etc/kubernetes/bootstrap-kubelet.conf and remove the expired kubelet-client-current.pem)${named ? '' : ', name it by --bootstrap-kubeconfig, which this kubelet lacks'}, then ${restart}.`,
  approved: 'Then make sure that its signing request is approved (kubectl get csr).',
  recur: 'So that it does not happen again:',
  restart: (restart: string) => `Then ${restart}.`,
  reissue: (path: string) => `Have the issuer of ${path} replace it before that day.`,
};

/** The outage that the rotation control exists to prevent, with its date. Ours: no benchmark has it. */
export const clientCertificateExpiry: Rule = {
  name: 'client-certificate-expiry',
  title: "The kubelet's client certificate will not run out",
  why: 'On the day on which a client certificate expires its node leaves the cluster: it can no longer report, and its pods are moved away. All nodes of a batch tend to share that day.',
  severity: 'critical',
  references: [
    'https://kubernetes.io/docs/tasks/tls/certificate-rotation/',
    'https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/',
  ],
  check: judged(['rotateCertificates'], (node, configuration, { expiryDays }) => {
    const { credentials } = configuration;
    if (credentials.kind === 'none') return { status: 'not-applicable', reason: texts.none, advisories: [] };
    if (credentials.kind === 'exec' || credentials.kind === 'token') {
      const kind = credentials.kind === 'exec' ? `the exec plugin ${quote(credentials.command)}` : 'the token';
      return { status: 'not-applicable', reason: texts.other(kind, quote(credentials.where)), advisories: [] };
    }
    if (credentials.kind === 'bootstrap') {
      return { status: 'not-applicable', reason: texts.bootstrapping(quote(credentials.where)), advisories: [] };
    }
    if (credentials.kind === 'unknown') {
      return { status: 'error', reason: texts.unknown(quote(credentials.problem)), advisories: [] };
    }
    const certificate = clientCertificate(node.kubelet, configuration);
    if (!certificate) {
      const broken = node.kubelet.clientCertificates.find((facts) => facts.problem !== undefined);
      const path = quote(broken?.path ?? ('path' in credentials ? credentials.path : credentials.where));
      const reason = texts.unseen(path, quote(broken?.problem ?? texts.noFacts));
      return { status: 'error', reason, advisories: [], remediation: texts.look(path) };
    }
    return byDates(node, configuration, certificate, expiryDays);
  }),
};

/** Somebody else than the API server issues it. With rotation on the kubelet soon presents one of its own instead. */
function isExternal({ credentials, bootstraps }: Started, { path }: DatedCertificate): boolean {
  return (
    credentials.kind === 'client-certificate' && !credentials.inCertDir && !bootstraps && path === credentials.path
  );
}

function byDates(node: NodeView, configuration: Started, certificate: DatedCertificate, expiryDays: number): Verdict {
  const { now } = node;
  const external = isExternal(configuration, certificate);
  const path = quote(certificate.path);
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
    return fail(texts.expired(path, on), external ? texts.reissue(path) : renew(node, configuration));
  }
  if (external) {
    if (!soon) return { status: 'pass', reason: texts.later(path, on, days), advisories: [] };
    if (now >= due) return fail(texts.soon(path, on, days, texts.outside), texts.reissue(path));
    const remediation = texts.reissue(path);
    return { status: 'manual', reason: texts.issuer(path, on, days), advisories: [], remediation };
  }
  if (!rotates(configuration)) {
    if (!soon) return { status: 'pass', reason: texts.later(path, on, days), advisories: [] };
    const { why, turnOn } = off(node, configuration);
    return fail(texts.soon(path, on, days, why), `${turnOn} ${texts.approved}`);
  }
  if (now < due) return { status: 'pass', reason: texts.renews(path, on), advisories: [] };
  if (soon) return fail(texts.soon(path, on, days, texts.overdue(day(due))), texts.approve(restart(node)));
  const advisories = [{ id: 'rotation-stuck', text: texts.stuck(day(due)) }];
  return { status: 'pass', reason: texts.later(path, on, days), advisories };
}

/** What keeps rotation off, and how it is turned on. */
function off(node: NodeView, { settings, gates }: Started): { why: string; turnOn: string } {
  const current = settings.rotateCertificates;
  const gate = gates[GATE];
  const change = { setting: 'rotateCertificates', flag: 'rotate-certificates', value: 'true', current } as const;
  if (gate?.value !== false) return { why: stated('rotateCertificates', current), turnOn: remedy(node, change) };
  const open = openGate(GATE, gate);
  const rest = current.value ? texts.restart(restart(node)) : remedy(node, change);
  return { why: stated(`feature gate ${GATE}`, gate), turnOn: `${open} ${rest}` };
}

/** An expired certificate cannot ask for its successor: something else must, and then rotation keeps it from recurring. */
function renew(node: NodeView, configuration: Started): string {
  const renewed = texts.bootstrap(restart(node), configuration.bootstraps);
  return rotates(configuration) ? renewed : `${renewed} ${texts.recur} ${off(node, configuration).turnOn}`;
}

function count(days: number): string {
  if (days === 0) return 'less than a day';
  return days === 1 ? '1 day' : `${days} days`;
}

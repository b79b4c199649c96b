import { type DatedCertificate, day, duration, isDated, renewalDue } from '../criteria/certificate.ts';
import { checkSettings, notJudged } from '../criteria/check-settings.ts';
import {
  blocker,
  clientCertificate,
  hasOwn,
  isExternal,
  overdue,
  ownPath,
  rotates,
} from '../criteria/client-certificate.ts';
import { seenAt } from '../criteria/clock.ts';
import { openGate, openGateAlone } from '../criteria/gate.ts';
import { replacement } from '../criteria/issuer.ts';
import { onNode } from '../criteria/on-node.ts';
import { approve, isReissued, reissue, relink, renew } from '../criteria/renewal.ts';
import { turnRotation } from '../criteria/rotation.ts';
import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import { type Started, stated } from '../criteria/setting.ts';
import type { Credentials } from '../kubelet/configuration.ts';
import { isNewerThan } from '../kubelet/files.ts';
import { platformOf } from '../platforms/index.ts';
import { sh } from '../platforms/shell.ts';
import { given, type Step, step } from '../platforms/step.ts';
import { oneLine } from '../platforms/wording.ts';

const GATE = 'RotateKubeletClientCertificate';
const DAY_SECONDS = 86_400;

const texts = {
  none: 'The kubelet has no --kubeconfig: it runs standalone and has no client certificate.',
  other: (kind: string, where: string) =>
    `The kubelet authenticates by ${kind} of ${where}: it has no client certificate.`,
  bootstrapping: (where: string) =>
    `The kubelet is still bootstrapping by ${where}: it has no client certificate of its own yet.`,
  unseen: (path: string, problem: string) =>
    `The dates of the client certificate ${path} are not in the evidence: ${problem}.`,
  noFacts: 'the collector found none there',
  look: (node: NodeView, path: string) =>
    onNode(
      node,

      `Look at ${oneLine(path)} on the node, and fix what the reason names.`,
      sh`openssl x509 -noout -enddate -in ${path}`,
    ),
  expired: (path: string, on: string) =>
    `The client certificate ${path} expired on ${on}: this node cannot authenticate to the API server any more.`,
  early: (path: string, on: string, left: string) =>
    `The client certificate ${path} is not valid before ${on}, in ${left}: until then the API server refuses it.`,
  clock: (node: NodeView, path: string) => [
    onNode(node, `Compare the clocks of the node, of what issued ${path} and of the control plane.`, 'timedatectl'),
    step('Set the clock that is wrong.'),
    step('Have the certificate issued anew.'),
  ],
  read: 'So that the kubelet reads the certificate that is there now,',
  changed: (path: string) =>
    `The kubeconfig ${path}, which embeds the client certificate, changed after the kubelet started: the kubelet reads it once, so it still presents the one that stood there before, whose end is not known.`,
  soon: (path: string, on: string, left: string, why: string) =>
    `The client certificate ${path} expires on ${on}, in ${left}, and nothing will renew it: ${why}.`,
  issuer: (path: string, on: string, left: string) =>
    `The client certificate ${path} expires on ${on}, in ${left}. It is not issued by the API server: a person must make sure that its issuer replaces it.`,
  later: (path: string, on: string, left: string) => `The client certificate ${path} expires on ${on}, in ${left}.`,
  fresh: (path: string, age: string, life: string) =>
    `The client certificate ${path} is ${age} old and lives for ${life}: its issuer replaces it.`,
  renews: (path: string, on: string) =>
    `The client certificate ${path} expires on ${on}, and rotation is on: the kubelet renews it before that day.`,
  overdue: (of: string, since: string) =>
    `rotation is on, but the renewal${of} was due by ${since} and has not happened`,
  noLink: (path: string) =>
    `rotation is on, but ${path} is a file of its own instead of a link, and the kubelet cannot put another certificate in its place`,
  outside: 'it lies outside --cert-dir and its issuer has let 90 % of its life pass',
  approved: step('Make sure that its signing request is approved.', 'kubectl get csr'),
  unknown: (by: string, problem: string) =>
    `${by} When it ends is not in the evidence: ${problem}, so a person must look.`,
  notThere: 'it is not there',
  which: "Look which certificate that is, of which the node's AWS configuration says the path.",
  ends: 'Look when it ends, and have its issuer replace it before that day; CERTIFICATE is its path.',
  recur: 'So that it does not happen again,',
};

/** The outage that the rotation control exists to prevent, with its date. Ours: no benchmark has it. */
export const clientCertificateExpiry: Rule = {
  name: 'client-certificate-expiry',
  title: "The kubelet's client certificate will not run out",
  failureTitle: "The kubelet's client certificate has run out, or will",
  why: 'On the day on which a client certificate expires its node leaves the cluster: it can no longer report, and its pods are moved away. All nodes of a batch tend to share that day.',
  severity: 'critical',
  hazard: 'client-certificate',
  withoutArguments: true,
  references: [
    'https://kubernetes.io/docs/tasks/tls/certificate-rotation/',
    'https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/',
    'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/troubleshooting-kubeadm/#kubelet-client-cert',
  ],
  check: checkSettings(['rotateCertificates'], (node, configuration, { expiryDays }) => {
    const { credentials } = configuration;
    if (credentials.kind === 'none') return { status: 'not-applicable', reason: texts.none, advisories: [] };
    const otherwise = hasOwn(node.kubelet, configuration)
      ? undefined
      : (byHost(node, credentials, expiryDays) ?? withoutCertificate(credentials));
    if (otherwise) return otherwise;
    const certificate = clientCertificate(node.kubelet, configuration, seenAt(node));
    return certificate ? byDates(node, configuration, certificate, expiryDays) : undated(node, configuration);
  }),
};

/** The verdict for kubelets that authenticate by something else; undefined where a certificate is to be judged. */
function withoutCertificate(credentials: Credentials): Verdict | undefined {
  const notApplicable = (reason: string): Verdict => ({ status: 'not-applicable', reason, advisories: [] });
  switch (credentials.kind) {
    case 'exec':
      return notApplicable(texts.other(`the exec plugin ${oneLine(credentials.command)}`, oneLine(credentials.where)));
    case 'token':
      return notApplicable(texts.other('the token', oneLine(credentials.where)));
    case 'bootstrap':
      return notApplicable(texts.bootstrapping(oneLine(credentials.where)));
    case 'unknown':
      return notJudged('credentials');
    default:
      return undefined;
  }
}

function undated(node: NodeView, configuration: Started): Verdict {
  const { kubelet } = node;
  const { credentials } = configuration;
  const named = 'path' in credentials ? credentials.path : 'where' in credentials ? credentials.where : '';
  const paths = rotates(configuration) ? [ownPath(kubelet, configuration), named] : [named];
  const broken = kubelet.clientCertificates.find(({ path, problem }) => problem !== undefined && paths.includes(path));
  const path = broken?.path ?? named;
  const reason = texts.unseen(oneLine(path), oneLine(broken?.problem ?? texts.noFacts));
  return { status: 'error', reason, advisories: [], remediation: [texts.look(node, path)] };
}

function pass(reason: string): Verdict {
  return { status: 'pass', reason, advisories: [] };
}

function fail(reason: string, steps: readonly Step[]): Verdict {
  return { status: 'fail', reason, advisories: [], remediation: steps };
}

function byDates(node: NodeView, configuration: Started, certificate: DatedCertificate, expiryDays: number): Verdict {
  const now = seenAt(node);
  const path = oneLine(certificate.path);
  const on = day(certificate.notAfter);
  const left = duration(certificate.notAfter - now);
  const external = isExternal(configuration, certificate);
  const ended = outsideOfItsLife(node, certificate, () =>
    external ? reissue(node, certificate.path) : afterExpiry(node, configuration),
  );
  if (ended) return ended;
  if (!external && rotates(configuration)) return byRenewal(node, configuration, certificate);
  if (external) return byIssuer(node, certificate, expiryDays);
  const stale = node.kubelet.files.find(({ role, path: where }) => role === 'kubeconfig' && where === certificate.path);
  if (stale && isNewerThan(node.kubelet, stale)) {
    const remediation = [given(texts.read, platformOf(node).restart(node))];
    return { status: 'manual', reason: texts.changed(path), advisories: [], remediation };
  }
  if (certificate.notAfter - now > expiryDays * DAY_SECONDS) return pass(texts.later(path, on, left));
  const { why, turnOn } = off(node, configuration);
  const steps = isReissued(node) ? reissue(node, certificate.path) : [...turnOn, texts.approved];
  return fail(texts.soon(path, on, left, why), steps);
}

function outsideOfItsLife(
  node: NodeView,
  certificate: DatedCertificate,
  replace: () => readonly Step[],
): Verdict | undefined {
  const now = seenAt(node);
  const path = oneLine(certificate.path);
  if (now >= certificate.notAfter) return fail(texts.expired(path, day(certificate.notAfter)), replace());
  if (now >= certificate.notBefore) return undefined;
  const until = duration(certificate.notBefore - now);
  return fail(texts.early(path, day(certificate.notBefore), until), texts.clock(node, path));
}

/**
 * The verdict for a kubelet that gets its credentials for a certificate of the host's own, as IAM Roles Anywhere gives them:
 * when that ends the node cannot authenticate any more. Undefined for others.
 */
function byHost(node: NodeView, { kind }: Credentials, expiryDays: number): Verdict | undefined {
  const given = kind === 'exec' ? platformOf(node).credentials?.(node) : undefined;
  if (given?.certificate === undefined) return undefined;
  const facts = node.kubelet.clientCertificates.find(({ path }) => path === given.certificate);
  if (facts && isDated(facts)) {
    const ended = outsideOfItsLife(node, facts, () => reissue(node, facts.path));
    return ended ?? byIssuer(node, facts, expiryDays);
  }
  const reason = texts.unknown(given.by, oneLine(facts?.problem ?? texts.notThere));
  const remediation = [
    onNode(node, texts.which, 'grep -e --certificate /etc/aws/hybrid/config'),
    onNode(node, texts.ends, `openssl x509 -noout -enddate -in "\${CERTIFICATE:?}"`),
  ];
  return { status: 'manual', reason, advisories: [], remediation };
}

/** With rotation on nothing but the kubelet renews it: what keeps it from that counts, not how many days are left. */
function byRenewal(node: NodeView, configuration: Started, certificate: DatedCertificate): Verdict {
  const now = seenAt(node);
  const path = oneLine(certificate.path);
  const on = day(certificate.notAfter);
  const left = duration(certificate.notAfter - now);
  const blocked = blocker(node.kubelet, configuration);
  if (blocked) {
    const own = oneLine(blocked.path);
    return fail(texts.soon(path, on, left, texts.noLink(own)), relink(node, blocked.path));
  }
  const late = overdue(node.kubelet, configuration, now);
  if (!late) return pass(texts.renews(path, on));
  const of = late.path === certificate.path ? '' : ` of ${oneLine(late.path)}`;
  return fail(texts.soon(path, on, left, texts.overdue(of, day(renewalDue(late)))), approve(node));
}

function byIssuer(node: NodeView, certificate: DatedCertificate, expiryDays: number): Verdict {
  const now = seenAt(node);
  const path = oneLine(certificate.path);
  const on = day(certificate.notAfter);
  const left = duration(certificate.notAfter - now);
  const due = replacement(certificate, now, expiryDays);
  if (due === 'late') return fail(texts.soon(path, on, left, texts.outside), reissue(node, certificate.path));
  if (due === 'soon') {
    return {
      status: 'manual',
      reason: texts.issuer(path, on, left),
      advisories: [],
      remediation: reissue(node, certificate.path),
    };
  }
  if (certificate.notAfter - now > expiryDays * DAY_SECONDS) return pass(texts.later(path, on, left));
  const life = duration(certificate.notAfter - certificate.notBefore);
  return pass(texts.fresh(path, duration(now - certificate.notBefore), life));
}

/** What keeps rotation off, and how it is turned on. */
function off(node: NodeView, { settings, gates }: Started): { why: string; turnOn: readonly Step[] } {
  const current = settings.rotateCertificates;
  const gate = gates[GATE];
  const rotate = turnRotation(node, 'true');
  if (gate?.value !== false) return { why: stated('rotateCertificates', current), turnOn: rotate };
  const turnOn = current.value ? openGateAlone(node, GATE, gate) : [openGate(node, GATE, gate), ...rotate];
  return { why: stated(`feature gate ${GATE}`, gate), turnOn };
}

/** An expired certificate cannot ask for its successor: something else must, and then rotation keeps it from recurring. */
function afterExpiry(node: NodeView, configuration: Started): readonly Step[] {
  const renewed = renew(node, configuration.bootstraps);
  if (rotates(configuration) || isReissued(node)) return renewed;
  const [first, ...rest] = off(node, configuration).turnOn;
  return [...renewed, ...(first ? [given(texts.recur, first)] : []), ...rest];
}

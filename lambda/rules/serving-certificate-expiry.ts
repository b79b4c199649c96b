import { type DatedCertificate, day, duration, isDated, renewalDue } from '../criteria/certificate.ts';
import { checkSettings } from '../criteria/check-settings.ts';
import { hasRequested } from '../criteria/client-certificate.ts';
import { seenAt } from '../criteria/clock.ts';
import { replacement } from '../criteria/issuer.ts';
import { onNode } from '../criteria/on-node.ts';
import { isReissued, reissue, relink } from '../criteria/renewal.ts';
import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import { approveServing, bootstrapServing } from '../criteria/serving.ts';
import {
  FIRST_WITHOUT_PAIR,
  isMissing,
  type Serving,
  servingFacts,
  servingFile,
  servingOf,
  strangeNames,
} from '../criteria/serving-certificate.ts';
import type { Started } from '../criteria/setting.ts';
import { isNewerThan } from '../kubelet/files.ts';
import { platformOf } from '../platforms/index.ts';
import { sh } from '../platforms/shell.ts';
import { given, type Step, step } from '../platforms/step.ts';
import { listed, oneLine } from '../platforms/wording.ts';

const DAY_SECONDS = 86_400;
/** Of a certificate that lives no longer than this its age says more than its end. */
const SHORT_LIFE = 30 * DAY_SECONDS;

type Served = Exclude<Serving, { kind: 'none' }>;

const texts = {
  half: (path: string) =>
    `${path} is named without what belongs to it, certificate or key: the kubelet has nothing to serve, and every connection to it fails.`,
  complete: 'Set both tlsCertFile and tlsPrivateKeyFile, or neither (rule tls-serving-certificate).',
  waiting: (path: string) =>
    `The kubelet asks the API server for a serving certificate (serverTLSBootstrap) and has none yet in ${path}; it has just started.`,
  again: [step('Scan this node again: a request is approved within minutes, or never.')],
  ungranted: (path: string) =>
    `The kubelet asks the API server for a serving certificate (serverTLSBootstrap) and has none in ${path}: its signing requests are not approved, so logs, exec and metrics of this node fail.`,
  gone: (path: string) =>
    `The kubelet serves a certificate that it signed itself, and ${path} is not there any more: it goes on with what it read when it started, whose end is not known.`,
  anew: 'So that it makes a new one, for a year,',
  unseen: (path: string, problem: string) =>
    `The dates of the serving certificate ${path} are not in the evidence: ${problem}.`,
  noFacts: 'the collector found none there',
  missing: 'the file does not exist',
  look: (node: NodeView, path: string) =>
    onNode(
      node,
      `Look at ${oneLine(path)} on the node, and fix what the reason names.`,
      sh`openssl x509 -noout -enddate -ext subjectAltName -in ${path}`,
    ),
  expired: (path: string, on: string, what: string) => `The serving certificate ${path} expired on ${on}: ${what}.`,
  served: 'callers that verify it can read no logs, run no exec and get no metrics of this node',
  unserved: 'the kubelet serves it no more and has no other, so logs, exec and metrics of this node fail',
  early: (path: string, on: string, left: string) =>
    `The serving certificate ${path} is not valid before ${on}, in ${left}: until then callers that verify it refuse it.`,
  clock: (node: NodeView, path: string) => [
    onNode(node, `Compare the clocks of the node and of what issued ${path}.`, 'timedatectl'),
    step('Set the clock that is wrong.'),
    step('Have the certificate issued anew.'),
  ],
  changed: (path: string) =>
    `The serving certificate ${path} changed after the kubelet started: before 1.${FIRST_WITHOUT_PAIR} callers that come by an address still get the one that stood there before, whose end is not known.`,
  read: 'So that the kubelet serves the certificate that is there now,',
  soon: (path: string, on: string, left: string, why: string) =>
    `The serving certificate ${path} expires on ${on}, in ${left}, and nothing will renew it: ${why}.`,
  overdue: (since: string) => `serverTLSBootstrap is on, but the renewal was due by ${since} and has not happened`,
  noLink: 'it is a file of its own instead of a link, and the kubelet cannot put another certificate in its place',
  selfSigned:
    'the kubelet signed it itself when it first started, and never makes another as long as the file is there',
  issued: 'tlsCertFile names it, and its issuer has let 90 % of its life pass',
  installer: 'tlsCertFile names it, and what installed this node gives it another only with a new start',
  issuer: (path: string, on: string, left: string) =>
    `The serving certificate ${path} expires on ${on}, in ${left}. tlsCertFile names it: a person must make sure that its issuer replaces it.`,
  later: (path: string, on: string, left: string) => `The serving certificate ${path} expires on ${on}, in ${left}.`,
  fresh: (path: string, age: string, life: string) =>
    `The serving certificate ${path} is ${age} old and lives for ${life}: its issuer replaces it.`,
  renews: (path: string, on: string) =>
    `The serving certificate ${path} expires on ${on}, and the kubelet renews it before that day.`,
  strange: (path: string, certificate: string, node: string) =>
    `The serving certificate ${path} is for ${certificate}, and this node is ${node}: callers that verify it refuse it.`,
  reissue: (path: string) => `Have ${path} issued anew for the addresses and names by which this node is called.`,
  removePair: 'Remove the pair, in whose place the kubelet makes a new one for a year when it starts.',
  better: step('Better, let a CA sign it by the steps that follow.'),
};

/** The outage of logs, exec and metrics that nobody sees coming. Ours: no benchmark has it. */
export const servingCertificateExpiry: Rule = {
  name: 'serving-certificate-expiry',
  title: "The kubelet's serving certificate will not run out",
  failureTitle: "The kubelet's serving certificate has run out, or will",
  why: 'When the certificate that the kubelet shows to its callers has expired, or names another machine, the node stays Ready while logs, exec, port-forward, metrics and with them autoscaling fail for it.',
  severity: 'high',
  hazard: 'serving-certificate',
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#certificate-rotation',
    'https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#kubelet-serving-certs',
    'https://github.com/kubernetes/kubernetes/issues/73356',
  ],
  check: checkSettings(
    ['serverTLSBootstrap', 'tlsCertFile', 'tlsPrivateKeyFile'],
    (node, configuration, { expiryDays }) => {
      const { kubelet } = node;
      const serving = servingOf(kubelet, configuration);
      const path = oneLine(serving.path);
      if (serving.kind === 'none')
        return fail(texts.half(path), [step(texts.complete), ...platformOf(node).afterChange(node)]);
      const facts = servingFacts(kubelet, serving.path);
      if (facts && isDated(facts)) return byDates(node, configuration, serving, facts, expiryDays);
      const missing = isMissing(kubelet, configuration, serving);
      if (serving.kind === 'rotated' && missing) return ungranted(node, path);
      if (serving.kind === 'self-signed' && missing) {
        return manual(texts.gone(path), [given(texts.anew, platformOf(node).restart(node))]);
      }
      const problem = facts?.problem ?? (missing ? texts.missing : texts.noFacts);
      const reason = texts.unseen(path, oneLine(problem));
      return { status: 'error', reason, advisories: [], remediation: [texts.look(node, serving.path)] };
    },
  ),
};

function pass(reason: string): Verdict {
  return { status: 'pass', reason, advisories: [] };
}

function fail(reason: string, steps: readonly Step[]): Verdict {
  return { status: 'fail', reason, advisories: [], remediation: steps };
}

function manual(reason: string, steps: readonly Step[]): Verdict {
  return { status: 'manual', reason, advisories: [], remediation: steps };
}

function ungranted(node: NodeView, path: string): Verdict {
  return hasRequested(node.kubelet, seenAt(node))
    ? fail(texts.ungranted(path), approveServing(node))
    : manual(texts.waiting(path), texts.again);
}

function byDates(
  node: NodeView,
  configuration: Started,
  serving: Served,
  certificate: DatedCertificate,
  expiryDays: number,
): Verdict {
  const now = seenAt(node);
  const path = oneLine(certificate.path);
  if (now >= certificate.notAfter) {
    const what = serving.kind === 'rotated' ? texts.unserved : texts.served;
    return fail(texts.expired(path, day(certificate.notAfter), what), renewed(node, configuration, serving));
  }
  if (now < certificate.notBefore) {
    return fail(
      texts.early(path, day(certificate.notBefore), duration(certificate.notBefore - now)),
      texts.clock(node, path),
    );
  }
  const open = OPEN[serving.kind](node, configuration, certificate, expiryDays);
  if (open || serving.kind === 'self-signed') return open ?? later(node, certificate);
  const strange = strangeNames(certificate, node, configuration.flags['hostname-override'].value);
  if (!strange) return serving.kind === 'rotated' ? renews(certificate) : later(node, certificate);
  const reason = texts.strange(path, listed(strange.certificate), listed(strange.node));
  return fail(reason, serving.kind === 'rotated' ? approveServing(node) : [step(texts.reissue(path))]);
}

type Check = (
  node: NodeView,
  configuration: Started,
  certificate: DatedCertificate,
  days: number,
) => Verdict | undefined;

/** What is wrong with a certificate of each kind that is valid today; undefined where nothing is. */
const OPEN: Readonly<Record<Served['kind'], Check>> = {
  rotated(node, _configuration, certificate) {
    const now = seenAt(node);
    const path = oneLine(certificate.path);
    const [on, left] = [day(certificate.notAfter), duration(certificate.notAfter - now)];
    const file = servingFile(node.kubelet, certificate.path);
    if (file && file.symlink !== true)
      return fail(texts.soon(path, on, left, texts.noLink), relink(node, certificate.path));
    const due = renewalDue(certificate);
    if (now < due || !hasRequested(node.kubelet, now)) return undefined;
    return fail(texts.soon(path, on, left, texts.overdue(day(due))), approveServing(node));
  },
  given(node, { version }, certificate, days) {
    const now = seenAt(node);
    const path = oneLine(certificate.path);
    const [on, left] = [day(certificate.notAfter), duration(certificate.notAfter - now)];
    const file = servingFile(node.kubelet, certificate.path);
    if (version.minor < FIRST_WITHOUT_PAIR && file && isNewerThan(node.kubelet, file)) {
      return manual(texts.changed(path), [given(texts.read, platformOf(node).restart(node))]);
    }
    if (isReissued(node)) {
      return isSoon(certificate, now, days)
        ? fail(texts.soon(path, on, left, texts.installer), reissue(node, certificate.path))
        : undefined;
    }
    const due = replacement(certificate, now, days);
    if (due === 'late') return fail(texts.soon(path, on, left, texts.issued), reissue(node, certificate.path));
    return due === 'soon' ? manual(texts.issuer(path, on, left), reissue(node, certificate.path)) : undefined;
  },
  'self-signed'(node, configuration, certificate, days) {
    const now = seenAt(node);
    if (!isSoon(certificate, now, days)) return undefined;
    const [on, left] = [day(certificate.notAfter), duration(certificate.notAfter - now)];
    const reason = texts.soon(oneLine(certificate.path), on, left, texts.selfSigned);
    return fail(reason, renewed(node, configuration, { kind: 'self-signed', path: certificate.path }));
  },
};

function isSoon({ notAfter }: DatedCertificate, now: number, days: number): boolean {
  return notAfter - now <= days * DAY_SECONDS;
}

function renews({ path, notAfter }: DatedCertificate): Verdict {
  return pass(texts.renews(oneLine(path), day(notAfter)));
}

/** Valid, with its end, or with its age where its whole life is short. */
function later(node: NodeView, { path, notBefore, notAfter }: DatedCertificate): Verdict {
  const now = seenAt(node);
  const short = notAfter - notBefore <= SHORT_LIFE;
  const where = oneLine(path);
  if (!short) return pass(texts.later(where, day(notAfter), duration(notAfter - now)));
  return pass(texts.fresh(where, duration(now - notBefore), duration(notAfter - notBefore)));
}

/** How an expired one is replaced. */
function renewed(node: NodeView, configuration: Started, { kind, path }: Served): readonly Step[] {
  if (kind === 'rotated') return approveServing(node);
  if (kind === 'given') return isReissued(node) ? reissue(node, path) : [step(texts.reissue(oneLine(path)))];
  const remove = onNode(node, texts.removePair, sh`rm ${path} ${path.replace(/crt$/, 'key')}`);
  return [remove, platformOf(node).restart(node), texts.better, ...bootstrapServing(node, configuration)];
}

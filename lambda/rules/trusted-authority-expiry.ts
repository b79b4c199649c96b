import { type DatedCertificate, day, duration, isDated } from '../criteria/certificate.ts';
import { checkSettings } from '../criteria/check-settings.ts';
import { seenAt } from '../criteria/clock.ts';
import { onNode } from '../criteria/on-node.ts';
import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import type { AuthorityFacts } from '../kubelet/evidence.ts';
import { absolute } from '../kubelet/files.ts';
import { onceOf } from '../kubelet/shared.ts';
import { platformOf } from '../platforms/index.ts';
import { sh } from '../platforms/shell.ts';
import { step } from '../platforms/step.ts';
import { listed, oneLine } from '../platforms/wording.ts';

const DAY_SECONDS = 86_400;
/** Digits of a fingerprint that people compare by eye. */
const SHOWN_DIGITS = 16;

const texts = {
  none: 'Neither the kubeconfig nor authentication.x509.clientCAFile brings an authority of its own, so none can run out here.',
  unseen: (path: string, problem: string) => `The authorities in ${path} are not in the evidence: ${problem}.`,
  untold: (reason: string, problem: string) => `Of those that were read: ${reason} But ${problem}.`,
  look: (node: NodeView, path: string) =>
    onNode(
      node,
      `Look at ${oneLine(path)} on the node, and fix what the reason names.`,
      sh`openssl x509 -noout -subject -enddate -in ${path}`,
    ),
  ended: (path: string, on: string, effect: string) =>
    `Every authority in ${path} has expired, the last on ${on}: ${effect}.`,
  ending: (path: string, on: string, left: string, effect: string) =>
    `The last authority in ${path} expires on ${on}, in ${left}; from then on ${effect}.`,
  early: (path: string, on: string, effect: string) =>
    `No authority in ${path} is valid before ${on}: until then ${effect}.`,
  effects: {
    kubeconfig: 'this kubelet cannot verify the API server, and the node leaves the cluster',
    'client-ca':
      'this kubelet believes no client certificate, so the API server gets no logs, exec and metrics from it',
  },
  trusts: (lines: string[]) => `The kubelet trusts ${lines.join('; ')}.`,
  trusted: (path: string, authorities: string) => `by ${path} ${authorities}`,
  authority: (subject: string, on: string, digits: string) => `${subject} until ${on} (SHA-256 ${digits}…)`,
  successor: (path: string) =>
    `Add the cluster's new CA certificate to ${path} before that day, beside the old one (kubernetes.io, Manual Rotation of CA Certificates; EKS: certificate authority rotation).`,
  last: step('Take the old one away when nothing is signed by it any more.'),
};

/** The authorities by which a kubelet and the API server know each other. Ours: no benchmark has it. */
export const trustedAuthorityExpiry: Rule = {
  name: 'trusted-authority-expiry',
  title: 'The authorities that the kubelet trusts will not run out',
  failureTitle: 'An authority that the kubelet trusts has run out, or will',
  why: "When the cluster's CA certificate ends, or is rotated past a node that still has only the old one, that node cannot verify the API server any more and leaves the cluster, with all others of its age on the same day.",
  severity: 'high',
  hazard: 'authority-certificate',
  withoutArguments: true,
  references: [
    'https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/',
    'https://docs.aws.amazon.com/eks/latest/userguide/certificate-authority-rotation.html',
  ],
  check: checkSettings(['authentication.x509.clientCAFile'], (node, { flags }, { expiryDays }) => {
    // What only a bootstrap kubeconfig trusts is not asked for once the node has joined.
    const bootstrap = absolute(node.kubelet, flags['bootstrap-kubeconfig'].value);
    const groups = groupsOf(node.kubelet.authorities).filter(({ first }) => first.path !== bootstrap);
    if (groups.length === 0) return { status: 'not-applicable', reason: texts.none, advisories: [] };
    const verdicts = groups.map((group) => ofGroup(node, group, expiryDays));
    const open = verdicts.find(({ status }) => status === 'fail') ?? verdicts.find(({ status }) => status === 'error');
    if (open) return open;
    return { status: 'pass', reason: texts.trusts(groups.map(({ told }) => told)), advisories: [] };
  }),
};

/** One file or kubeconfig, as far as it is the same at any time. */
type Group = {
  first: AuthorityFacts;
  path: string;
  dated: readonly DatedCertificate[];
  longest?: DatedCertificate;
  /** Why not all of it was told. */
  untold?: string;
  told: string;
};

const groupsOf = onceOf((authorities: readonly AuthorityFacts[]): Group[] =>
  [...Map.groupBy(authorities, ({ of, path }) => `${of} ${path}`).values()].map((group) => {
    const [first] = group as [AuthorityFacts];
    const dated = group.filter(isDated);
    const [longest] = dated.toSorted((a, b) => b.notAfter - a.notAfter);
    const untold = group.find(({ problem, damaged }) => problem !== undefined && !damaged)?.problem;
    const known = { ...(longest && { longest }), ...(untold !== undefined && { untold }) };
    return { first, path: oneLine(first.path), dated, ...known, told: told(group) };
  }),
);

/** As long as one of its authorities is valid, what that one signed is believed. */
function ofGroup(node: NodeView, { first, path, dated, longest, untold }: Group, expiryDays: number): Verdict {
  const now = seenAt(node);
  const effect = texts.effects[first.of];
  if (!longest) {
    const reason = texts.unseen(path, oneLine(first.problem ?? 'they have no dates'));
    return { status: 'error', reason, advisories: [], remediation: [texts.look(node, first.path)] };
  }
  // What is not told may be what lasts longest.
  const fail = (reason: string): Verdict =>
    untold === undefined
      ? {
          status: 'fail',
          reason,
          advisories: [],
          remediation: [step(texts.successor(path)), platformOf(node).restart(node), texts.last],
        }
      : {
          status: 'error',
          reason: texts.untold(reason, oneLine(untold)),
          advisories: [],
          remediation: [texts.look(node, first.path)],
        };
  if (now >= longest.notAfter) return fail(texts.ended(path, day(longest.notAfter), effect));
  if (longest.notAfter - now <= expiryDays * DAY_SECONDS) {
    return fail(texts.ending(path, day(longest.notAfter), duration(longest.notAfter - now), effect));
  }
  const valid = dated.some(({ notBefore, notAfter }) => notBefore <= now && now < notAfter);
  if (valid) return { status: 'pass', reason: '', advisories: [] };
  return fail(texts.early(path, day(Math.min(...dated.map(({ notBefore }) => notBefore))), effect));
}

/** `by /etc/kubernetes/pki/ca.crt CN=kubernetes until 2035-01-01 (SHA-256 ab12…)`. */
function told(group: AuthorityFacts[]): string {
  const authorities = group
    .filter(isDated)
    .map(({ subject = 'an authority without a name', notAfter, fingerprint = '' }) =>
      texts.authority(subject, day(notAfter), fingerprint.slice(0, SHOWN_DIGITS)),
    );
  return texts.trusted(oneLine(group[0]?.path ?? ''), listed(authorities, ' and '));
}

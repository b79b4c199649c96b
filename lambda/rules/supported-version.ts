import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import { lookUpVersion } from '../criteria/unknown-version.ts';
import { isOpenShift, rulesFor } from '../kubelet/version.ts';
import { isEks } from '../platforms/eks.ts';
import { type Step, step } from '../platforms/step.ts';
import { capital } from '../platforms/wording.ts';

/** The day on which these tables were written. */
const WRITTEN = '2026-11-27';

/** The last day of support by the Kubernetes project; source: kubernetes.io/releases, one page a version. */
const UPSTREAM: Readonly<Record<number, string>> = {
  33: '2026-06-28',
  34: '2026-10-27',
  35: '2027-02-28',
  36: '2027-06-28',
};

/**
 * The last days of standard and extended support by Amazon EKS; sources: EKS User Guide, Kubernetes release calendar, and
 * for 1.35 endoflife.date/amazon-eks. 1.36 is offered, but its days were not found.
 */
const EKS: Readonly<Record<number, { standard: string; extended: string }>> = {
  29: { standard: '2025-03-23', extended: '2026-03-23' },
  30: { standard: '2025-07-23', extended: '2026-07-23' },
  31: { standard: '2025-11-26', extended: '2026-11-26' },
  32: { standard: '2026-03-23', extended: '2027-03-23' },
  33: { standard: '2026-07-29', extended: '2027-07-29' },
  34: { standard: '2026-12-02', extended: '2027-12-02' },
  35: { standard: '2027-03-27', extended: '2028-03-27' },
};

/** Days before an end on which it is told: EKS announces it at least 60 days ahead. */
const NOTICE_DAYS = 60;
const DAY_SECONDS = 86_400;

const texts = {
  table: ` (table of ${WRITTEN})`,
  unknown: "The kubelet's version is not in the evidence.",
  openshift: 'OpenShift has a life cycle of its own, which is not in the table.',
  newer: (version: string, whose: string) => `How long ${whose} supports ${version} is not in the table of ${WRITTEN}.`,
  days: (whose: string) => step(`Look up the days on which ${whose} ends its support (references of this rule).`),
  over: (version: string, whose: string, day: string) =>
    `${version} has had no fixes from ${whose} since ${day}${texts.table}.`,
  older: (version: string, whose: string, day: string) =>
    `${version} is older than all that the table of ${WRITTEN} has: ${whose} ended its support before ${day}.`,
  until: (version: string, whose: string, day: string) =>
    `${capital(whose)} supports ${version} until ${day}${texts.table}.`,
  extended: (version: string, standard: string, day: string) =>
    `${version} left standard support by Amazon EKS on ${standard} and is in extended support until ${day}${texts.table}.`,
  cost: (day: string) =>
    `Extended support costs extra for each hour of the cluster. After ${day} EKS upgrades the control plane by itself, and the nodes stay behind.`,
  soon: (day: string) => `It ends on ${day}: plan the upgrade of the cluster now.`,
  eks: [
    step('Upgrade the control plane of the cluster one minor version at a time.'),
    step('Replace its nodes by those of the new version.'),
  ],
  upgrade: [
    step('Upgrade the control plane of the cluster one minor version at a time.'),
    step('Upgrade the kubelets.'),
  ],
};

/** Ours: what no longer gets fixes, or soon will not. */
export const supportedVersion: Rule = {
  name: 'supported-version',
  title: 'This version of Kubernetes still gets fixes',
  failureTitle: 'This version of Kubernetes gets no more fixes',
  why: 'Vulnerabilities of a version that nobody supports are not mended and often not even announced. On EKS the control plane of such a cluster is upgraded without asking, while its nodes stay behind.',
  severity: 'medium',
  withoutArguments: true,
  references: [
    'https://kubernetes.io/releases/',
    'https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html',
    'https://endoflife.date/amazon-eks',
  ],
  check: (node) => {
    const { text } = node.configuration.version;
    const { version } = rulesFor(text);
    if (!version.known) {
      return { status: 'manual', reason: texts.unknown, advisories: [], remediation: [lookUpVersion] };
    }
    if (isOpenShift(text)) return { status: 'not-applicable', reason: texts.openshift, advisories: [] };
    return isEks(node) ? byEks(node, version.minor) : byProject(node, version.minor);
  },
};

/** A day on which support of a version ends: of the project, or of Amazon EKS in its two phases. */
export type SupportEnd = { version: string; what: string; on: string };

/** The days known of the kubelet that prints this version, on a node of EKS or elsewhere; none of OpenShift's builds. */
export function supportEnds(text: string | undefined, onEks: boolean): SupportEnd[] {
  const { version } = rulesFor(text);
  if (!version.known || isOpenShift(text)) return [];
  const own = onEks ? EKS[version.minor] : undefined;
  const project = onEks ? undefined : UPSTREAM[version.minor];
  const days = [
    ['standard support by Amazon EKS', own?.standard],
    ['extended support by Amazon EKS', own?.extended],
    ['support by the Kubernetes project', project],
  ] as const;
  return days.flatMap(([what, on]) => (on === undefined ? [] : [{ version: `1.${version.minor}`, what, on }]));
}

function byProject({ now }: NodeView, minor: number): Verdict {
  const whose = 'the Kubernetes project';
  return bounded(now, `Kubernetes 1.${minor}`, whose, minor, UPSTREAM, texts.upgrade);
}

function byEks({ now }: NodeView, minor: number): Verdict {
  const version = `Kubernetes 1.${minor}`;
  const ends = Object.fromEntries(Object.entries(EKS).map(([each, { extended }]) => [each, extended]));
  const verdict = bounded(now, version, 'Amazon EKS', minor, ends, texts.eks);
  const own = EKS[minor];
  if (!own || verdict.status !== 'pass') return verdict;
  if (now >= endOf(own.standard)) {
    const advisories = [...verdict.advisories, { id: 'extended-support', text: texts.cost(own.extended) }];
    return { ...verdict, reason: texts.extended(version, own.standard, own.extended), advisories };
  }
  const reason = texts.until(version, 'Amazon EKS', own.standard);
  return { ...verdict, reason, advisories: soon(now, own.standard) };
}

function bounded(
  now: number,
  version: string,
  whose: string,
  minor: number,
  ends: Readonly<Record<number, string>>,
  remediation: Step[],
): Verdict {
  const oldest = Math.min(...Object.keys(ends).map(Number));
  const day = ends[minor];
  if (day === undefined) {
    if (minor > oldest) {
      return {
        status: 'manual',
        reason: texts.newer(version, whose),
        advisories: [],
        remediation: [texts.days(whose)],
      };
    }
    const reason = texts.older(version, whose, ends[oldest] ?? WRITTEN);
    return { status: 'fail', reason, advisories: [], remediation };
  }
  if (now >= endOf(day)) {
    return { status: 'fail', reason: texts.over(version, whose, day), advisories: [], remediation };
  }
  return { status: 'pass', reason: texts.until(version, whose, day), advisories: soon(now, day) };
}

function soon(now: number, day: string): Verdict['advisories'] {
  return now >= endOf(day) - NOTICE_DAYS * DAY_SECONDS ? [{ id: 'support-ends-soon', text: texts.soon(day) }] : [];
}

/** The first second (UTC) after a day. */
function endOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1000 + DAY_SECONDS;
}

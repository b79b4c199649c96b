/**
 * A quarter as a script tells it: fixes, regressions, an outage, lost and new nodes, waivers that change, one change of rules, of the
 * collector, of the key. What the script says is what a pack of the archive must say. Tested by test/audit/pack.test.ts.
 */

import { sha256 } from '../../lambda/archive/content.ts';
import { keySigner } from '../../lambda/archive/sign.ts';
import type { WritableArchive } from '../../lambda/archive/store.ts';
import type { Judge } from '../../lambda/archive/verification.ts';
import type { Waiver } from '../../lambda/judging/index.ts';
import type { EvidenceLine } from '../../lambda/results/evidence-line.ts';
import { judgeArchived } from '../../lambda/results/judge-line.ts';
import type { UnreachableReason } from '../../lambda/results/node-line.ts';
import { TOOL } from '../../lambda/results/summary.ts';
import type { Unselected } from '../../lambda/results/unselected.ts';
import type { Target } from '../../lambda/settings.ts';
import { configFile, kubeletProcess } from '../fleet/node-types.ts';
import { keepNight } from './nights.ts';

/** Days from the first to the last, without the last; a day is `2026-07-01`. */
type Span = readonly [from: string, to: string];

/** What can be wrong with a node: the rule that fails, and what its file says then. */
export const FAULTS = {
  'read-only-port': 'readOnlyPort: 10255',
  'anonymous-auth': 'anonymous: {enabled: true}',
  'make-iptables-util-chains': 'makeIPTablesUtilChains: false',
} as const;

export type Fault = keyof typeof FAULTS;

/** The life of a node. */
export type Life = {
  id: string;
  target: Target;
  /** When it is there; by default always. */
  there?: readonly Span[];
  /** What EC2 says of it when it is not there any more. */
  leaves?: Unselected['state'];
  /** Days on which it came after the inventory had been made, and answered. */
  late?: readonly string[];
  silent?: readonly { span: Span; reason: UnreachableReason }[];
  faults?: readonly { rule: Fault; span: Span }[];
};

const FAR = '2027-01-01';
const BEFORE = '2026-01-01';

export const TARGETS = [
  { account: '111122223333', region: 'eu-central-1' },
  { account: '444455556666', region: 'us-east-1' },
] as const satisfies Target[];
const [europe, america] = TARGETS;

export const LIVES: readonly Life[] = [
  { id: 'i-0a1', target: europe },
  {
    // It comes back after it was fixed.
    id: 'i-0a2',
    target: europe,
    faults: [
      { rule: 'read-only-port', span: ['2026-07-10', '2026-07-24'] },
      { rule: 'read-only-port', span: ['2026-08-19', '2026-08-21'] },
    ],
  },
  // It was open before the quarter.
  { id: 'i-0a3', target: europe, faults: [{ rule: 'anonymous-auth', span: [BEFORE, '2026-08-09'] }] },
  {
    // Silent while it is open; later fixed while no scan ran.
    id: 'i-0a4',
    target: europe,
    silent: [{ span: ['2026-07-15', '2026-07-19'], reason: 'connection-lost' }],
    faults: [
      { rule: 'read-only-port', span: ['2026-07-12', '2026-07-30'] },
      { rule: 'read-only-port', span: ['2026-09-01', '2026-09-04'] },
    ],
  },
  // It goes with its finding, and never returns.
  {
    id: 'i-0a5',
    target: europe,
    there: [[BEFORE, '2026-08-29']],
    leaves: 'terminated',
    faults: [{ rule: 'read-only-port', span: ['2026-07-05', FAR] }],
  },
  {
    // The inventory loses it for three nights.
    id: 'i-0a6',
    target: europe,
    there: [
      [BEFORE, '2026-07-20'],
      ['2026-07-23', FAR],
    ],
    leaves: 'running',
    faults: [{ rule: 'anonymous-auth', span: ['2026-07-08', '2026-08-14'] }],
  },
  // New, with a finding that stays.
  {
    id: 'i-0a7',
    target: europe,
    there: [['2026-08-02', FAR]],
    faults: [{ rule: 'read-only-port', span: [BEFORE, FAR] }],
  },
  { id: 'i-0a8', target: europe, there: [['2026-08-09', FAR]], late: ['2026-08-09'] },
  // Today's rules see what yesterday's did not.
  { id: 'i-0a9', target: europe, faults: [{ rule: 'make-iptables-util-chains', span: ['2026-08-01', FAR] }] },
  { id: 'i-0b1', target: america, faults: [{ rule: 'read-only-port', span: [BEFORE, FAR] }] },
  { id: 'i-0b2', target: america, silent: [{ span: [BEFORE, FAR], reason: 'not-managed' }] },
];

type Accepted = Waiver & { span: Span };

const port = { rule: 'read-only-port', nodes: { id: ['i-0b1'] }, line: 1 };
const auth = { rule: 'cis-kubernetes-1.5.1/4.2.1', nodes: { id: ['i-0a3'] }, line: 9 };
const port1 = { ...port, owner: 'ana', reason: 'Old monitoring' };

/** Waivers as the file had them: each wording, and on which days. */
export const WAIVERS: readonly Accepted[] = [
  { ...port1, until: '2026-08-10', span: ['2026-07-06', '2026-07-20'] },
  { ...port1, until: '2026-08-31', span: ['2026-07-20', '2026-09-10'] },
  { ...port, owner: 'ben', reason: 'Until the move', until: '2026-12-31', span: ['2026-09-10', FAR] },
  // It is taken back while the finding is open.
  { ...auth, owner: 'eva', reason: 'Test cluster', until: '2026-12-31', span: ['2026-07-13', '2026-07-27'] },
];

/** The archive begins before the quarter. */
export const FIRST_DAY = '2026-06-28';
export const LAST_DAY = '2026-09-30';
/** Nights that did not run. */
export const OUTAGE: Span = ['2026-09-03', '2026-09-05'];
/** Nights on which America could not be scanned. */
export const DENIED: Span = ['2026-07-25', '2026-07-27'];
export const DENIAL = 'Access denied: sts:AssumeRole';
/** From these days on, other rules, another collector, another setting, another key. */
export const NEW_RULES = '2026-09-08';
export const NEW_COLLECTOR = '2026-08-04';
export const NEW_SETTING = '2026-08-24';
export const NEW_KEY = '2026-09-18';

export const OLD_RULES = sha256('the rules before');
export const COLLECTORS = [sha256('a collector'), sha256('the next collector')] as const;
export const EXPIRY_DAYS = [30, 20] as const;

export function isWithin(day: string, [from, to]: Span): boolean {
  return day >= from && day < to;
}

export function isThere({ there = [[BEFORE, FAR]] }: Life, day: string): boolean {
  return there.some((span) => isWithin(day, span));
}

/** Every day of the archive on which a scan ran. */
export function nightsOfQuarter(): string[] {
  const days: string[] = [];
  for (let time = Date.parse(FIRST_DAY); time <= Date.parse(LAST_DAY); time += 86_400_000) {
    const day = new Date(time).toISOString().slice(0, 10);
    if (!isWithin(day, OUTAGE)) days.push(day);
  }
  return days;
}

/** When the night of a day is due. */
export const dueAt = (day: string) => `${day}T02:00:00.000Z`;

/** Keeps the quarter, each night with the code that keeps every scan; `keys` are PEM private keys, the second from NEW_KEY on. */
export async function keepQuarter(archive: WritableArchive, keys: readonly [string, string]): Promise<void> {
  const signers = keys.map(keySigner);
  for (const day of nightsOfQuarter()) {
    const isNew = (since: string) => (day >= since ? 1 : 0);
    const signer = signers[isNew(NEW_KEY)];
    const hash = COLLECTORS[isNew(NEW_COLLECTOR)];
    await keepNight(archive, {
      scheduledAt: dueAt(day),
      everySeconds: 86_400,
      settings: {
        benchmarks: ['cis-kubernetes-1.5.1'],
        expiryDays: EXPIRY_DAYS[isNew(NEW_SETTING)],
        waivers: WAIVERS.flatMap(({ span, ...waiver }) => (isWithin(day, span) ? [waiver] : [])),
      },
      targets: TARGETS.map((target) => ({
        ...nodesOf(target, day),
        ...(target === america && isWithin(day, DENIED) && { error: DENIAL }),
      })),
      judge: isNew(NEW_RULES) ? judgeArchived : judgedBefore,
      ...(!isNew(NEW_RULES) && { tool: { ...TOOL, rules: OLD_RULES } }),
      ...(hash !== undefined && { documentHash: hash }),
      ...(signer && { signer }),
    });
  }
}

function nodesOf(target: Target, day: string) {
  const there = LIVES.filter((life) => life.target === target && isThere(life, day));
  return {
    target,
    listed: there.filter(({ late = [] }) => !late.includes(day)).map(({ id }) => id),
    told: there.map((life) => lineOf(life, day)),
    left: LIVES.flatMap((life) =>
      life.target === target && life.leaves !== undefined && !isThere(life, day)
        ? [{ id: life.id, state: life.leaves }]
        : [],
    ),
  };
}

/** What the node told on this day, as it is archived. */
export function lineOf({ id, target, silent = [], faults = [] }: Life, day: string): EvidenceLine {
  const node = { id, ...target, cluster: 'blue', name: `${id}-worker` };
  const silence = silent.find(({ span }) => isWithin(day, span));
  if (silence) return { node, tags: {}, reason: silence.reason, detail: 'Nothing was heard of it.' };
  const wrong = faults.filter(({ span }) => isWithin(day, span)).map(({ rule }) => rule);
  const collectedAt = Date.parse(dueAt(day)) / 1000 + 9;
  return {
    node,
    tags: {},
    evidence: { format: 2, collectedAt, os: { id: 'ubuntu' }, kubelets: [kubelet(wrong)], proxies: [], notes: [] },
  };
}

/** A kubelet of which nothing but these fails. */
function kubelet(wrong: readonly Fault[]) {
  const path = '/var/lib/kubelet/config.yaml';
  const anonymous = wrong.includes('anonymous-auth') ? FAULTS['anonymous-auth'] : 'anonymous: {enabled: false}';
  const others = wrong.filter((rule) => rule !== 'anonymous-auth').map((rule) => FAULTS[rule]);
  const content = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {${anonymous}, webhook: {enabled: true}, x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}}
authorization: {mode: Webhook}
serverTLSBootstrap: true
protectKernelDefaults: true
podPidsLimit: 4096
seccompDefault: true
eventRecordQPS: 5
tlsCipherSuites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
${others.map((line) => `${line}\n`).join('')}`;
  return kubeletProcess({
    argv: [`--config=${path}`, '--kubeconfig=/etc/kubernetes/kubelet.conf'],
    version: 'v1.35.1',
    files: [configFile(path, content)],
    // It has no certificate that could end.
    kubeconfigs: [
      {
        path: '/etc/kubernetes/kubelet.conf',
        state: 'read',
        user: 'kubelet',
        exec: { command: 'aws-iam-authenticator' },
      },
    ],
  });
}

/** The rules before: they did not see one fault. */
const judgedBefore: Judge = (line, scan) => {
  const judged = judgeArchived(line, scan);
  if (judged.coverage !== 'evaluated') return judged;
  const findings = judged.findings.map((finding) => {
    if (finding.rule !== 'make-iptables-util-chains' || finding.status !== 'fail') return finding;
    const { remediation: _, ...rest } = finding;
    return { ...rest, status: 'pass' as const, audit: 'pass' as const };
  });
  return { ...judged, findings };
};

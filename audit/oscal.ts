/**
 * `oscal/`: OSCAL 1.2 assessment results of the period with a risk for each rule that was ever open, and a plan of action and
 * milestones of what is still open or accepted at its end. Source: usnistgov/OSCAL, models assessment results, POA&M and assessment
 * common (risk, response). UUIDs follow from names. Tested by test/audit/oscal.test.ts.
 */

import { OSCAL_VERSION, property, tokenOf, uuidOf } from '../lambda/formats/oscal.ts';
import { catalog, controlsOf } from '../lambda/judging/index.ts';
import { titleOf } from '../lambda/results/catalog.ts';
import { coverageOf } from '../lambda/results/coverage.ts';
import type { Episode } from './episodes.ts';
import { nodesOf } from './order.ts';
import type { Night } from './period.ts';
import { ruleOf, type WaiverRow } from './waivers.ts';

/** What of a period the documents are made of; `notes` are the exceptions of the page. */
export type Assessed = {
  period: { from: string; to: string };
  /** The last night of each archive; what they say is how things stand. */
  last: readonly Night[];
  episodes: readonly Episode[];
  waivers: readonly WaiverRow[];
  exceptions: readonly string[];
  /** The only rule that the rest is of, if it is given. */
  rule?: string;
};

type Risk = { rule: string; all: Episode[]; open: Episode[]; waivers: WaiverRow[]; uuid: string };

function risksOf({ episodes, waivers }: Assessed): Risk[] {
  const byRule = Map.groupBy(episodes, ({ rule }) => rule);
  const accepted = waivers.filter(({ ended, most }) => ended === 'holds' && most > 0);
  const named = Map.groupBy(accepted, ({ rule }) => ruleOf(rule) ?? rule);
  return [...new Set([...byRule.keys(), ...named.keys()])].sort().map((rule) => {
    const all = byRule.get(rule) ?? [];
    return {
      ...{ rule, all, open: all.filter(({ how }) => how === 'open'), waivers: named.get(rule) ?? [] },
      uuid: uuidOf('risk', rule),
    };
  });
}

/** `open` where a node is open, else `deviation-approved` where failures are accepted, else `closed`. */
function statusOf({ open, waivers }: Risk): 'open' | 'deviation-approved' | 'closed' {
  return open.length > 0 ? 'open' : waivers.length > 0 ? 'deviation-approved' : 'closed';
}

/** What tells the documents of one assessment from those of another. */
function scopeOf({ period, last, rule }: Assessed): string[] {
  return [period.from, period.to, ...last.map(({ sha256 }) => sha256), ...(rule === undefined ? [] : [rule])];
}

function metadata(title: string, { period, last }: Assessed) {
  const finished = last.map(({ manifest }) => manifest.finishedAt).sort();
  return {
    title,
    'last-modified': finished.at(-1) ?? period.to,
    version: `${period.from.slice(0, 10)}..${period.to.slice(0, 10)}`,
    'oscal-version': OSCAL_VERSION,
  };
}

function riskOf(risk: Risk): object {
  const { rule, all, open, waivers, uuid } = risk;
  const about = Object.hasOwn(catalog, rule) ? catalog[rule] : undefined;
  const status = statusOf(risk);
  const until = waivers.map((waiver) => waiver.until).sort();
  return {
    uuid,
    title: titleOf(catalog, rule, 'fail'),
    description: `In the period ${rule} was open ${all.length} times on ${nodesOf(all).length} nodes; at its end it is open on ${nodesOf(open).length}.`,
    statement: about?.why ?? `The rule ${rule}.`,
    props: [
      property('rule', rule),
      ...(about ? [property('severity', about.severity)] : []),
      ...controlsOf(rule).map(({ benchmark, control }) => property('control', `${benchmark}/${control}`)),
    ],
    status,
    ...(status === 'deviation-approved' && until[0] !== undefined && { deadline: `${until[0]}T23:59:59.000Z` }),
    remediations: [
      {
        uuid: uuidOf('response', rule),
        lifecycle: status === 'closed' ? 'completed' : 'recommendation',
        title: titleOf(catalog, rule),
        description:
          waivers.length > 0
            ? waivers
                .map(
                  ({ owner, until, reason }) =>
                    `Accepted by ${owner} until ${until}: ${property('reason', reason).value}`,
                )
                .join(' ')
            : 'What to do on each node stands in the remediation of its findings.',
      },
    ],
    'risk-log': {
      entries: [
        {
          uuid: uuidOf('risk-log', rule),
          title: 'First opened in the period',
          start: all.map(({ opened }) => opened).sort()[0] ?? waivers.map(({ from }) => from).sort()[0],
        },
      ],
    },
  };
}

/** `oscal/assessment-results.json`. */
export function assessmentResults(assessed: Assessed): string {
  const { period, last, exceptions, rule: only } = assessed;
  const risks = risksOf(assessed);
  const totals = last.map(({ summary }) => summary.totals);
  const sum = (of: (counts: (typeof totals)[number]) => number) => totals.reduce((all, each) => all + of(each), 0);
  const asked = [...new Set(last.flatMap(({ summary }) => Object.keys(summary.rules)))]
    .filter((rule) => only === undefined || rule === only)
    .sort();
  const reviewed = only === undefined ? asked : [only];
  const isWhole = exceptions.length === 0;
  const controls = [
    ...new Set(reviewed.flatMap((rule) => controlsOf(rule).map((each) => `${each.benchmark}/${each.control}`))),
  ].sort();
  const plan = uuidOf('period-plan');
  const observation = uuidOf('period-observation', period.from, period.to);
  return document('assessment-results', {
    uuid: uuidOf('period-results', ...scopeOf(assessed)),
    metadata: metadata('Kubelet configuration of Kubernetes nodes on EC2 over a period', assessed),
    'import-ap': { href: `#${plan}` },
    results: [
      {
        uuid: uuidOf('period-result', period.from, period.to),
        title: `From ${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}`,
        description: `At the end of the period ${sum(({ evaluated }) => evaluated)} of ${sum((each) => coverageOf(each).due)} nodes were evaluated.`,
        start: period.from,
        end: period.to,
        'reviewed-controls': {
          'control-selections': [
            controls.length === 0
              ? { 'include-all': {} }
              : { 'include-controls': controls.map((control) => ({ 'control-id': tokenOf(control) })) },
          ],
        },
        observations: [
          {
            uuid: observation,
            title: 'How far the period can be relied upon',
            description: isWhole
              ? 'Every night that was due is there and verified, and every node that had to answer did so in the last one.'
              : exceptions.map((text) => property('exception', text).value).join(' '),
            methods: ['EXAMINE'],
            collected: period.to,
          },
        ],
        ...(risks.length > 0 && { risks: risks.map(riskOf) }),
        ...(asked.length > 0 && {
          findings: asked.map((rule) => {
            const risk = risks.find((one) => one.rule === rule);
            const status = risk ? statusOf(risk) : 'closed';
            const counts = last.map(({ summary }) => summary.rules[rule]);
            const unclear = counts.reduce((all, each) => all + (each ? each.manual + each.error : 0), 0);
            const satisfied = status === 'closed' && unclear === 0 && isWhole;
            return {
              uuid: uuidOf('period-finding', rule),
              title: titleOf(catalog, rule, status === 'open' ? 'fail' : undefined),
              description: catalog[rule]?.why ?? `The rule ${rule}.`,
              props: [property('rule', rule)],
              target: {
                type: 'objective-id',
                'target-id': tokenOf(rule),
                status: {
                  state: satisfied ? 'satisfied' : 'not-satisfied',
                  reason: satisfied ? 'pass' : status === 'open' ? 'fail' : 'other',
                },
              },
              'related-observations': [{ 'observation-uuid': observation }],
              ...(risk && { 'related-risks': [{ 'risk-uuid': risk.uuid }] }),
            };
          }),
        }),
      },
    ],
    'back-matter': {
      resources: [
        {
          uuid: plan,
          title: 'Assessment plan (stub)',
          description: 'Every night each rule is examined on each node that the settings select.',
        },
      ],
    },
  });
}

/** `oscal/poam.json`: what is open or accepted at the end of the period. */
export function poam(assessed: Assessed): string {
  const risks = risksOf(assessed).filter((risk) => statusOf(risk) !== 'closed');
  return document('plan-of-action-and-milestones', {
    uuid: uuidOf('poam', ...scopeOf(assessed)),
    metadata: metadata('Plan of action for kubelets', assessed),
    'system-id': { 'identifier-type': 'https://ietf.org/rfc/rfc4122', id: uuidOf('system') },
    ...(risks.length > 0 && { risks: risks.map(riskOf) }),
    'poam-items': (risks.length > 0 ? risks : [undefined]).map((risk) =>
      risk
        ? {
            uuid: uuidOf('poam-item', risk.rule),
            title: titleOf(catalog, risk.rule, 'fail'),
            description:
              risk.open.length > 0
                ? `Open on ${nodesOf(risk.open).length} nodes: ${listed(nodesOf(risk.open))}.`
                : `Accepted by ${risk.waivers.map(({ owner, until }) => `${property('owner', owner).value} until ${until}`).join(', ')}.`,
            'related-risks': [{ 'risk-uuid': risk.uuid }],
          }
        : {
            uuid: uuidOf('poam-item'),
            title: 'Nothing is open',
            description: 'At the end of the period no finding is open, and none is accepted.',
          },
    ),
  });
}

function listed(nodes: readonly string[]): string {
  const most = 50;
  const rest = nodes.length - most;
  return `${nodes
    .slice(0, most)
    .map((node) => property('node', node).value)
    .join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function document(name: string, body: object): string {
  return `${JSON.stringify({ [name]: body }, null, 2)}\n`;
}

/**
 * SARIF 2.1.0 (OASIS), as GitHub's code scanning and others take it. Only what somebody must act on or look at is a result,
 * because those readers show every result as an alert; how many rules passed stands in the run's properties.
 * Tested by test/cli/formats/formats.test.ts.
 */
import type { Log, ReportingDescriptor, Result } from 'sarif';
import type { Severity } from '../../lambda/criteria/rule.ts';
import { printable } from '../../lambda/formats/text.ts';
import { catalog, controlsOf } from '../../lambda/judging/index.ts';
import { inOneLine } from '../../lambda/platforms/step.ts';
import { titleOf } from '../../lambda/results/catalog.ts';
import { TOOL } from '../../lambda/results/summary.ts';
import { type Checked, type Outcome, outcomeOf } from './format.ts';

type Finding = Checked['line']['findings'][number];

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};

/** GitHub's bounds: critical from 9.0, high from 7.0, medium from 4.0 (docs, "SARIF support for code scanning"). */
const SECURITY_SEVERITIES: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
};

/** SARIF 2.1.0, 3.27.9: `open` where there was not enough to decide, `review` where a person must. */
const KINDS: Readonly<Partial<Record<Outcome, 'fail' | 'open' | 'review'>>> = {
  fail: 'fail',
  accepted: 'fail',
  error: 'open',
  manual: 'review',
};

/** Where a finding stands that names no file: most settings come from there. */
const USUAL = '/var/lib/kubelet/config.yaml';

export function sarif({ line, at }: Checked): string {
  const told = line.findings.filter((finding) => KINDS[outcomeOf(finding)] !== undefined);
  const rules = [...new Set(told.map(({ rule }) => rule))];
  const silent = line.coverage === 'unreachable';
  const counts = Object.fromEntries(
    [...Map.groupBy(line.findings, outcomeOf)].map(([outcome, findings]) => [outcome, findings.length]),
  );
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'kubevigil', semanticVersion: TOOL.version, rules: rules.map(described) } },
        automationDetails: { id: `kubevigil/${printable(line.node.id)}/` },
        invocations: [
          {
            executionSuccessful: !silent,
            endTimeUtc: at,
            ...(silent && {
              toolExecutionNotifications: [
                { level: 'error', message: { text: printable(`${line.reason}: ${line.detail ?? ''}`) } },
              ],
            }),
          },
        ],
        results: told.map((finding) => resultOf(finding, rules.indexOf(finding.rule), line.node.id)),
        properties: { ...counts, ...(line.kubelet?.version && { kubelet: printable(line.kubelet.version) }) },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function described(name: string): ReportingDescriptor {
  const rule = catalog[name];
  const severity = rule?.severity ?? 'medium';
  const controls = controlsOf(name).map(({ benchmark, control }) => `${benchmark}/${control}`);
  return {
    id: name,
    shortDescription: { text: `${titleOf(catalog, name)}.` },
    fullDescription: { text: rule?.why ?? name },
    help: { text: [rule?.why ?? '', ...(rule?.references ?? [])].join('\n') },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ['security', 'kubernetes', ...controls], 'security-severity': SECURITY_SEVERITIES[severity] },
  };
}

function resultOf(finding: Finding, ruleIndex: number, node: string): Result {
  const kind = KINDS[outcomeOf(finding)] ?? 'open';
  const { reason, advisories, remediation, waiver } = finding;
  const text = [reason, ...advisories.map((each) => each.text), ...(remediation ? [inOneLine(remediation)] : [])].join(
    ' ',
  );
  // A path that the reason names, as the node has it; readers want it relative to what was scanned.
  const path = /(?:^|\s)(\/[\w./@+-]*\w)/.exec(reason)?.[1] ?? USUAL;
  return {
    ruleId: finding.rule,
    ruleIndex,
    kind,
    level: kind === 'fail' ? LEVELS[finding.severity ?? 'medium'] : 'none',
    message: { text: printable(text) },
    locations: [{ physicalLocation: { artifactLocation: { uri: path.slice(1) }, region: { startLine: 1 } } }],
    partialFingerprints: { 'kubevigil/v1': printable(`${node}/${finding.rule}`) },
    ...(waiver && {
      suppressions: [
        {
          kind: 'external',
          status: 'accepted',
          justification: printable(`${waiver.reason} (${waiver.owner}, until ${waiver.until})`),
        },
      ],
    }),
  };
}

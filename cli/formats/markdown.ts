/**
 * Markdown for the summary of a pipeline or a comment: the verdict in a sentence, then what to do, the most severe first.
 * Tested by test/cli/formats/formats.test.ts.
 */
import { type Finding, SEVERITIES } from '../../lambda/criteria/rule.ts';
import { printable } from '../../lambda/formats/text.ts';
import { catalog } from '../../lambda/judging/index.ts';
import { inOneLine } from '../../lambda/platforms/step.ts';
import { titleOf } from '../../lambda/results/catalog.ts';
import { type Checked, type Outcome, outcomeOf } from './format.ts';

/** What is told in full, in this order, and below which heading. */
const SECTIONS: readonly [Outcome, string][] = [
  ['fail', 'Failing'],
  ['error', 'Not judged'],
  ['manual', 'For a person to look at'],
];

export function markdown({ line, at }: Checked): string {
  const head = `## kubevigil: ${cell(line.node.id)}`;
  if (line.coverage === 'unreachable')
    return `${head}\n\n**Not judged**, ${cell(line.reason)}: ${cell(line.detail ?? '')}\n`;
  const groups = Map.groupBy(line.findings, outcomeOf);
  const count = (outcome: Outcome) => groups.get(outcome)?.length ?? 0;
  const outcomes: Outcome[] = ['fail', 'error', 'manual', 'accepted', 'pass', 'not-applicable'];
  const totals = outcomes.flatMap((outcome) => (count(outcome) > 0 ? [`${count(outcome)} ${outcome}`] : []));
  const verdict = count('fail') > 0 ? 'Fails' : count('error') > 0 ? 'Not judged in full' : 'Nothing fails';
  const parts = SECTIONS.flatMap(([outcome, title]) => {
    const findings = groups.get(outcome) ?? [];
    return findings.length > 0 ? [`### ${title}\n\n${table(findings)}`] : [];
  });
  const kubelet = `kubelet ${cell(line.kubelet?.version ?? 'of unknown version')}`;
  const benchmark = line.benchmark ? `, ${cell(line.benchmark.name)}` : '';
  return [head, `**${verdict}**: ${totals.join(', ')} (${kubelet}${benchmark}, ${at}).`, ...parts]
    .join('\n\n')
    .concat('\n');
}

function table(findings: readonly Finding[]): string {
  const rank = ({ severity }: Finding) => (severity ? SEVERITIES.indexOf(severity) : SEVERITIES.length);
  const rows = findings
    .toSorted((a, b) => rank(a) - rank(b))
    .map((finding) => {
      const controls = finding.controls.map(({ benchmark, control }) => `${benchmark}/${control}`).join(' ');
      const title = titleOf(catalog, finding.rule, finding.status);
      const what = `**${cell(finding.rule)}** ${cell(finding.status === 'fail' ? title : '')} ${cell(controls)}`.trim();
      const steps = finding.remediation ? inOneLine(finding.remediation) : '';
      return `| ${finding.severity ?? ''} | ${what} | ${cell(finding.reason)} | ${cell(steps)} |`;
    });
  return ['| | rule | why | what to do |', '|---|---|---|---|', ...rows].join('\n');
}

/** What comes from a node is no markup: neither of HTML nor of Markdown, no further column, no link and no mention. */
function cell(text: string): string {
  return printable(text).replaceAll(/[&<>"'\\`*_{}[\]()#+!|~@]|:(?=\/\/)/g, (sign) => `&#${sign.codePointAt(0)};`);
}

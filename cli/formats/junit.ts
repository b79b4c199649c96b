/**
 * JUnit XML, which every CI system shows: a test case for each rule. What a person must look at, and what does not apply, is
 * skipped; what could not be judged is an error. Source of the form: junit-10.xsd of Jenkins' xUnit plugin.
 * Tested by test/cli/formats/formats.test.ts.
 */
import { escapeHtml } from '../../lambda/formats/text.ts';
import { catalog } from '../../lambda/judging/index.ts';
import { inOneLine } from '../../lambda/platforms/step.ts';
import { titleOf } from '../../lambda/results/catalog.ts';
import { type Checked, type Outcome, outcomeOf } from './format.ts';

type Finding = Checked['line']['findings'][number];

/** Elements in which a case tells that it did not pass. */
const ELEMENTS: Readonly<Record<Exclude<Outcome, 'pass'>, string>> = {
  fail: 'failure',
  error: 'error',
  manual: 'skipped',
  'not-applicable': 'skipped',
  accepted: 'skipped',
};

export function junit({ line, at }: Checked): string {
  const cases = line.coverage === 'unreachable' ? [silent(line)] : line.findings.map(testCase);
  const number = (element: string) => cases.filter((text) => text.includes(`<${element} `)).length;
  const counts = attributes({
    tests: cases.length,
    failures: number('failure'),
    errors: number('error'),
  });
  const suite = attributes({
    name: `kubevigil ${line.node.id}`,
    skipped: number('skipped'),
    timestamp: at.slice(0, 19),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name: 'kubevigil' })} ${counts}>`,
    `  <testsuite ${suite} ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(finding: Finding): string {
  const outcome = outcomeOf(finding);
  const controls = finding.controls.map(({ benchmark, control }) => `${benchmark}/${control}`).join(' ');
  const name = `${finding.rule}: ${titleOf(catalog, finding.rule)}`;
  const opening = `    <testcase ${attributes({ classname: `kubevigil.${finding.severity ?? 'rule'}`, name })}`;
  if (outcome === 'pass') return `${opening}/>`;
  const message = outcome === 'accepted' ? `${finding.reason} Accepted: ${finding.waiver?.reason}` : finding.reason;
  const body = [
    ...finding.advisories.map(({ text }) => text),
    ...(finding.remediation ? [inOneLine(finding.remediation)] : []),
    ...(controls ? [controls] : []),
  ].join('\n');
  const element = ELEMENTS[outcome];
  return `${opening}>\n      <${element} ${attributes({ type: outcome, message })}>${escapeXml(body)}</${element}>\n    </testcase>`;
}

/** A node that could not be judged is one error: no rule was asked. */
function silent({ reason, detail = '' }: Checked['line']): string {
  const opening = `    <testcase ${attributes({ classname: 'kubevigil', name: 'the node can be judged' })}>`;
  return `${opening}\n      <error ${attributes({ type: reason ?? 'unreachable', message: detail })}></error>\n    </testcase>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(String(value)).replaceAll('\n', '&#10;')}"`)
    .join(' ');
}

/** Line breaks stay; what XML does not allow becomes visible, or the sign for what cannot be shown (XML 1.0, 2.2). */
function escapeXml(text: string): string {
  const allowed = text.toWellFormed().replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD');
  return allowed.split('\n').map(escapeHtml).join('\n');
}

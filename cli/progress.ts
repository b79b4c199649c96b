/** What a scan from a terminal says while it runs, and at its end. Tested by test/cli/scan.test.ts. */
import { count, number } from '../lambda/alerts/text.ts';
import { SEVERITIES } from '../lambda/criteria/rule.ts';
import { printable } from '../lambda/formats/text.ts';
import { catalog } from '../lambda/judging/index.ts';
import { collectDocument } from '../lambda/nodes/document.ts';
import { SHELL_DOCUMENT } from '../lambda/nodes/send.ts';
import { aboutRule } from '../lambda/results/catalog.ts';
import type { Summary } from '../lambda/results/summary.ts';

/** Only of our own script do we know that it changes nothing. */
export function whatIsSent(documentName: string): string {
  if (documentName === SHELL_DOCUMENT) return `collect.sh by ${SHELL_DOCUMENT}, collect.ps1 to Windows (read-only)`;
  return `the document ${documentName}${documentName === collectDocument().name ? ' (read-only)' : ''}`;
}

/** What is done when a durable step has succeeded, by its name. */
export const STEPS: Record<string, string> = {
  plan: 'listed the nodes',
  ask: 'sent the command',
  wait: 'waited for the answers',
  choose: 'chose whom to ask again',
  settle: 'read the answers',
  judge: 'judged and compared',
  keep: 'kept the report',
  notify: 'told what changed',
};

/** How many nodes have answered, once the command knows whom it was sent to. */
export function soFar(state = '{}'): string {
  const { targets = 0, completed = 0 } = JSON.parse(state) as { targets?: number; completed?: number };
  return targets > 0 ? `: ${number(completed)} of ${count(targets, 'node')} so far` : '';
}

/** How many nodes answered, which rules fail on how many, and which waivers accept nothing. */
export function totals({ totals: { nodes, evaluated, unreachable }, rules, skew = [], waivers = [] }: Summary): string {
  const reasons = Object.entries(unreachable).map(([reason, count]) => `${count} ${reason}`);
  const silent = reasons.length > 0 ? `; not evaluated: ${reasons.join(', ')}` : '';
  const failing = Object.entries(rules)
    .filter(([, { fail }]) => fail > 0)
    .map(([name, counts]) => ({ name, ...counts, severity: aboutRule(catalog, name)?.severity ?? 'medium' }))
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.fail - a.fail)
    .map(
      ({ name, fail, waived, severity }) =>
        `  ${severity.padEnd(8)}  ${String(fail).padStart(4)}  ${name}${waived > 0 ? ` (${waived} waived)` : ''}`,
    );
  const apart = skew.map(
    ({ cluster, oldest, newest }) =>
      `Cluster ${printable(cluster)} has kubelets of ${oldest} beside ${newest}: more than three versions, which no control plane allows.\n`,
  );
  const idle = waivers.map((each) => `  ${printable(each)}.\n`);
  const useless = idle.length > 0 ? `Waivers that accept nothing:\n${idle.join('')}` : '';
  return `${evaluated} of ${nodes} nodes evaluated${silent}.\nFailing rules, the most severe first, and on how many nodes:\n${failing.join('\n') || '  none'}\n${apart.join('')}${useless}`;
}

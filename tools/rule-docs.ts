/**
 * Keeps the head of each page in docs/rules in step with its rule. `node tools/rule-docs.ts --write` writes the heads,
 * `--check` exits 1 and names the pages that differ. Tested by test/rules/docs.test.ts.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { controlsOf, type Rule, rules } from '../lambda/judging/index.ts';

const FOLDER = new URL('../docs/rules/', import.meta.url);
const START = '<!-- generated from the rule by tools/rule-docs.ts: edit the rule, then run it with --write -->';
const END = '<!-- end of the generated head -->';

/** The generated head of a rule's page. */
function head(rule: Rule): string {
  const controls = controlsOf(rule.name);
  const related = controls.some((control) => control.related);
  const rows = controls.map(
    ({ benchmark, control, assessment, mode, level }) =>
      `| ${benchmark} | ${control} | ${assessment ?? ''} | ${level ?? ''} | ${mode ?? ''} |`,
  );
  return [
    START,
    `# ${rule.name}`,
    '',
    `**${rule.title}.** Severity: ${rule.severity}.`,
    '',
    rule.why,
    '',
    ...(isForLinux(rule) ? ['It is for Linux nodes; on Windows it does not apply.', ''] : []),
    ...(related ? ['A rule of our own. It is related to these controls, and answers none of them:', ''] : []),
    ...(rows.length > 0
      ? ['| benchmark | control | assessment | level | largest mode |', '|---|---|---|---|---|', ...rows, '']
      : ['A rule of our own: no benchmark asks for it.', '']),
    'References:',
    ...rule.references.map((reference) => `- <${reference}>`),
    END,
  ].join('\n');
}

/** On Windows neither what it speaks of is there nor modes and owners of files. */
function isForLinux({ linuxOnly, check }: Rule): boolean {
  return linuxOnly !== undefined || check.restsOn === 'files';
}

/** The page with a fresh head; what was written by hand below the head stays. */
export function page(rule: Rule, text: string): string {
  const end = text.indexOf(END);
  const body = end < 0 ? text : text.slice(end + END.length);
  return `${head(rule)}\n\n${body.trimStart()}`;
}

/** Where the page of a rule lies. */
export function pageUrl(rule: Rule): URL {
  return new URL(`${rule.name}.md`, FOLDER);
}

function main(argument: string | undefined): number {
  if (argument !== '--write' && argument !== '--check') {
    process.stderr.write('usage: node tools/rule-docs.ts --write | --check\n');
    return 2;
  }
  const stale = rules.filter((rule) => {
    const present = existsSync(pageUrl(rule)) ? readFileSync(pageUrl(rule), 'utf8') : '';
    const wanted = page(rule, present);
    if (wanted === present) return false;
    if (argument === '--write') writeFileSync(pageUrl(rule), wanted);
    return true;
  });
  const verb = argument === '--write' ? 'wrote' : 'differs from its rule:';
  for (const rule of stale) process.stdout.write(`${verb} docs/rules/${rule.name}.md\n`);
  return argument === '--check' && stale.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = main(process.argv[2]);

/** `kubevigil rules`: lists the rules, or explains those that a name or a control's number means. */
import { benchmarks, controlsOf, meanings, type Rule, rangeOf, resolveRule, rules } from '../lambda/judging/index.ts';
import { ADVISORIES, type AdvisoryMeaning } from './advisories.ts';
import { run } from './command.ts';
import { didYouMean } from './nearest.ts';
import { InputError } from './problems.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

const HELP = `Lists the rules, or explains one, or an advisory.

Usage: ${PROGRAM} rules [NAME] [options]

  without NAME                  every rule with its severity and title, and the benchmarks
  rotate-client-certificates    a rule, with the controls that it answers
  cis-kubernetes-1.5.1/4.2.11   the rule of a control
  4.2.11                        whatever that number means in any benchmark
  unset-means-off               a remark beside a verdict

  --json      print an array of rules as JSON
  -h, --help  print this help

Exit codes: 0 printed, 2 there is no such rule or option.
`;

const options = { json: { type: 'boolean' } } as const;

export async function rulesCommand(args: string[], to: Terminal = terminal): Promise<number> {
  return run('rules', { args, help: HELP, allowPositionals: true, options }, to, async ({ values, positionals }) => {
    if (positionals.length > 1) throw new InputError(`expected one rule or control, got ${positionals.length}`);
    const [name] = positionals;
    const advisory = name === undefined ? undefined : advisoryOf(name);
    if (advisory) {
      to.out(values.json ? `${JSON.stringify(advisory, undefined, 2)}\n` : remark(advisory));
      return 0;
    }
    const chosen = name === undefined ? rules : [...new Set(meanings(name).map(({ rule }) => rule))];
    if (name !== undefined && chosen.length === 0) {
      const resolved = resolveRule(name);
      if (!('problem' in resolved)) throw new InputError(name);
      const meant = resolved.problem.includes('did you mean') ? '' : didYouMean(name, NAMES);
      throw new InputError(resolved.problem + meant);
    }
    if (values.json) to.out(`${JSON.stringify(chosen.map(described), undefined, 2)}\n`);
    else to.out(name === undefined ? listing() : chosen.map((rule) => explained(rule)).join('\n'));
    return 0;
  });
}

const NAMES = [...rules.map(({ name }) => name), ...Object.keys(ADVISORIES)];

type Named = AdvisoryMeaning & { advisory: string };

/** An advisory by its name, in any case. */
function advisoryOf(name: string): Named | undefined {
  const advisory = name.toLowerCase();
  const found = Object.hasOwn(ADVISORIES, advisory) ? ADVISORIES[advisory] : undefined;
  return found && { advisory, ...found };
}

function remark({ advisory, means, rules: names }: Named): string {
  const where =
    names.length > 0 ? names.map((name) => `    docs/rules/${name}.md`) : ['    beside verdicts of any rule'];
  return [`${advisory} (a remark beside a verdict)`, '', ...wrapped(means), '', '  Read more:', ...where, ''].join(
    '\n',
  );
}

function described({ check: _, ...data }: Rule) {
  return { ...data, controls: controlsOf(data.name).map(({ rule: _rule, ...control }) => control) };
}

function listing(): string {
  const width = Math.max(...rules.map(({ name }) => name.length));
  const lines = rules.map(({ name, severity, title }) => `${name.padEnd(width)}  ${severity.padEnd(8)}  ${title}`);
  const unknown = benchmarks.flatMap(({ successor }) =>
    successor ? wrapped(`${successor.name}: ${successor.known}`) : [],
  );
  return [...lines, '', ...versions(), '', 'Not known here:', ...unknown, ''].join('\n');
}

/** The benchmarks with the versions of Kubernetes that they cover. */
function versions(): string[] {
  const rows = benchmarks.map(({ name, kubernetes, controls, others = [] }) => {
    const covers = kubernetes ? `Kubernetes ${rangeOf(kubernetes)}` : 'by name only';
    const people = others.length > 0 ? `, ${others.length} for people alone` : '';
    return { name, covers, count: `${controls.length} controls${people}` };
  });
  const width = (pick: (row: (typeof rows)[number]) => string) => Math.max(...rows.map((row) => pick(row).length));
  const [name, covers] = [width((row) => row.name), width((row) => row.covers)];
  return [
    'Benchmarks whose controls they answer, and what `auto` chooses them for:',
    ...rows.map((row) => `  ${row.name.padEnd(name)}  ${row.covers.padEnd(covers)}  ${row.count}`),
  ];
}

function explained(rule: Rule): string {
  const controls = controlsOf(rule.name);
  const groups = Map.groupBy(controls, ({ control, assessment, mode }) =>
    [control, assessment, mode ? `mode ${mode}` : ''].filter(Boolean).join(', '),
  );
  const related = controls.some((control) => control.related);
  return [
    `${rule.name} (${rule.severity})`,
    `  ${rule.title}.`,
    '',
    ...wrapped(rule.why),
    '',
    related ? '  Related to, without answering them:' : '  Answers:',
    ...[...groups].flatMap(([key, group]) => [
      `    ${key}`,
      ...wrapped(group.map(({ benchmark }) => benchmark).join(' '), '      '),
    ]),
    '',
    '  Read more:',
    `    docs/rules/${rule.name}.md`,
    ...rule.references.map((reference) => `    ${reference}`),
    '',
  ].join('\n');
}

/** Lines of at most 100 characters, and no longer than the terminal is wide. */
function wrapped(text: string, indent = '  '): string[] {
  return wrap(text, Math.min(100, process.stdout.columns ?? 100) - indent.length).map((line) => indent + line);
}

/** `check --by control`: one node's findings in the order and by the numbers of a benchmark. */
import { demandText } from '../lambda/criteria/procedure.ts';
import type { Finding, Rule } from '../lambda/criteria/rule.ts';
import { printable } from '../lambda/formats/text.ts';
import { type Benchmark, benchmark, type Control, catalog, type OtherControl } from '../lambda/judging/index.ts';
import type { Evidence, FileRole } from '../lambda/kubelet/evidence.ts';
import { shellWord } from '../lambda/platforms/shell.ts';
import type { NodeLine } from '../lambda/results/node-line.ts';
import { causesOf, colour, ORDER, STYLES, stepLines } from './table.ts';
import { wrap } from './wrap.ts';

/** Columns before what is said of a control, the widest line, and the least that is left beside the columns. */
const INDENT = 17;
const WIDTH = 120;
const NARROW = 22;

const width = () => Math.max(INDENT + NARROW, process.stdout.columns ?? WIDTH);

/** What files and units are called in the commands of audits. */
const ROLES: Readonly<Record<string, FileRole>> = {
  $config: 'config',
  $kubeconfig: 'kubeconfig',
  $service: 'service',
  '$client-ca': 'client-ca',
  '$proxy-kubeconfig': 'proxy-kubeconfig',
  '$proxy-config': 'proxy-config',
};

/** By the words of what keeps several verdicts from being given: where they are told in full, once they are. */
type Causes = Map<string, string | undefined>;

type Place = { causes: Causes; label: string };

type Said = { finding: Finding; audit: Finding['audit']; manual: boolean };

/** Each of the named benchmarks with its sections and totals, then what no benchmark asks for. */
export function byControl(line: NodeLine, evidence: Evidence, names: readonly string[]): string {
  const chosen = names.flatMap((name) => benchmark(name) ?? []);
  const causes: Causes = new Map([...causesOf(line.findings).keys()].map((reason) => [reason, undefined]));
  const label = ({ name }: Benchmark, control: string) => (chosen.length > 1 ? `${name}/${control}` : control);
  const parts = chosen.map((each) => ofBenchmark(each, line, evidence, (of) => ({ causes, label: label(each, of) })));
  const rest = line.findings.filter(({ controls }) => !controls.some((control) => names.includes(control.benchmark)));
  return `${[...parts, ...(rest.length > 0 ? [beside(rest, causes)] : [])].join('\n')}\n`;
}

function ofBenchmark(of: Benchmark, line: NodeLine, evidence: Evidence, place: (control: string) => Place): string {
  const why = line.benchmark?.name === of.name ? [line.benchmark.reason] : [];
  const text = [of.title, ...[...why, ...(of.notes ?? [])].flatMap((note) => wrap(note, width()))];
  const judged: Said[] = [];
  for (const [section, title] of Object.entries(of.sections)) {
    const inside = (control: { control: string }) => control.control.startsWith(section);
    const own = [...of.controls, ...(of.others ?? [])].filter(inside).sort(byNumber);
    if (own.length > 0) text.push('', `${section}  ${title}`);
    for (const control of own) {
      const said = 'rule' in control ? answerOf(line, of.name, control) : undefined;
      if (said) judged.push(said);
      text.push(...('rule' in control ? ofControl(control, said, evidence, place(control.control)) : ofOther(control)));
    }
  }
  return [...text, '', totals(of, judged), ''].join('\n');
}

function byNumber(one: { control: string }, other: { control: string }): number {
  return one.control.localeCompare(other.control, 'en', { numeric: true });
}

function answerOf({ findings }: NodeLine, of: string, { control }: Control): Said | undefined {
  for (const finding of findings) {
    const answer = finding.controls.find((each) => each.benchmark === of && each.control === control);
    if (answer) return { finding, audit: answer.audit ?? finding.audit, manual: answer.manual === true };
  }
  return undefined;
}

/** A control with what is expected, what is, and what its own audit would say by which command. */
function ofControl(control: Control, said: Said | undefined, evidence: Evidence, place: Place): string[] {
  const rule = catalog[control.rule];
  const title = titleOf(control.rule, said?.finding.status ?? 'pass', control.title);
  if (!said) return head('not asked', control, title);
  const { finding, audit } = said;
  const command = printable(filled(rule?.procedure?.command ?? '', control, evidence));
  const literal = audit === undefined ? command : `${audit}; ${command}`;
  const waiver = finding.waiver ? [`accepted until ${finding.waiver.until} by ${finding.waiver.owner}`] : [];
  const elsewhere = toldElsewhere(finding, place);
  return [
    ...head(finding.status, control, title),
    ...indented('expected', expectation(control, rule)),
    ...indented('is', [elsewhere ?? finding.reason, ...waiver].join(' ')),
    ...finding.advisories.flatMap(({ text }) => indented('advisory', text)),
    ...indented('audit', literal),
    ...(elsewhere === undefined ? todo(finding.remediation) : []),
  ];
}

/** Where the cause of this finding and what to do about it are told already; undefined where this is the place to tell them. */
function toldElsewhere({ status, reason }: Finding, { causes, label }: Place): string | undefined {
  if (status !== 'error' || !causes.has(reason)) return undefined;
  const told = causes.get(reason);
  if (told === undefined) causes.set(reason, label);
  return told === undefined || told === label ? undefined : `Not judged, as ${told}.`;
}

/** A title that its status does not contradict: what is neither kept nor broken is called by its rule's name. */
function titleOf(name: string, status: Finding['status'], own?: string): string {
  const rule = catalog[name];
  if (status === 'fail') return rule?.failureTitle ?? name;
  return (status === 'pass' ? (own ?? rule?.title) : undefined) ?? name;
}

function ofOther(control: OtherControl): string[] {
  return [...head('manual', control, control.title), ...indented('is', `Not judged: ${control.why}`)];
}

function head(status: string, { control, assessment }: OtherControl | Control, title: string): string[] {
  const word = assessment === undefined ? '' : ` (${assessment === 'manual' ? 'Manual' : 'Automated'})`;
  const style = STYLES[status as keyof typeof STYLES] ?? 'dim';
  const [first = '', ...others] = wrap(`${control}  ${title}${word}`, width() - INDENT);
  return [
    `${colour(style, status.toUpperCase().padEnd(INDENT - 1))} ${first}`,
    ...others.map((other) => ' '.repeat(INDENT) + other),
  ];
}

function expectation(control: Control, rule: Rule | undefined): string {
  const own = control.audit ? demandText(control.audit) : '';
  const expected = (rule?.procedure?.expected ?? '').replace('$mode', control.mode ?? '600');
  const suites = control.suites ? `: ${control.suites.join(', ')}` : '';
  return own === '' ? expected + suites : own;
}

/** The command with the paths of this node, without the parts whose file it does not have. */
function filled(command: string, { mode }: Control, { kubelets, proxies }: Evidence): string {
  const files = [...kubelets, ...proxies].flatMap((process) => process.files);
  const meant = (word: string) => {
    if (word === '$mode') return mode;
    if (word === '$unit') return kubelets[0]?.unit;
    return files.find(({ role, state }) => role === ROLES[word] && state !== 'missing')?.path;
  };
  const parts = command.split('; ').map((part) => {
    const words = part.split(' ').map((word) => (word.startsWith('$') ? typed(meant(word)) : word));
    return words.every((word) => word !== undefined) ? words.join(' ') : undefined;
  });
  return parts.filter((part) => part !== undefined).join('; ');
}

function typed(path: string | undefined): string | undefined {
  return path === undefined ? undefined : shellWord(path);
}

/** Statuses counted as they are and by the benchmark's own words, and what its audits would say. */
function totals({ title, others = [] }: Benchmark, judged: readonly Said[]): string {
  const tally = (given: readonly Said[]) =>
    ORDER.flatMap((status) => {
      const count = given.filter(({ finding }) => finding.status === status).length;
      return count > 0 ? [`${count} ${status}`] : [];
    }).join(', ') || 'none';
  const says = (audit: 'pass' | 'fail') => judged.filter((each) => each.audit === audit).length;
  const people = others.length > 0 ? `, and ${others.length} not judged` : '';
  const manual = judged.filter((each) => each.manual);
  return [
    `${title}: ${tally(judged)}${people}.`,
    `Of these ${manual.length} are manual by the benchmark: ${tally(manual)}. By its audits: ${says('pass')} pass, ${says('fail')} fail.`,
  ].join('\n');
}

/** Findings of rules of our own, and of others that were asked for by name. */
function beside(findings: readonly Finding[], causes: Causes): string {
  const sorted = findings.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return [
    'What no benchmark asks for',
    '',
    ...sorted.flatMap((finding) => {
      const elsewhere = toldElsewhere(finding, { causes, label: finding.rule });
      return [
        `${colour(STYLES[finding.status], finding.status.toUpperCase().padEnd(INDENT - 1))} ${titleOf(finding.rule, finding.status)}`,
        ...indented('is', elsewhere ?? finding.reason),
        ...finding.advisories.flatMap(({ text }) => indented('advisory', text)),
        ...(elsewhere === undefined ? todo(finding.remediation) : []),
      ];
    }),
  ].join('\n');
}

function todo(steps: Finding['remediation']): string[] {
  return stepLines(steps).flatMap(([label, line, isCommand]) =>
    isCommand ? [`${' '.repeat(INDENT + 2)}${line}`] : indented(label, line),
  );
}

function indented(label: string, body: string): string[] {
  if (body === '') return [];
  const [first = '', ...others] = wrap(printable(body), width() - INDENT);
  return [`${`  ${label}`.padEnd(INDENT)}${first}`, ...others.map((other) => ' '.repeat(INDENT) + other)];
}

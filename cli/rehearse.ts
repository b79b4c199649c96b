/** `kubevigil rehearse`: what a later version, or a planned change, would make of what nodes are given. */
import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { count } from '../lambda/alerts/text.ts';
import { targetKeys } from '../lambda/archive/keys.ts';
import { readNodes } from '../lambda/archive/nodes.ts';
import { printable } from '../lambda/formats/text.ts';
import type { Change } from '../lambda/kubelet/plan.ts';
import { NEWEST_MINOR } from '../lambda/kubelet/tables.ts';
import { sentence } from '../lambda/platforms/step.ts';
import {
  type Group,
  type Outcome,
  type Question,
  type Readiness,
  readinessOf,
  type ToldStop,
} from '../lambda/results/readiness.ts';
import { openScan, readPlace } from './archive.ts';
import { askRoot } from './check.ts';
import { type Given, run } from './command.ts';
import { workFolder } from './leftovers.ts';
import { readMinor, readText } from './options.ts';
import { InputError } from './problems.ts';
import { scanCommand } from './scan.ts';
import { colour, STYLES } from './table.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';
import { withArguments, words } from './words.ts';
import { wrap } from './wrap.ts';

const help = `Rehearses an upgrade: derives what the kubelets of later versions would make of what each node
is given, says which is the first that would not start, in its own words, and what changes
although nobody touches it. Or a change that is planned.

Usage: ${PROGRAM} rehearse [--to VERSION] [change] ARCHIVE
       ${PROGRAM} rehearse [--to VERSION] [change] --root DIR [--root DIR ...]
       ${PROGRAM} rehearse [--to VERSION] [change] [--aws --tag KEY[=VALUE] ...]

  --to 1.N              rehearse every version up to this one (default: 1.${NEWEST_MINOR}, the newest that is
                        known; with a change: each node's own)
  ARCHIVE               the newest scan of a directory or s3://bucket[/prefix], or a scan's folder
  --root DIR            a node's root directory (/ is this machine); may be repeated
  --aws                 ask the account of your credentials now; takes --tag, --region, --document
                        and --yes as scan does. Without a source the simulated fleet is asked

A change, as it would be rolled out (a launch template, a NodeConfig, an EC2NodeClass):
  --drop-in FILE        a drop-in beside those in the directory of --config-dir (may be repeated)
  --config FILE         in place of the file of --config
  --args "ARGUMENTS"    after the arguments that are there

  --json                print the groups as JSON
  -h, --help            print this help

What the bootstrap of a newer image writes anew, and what an upgrade takes out, stops nothing and is
said so. Exit codes: 0 all nodes that can be asked would start, 1 at least one would not,
2 it could not run, or no node could be asked.
`;

const options = {
  to: { type: 'string' },
  root: { type: 'string', multiple: true },
  aws: { type: 'boolean', default: false },
  tag: { type: 'string', multiple: true },
  region: { type: 'string', multiple: true },
  document: { type: 'string' },
  yes: { type: 'boolean', default: false },
  fleet: { type: 'string' },
  'drop-in': { type: 'string', multiple: true },
  config: { type: 'string' },
  args: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

type Options = Given<typeof options>;

/** Runs the command. */
export async function rehearseCommand(args: string[], to: Terminal = terminal): Promise<number> {
  return run('rehearse', { args: withArguments(args), help, allowPositionals: true, options }, to, async (given) => {
    const { values } = given;
    const question = questionOf(values);
    const readiness = readinessOf(question);
    await ask(given, readiness, to);
    const result = readiness.result();
    if (values.json) to.out(`${JSON.stringify(result, null, 2)}\n`);
    else to.out(page(result, question));
    const { stops, starts, newer } = result.nodes;
    if (stops > 0) return 1;
    return starts + newer > 0 ? 0 : 2;
  });
}

function questionOf(values: Options['values']): Question {
  const change: Change = {
    ...(values.config !== undefined && { config: readText('--config', values.config) }),
    ...(values['drop-in'] && {
      dropIns: values['drop-in'].map((file) => ({ name: basename(file), text: readText('--drop-in', file) })),
    }),
    ...(values.args !== undefined && { arguments: words(values.args) }),
  };
  const isPlanned = Object.keys(change).length > 0;
  const last = values.to === undefined ? (isPlanned ? undefined : NEWEST_MINOR) : readMinor('--to', values.to);
  return { ...(last !== undefined && { to: last }), ...(isPlanned && { change }) };
}

/** Asks the one source that is named. */
async function ask(
  { values, positionals }: Options,
  readiness: ReturnType<typeof readinessOf>,
  to: Terminal,
): Promise<void> {
  const roots = values.root ?? [];
  const sources = [positionals.length > 0, roots.length > 0, values.aws].filter(Boolean);
  if (sources.length > 1) throw new InputError('an archive, --root and --aws are three sources: name one');
  for (const root of roots) {
    readiness.add(await askRoot(root === '/' ? undefined : root));
  }
  if (roots.length > 0) return;
  if (positionals.length > 0) await readScan(readPlace(positionals), readiness);
  else await scanNow(values, readiness, to);
}

async function readScan(place: string, readiness: ReturnType<typeof readinessOf>): Promise<void> {
  const { archive, summary } = await openScan(place);
  for (const target of summary.targets) {
    if (target.error !== undefined) continue;
    for await (const { evidence } of readNodes(archive, targetKeys(summary, target), ['evidence'])) {
      if (evidence) readiness.add(evidence);
    }
  }
}

/** A scan of its own, whose report is not kept. */
async function scanNow(
  values: Options['values'],
  readiness: ReturnType<typeof readinessOf>,
  to: Terminal,
): Promise<void> {
  const out = workFolder('rehearse');
  const remove = () => rmSync(out, { recursive: true, force: true });
  // It holds a signing key, and an interrupted scan ends the process.
  process.once('exit', remove);
  const repeated = (name: 'tag' | 'region') => (values[name] ?? []).flatMap((value) => [`--${name}`, value]);
  const passed = [
    ...(values.aws ? ['--aws'] : []),
    ...repeated('tag'),
    ...repeated('region'),
    ...(values.document === undefined ? [] : ['--document', values.document]),
    ...(values.fleet === undefined ? [] : ['--fleet', values.fleet]),
    ...(values.yes ? ['--yes'] : []),
  ];
  try {
    const code = await scanCommand([...passed, '--out', out], { ...to, out: () => {} });
    if (code !== 0) throw new InputError('the nodes could not all be asked, so nothing is rehearsed');
    await readScan(out, readiness);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

const WIDTH = 120;
const LABEL = 14;

const HEADS: Readonly<Record<Outcome, string>> = {
  stops: 'WOULD NOT START',
  unknown: 'CANNOT BE ASKED',
  starts: 'WOULD START',
  newer: 'RUNS IT OR LATER',
};

const COLOURS: Readonly<Record<Outcome, (typeof STYLES)[keyof typeof STYLES]>> = {
  stops: STYLES.fail,
  unknown: STYLES.error,
  starts: STYLES.pass,
  newer: STYLES['not-applicable'],
};

/** The groups, those that need something done first. */
function page({ to, nodes, groups }: Readiness, { change }: Question): string {
  const { stops, starts, unknown, newer } = nodes;
  const total = stops + starts + unknown + newer;
  const what = change === undefined ? `an upgrade to ${to}` : `the planned change, up to ${to}`;
  const told = [
    `${stops} would not start`,
    `${starts} would`,
    ...(unknown > 0 ? [`${unknown} cannot be asked`] : []),
    ...(newer > 0 ? [`${newer} ${newer === 1 ? 'runs' : 'run'} it or a later one already`] : []),
  ].join(', ');
  return [`${count(total, 'node')} and ${what}: ${told}.`, ...groups.map(block), ''].join('\n');
}

function block(group: Group): string {
  const [first = '', ...others] = group.examples;
  const rest = group.nodes - 1 - others.length;
  const who = [...(group.nodes > 3 ? [first] : [first, ...others])].join(', ');
  const more = group.nodes > 3 ? ` and ${group.nodes - 1} more` : rest > 0 ? ` and ${rest} more` : '';
  const inside = [
    group.group === undefined ? '' : `group ${group.group}`,
    group.cluster === undefined ? '' : `cluster ${group.cluster}`,
    [group.platform, group.from].filter(Boolean).join(' '),
  ].filter(Boolean);
  const head = `${colour(COLOURS[group.outcome], HEADS[group.outcome])}  ${printable(`${count(group.nodes, 'node')}${inside.length > 0 ? ` (${inside.join(', ')})` : ''}: ${who}${more}`)}`;
  const stop = group.stops;
  return [
    '',
    ...wrap(head, columns()),
    ...(stop
      ? [
          ...said(`from ${stop.version}`, stop.words),
          ...(stop.where ?? []).flatMap((place) => said('where', place)),
          ...(stop.do ?? []).flatMap((each, index) => said(index === 0 ? 'do' : '', sentence(each))),
        ]
      : []),
    ...said('why', group.problem),
    ...group.passing.flatMap((each) => said(`not ${each.version}`, `${each.words}, but a later version would start`)),
    ...group.staysBehind.flatMap((each) =>
      said('stays behind', behind(each, 'comes with the image and is written anew by that of')),
    ),
    ...group.takenOut.flatMap((each) => said('taken out', behind(each, 'is taken out by the upgrade to'))),
    ...group.changes.flatMap(({ version, text }) => said(`with ${version}`, text)),
    ...group.planned.flatMap(({ version, text }) => said(`planned ${version}`, text)),
    ...group.notes.flatMap((note) => said('note', note)),
  ].join('\n');
}

function behind({ version, words: said }: ToldStop, how: string): string {
  return `${said}: ${how} ${version}`;
}

function columns(): number {
  return Math.max(40, process.stdout.columns ?? WIDTH);
}

function said(label: string, body: string | undefined): string[] {
  if (body === undefined || body === '') return [];
  const [first = '', ...others] = wrap(printable(body), columns() - LABEL - 2);
  return [`  ${label.padEnd(LABEL)}${first}`, ...others.map((other) => ' '.repeat(LABEL + 2) + other)];
}

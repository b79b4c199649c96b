/** `kubevigil explain`: why settings of a kubelet have the values that they have. */
import { basename } from 'node:path';
import { targetKeys } from '../lambda/archive/keys.ts';
import { readNodes } from '../lambda/archive/nodes.ts';
import { type Explained, type Explanation, explain, inOneSentence } from '../lambda/criteria/explanation.ts';
import { printable } from '../lambda/formats/text.ts';
import { kubeletsOf } from '../lambda/judging/judge.ts';
import { planned } from '../lambda/kubelet/plan.ts';
import { schemaOf } from '../lambda/kubelet/schema.ts';
import { NEWEST_MINOR } from '../lambda/kubelet/tables.ts';
import type { NodeFacts } from '../lambda/platforms/platform.ts';
import { shown } from '../lambda/platforms/wording.ts';
import type { EvidenceLine } from '../lambda/results/evidence-line.ts';
import { openScan } from './archive.ts';
import { askRoot } from './check.ts';
import { type Given, run } from './command.ts';
import { didYouMean } from './nearest.ts';
import { readMinor, readText } from './options.ts';
import { InputError } from './problems.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';
import { withArguments, words } from './words.ts';
import { wrap } from './wrap.ts';

const help = `Explains what a kubelet is configured to do: every layer that speaks of a setting, in the kubelet's
order, with file and line, which one wins and why the others do not; and what is written but not read.

Usage: ${PROGRAM} explain NODE [SETTING] [--archive ARCHIVE]
       ${PROGRAM} explain [SETTING] --root DIR
       ${PROGRAM} explain [SETTING] [--config FILE] [--drop-in FILE ...] [--args "ARGUMENTS"] [--kubelet VERSION]

  NODE               id or name of a node in the newest scan of an archive
  SETTING            by its v1beta1 path, such as authentication.anonymous.enabled
                     (default: all that somebody set or that are not the default)
  --archive ARCHIVE  a directory or s3://bucket[/prefix], or a scan's folder (default: out)
  --root DIR         a node's root directory; / is this machine
  --config FILE      files and arguments of a kubelet that need not exist anywhere; drop-ins count
  --drop-in FILE     in the order of their names
  --args "ARGUMENTS"
  --kubelet VERSION  whose rules count for them (default: the newest that is known)
  --json             print the explanation as JSON
  -h, --help         print this help

Exit codes: 0 it ran, 2 it could not run.
`;

const options = {
  archive: { type: 'string', default: 'out' },
  root: { type: 'string' },
  config: { type: 'string' },
  'drop-in': { type: 'string', multiple: true },
  args: { type: 'string' },
  kubelet: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

type Asked = Given<typeof options>;

/** Runs the command. */
export async function explainCommand(args: string[], to: Terminal = terminal): Promise<number> {
  return run(
    'explain',
    { args: withArguments(args), help, allowPositionals: true, options },
    to,
    async ({ values, positionals }) => {
      const { line, setting } = await source({ values, positionals });
      if (!('evidence' in line)) throw new InputError(`${line.node.id} gave no answer: ${line.detail}`);
      const { evidence, tags } = line;
      const nodes = kubeletsOf(line).map(({ process, configuration }) => ({
        evidence,
        kubelet: process,
        configuration,
        tags,
        id: line.node.id,
      }));
      if (nodes.length === 0) throw new InputError(`no kubelet was found on ${line.node.id}`);
      const explained = nodes.map((node) => ({ node, explanation: explain(node, setting && known(node, setting)) }));
      if (values.json) {
        const all = explained.map(({ node: { kubelet }, explanation }) => ({
          pid: kubelet.pid,
          version: kubelet.version,
          ...explanation,
        }));
        to.out(`${JSON.stringify(all, null, 2)}\n`);
      } else for (const { node, explanation } of explained) to.out(page(node, explanation));
      return 0;
    },
  );
}

async function source({ values, positionals }: Asked): Promise<{ line: EvidenceLine; setting?: string | undefined }> {
  const ofFiles = values.config !== undefined || values['drop-in'] !== undefined || values.args !== undefined;
  if (values.root !== undefined || ofFiles) {
    const [setting, ...others] = positionals;
    if (others.length > 0 || (values.root !== undefined && ofFiles)) {
      throw new InputError('expected one setting beside --root, or beside files; see --help');
    }
    const { root } = values;
    const line = root === undefined ? madeUp(values) : await askRoot(root === '/' ? undefined : root);
    return { line, setting };
  }
  const [name, setting, ...others] = positionals;
  if (name === undefined || others.length > 0)
    throw new InputError('expected a node and at most one setting; see --help');
  const { archive, summary } = await openScan(values.archive);
  for (const target of summary.targets) {
    if (target.error !== undefined) continue;
    for await (const { evidence } of readNodes(archive, targetKeys(summary, target), ['evidence'])) {
      if (evidence && (evidence.node.id === name || evidence.node.name === name)) return { line: evidence, setting };
    }
  }
  throw new InputError(`scan ${summary.scanId} has no node ${name}`);
}

/** A kubelet of files and arguments alone. */
function madeUp(values: Asked['values']): EvidenceLine {
  const { config } = values;
  const dropIns = values['drop-in'] ?? [];
  const argv = [
    ...(config === undefined ? [] : [`--config=${config.startsWith('/') ? config : `/${config}`}`]),
    ...(dropIns.length === 0 ? [] : ['--config-dir=/drop-ins']),
    ...(values.args === undefined ? [] : words(values.args)),
  ];
  if (values.kubelet !== undefined) readMinor('--kubelet', values.kubelet);
  const version = `v${(values.kubelet ?? `1.${NEWEST_MINOR}.0`).replace(/^v/, '')}`;
  const bare = {
    ...{ pid: 0, host: 'kubelet' as const, argv, cwd: '/', files: [], dropInDirectories: [], kubeconfigs: [] },
    ...{ clientCertificates: [], servingCertificates: [], authorities: [] },
    version,
    dropInEnvironment: true as const,
  };
  const { kubelet } = planned(bare, {
    ...(config !== undefined && { config: readText('--config', config) }),
    dropIns: dropIns.map((file) => ({ name: basename(file), text: readText('--drop-in', file) })),
  });
  const evidence = { format: 2 as const, collectedAt: 0, os: {}, kubelets: [kubelet], proxies: [], notes: [] };
  return { node: { id: 'these files' }, tags: {}, evidence };
}

/** The setting of that name. Throws an InputError where there is none. */
function known({ configuration }: NodeFacts, setting: string): string {
  const names = [...schemaOf(Math.min(configuration.version.minor, NEWEST_MINOR)).settings.keys()];
  const found = names.find((name) => name.toLowerCase() === setting.toLowerCase());
  if (found) return found;
  throw new InputError(
    `1.${configuration.version.minor} has no setting ${JSON.stringify(setting)}${didYouMean(setting, names, '')}`,
  );
}

const WIDTH = 120;
const EFFECTS = { wins: 'wins', adds: 'adds', overridden: 'overridden', none: 'no effect' } as const;

function page({ kubelet, configuration }: NodeFacts, { settings, ignored, problem }: Explanation): string {
  const head = `kubelet ${printable(kubelet.version ?? 'of unknown version')}${kubelet.pid > 0 ? `, process ${kubelet.pid}` : ''}\n`;
  const why =
    problem === undefined
      ? ''
      : `\n${configuration.starts === false ? 'It would not start with this input' : 'What it does with this input is not known'}: ${printable(problem)}\n`;
  const rest = ignored.flatMap(({ place, why: reason }) => lines(`${place}: ${reason}`, 2));
  const list = rest.length > 0 ? `\nWritten, and not read:\n${rest.join('\n')}\n` : '';
  return `${head}${why}${settings.map(block).join('')}${list}`;
}

function block(explained: Explained): string {
  const layers = explained.layers.flatMap(({ value, place, effect, why }) =>
    lines(`${EFFECTS[effect].padEnd(10)}  ${shown(value)} from ${place}${why === undefined ? '' : `: ${why}`}`, 2, 14),
  );
  return `\n${[...lines(inOneSentence(explained), 0), ...layers].join('\n')}\n`;
}

/** A text in lines, with that many blanks before the first and the others. */
function lines(text: string, first: number, others = first + 2): string[] {
  const width = Math.max(40, process.stdout.columns ?? WIDTH) - others;
  return wrap(printable(text), width).map((line, at) => `${' '.repeat(at === 0 ? first : others)}${line}`);
}

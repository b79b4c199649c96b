#!/usr/bin/env node
/**
 * The command line: `kubevigil COMMAND`, in a checkout `npm start -- COMMAND`. What a command needs is loaded when it is
 * called, so that help and mistakes are told at once. Tested by test/cli/cli.test.ts.
 */

import { printable } from '../lambda/formats/text.ts';
import tool from '../package.json' with { type: 'json' };
import { didYouMean } from './nearest.ts';
import { PROGRAM, terminal } from './terminal.ts';
import { helpText } from './wrap.ts';

const help = `kubevigil asks Kubernetes nodes what their kubelets really run with and judges it by the CIS benchmarks.

Usage: ${PROGRAM} [COMMAND] [options]

  scan      scan the embedded fleet, or with --aws a real account (the default)
  nodes     list who would be scanned in a real account, and who not and why
  check     judge this machine, or another root directory
  explain   say why settings of a kubelet have their values, layer by layer
  horizon   tell when certificates and support end, for how many nodes and why
  outliers  tell which nodes differ from the others of their group, in what, and since when
  rehearse  say what a later version or a planned change would make of what nodes are given
  rules     list the rules, or explain one by its name or control, or an advisory
  report    write the report of an archived scan again, in any of the formats
  diff      tell what changed between two archived scans
  verify    verify an archive of reports, and replay its verdicts
  pack      write an audit pack of a period: verified, signed, readable without kubevigil
  run-now   start the deployed scan, and follow it
  history   tell the life of one node
  retro     judge kept evidence by today's rules: who was exposed although nothing told of it

  -h, --help  print this help; behind a command, its own
  --version   print the version

Exit codes: 0 it ran, 1 it found what it was asked to look for, 2 it could not run, or not everywhere.
`;

type Command = (args: string[]) => Promise<number>;

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  scan: async () => (await import('./scan.ts')).scanCommand,
  nodes: async () => (await import('./nodes.ts')).nodesCommand,
  check: async () => (await import('./check.ts')).checkCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  horizon: async () => (await import('./horizon.ts')).horizonCommand,
  outliers: async () => (await import('./outliers.ts')).outliersCommand,
  rehearse: async () => (await import('./rehearse.ts')).rehearseCommand,
  rules: async () => (await import('./rules.ts')).rulesCommand,
  report: async () => {
    const [{ reportCommand }, { catalog }] = [await import('./report.ts'), await import('../lambda/judging/index.ts')];
    return (args) => reportCommand(args, catalog);
  },
  diff: async () => (await import('./diff.ts')).diffCommand,
  verify: async () => {
    const { verifyCommand } = await import('./verify.ts');
    const { judgeArchived } = await import('../lambda/results/judge-line.ts');
    return (args) => verifyCommand(args, judgeArchived);
  },
  history: async () => (await import('./history.ts')).historyCommand,
  retro: async () => {
    const { retroCommand } = await import('./retro.ts');
    const { judgeArchived } = await import('../lambda/results/judge-line.ts');
    return (args) => retroCommand(args, judgeArchived);
  },
  pack: async () => {
    const { packCommand } = await import('./pack.ts');
    const { judgeArchived } = await import('../lambda/results/judge-line.ts');
    return (args) => packCommand(args, judgeArchived);
  },
  'run-now': async () => (await import('./run-now.ts')).runNowCommand,
};

// Whoever reads only the beginning (`| head`) closes the pipe; what is being kept is kept all the same.
let unwritten = false;
process.stderr.on('error', () => {});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || unwritten) return;
  unwritten = true;
  process.exitCode = 2;
  terminal.err(`kubevigil: the output could not be written: ${printable(error.message)}\n`);
});

const code = await main(process.argv.slice(2));
process.exitCode = unwritten ? 2 : code;

async function main([name = 'scan', ...args]: string[]): Promise<number> {
  if (['-h', '--help', 'help'].includes(name)) {
    const [command] = args;
    if (name === 'help' && command !== undefined && command !== 'help') return main([command, '--help']);
    terminal.out(helpText(help));
    return 0;
  }
  if (name === '--version') {
    terminal.out(`kubevigil ${tool.version}\n`);
    return 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load) return (await load())(args);
  // Options without a command are those of a scan.
  if (name.startsWith('-')) return main(['scan', name, ...args]);
  const known = Object.keys(commands);
  const meant = didYouMean(name, known) || `; expected one of ${known.join(', ')}`;
  terminal.err(`kubevigil: there is no command ${JSON.stringify(name)}${meant}\n`);
  return 2;
}

/** The command line: `npm start -- COMMAND`. Tested by test/cli/reports.test.ts. */

import { printable } from '../lambda/formats/text.ts';
import { catalog } from '../lambda/judging/index.ts';
import { judgeArchived } from '../lambda/results/judge-line.ts';
import { checkCommand } from './check.ts';
import { diffCommand } from './diff.ts';
import { nodesCommand } from './nodes.ts';
import { reportCommand } from './report.ts';
import { rulesCommand } from './rules.ts';
import { scanCommand } from './scan.ts';
import { terminal } from './terminal.ts';
import { verifyCommand } from './verify.ts';

const help = `kubevigil asks Kubernetes nodes what their kubelets really run with and judges it by the CIS benchmarks.

Usage: npm start [-- COMMAND [options]]

  scan      scan the embedded fleet, or with --aws a real account (the default)
  nodes     list who would be scanned in a real account, and who not and why
  check     judge this machine, or another root directory
  rules     list the rules, or explain one by its name or control
  report    write the report of an archived scan again, as HTML, CSV, OCSF or OSCAL
  diff      tell what changed between two archived scans
  verify    verify an archive of reports, and replay its verdicts

npm start -- COMMAND --help tells more. Exit codes: 0 it ran, 1 it found what it was asked to look for,
2 it could not run, or not everywhere.
`;

const commands: Record<string, (args: string[]) => Promise<number>> = {
  scan: (args) => scanCommand(args),
  nodes: (args) => nodesCommand(args),
  check: (args) => checkCommand(args),
  rules: (args) => rulesCommand(args),
  verify: (args) => verifyCommand(args, judgeArchived),
  report: (args) => reportCommand(args, catalog),
  diff: (args) => diffCommand(args),
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
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command(args);
  if (name.startsWith('-') && !['-h', '--help'].includes(name)) return scanCommand([name, ...args]);
  if (['-h', '--help', 'help'].includes(name)) {
    terminal.out(help);
    return 0;
  }
  const known = Object.keys(commands).join(', ');
  terminal.err(`kubevigil: there is no command ${JSON.stringify(name)}; expected one of ${known}\n`);
  return 2;
}

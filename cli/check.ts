/** `kubevigil check`: runs the collector here, or on another root directory, and judges this one node. */

import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { printable } from '../lambda/formats/text.ts';
import { readAnswer } from '../lambda/nodes/answer/evidence.ts';
import type { EvidenceLine } from '../lambda/results/evidence-line.ts';
import { judgeLine } from '../lambda/results/judge-line.ts';
import { collect } from '../simulator/collector.ts';
import { byControl } from './by-control.ts';
import { run } from './command.ts';
import type { CheckFormat } from './formats/format.ts';
import { CHECK_FORMATS } from './formats/index.ts';
import { didYouMean } from './nearest.ts';
import { addFound, FAIL_ON_HELP, type Found, fails, readBenchmarks, readFailOn, readRule } from './options.ts';
import { InputError } from './problems.ts';
import { findingList } from './table.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';
import { fitted } from './wrap.ts';

const help = `Judges one node: this machine, or another root directory (a node's, mounted in a pod
with its /proc, or a fixture).

Usage: ${PROGRAM} check [options]

  --root DIR          read DIR instead of /; nothing below it is executed
  --benchmark NAME    judge by this benchmark (may be repeated; default: auto)
  --rule NAME         judge only this rule or control (may be repeated)
  --fail-on WHAT      exit with 1 if the node has WHAT: ${FAIL_ON_HELP}
  --by control        print the benchmark's controls in its order: what it expects, what is, its audit
  --format FORMAT     for programs: json (the node's report line), junit, sarif (2.1.0) or md
  --json              the same as --format json
  -h, --help          print this help

Run it as root: an unprivileged user cannot read every file that the kubelet uses.
Exit codes: 0 judged, 1 found what --fail-on names, 2 could not run, or there is no kubelet to judge.
`;

const options = {
  root: { type: 'string' },
  benchmark: { type: 'string', multiple: true },
  rule: { type: 'string', multiple: true },
  'fail-on': { type: 'string' },
  by: { type: 'string' },
  format: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export async function checkCommand(args: string[], to: Terminal = terminal): Promise<number> {
  return run('check', { args, help, options }, to, async ({ values }) => {
    const failOn = readFailOn(values['fail-on']);
    const benchmarks = values.benchmark && readBenchmarks(values.benchmark);
    for (const name of values.rule ?? []) readRule('--rule', name);
    if (values.by !== undefined && values.by !== 'control') {
      throw new InputError(`--by expects control, got ${JSON.stringify(values.by)}`);
    }
    const format = readFormat(values);
    const line = await askRoot(values.root);
    const { node } = line;
    const now = Math.floor(Date.now() / 1000);
    const judged = judgeLine(line, {
      now,
      ...(benchmarks && { benchmarks }),
      ...(values.rule && { rules: values.rule }),
    });
    if (format) to.out(format({ line: judged, at: new Date(now * 1000).toISOString() }));
    else if (judged.coverage === 'unreachable')
      to.out(`${fitted(printable(`${judged.reason}: ${judged.detail}`), process.stdout.columns)}\n`);
    else {
      to.out(`kubelet ${printable(judged.kubelet?.version ?? 'of unknown version')} on ${printable(node.id)}\n\n`);
      const automatic = judged.benchmark?.name ?? '';
      const names = (benchmarks ?? ['auto']).map((name) => (name === 'auto' ? automatic : name));
      if (values.by && 'evidence' in line) to.out(byControl(judged, line.evidence, names));
      else {
        if (judged.benchmark) to.out(`${fitted(printable(judged.benchmark.reason), process.stdout.columns)}\n\n`);
        to.out(findingList(judged.findings));
      }
      for (const note of judged.notes ?? []) to.out(`Note: ${printable(note)}\n`);
    }
    // A machine without a kubelet was not judged, whatever was looked for.
    if (judged.coverage === 'unreachable') return 2;
    const found: Found = { failures: 0, manual: 0, errors: 0, unreachable: 0 };
    addFound(found, judged);
    return fails(failOn, found) ? 1 : 0;
  });
}

/** Runs the collector here, or on another root directory; what it answers, or why that cannot be used. */
export async function askRoot(root: string | undefined): Promise<EvidenceLine> {
  if (root !== undefined) checkRoot(root);
  const answer = readAnswer((await collect(root === undefined ? undefined : resolve(root))).stdout);
  const node = { id: root ?? hostname() };
  if (!('problem' in answer)) return { node, tags: {}, evidence: answer.evidence };
  return { node, tags: {}, reason: 'bad-answer', detail: `The collector's answer cannot be used: ${answer.problem}.` };
}

/** What programs get; undefined where people read. */
function readFormat({
  format,
  json,
  by,
}: {
  format?: string | undefined;
  json: boolean;
  by?: string | undefined;
}): CheckFormat | undefined {
  const name = format ?? (json ? 'json' : undefined);
  if (name === undefined) return undefined;
  if (format !== undefined && json) throw new InputError('--json is --format json: give one of them');
  if (by !== undefined) throw new InputError('--by control is for people: it goes with no --format');
  const found = Object.entries(CHECK_FORMATS).find(([known]) => known === name)?.[1];
  if (found) return found;
  const known = Object.keys(CHECK_FORMATS);
  throw new InputError(
    `--format expects one of ${known.join(', ')}, got ${JSON.stringify(name)}${didYouMean(name, known)}`,
  );
}

function checkRoot(root: string): void {
  const found = statSync(root, { throwIfNoEntry: false });
  if (!found?.isDirectory()) throw new InputError(`--root ${root} is not a directory`);
  if (!statSync(`${root}/proc`, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`--root ${root} has no proc directory: expected the root of a node, with its /proc`);
  }
}

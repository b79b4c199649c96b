/** The life of one node, as the nights of an archive tell it. Tested by test/audit/history.test.ts. */

import type { NodeLine } from '../lambda/results/node-line.ts';
import type { Target } from '../lambda/settings.ts';
import { assessed, type Night, readTold, type Told } from './period.ts';

/** One thing that happened to a node: when the night was due, in which account and region, and in words. */
export type Happening = {
  scheduledAt: string;
  scan: string;
  account: string;
  region: string;
  what: 'seen' | 'answered' | 'silent' | 'absent' | 'not-assessed' | 'kubelet' | 'benchmark' | 'opened' | 'closed';
  rule?: string;
  text: string;
};

type State = {
  target: Target;
  presence: string;
  version: string;
  benchmark: string;
  open: ReadonlySet<string>;
};

const CLOSED: Readonly<Record<string, string>> = {
  fixed: 'fixed',
  accepted: 'accepted by a waiver',
  dropped: 'no longer asked',
  lost: 'gone with the node',
  rejudged: 'no longer open by other rules',
};

/** What happened to a node in these nights, which are in the order of their times. Each change is told once. */
export async function* historyOf(nights: readonly Night[], node: string): AsyncGenerator<Happening> {
  let state: State | undefined;
  for (const night of nights) {
    const { scheduledAt, scanId: scan } = night.manifest;
    const found = await find(night, node);
    const target = found?.target ?? state?.target;
    if (!target) continue;
    const say = (what: Happening['what'], text: string, rule?: string): Happening => ({
      ...{ scheduledAt, scan, account: target.account, region: target.region, what, text },
      ...(rule !== undefined && { rule }),
    });
    const before: State = state ?? { target, presence: '', version: '', benchmark: '', open: new Set() };
    const line = found?.told.line;
    if (!state && !line) continue;
    const presence = line ? presenceOf(line) : isAssessed(night, target) ? 'absent' : 'not-assessed';
    if (!state) yield say('seen', `first seen in ${target.account} ${target.region}${aboutOf(line)}`);
    if (found?.told.late) yield say('seen', 'it joined after the inventory of this night was made');
    if (presence !== before.presence) yield say(...presenceTold(presence, line, before.presence));
    const version = line?.kubelet?.version ?? before.version;
    if (version !== before.version)
      yield say(
        'kubelet',
        before.version === '' ? `kubelet ${version}` : `kubelet ${before.version} became ${version}`,
      );
    const benchmark = line?.benchmark?.name ?? before.benchmark;
    if (benchmark !== before.benchmark) yield say('benchmark', `judged by ${benchmark}`);
    const changes = found?.told.changes;
    // Silence changes nothing, and a target that was not scanned says nothing.
    const open = changes ? new Set(Object.keys(changes.open)) : before.open;
    for (const rule of [...open].filter((each) => !before.open.has(each)).sort()) {
      const change = changes?.changes.find((each) => each.rule === rule);
      const reason = line?.findings.find((each) => each.rule === rule && each.status === 'fail')?.reason ?? '';
      // One that nobody could confirm was open before, too.
      const isOpening = change !== undefined && change.change !== 'unconfirmed';
      const cause = change?.cause ?? (state || isOpening ? '' : 'open before');
      const since = changes?.open[rule] ?? scheduledAt;
      const old = since < scheduledAt ? `, failing since ${since.slice(0, 10)}` : '';
      yield say('opened', `${rule} is open${cause === '' ? '' : ` (${cause})`}${old}: ${reason}`, rule);
    }
    for (const rule of [...before.open].filter((each) => !open.has(each)).sort()) {
      const change = changes?.changes.find((each) => each.rule === rule)?.change ?? '';
      yield say('closed', `${rule} is ${Object.hasOwn(CLOSED, change) ? CLOSED[change] : 'no longer open'}`, rule);
    }
    state = { target, presence, version, benchmark, open };
  }
}

async function find(night: Night, node: string): Promise<{ target: Target; told: Told } | undefined> {
  let gone: { target: Target; told: Told } | undefined;
  for (const target of assessed(night)) {
    for await (const told of readTold(night, target)) {
      if (told.line?.node.id === node) return { target, told };
      if (!told.line && told.changes?.node === node) gone = { target, told };
    }
  }
  return gone;
}

function isAssessed({ summary }: Night, { account, region }: Target): boolean {
  return summary.targets.some((each) => each.account === account && each.region === region && each.error === undefined);
}

function presenceOf(line: NodeLine): string {
  return line.coverage === 'evaluated' ? 'answered' : `silent ${line.reason}`;
}

function presenceTold(presence: string, line: NodeLine | undefined, before: string): [Happening['what'], string] {
  if (presence === 'answered') return ['answered', before === '' ? 'it answers' : 'it answers again'];
  if (presence === 'absent') return ['absent', 'the inventory does not have it'];
  if (presence === 'not-assessed') return ['not-assessed', 'its account and region could not be scanned'];
  return ['silent', `no answer: ${line?.reason}: ${line?.detail ?? ''}`];
}

function aboutOf(line: NodeLine | undefined): string {
  const { name, cluster } = line?.node ?? {};
  return `${name === undefined ? '' : `, named ${name}`}${cluster === undefined ? '' : `, cluster ${cluster}`}`;
}

/** Random nights of a small fleet: what its nodes were, and the archive that scans of them leave. */
import fc from 'fast-check';
import { inMemory } from '../../lambda/archive/content.ts';
import { scanKeys } from '../../lambda/archive/keys.ts';
import { readLink } from '../../lambda/archive/previous.ts';
import { failedTarget } from '../../lambda/results/summary.ts';
import { type Answer, keepAnswers, keepScan, type MemoryArchive, nightly, sealWith } from './memory.ts';
import { evaluated, evidence, finding, target, unreachable } from './samples.ts';

export const NODES = ['i-1', 'i-2', 'i-3'];
export const RULES = ['a', 'b'];

/** What a rule says of a node: `none` where it is not asked. */
const answer = fc.constantFrom('fail', 'pass', 'waived', 'manual', 'error', 'none');
const node = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(answer, answer) },
  { weight: 1, arbitrary: fc.constantFrom('silent' as const, 'gone' as const) },
);
export const night = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(node, node, node) },
  { weight: 1, arbitrary: fc.constantFrom('denied' as const, 'left' as const) },
);
/** A week: a node that is gone for longer is forgotten. */
export const histories = fc.array(night, { minLength: 2, maxLength: 7 });
export type Night = typeof night extends fc.Arbitrary<infer T> ? T : never;
type Nodes = Exclude<Night, 'denied' | 'left'>;

const OTHER = { account: '999900001111', region: 'eu-west-1' };

/** Whether the scan of a night could look at the nodes. */
export function isRead(night: Night): night is Nodes {
  return night !== 'denied' && night !== 'left';
}

const waiver = { reason: 'Migration', owner: 'ana', until: '2027-01-31' };

function answersOf(states: Nodes): Answer[] {
  return states.flatMap((state, index): Answer[] => {
    const id = NODES[index] as string;
    if (state === 'gone') return [];
    if (state === 'silent') return [{ line: unreachable(id, 'connection-lost') }];
    const findings = state.flatMap((status, rule) => {
      if (status === 'none') return [];
      const name = RULES[rule] as string;
      return [status === 'waived' ? finding(name, 'fail', { waiver }) : finding(name, status)];
    });
    return [{ line: evaluated(id, [...findings, finding('always', 'pass')]), evidence }];
  });
}

/** Keeps a night as a scan does: `denied` where nobody gets in, `left` where the scan has another account only. */
export async function keep(archive: MemoryArchive, day: number, states: Night): Promise<void> {
  const scan = nightly(day);
  if (isRead(states)) {
    await keepScan(archive, scan, answersOf(states), undefined, { formats: ['ocsf'] });
    return;
  }
  const link = await readLink(archive);
  const { startedAt, everySeconds } = scan;
  const claim = inMemory(JSON.stringify({ execution: 'test', startedAt, everySeconds, link }));
  const objects = [await archive.putOnce(scanKeys(scan).claim, claim, 'application/json')];
  const result =
    states === 'denied'
      ? failedTarget(target, 'Access denied.')
      : await keepAnswers(archive, scan, OTHER, [], link.previous);
  await sealWith(archive, scan, [result], { link, objects, formats: ['ocsf'] });
}

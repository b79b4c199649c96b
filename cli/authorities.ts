/** What `kubevigil horizon --authorities` tells: which nodes trust which certificate authority. Tested by test/cli/horizon.test.ts. */
import { count } from '../lambda/alerts/text.ts';
import { targetKeys } from '../lambda/archive/keys.ts';
import { readNodes } from '../lambda/archive/nodes.ts';
import { printable } from '../lambda/formats/text.ts';
import { type AuthorityUse, authoritiesOf } from '../lambda/results/authorities.ts';
import type { ArchivedScan } from './archive.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

const WIDTH = 120;
/** Digits of a fingerprint that people compare by eye. */
const DIGITS = 16;

/** Prints them, as JSON or as text. Exit code 1 where a bundle was changed after a kubelet had read it. */
export async function tellAuthorities(
  { archive, summary }: ArchivedScan,
  json: boolean,
  to: Terminal,
): Promise<number> {
  const uses = authoritiesOf();
  for (const target of summary.targets) {
    if (target.error !== undefined) continue;
    for await (const { evidence } of readNodes(archive, targetKeys(summary, target), ['evidence'])) {
      if (evidence) uses.add(evidence);
    }
  }
  const result = uses.result();
  to.out(json ? `${JSON.stringify(result, null, 2)}\n` : page(result.authorities, result.left));
  return result.authorities.some(({ changed }) => changed > 0) ? 1 : 0;
}

function page(authorities: readonly AuthorityUse[], left: number): string {
  const room = Math.max(40, process.stdout.columns ?? WIDTH) - 2;
  const blocks = [...Map.groupBy(authorities, ({ sha256 }) => sha256).values()].flatMap((uses) => {
    const [{ subject, sha256, notAfter }] = uses as [AuthorityUse];
    const until = notAfter === undefined ? '' : ` until ${notAfter.slice(0, 10)}`;
    return [
      printable(`${subject} (SHA-256 ${sha256.slice(0, DIGITS)}…)${until}`),
      ...uses.flatMap((use) => lines(use, room)),
    ];
  });
  const rest = left > 0 ? [`${count(left, 'use')} more had no room.`] : [];
  return `${[...(blocks.length > 0 ? blocks : ['No authority was read.']), ...rest].join('\n')}\n`;
}

function lines({ cluster, group, server, callers, changed, examples }: AuthorityUse, room: number): string[] {
  const place = [cluster, group].filter((name) => name !== undefined).join(', ') || 'no cluster';
  const stale =
    changed === 0
      ? ''
      : `; on ${count(changed, 'node')} the file was changed after the kubelet had read it: restart it`;
  const text = `${place}: ${count(server, 'node')} towards the API server, ${number(callers)} towards callers (${examples[0]}${examples.length > 1 ? ', …' : ''})${stale}`;
  return wrap(printable(text), room).map((line) => `  ${line}`);
}

function number(value: number): string {
  return value.toLocaleString('en');
}

/** What `kubevigil horizon --authorities` tells: which nodes trust which certificate authority. Tested by test/cli/horizon.test.ts. */
import { count } from '../lambda/alerts/text.ts';
import { targetKeys } from '../lambda/archive/keys.ts';
import { readNodes } from '../lambda/archive/nodes.ts';
import { printable } from '../lambda/formats/text.ts';
import {
  type Authorities,
  type AuthorityUse,
  authoritiesOf,
  authorityText,
  behindText,
} from '../lambda/results/authorities.ts';
import type { ArchivedScan } from './archive.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

const WIDTH = 120;
/** Prints them, as JSON or as text. Exit code 1 where a node would drop out when an authority takes over, or must restart first. */
export async function tellAuthorities(
  { archive, summary }: ArchivedScan,
  json: boolean,
  to: Terminal,
): Promise<number> {
  const all: Authorities & { left: number } = { items: [], total: 0, behind: { items: [], total: 0 }, left: 0 };
  for (const target of summary.targets) {
    if (target.error !== undefined) continue;
    const uses = authoritiesOf({ items: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY });
    for await (const { evidence } of readNodes(archive, targetKeys(summary, target), ['evidence'])) {
      if (evidence) uses.add(evidence);
    }
    const { items, total, behind, left } = uses.result(target);
    all.items.push(...items);
    all.total += total;
    all.behind.items.push(...behind.items);
    all.behind.total += behind.total;
    all.left += left;
  }
  to.out(json ? `${JSON.stringify(all, null, 2)}\n` : page(all));
  return all.behind.total > 0 ? 1 : 0;
}

function page({ items, behind, left }: Authorities & { left: number }): string {
  const room = Math.max(40, process.stdout.columns ?? WIDTH) - 2;
  const indented = (text: string) => wrap(printable(text), room).map((line) => `  ${line}`);
  const blocks = [...Map.groupBy(items, ({ sha256 }) => sha256).values()].flatMap((uses) => {
    const [first] = uses as [AuthorityUse];
    return [printable(authorityText(first)), ...uses.flatMap((use) => indented(useText(use)))];
  });
  const late = behind.items.flatMap((each) => indented(`${behindText(each)} (${some(each.examples)})`));
  return `${[
    ...(blocks.length > 0 ? blocks : ['No authority was read.']),
    ...(late.length > 0 ? ['', 'Behind:', ...late] : []),
    ...(left > 0 ? [`${count(left, 'use')} more had no room.`] : []),
  ].join('\n')}\n`;
}

function useText({ cluster, group, server, callers, examples }: AuthorityUse): string {
  const place = [cluster, group].filter((name) => name !== undefined).join(', ') || 'no cluster';
  return `${place}: ${count(server, 'node')} towards the API server, ${callers.toLocaleString('en')} towards callers (${some(examples)})`;
}

function some([first = '', ...others]: readonly string[]): string {
  return `${first}${others.length > 0 ? ', …' : ''}`;
}

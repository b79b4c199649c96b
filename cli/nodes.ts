/** `kubevigil nodes`: who would be scanned, who not and why, before anything is sent. */
import { count } from '../lambda/alerts/text.ts';
import { printable } from '../lambda/formats/text.ts';
import { nodesOf } from '../lambda/nodes/hybrid.ts';
import { type InventoryNode, stateOutcome } from '../lambda/nodes/inventory.ts';
import { lookalikes } from '../lambda/nodes/lookalikes.ts';
import { agentOutcome } from '../lambda/nodes/outcome.ts';
import { pings } from '../lambda/nodes/run-command.ts';
import { inWords } from '../lambda/nodes/selection.ts';
import { targetClients } from '../lambda/scan/clients.ts';
import { NODE_TAGS, type Tags } from '../lambda/settings.ts';
import { ownAccount } from './account.ts';
import { run } from './command.ts';
import { readTags } from './options.ts';
import { InputError } from './problems.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';

const help = `Lists who would be scanned, who not and why, in the account of your credentials. Nothing is sent.

Usage: ${PROGRAM} nodes --aws [options]

  --tag KEY[=VALUE]     nodes with this tag, as of scan (default: what a deployed scanner selects)
  --hybrid              also managed nodes outside of EC2 (mi-…) that have the tags
  --region R            region to look at (may be repeated; default: the environment's)
  --json                print a line of JSON for each instance
  -h, --help            print this help

Exit codes: 0 it ran, 2 it could not run.
`;

const options = {
  aws: { type: 'boolean', default: false },
  tag: { type: 'string', multiple: true },
  hybrid: { type: 'boolean', default: false },
  region: { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
} as const;

/** What would become of an instance. */
type Fate = { would: 'scanned' | 'not-scanned' | 'not-selected'; why: string };
type Listed = Fate & { region: string; node: InventoryNode };

/** Runs the command. */
export async function nodesCommand(args: string[], to: Terminal = terminal): Promise<number> {
  return run('nodes', { args, help, options }, to, async ({ values }) => {
    if (!values.aws) throw new InputError('nodes looks at a real account: say --aws');
    const tags: Tags = values.tag ? readTags(values.tag) : NODE_TAGS;
    const { account, regions } = await ownAccount(values.region);
    const listed: Listed[] = [];
    for (const region of regions) listed.push(...(await fates({ account, region }, tags, values.hybrid)));
    if (values.json) for (const each of listed) to.out(`${JSON.stringify(each)}\n`);
    else to.out(page(listed, tags));
    return 0;
  });
}

/** Everybody that the tags select, and who looks like a node and is not selected. */
async function fates(target: { account: string; region: string }, tags: Tags, hybridNodes: boolean): Promise<Listed[]> {
  const { ec2, ssm } = targetClients(target, 'listing');
  const selected: InventoryNode[] = [];
  for await (const node of nodesOf({ ec2, ssm }, { tags, hybridNodes })) selected.push(node);
  const agents = await pings(
    ssm,
    selected.flatMap(({ id, state }) => (state === undefined ? [id] : [])),
  );
  const listed = selected.map((node): Listed => {
    const outcome = stateOutcome(node, node) ?? agentOutcome(agents.get(node.id), node.operator);
    const fate: Fate = outcome
      ? { would: 'not-scanned', why: outcome.detail }
      : { would: 'scanned', why: 'It runs, and its agent is online.' };
    return { region: target.region, node, ...fate };
  });
  const ids = new Set(selected.map(({ id }) => id));
  const clusters = new Set(selected.flatMap(({ cluster }) => cluster ?? []));
  for await (const { node, evidence } of lookalikes(ec2, tags, { ids, clusters })) {
    listed.push({ region: target.region, node, would: 'not-selected', why: `It looks like a node: ${evidence}.` });
  }
  return listed;
}

const TITLES: readonly [Fate['would'], string][] = [
  ['scanned', 'would be scanned'],
  ['not-scanned', 'would be listed as unreachable'],
  ['not-selected', 'would not be scanned, because the tags do not select them'],
];

function page(listed: readonly Listed[], tags: Tags): string {
  const parts = TITLES.map(([would, title]) => {
    const some = listed.filter((each) => each.would === would);
    const lines = some.map(({ region, node: { id, name = '', cluster = '' }, why }) => {
      const words = [region, id, name, cluster, ...(would === 'scanned' ? [] : [why])];
      return `  ${words.filter(Boolean).map(printable).join('  ')}\n`;
    });
    return `${count(some.length, 'instance')} ${title}${some.length > 0 ? `:\n${lines.join('')}` : '.\n'}`;
  });
  return `Selected by ${printable(inWords(tags))}\n\n${parts.join('\n')}\nNothing was sent.\n`;
}

/** EC2: DescribeInstances, in EC2's own query protocol (API version 2016-11-15). */
import { failure, notImplemented } from './failure.ts';
import type { Node } from './options.ts';
import type { Operation, Service } from './service.ts';
import type { TargetState } from './state.ts';
import { fingerprint, pageOf, sizeOf, writeToken } from './token.ts';
import { element, wrap } from './xml.ts';

/** MaxResults of DescribeInstances, and values of one filter (EC2 user guide, "List and filter your resources"). */
const PAGE = { smallest: 5, largest: 1000 };
const FILTER_VALUES = 200;

/** Codes of the low byte of instance-state-code (reference of InstanceState). */
const STATE_CODES = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const;

type Filter = { name: string; values: string[] };

/** EC2 knows nothing of managed nodes that are none of its own. */
const isInstance = ({ instanceId }: Node) => instanceId.startsWith('i-');

/**
 * Every instance of the target, also terminated ones; without MaxResults all in one answer. Errors:
 * InvalidParameterValue, InvalidParameterCombination, InvalidInstanceID.Malformed and .NotFound, InvalidNextToken.
 */
const describeInstances: Operation = ({ input, target, state }) => {
  const { filters, instanceIds, includeManaged, maxResults, nextToken } = readRequest(input as Record<string, string>);
  const print = fingerprint('DescribeInstances', filters, includeManaged);
  const { pageSize, emptyFirstPages } = state.options;
  const page = pageOf(nextToken, print, sizeOf(maxResults, pageSize?.ec2, Number.POSITIVE_INFINITY), emptyFirstPages);
  if (!page) throw failure(400, 'InvalidNextToken', 'The specified NextToken is not valid.');
  const nodes = instanceIds.length > 0 ? findAll(instanceIds, target.byId) : namedBy(filters, target);
  const matches = filters.map(matcher);
  const items: string[] = [];
  let next = page.start;
  for (; next < nodes.length && items.length < page.size; next++) {
    const node = nodes[next] as Node;
    if (isInstance(node) && (includeManaged || !node.hidden) && matches.every((match) => match(node)))
      items.push(reservation(node, target, state.startedAt));
  }
  const token = next < nodes.length ? writeToken(next, print) : undefined;
  return wrap('reservationSet', ...items) + element('nextToken', token);
};

/** What can match: the instances that a filter names without wildcards, so that thousands of them are not looked through for a few. */
function namedBy(filters: readonly Filter[], target: Pick<TargetState, 'nodes' | 'byId'>): readonly Node[] {
  const ids = filters.find(({ name }) => name === 'instance-id')?.values ?? ['*'];
  if (ids.some((id) => /[*?\\]/.test(id))) return target.nodes;
  return [...new Set(ids)].flatMap((id) => target.byId.get(id) ?? []);
}

function readRequest(input: Record<string, string>) {
  const filters: Filter[] = [];
  const instanceIds: string[] = [];
  let includeManaged = false;
  let maxResults: number | undefined;
  let nextToken: string | undefined;
  for (const [name, value] of Object.entries(input)) {
    const filter = /^Filter\.(\d{1,3})\.(Name|Value\.\d{1,4})$/.exec(name);
    if (filter) {
      const index = Number(filter[1]) - 1;
      filters[index] ??= { name: '', values: [] };
      if (filter[2] === 'Name') filters[index].name = value;
      else filters[index].values.push(value);
    } else if (/^InstanceId\.\d+$/.test(name)) instanceIds.push(value);
    else if (name === 'IncludeManagedResources') includeManaged = value === 'true';
    else if (name === 'MaxResults') maxResults = readMaxResults(value);
    else if (name === 'NextToken') nextToken = value;
    else throw notImplemented(`the parameter ${name} of DescribeInstances`);
  }
  if (maxResults !== undefined && instanceIds.length > 0) {
    const message = 'The parameter instancesSet cannot be used with the parameter maxResults';
    throw failure(400, 'InvalidParameterCombination', message);
  }
  return { filters, instanceIds, includeManaged, maxResults, nextToken };
}

function readMaxResults(value: string): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= PAGE.smallest && number <= PAGE.largest) return number;
  const message = `Value ( ${value} ) for parameter maxResults is invalid. Expecting a value between ${PAGE.smallest} and ${PAGE.largest}.`;
  throw failure(400, 'InvalidParameterValue', message);
}

function findAll(instanceIds: string[], byId: Map<string, Node>): Node[] {
  const malformed = instanceIds.find((id) => !/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
  if (malformed !== undefined) throw failure(400, 'InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`);
  const missing = instanceIds.filter((id) => !byId.has(id));
  if (missing.length === 0) return instanceIds.map((id) => byId.get(id) as Node);
  const [are, ids] = missing.length === 1 ? ['', `ID '${missing[0]}' does`] : ['s', `IDs '${missing.join(', ')}' do`];
  throw failure(400, 'InvalidInstanceID.NotFound', `The instance${are} ${ids} not exist`);
}

/** One filter as a test; values are ORed and may hold the wildcards * and ?. */
function matcher({ name, values }: Filter): (node: Node) => boolean {
  if (name === '') throw failure(400, 'InvalidParameterValue', 'The filter name must not be empty');
  if (values.length === 0) throw failure(400, 'InvalidParameterValue', `The filter '${name}' needs a value`);
  if (values.length > FILTER_VALUES) {
    throw failure(
      400,
      'FilterLimitExceeded',
      `The maximum number of filter values specified on a single call is ${FILTER_VALUES}`,
    );
  }
  const matches = anyOf(values);
  if (name === 'instance-id') return ({ instanceId }) => matches(instanceId);
  if (name === 'instance-state-name') return ({ state = 'running' }) => matches(state);
  if (name === 'tag-key') return ({ tags }) => Object.keys(tags).some(matches);
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return ({ tags }) => Object.hasOwn(tags, key) && matches(tags[key] as string);
  }
  throw notImplemented(`the filter ${name} of DescribeInstances`);
}

function anyOf(values: string[]): (text: string) => boolean {
  const exact = new Set(values.filter((value) => !/[*?\\]/.test(value)));
  const patterns = values.filter((value) => /[*?\\]/.test(value)).map(wildcard);
  return (text) => exact.has(text) || patterns.some((pattern) => pattern.test(text));
}

/** `*` is any text, `?` one character, a backslash takes the next one literally. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\(.)|[\s\S]/g, (character, escaped?: string) => {
    if (escaped !== undefined) return escapeRegExp(escaped);
    return character === '*' ? '[\\s\\S]*' : character === '?' ? '[\\s\\S]' : escapeRegExp(character);
  });
  return new RegExp(`^${source}$`);
}

function escapeRegExp(character: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character;
}

function reservation(node: Node, { account, region }: { account: string; region: string }, startedAt: Date): string {
  const { instanceId, tags, state = 'running', platform = 'Linux' } = node;
  const suffix = instanceId.slice(2);
  const gone = state === 'terminated';
  const tagItems = Object.entries(tags).map(([key, value]) =>
    wrap('item', element('key', key), element('value', value)),
  );
  const instance = wrap(
    'item',
    element('instanceId', instanceId),
    element('imageId', node.imageId ?? 'ami-00000000000000000'),
    wrap('instanceState', element('code', STATE_CODES[state]), element('name', state)),
    element('privateDnsName', gone ? '' : (node.privateDnsName ?? `${instanceId}.${region}.compute.internal`)),
    element('dnsName', ''),
    element('amiLaunchIndex', 0),
    element('instanceType', node.instanceType ?? 'm6i.large'),
    element('launchTime', (node.launchTime ?? startedAt).toISOString()),
    wrap('placement', element('availabilityZone', `${region}a`), element('tenancy', 'default')),
    platform === 'Windows' ? element('platform', 'windows') : '',
    wrap('monitoring', element('state', 'disabled')),
    gone ? '' : element('privateIpAddress', node.privateIpAddress),
    gone ? '' : attached(region),
    element('architecture', 'x86_64'),
    node.stateReason
      ? wrap('stateReason', element('code', node.stateReason), element('message', node.stateReason))
      : '',
    node.operator ? wrap('operator', element('managed', 'true'), element('principal', node.operator)) : '',
    element('rootDeviceType', 'ebs'),
    tagItems.length > 0 ? wrap('tagSet', ...tagItems) : '',
    element('platformDetails', platform === 'Windows' ? 'Windows' : 'Linux/UNIX'),
  );
  const owner = element('reservationId', `r-${suffix}`) + element('ownerId', account);
  return wrap('item', owner, wrap('groupSet'), wrap('instancesSet', instance));
}

/** What makes most of a real answer: disks and network interfaces with names, states and operators of their own. */
function attached(region: string): string {
  const addresses = ['10.0.255.1', '10.0.255.2'].map((address, index) =>
    wrap(
      'item',
      element('privateIpAddress', address),
      element('privateDnsName', `interface.${region}.compute.internal`),
      element('primary', index === 0),
    ),
  );
  const status = element('status', 'attached');
  return (
    wrap('blockDeviceMapping', wrap('item', element('deviceName', '/dev/xvda'), wrap('ebs', status))) +
    wrap(
      'networkInterfaceSet',
      wrap(
        'item',
        element('privateDnsName', `interface.${region}.compute.internal`),
        wrap('attachment', status),
        wrap('operator', element('managed', true), element('principal', 'interface.amazonaws.com')),
        wrap('privateIpAddressesSet', ...addresses),
      ),
    ) +
    wrap('metadataOptions', element('state', 'applied'), element('httpTokens', 'required'))
  );
}

export const ec2: Service = {
  protocol: 'ec2',
  namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  operations: { DescribeInstances: describeInstances },
};

/**
 * Who is told of what: the routes of the settings give teams messages of their own, and what none of them takes goes to the
 * scanner's own topic. Tested by test/scan/routes.test.ts.
 */
import { isAtLeast, type Severity } from '../criteria/rule.ts';
import { like } from '../judging/waive.ts';
import { inWords, isSelected } from '../nodes/selection.ts';
import type { NodeIdentity } from '../results/node-line.ts';
import type { ScanSettings } from '../settings.ts';

export type Route = NonNullable<ScanSettings['routes']>[number];

type Tags = Readonly<Record<string, string>>;
type Routed = Pick<NodeIdentity, 'cluster' | 'account'>;

/** What is not known of a node, because it is silent, gone or not judged, is as severe as this. */
const UNKNOWN: Severity = 'high';

/** The topics of all messages: the scanner's own first, then those of the routes. */
export function topicsOf({ topicArn, routes = [] }: Pick<ScanSettings, 'topicArn' | 'routes'>): string[] {
  return [...new Set([topicArn, ...routes.map((route) => route.topicArn)])];
}

/** Whether any route must know the tags of nodes. */
export function needsTags({ routes = [] }: Pick<ScanSettings, 'routes'>): boolean {
  return routes.some(({ tags }) => tags !== undefined);
}

/**
 * The topic of what is so severe on a node, or of what is not known of it: that of the first route that takes it, else the
 * scanner's own.
 */
export function topicFor(
  { topicArn, routes = [] }: Pick<ScanSettings, 'topicArn' | 'routes'>,
  node: Routed,
  tags: Tags,
  severity: Severity = UNKNOWN,
): string {
  const route = routes.find((one) => takesNode(one, node, tags) && isAtLeast(severity, one.minSeverity ?? 'low'));
  return route?.topicArn ?? topicArn;
}

function takesNode({ accounts, clusters, tags: wanted }: Route, { account, cluster }: Routed, tags: Tags): boolean {
  return (
    (accounts === undefined || (account !== undefined && accounts.includes(account))) &&
    (clusters === undefined || (cluster !== undefined && clusters.some((pattern) => like(pattern, cluster)))) &&
    (wanted === undefined || isSelected(wanted, tags))
  );
}

/** What a topic gets, in words: `clusters payments-*, of severity high or more; or accounts 111122223333`. */
export function routesInWords(routes: readonly Route[], topicArn: string): string {
  return routes
    .filter((route) => route.topicArn === topicArn)
    .map(({ accounts, clusters, tags, minSeverity }) =>
      [
        clusters && `clusters ${clusters.join(' or ')}`,
        accounts && `accounts ${accounts.join(' or ')}`,
        tags && `nodes with the tag ${inWords(tags)}`,
        minSeverity && `what is of severity ${minSeverity} or more`,
      ]
        .filter(Boolean)
        .join(', '),
    )
    .join('; or ');
}

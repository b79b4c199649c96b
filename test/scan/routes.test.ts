/** Who is told of what: the choice of a topic, and what arrives at each of them after real scans of small fleets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Severity } from '../../lambda/criteria/rule.ts';
import { type Route, routesInWords, topicFor, topicsOf } from '../../lambda/scan/routes.ts';
import { nights } from '../alerts/nights.ts';

const arn = (name: string) => `arn:aws:sns:eu-central-1:111122223333:${name}`;
const OWN = arn('alerts');

const cases: [string, Omit<Route, 'topicArn'>, [{ cluster?: string; account?: string }, object, Severity?], boolean][] =
  [
    ['a cluster', { clusters: ['pay*'] }, [{ cluster: 'payments' }, {}, 'low'], true],
    ['another cluster', { clusters: ['pay'] }, [{ cluster: 'payments' }, {}, 'low'], false],
    ['a node without cluster', { clusters: ['*'] }, [{}, {}, 'low'], false],
    ['an account', { accounts: ['111122223333'] }, [{ account: '111122223333' }, {}, 'low'], true],
    ['another account', { accounts: ['111122223333'] }, [{ account: '444455556666' }, {}, 'critical'], false],
    ['a tag', { tags: [{ key: 'team', values: ['data'] }] }, [{}, { team: 'data' }, 'low'], true],
    ['another value', { tags: [{ key: 'team', values: ['data'] }] }, [{}, { team: 'web' }, 'low'], false],
    ['what is as severe', { minSeverity: 'high' }, [{}, {}, 'high'], true],
    ['what is less severe', { minSeverity: 'high' }, [{}, {}, 'medium'], false],
    ['what is not known, which counts as high', { minSeverity: 'high' }, [{}, {}], true],
    ['what is not known, which is no critical', { minSeverity: 'critical' }, [{}, {}], false],
    ['all conditions', { clusters: ['a'], minSeverity: 'high' }, [{ cluster: 'a' }, {}, 'low'], false],
  ];

for (const [name, route, [node, tags, severity], isTaken] of cases) {
  test(`a route for ${name}`, () => {
    const settings = { topicArn: OWN, routes: [{ ...route, topicArn: arn('team') }] };
    const topic = topicFor(settings, node, tags as Record<string, string>, severity);
    assert.equal(topic, isTaken ? arn('team') : OWN);
  });
}

test('the first route that takes something gets it, and a topic of several routes has one message', () => {
  const routes: Route[] = [
    { clusters: ['a'], minSeverity: 'critical', topicArn: arn('pager') },
    { clusters: ['a'], topicArn: arn('a') },
    { clusters: ['b'], topicArn: arn('pager') },
  ];
  const topic = (cluster: string, severity: Severity) =>
    topicFor({ topicArn: OWN, routes }, { cluster }, {}, severity).split(':').at(-1);
  assert.deepEqual(
    [topic('a', 'critical'), topic('a', 'high'), topic('b', 'low'), topic('c', 'critical')],
    ['pager', 'a', 'pager', 'alerts'],
  );
  assert.deepEqual(topicsOf({ topicArn: OWN, routes }), [OWN, arn('pager'), arn('a')]);
  assert.equal(routesInWords(routes, arn('pager')), 'clusters a, what is of severity critical or more; or clusters b');
});

const fleet = { payments: ['good', 'good'], shop: ['good'] } as const;
const trouble = { payments: ['anonymous', 'no chains'], shop: ['anonymous', 'no agent'] } as const;
const both = [fleet, trouble].map((one) => ({ payments: [...one.payments], shop: [...one.shop] }));

test('each team gets its own message, with its own counts, and what no route takes goes to the scanner’s own topic', async () => {
  const routes = [{ clusters: ['pay*'], topicArn: arn('payments') }];
  const { elsewhere } = await nights(both, { routes });
  const { alerts, payments } = elsewhere.at(-1) ?? {};
  assert.ok(alerts && payments);
  assert.match(payments.subject, /^kubevigil payments CRITICAL: 2 new failures on 2 nodes, 1 new outlier$/);
  assert.match(
    payments.email,
    /^All 2 nodes in 111122223333 eu-central-1 checked by .*\nTold here: clusters pay\*\.$/m,
  );
  assert.doesNotMatch(payments.email, /shop/);
  assert.match(alerts.subject, /^kubevigil shop CRITICAL: \d+ new failures? on \d nodes?, 1 node newly unreachable$/);
  assert.match(alerts.email, /^Told of in messages to 1 other topic only: 2 nodes\.$/m);
  assert.doesNotMatch(alerts.email, /payments/);
  assert.notEqual(alerts.alert.dedupeId, payments.alert.dedupeId);
});

test('a route by severity takes what is urgent, and the rest of the same nodes goes on', async () => {
  const routes = [{ minSeverity: 'critical', topicArn: arn('urgent') }];
  const { elsewhere } = await nights(both, { routes });
  const { alerts, urgent } = elsewhere.at(-1) ?? {};
  assert.ok(alerts && urgent);
  const rules = ({ alert }: typeof alerts) => alert.failures.new.byRule.map(({ rule }) => rule);
  assert.deepEqual(rules(urgent), ['anonymous-auth']);
  assert.ok(rules(alerts).includes('make-iptables-util-chains') && !rules(alerts).includes('anonymous-auth'));
  assert.equal(urgent.alert.unreachable.new.total + alerts.alert.unreachable.new.total, 1, 'told once');
});

test('a topic that refuses its message keeps no other from its own, and is told', async () => {
  const routes = [{ clusters: ['payments'], topicArn: arn('payments') }];
  const { elsewhere, outcomes } = await nights(both, { routes }, 'eu-central-1:111122223333:payments"');
  assert.deepEqual(Object.keys(elsewhere.at(-1) ?? {}), ['alerts']);
  assert.match(outcomes.at(-1) ?? '', /^failed: .*AuthorizationError.* \(payments\); sent: \S+ \(alerts\)$/);
});

test('tags of nodes choose the topic too, also of a node that has left', async () => {
  const routes = [{ tags: [{ key: 'Name', values: ['payments-1'] }], topicArn: arn('payments') }];
  const { elsewhere } = await nights([{ payments: ['good', 'anonymous'] }, { payments: ['good', 'untagged'] }], {
    routes,
  });
  const { alerts, payments } = elsewhere.at(-1) ?? {};
  assert.equal(alerts, undefined);
  assert.match(payments?.subject ?? '', /: 1 node gone$/);
});

test('a team that has no node is not told where others have theirs, and misses none', async () => {
  const routes = [{ clusters: ['batch'], topicArn: arn('batch') }];
  const { elsewhere } = await nights([{ payments: ['good'] }], { routes, alertPolicy: 'failures' });
  assert.equal(elsewhere.at(-1)?.batch, undefined);
});

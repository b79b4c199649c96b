import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentOutcome, notSent, outcomeOf, withoutAnswer } from '../../lambda/nodes/outcome.ts';

test('a collector that could not run is told by its kind, its code and what SSM says of it', () => {
  const error = '\n----------ERROR-------\n';
  const cases: [code: number, output: string, expected: RegExp][] = [
    [
      126,
      `${error}sh: /var/lib/amazon/ssm/i-0/document/orchestration/1/collect/_script.sh: Permission denied\nfailed to run commands: exit status 126`,
      /exit code 126; SSM says "failed to run commands: exit status 126".*without noexec/,
    ],
    [
      1,
      'Plugin with name aws:runShellScript not found. Step name: collect',
      /SSM says "Plugin with name.*full or read-only disk/,
    ],
    [
      1,
      `${error}write /var/lib/amazon/ssm/_script.sh: no space left on device`,
      /no space left.*full or read-only disk/,
    ],
    [1, 'document worker timed out', /SSM says "document worker timed out".*restart its SSM agent/],
    [-1, `${error}failed to run commands: signal: killed`, /status "Failed"; SSM says.*out-of-memory/],
    [137, '', /exit code 137; SSM says nothing more\).*out-of-memory/],
    [127, `${error}fork/exec /bin/sh: no such file or directory`, /no \/bin\/sh/],
    [
      1,
      `${error}New-Object : Cannot create type. Only core types are supported in this language mode.`,
      /A policy of this node keeps PowerShell/,
    ],
    [3, 'half an answer', /exit code 3; SSM says "half an answer"\).*runbook/],
  ];
  for (const [code, output, expected] of cases) {
    const outcome = withoutAnswer('Failed', code, output);
    assert.equal(outcome.reason, 'bad-answer');
    assert.equal(outcome.again, true);
    assert.match(outcome.detail, expected);
  }
});

test('what SSM repeats is bounded, quoted, and without what looks like a secret', () => {
  const { detail } = withoutAnswer(
    'Failed',
    1,
    `"\u001b[31m Authorization: Bearer ${'a'.repeat(40)} ${'x'.repeat(5_000)}`,
  );
  assert.ok(detail.length < 500, detail);
  assert.ok(!detail.includes('\u001b'));
  assert.doesNotMatch(detail, /aaaa/);
});

test('a node to which SSM sent nothing is told how its command ended', () => {
  assert.match(notSent(['Rate Exceeded']).detail, /ended as "Rate Exceeded" \(its targets were more than/);
  assert.match(notSent(['NoInstancesInTag', 'Success']).detail, /ended as "NoInstancesInTag" \(it found no managed/);
  assert.match(notSent(['Incomplete', 'Cancelled', 'Cancelled']).detail, /"Incomplete".*, "Cancelled" \(somebody/);
  assert.match(notSent(['Failed', 'Success']).detail, /online\.$/);
});

test('silence that may pass is worth asking again, a refusal is not', () => {
  const again = (status: string) => outcomeOf(status)?.again === true;
  for (const status of ['Delivery Timed Out', 'ExecutionTimedOut', 'Undeliverable', 'Terminated', 'Cancelled', 'Odd']) {
    assert.equal(again(status), true, status);
  }
  for (const status of ['Access Denied', 'InvalidPlatform']) assert.equal(again(status), false, status);
  assert.equal(outcomeOf('Success'), undefined);
});

test('agents that are not online are told apart', () => {
  assert.equal(agentOutcome('Online'), undefined);
  assert.equal(agentOutcome('ConnectionLost')?.reason, 'connection-lost');
  assert.match(agentOutcome(undefined)?.detail ?? '', /AmazonSSMManagedInstanceCore/);
  const auto = agentOutcome(undefined, 'eks.amazonaws.com')?.detail ?? '';
  assert.match(auto, /^EKS Auto Mode manages this instance/);
  assert.match(auto, /configz/);
  const other = agentOutcome(undefined, 'ecs.amazonaws.com')?.detail ?? '';
  assert.match(other, /^ecs\.amazonaws\.com manages this instance/);
  for (const each of [auto, other]) assert.doesNotMatch(each, /install/);
});

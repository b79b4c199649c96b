/** What must hold after any night, whatever went wrong. Throws an AssertionError that says what does not. */
import assert from 'node:assert/strict';
import { type Night, runNight } from './night.ts';
import type { Outcome, Plan, PlannedNode } from './plan.ts';

export async function checkNight(plan: Plan, folder: string): Promise<void> {
  const night = await runNight(plan, folder);
  assert.deepEqual(night.problems, [], 'the archive verifies');
  checkAlert(plan, night);
  if (plan.denied === 'findings/') {
    assert.equal(night.result.failedTargets, 1, 'a target without findings is told as failed');
    return;
  }
  assert.equal(night.result.failedTargets, 0);
  assert.equal(night.executions, plan.denied === undefined ? 1 : 2);
  checkNodes(plan, night);
  assert.equal(new Set(night.commands).size, night.commands.length, 'no command is sent twice');
  // All by tags, then in batches those that have not answered.
  assert.ok(night.commands.length <= 2, `${night.commands.length} commands`);
}

/** Sent, perhaps twice with one id, or the failure is recorded. */
function checkAlert({ muted }: Plan, { result, messages, unheard }: Night): void {
  if (muted) {
    assert.match(result.alert, /^failed: SNS Publish was refused with 403 AuthorizationError/);
    return;
  }
  assert.match(result.alert, /^sent: /);
  assert.equal(messages.length, 1 + unheard, 'a message is repeated only where nobody said that it was taken');
  for (const { attributes } of messages) assert.equal(attributes.dedupeId?.value, result.scanId);
}

/** Every planned node once, with what became of it; no verdict without evidence. */
function checkNodes({ nodes, ends }: Plan, { lines, result }: Night): void {
  // Those that joined are known where others were asked.
  const found = new Set(lines.map(({ node }) => node.id));
  const known = nodes.filter(({ id, whenSent }) => whenSent !== 'joins' || found.has(id));
  assert.deepEqual(lines.map(({ node }) => node.id).toSorted(), known.map(({ id }) => id).toSorted());
  for (const { node, coverage, reason, findings } of lines) {
    const planned = known.find(({ id }) => id === node.id);
    const outcome = coverage === 'evaluated' ? coverage : reason;
    const right = planned && expectedOf(planned, ends);
    assert.ok(right?.includes(outcome ?? ''), `a node that ${planned?.kind} is ${outcome}`);
    assert.equal(findings.length > 0, coverage === 'evaluated', `${findings.length} findings of ${outcome}`);
  }
  assert.equal(result.totals.nodes, known.length);
  assert.equal(result.totals.evaluated, lines.filter(({ coverage }) => coverage === 'evaluated').length);
}

/** What may become of a node where commands did not reach all: its own fate, or that nothing was sent to it. */
function expectedOf({ expected, starting, whenRead }: PlannedNode, [first, second]: Plan['ends']): readonly Outcome[] {
  // Who starts late can be reached by the second wave only.
  const unsent = (starting || first) && second ? ['not-sent'] : [];
  // Nobody had asked it before it stopped.
  const gone = first && whenRead?.state === 'stopped' ? ['gone'] : [];
  return [...expected, ...unsent, ...gone];
}

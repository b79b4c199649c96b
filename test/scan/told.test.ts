/**
 * Random nights told to a Security Hub that may take, refuse, or be away: whatever it was, once it takes everything in a night it has
 * active just what that night left open, each under its first date.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import fc from 'fast-check';
import { scanKeys, targetKeys } from '../../lambda/archive/keys.ts';
import type { NodeChanges } from '../../lambda/results/compare.ts';
import { deliverElsewhere } from '../../lambda/scan/deliver.ts';
import type { Call, Fault } from '../../simulator/aws/options.ts';
import { ACCOUNT, PRODUCT, REGION, start } from '../alerts/delivery.ts';
import { histories, isRead, keep, type Night, night } from '../archive/histories.ts';
import { type MemoryArchive, memoryArchive, nightly } from '../archive/memory.ts';
import { target } from '../archive/samples.ts';

/** Each step once: what is repeated is repeated by the next night. */
const once = { step: (_: string, run: () => Promise<unknown>) => run() } as unknown as DurableContext;

const hub = fc.constantFrom('takes', 'refuses', 'away');
type Hub = typeof hub extends fc.Arbitrary<infer T> ? T : never;
const weeks = fc.tuple(histories, fc.array(hub, { minLength: 7, maxLength: 7 }), night.filter(isRead));

function faultOf({ service, input }: Call, state: Hub): Fault | undefined {
  if (service !== 'securityhub' || state === 'takes') return undefined;
  if (state === 'away') return { status: 401, code: 'InvalidAccessException', message: 'not subscribed' };
  const { Findings } = input as { Findings: { Id: string }[] };
  const FailedFindings = Findings.map(({ Id }) => ({ Id, ErrorCode: 'InvalidInput', ErrorMessage: 'no' }));
  const body = JSON.stringify({ FailedCount: Findings.length, SuccessCount: 0, FailedFindings });
  return { status: 200, headers: { 'content-type': 'application/json', 'x-amzn-requestid': 'id' }, body };
}

/** What the last night left open: findings by their ids, and silence, with their dates. */
function openAfter({ objects }: MemoryArchive, day: number): Map<string, string> {
  const place = `${target.account}/${target.region}`;
  const bytes = objects.get(targetKeys(nightly(day), target).changes) ?? assert.fail();
  const lines = gunzipSync(bytes).toString().split('\n').filter(Boolean);
  return new Map(
    lines.flatMap((text) => {
      const { node, open, silence } = JSON.parse(text) as NodeChanges;
      const all = { ...open, ...(silence && !silence.over && { coverage: silence.since }) };
      return Object.entries(all).map(([rule, since]): [string, string] => [
        `kubevigil/${place}/${node}/${rule}`,
        since,
      ]);
    }),
  );
}

test('once Security Hub takes everything in a night, it has active what is open', async (t) => {
  let state: Hub = 'takes';
  const endpoints = await start(t, (call) => faultOf(call, state));
  const run = fc.asyncProperty(weeks, async ([nights, states, last]) => {
    const archive = memoryArchive();
    const all: [Night, Hub][] = [
      ...nights.map((each, index): [Night, Hub] => [each, states[index] ?? 'takes']),
      [last, 'takes'],
    ];
    // What was there of the history before is of another scanner.
    const name = `scanner-${endpoints.calls['securityhub.BatchImportFindings'] ?? 0}`;
    for (const [index, [each, answer]] of all.entries()) {
      state = answer;
      await keep(archive, index + 1, each);
      const manifest = scanKeys(nightly(index + 1)).manifest;
      await deliverElsewhere(once, archive, { name, productArn: PRODUCT }, manifest);
    }
    const active = endpoints
      .findings(ACCOUNT, REGION)
      .filter(({ Id, RecordState }) => Id.startsWith(`${name}/`) && RecordState === 'ACTIVE')
      .map(({ Id, CreatedAt }): [string, string] => [Id.replace(name, 'kubevigil'), CreatedAt]);
    assert.deepEqual(active.sort(), [...openAfter(archive, all.length)].sort());
  });
  await fc.assert(run, { numRuns: Number(process.env.KUBEVIGIL_RUNS ?? 20), seed: 11 });
});

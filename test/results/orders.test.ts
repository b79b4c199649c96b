/** Archives as scans leave them that overlap, are killed and are resumed, in any order. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LATEST } from '../../lambda/archive/keys.ts';
import type { VerifyOptions } from '../../lambda/archive/verification.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { finishedAt, startScan } from '../../lambda/scan/start.ts';
import { copyOf, keepScan, type MemoryArchive, memoryArchive } from '../archive/memory.ts';
import { evaluated, evidence, finding } from '../archive/samples.ts';
import { keySigner } from '../archive/signer.ts';

const signer = keySigner();
const answers = [{ line: evaluated('i-1', [finding('anonymous-auth', 'fail')]), evidence }];

const NIGHTS = 5;
const night = fc.nat(NIGHTS - 1);
const order = fc.shuffledSubarray([...Array(NIGHTS).keys()], { minLength: NIGHTS });

/** So often a scan writes. */
const WRITES = 12;
type Run = { night: number; byHand: boolean; writes: number };
const runs = fc.array(fc.record({ night, byHand: fc.boolean(), writes: fc.integer({ min: 1, max: WRITES }) }), {
  maxLength: 6,
});

class Killed extends Error {}

/** The archive of a process that is killed before it writes once more than so often. */
function dying(archive: MemoryArchive, writes: number): MemoryArchive {
  let left = writes;
  const live = () => {
    if (left === 0) throw new Killed();
    left -= 1;
  };
  return {
    ...archive,
    async putOnce(...written) {
      live();
      return archive.putOnce(...written);
    },
    async putLatest(...written) {
      live();
      return archive.putLatest(...written);
    },
  };
}

/** Runs a scan that resumes what an earlier one of its time has left; all of them start long after their time. */
async function run(archive: MemoryArchive, { night, byHand, writes }: Run, clock: () => Date): Promise<void> {
  const day = `2026-11-0${night + 1}`;
  const asked = byHand
    ? { scheduledTime: `${day}T02:00:30.000Z` }
    : { scheduledTime: `${day}T02:00:00.000Z`, everySeconds: 86_400 };
  const dies = dying(archive, writes);
  try {
    const start = await startScan(dies, { ...asked, resume: true, execution: 'any' }, clock);
    assert.ok('link' in start);
    const { link, claim, ...scan } = start;
    const facts = { ...scan, finishedAt: await finishedAt(dies, start, clock), settings: { expiryDays: 30 } };
    await keepScan(dies, facts, answers, signer, { link, objects: [claim] });
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

/** An archive in which every scan has ended at last, and what its `latest.json` was on the way. */
async function archiveOf(events: readonly Run[], ends: readonly number[]) {
  const archive = memoryArchive();
  const states = new Set<string>();
  let seconds = Date.parse('2026-12-01T00:00:00.000Z') / 1000;
  const clock = () => new Date(++seconds * 1000);
  const nights = ends.map((night) => ({ night, byHand: false }));
  const last = [...nights, ...events.filter(({ byHand }) => byHand)].map((each) => ({
    ...each,
    writes: Number.POSITIVE_INFINITY,
  }));
  for (const each of [...events, ...last]) {
    await run(archive, each, clock);
    const latest = archive.objects.get(LATEST);
    if (latest) states.add(latest.toString());
  }
  return { archive, states: [...states] };
}

const publicKeys = [{ pem: signer.publicKey }];
const verified = async (archive: MemoryArchive, options: VerifyOptions = {}) =>
  verifyArchive(archive, { publicKeys, now: '2027-01-01T00:00:00.000Z', ...options });

const settings = { numRuns: Number(process.env.KUBEVIGIL_RUNS ?? 25), seed: Number(process.env.KUBEVIGIL_SEED ?? 7) };

test('in whatever order scans are killed and resumed, nothing is wrong with the archive, in any range', async () => {
  await fc.assert(
    fc.asyncProperty(runs, order, async (events, ends) => {
      const { archive } = await archiveOf(events, ends);
      const { problems, notes } = await verified(archive);
      assert.deepEqual({ problems, notes }, { problems: [], notes: [] });
      for (let day = 2; day <= NIGHTS; day += 1) {
        const found = await verified(archive, { from: `2026-11-0${day}`, to: `2026-11-0${NIGHTS}T23:59:59.999Z` });
        assert.deepEqual({ day, problems: found.problems, notes: found.notes }, { day, problems: [], notes: [] });
      }
    }),
    settings,
  );
});

const tampering = fc.record({
  how: fc.constantFrom('delete', 'change', 'cut', 'swap', 'insert', 'turn back', 'delete newest'),
  which: fc.nat(),
  other: fc.nat(),
});
type Tampering = { how: string; which: number; other: number };

/** Does it to a copy of the archive; undefined where that changes nothing. */
function tampered(original: MemoryArchive, states: readonly string[], { how, which, other }: Tampering) {
  const archive = copyOf(original);
  const { objects } = archive;
  const keys = [...objects.keys()];
  const [key, second] = [keys[which % keys.length] as string, keys[other % keys.length] as string];
  const [bytes, others] = [objects.get(key) as Buffer, objects.get(second) as Buffer];
  const state = states[which % states.length] as string;
  const changed = Buffer.from(bytes);
  changed[other % bytes.length] = changed[other % bytes.length] === 126 ? 125 : 126;
  switch (how) {
    case 'delete':
      objects.delete(key);
      break;
    case 'change':
      objects.set(key, changed);
      break;
    case 'cut':
      objects.set(key, bytes.subarray(0, other % bytes.length));
      if (key === LATEST && other % bytes.length === bytes.length - 1) return undefined;
      break;
    case 'swap':
      if (bytes.equals(others)) return undefined;
      objects.set(key, others);
      objects.set(second, bytes);
      break;
    case 'insert':
      if (key === LATEST) return undefined;
      objects.set(`${key}.copy`, others);
      break;
    case 'turn back':
      // While a scan is closed latest.json has two versions, which name the same one.
      if (JSON.parse(objects.get(LATEST)?.toString() ?? '{}').manifest === JSON.parse(state).manifest) return undefined;
      objects.set(LATEST, Buffer.from(state));
      break;
    default:
      for (let left = 1 + (which % 3), at = JSON.parse(objects.get(LATEST)?.toString() ?? '').manifest; left > 0; ) {
        const manifest = objects.get(at);
        if (!manifest) break;
        const { previous, key } = JSON.parse(manifest.toString());
        for (const each of keys) if (each.startsWith(key.replace('manifest.json', ''))) objects.delete(each);
        at = previous?.key;
        left -= 1;
      }
  }
  return archive;
}

test('whatever is done to such an archive once is found', async () => {
  await fc.assert(
    fc.asyncProperty(runs, order, fc.array(tampering, { minLength: 10, maxLength: 10 }), async (events, ends, all) => {
      const { archive, states } = await archiveOf(events, ends);
      for (const each of all) {
        const other = tampered(archive, states, each);
        if (other) assert.notDeepEqual((await verified(other)).problems, [], JSON.stringify(each));
      }
    }),
    settings,
  );
});

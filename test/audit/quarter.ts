/** A quarter that a script made, kept once for all tests of a file: its folder, its keys, and what the script says of each night. */
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { writableDirectory } from '../../simulator/archive/directory.ts';
import {
  DENIED,
  type Fault,
  isThere,
  isWithin,
  keepQuarter,
  LIVES,
  type Life,
  NEW_RULES,
  nightsOfQuarter,
  TARGETS,
  WAIVERS,
} from '../../simulator/archive/quarter.ts';
import { newKey } from '../../simulator/fleet/serve.ts';

export const FROM = '2026-07-01';

/** Keeps the quarter in a new folder, with the keys beside it. */
export async function keptQuarter() {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-quarter-'));
  after(() => rmSync(folder, { recursive: true }));
  const keys = [newKey(), newKey()] as const;
  const publicKeys = keys.map((key, index) => {
    const path = join(folder, `key-${index}.pem`);
    const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
    writeFileSync(path, pem);
    return { path, pem };
  });
  const archive = join(folder, 'archive');
  await keepQuarter(writableDirectory(archive, 'reports'), keys);
  return { folder, archive, keys, publicKeys };
}

/** Days of the quarter on which a scan ran. */
export const nights = nightsOfQuarter().filter((day) => day >= FROM);

/** What the script says of a node on a day. */
export function stateOf(life: Life, day: string): 'absent' | 'not-assessed' | 'silent' | 'heard' {
  if (!isThere(life, day)) return 'absent';
  if (life.target === TARGETS[1] && isWithin(day, DENIED)) return 'not-assessed';
  return (life.silent ?? []).some(({ span }) => isWithin(day, span)) ? 'silent' : 'heard';
}

/** Whether the rules of a day find this fault on the node. */
export function fails({ faults = [] }: Life, rule: Fault, day: string): boolean {
  if (rule === 'make-iptables-util-chains' && day < NEW_RULES) return false;
  return faults.some((fault) => fault.rule === rule && isWithin(day, fault.span));
}

/** Whether a waiver of that day's file accepts it. */
export function isAccepted({ id }: Life, rule: Fault, day: string): boolean {
  return WAIVERS.some(
    (waiver) =>
      isWithin(day, waiver.span) &&
      day <= waiver.until &&
      waiver.nodes.id?.includes(id) === true &&
      (waiver.rule === 'cis-kubernetes-1.5.1/4.2.1' ? 'anonymous-auth' : waiver.rule) === rule,
  );
}

export const lives: readonly Life[] = LIVES;

/** What verifying an archive is asked, and what it finds. Tested by test/archive/verify.test.ts. */
import type { Catalog } from '../results/catalog.ts';
import type { EvidenceLine } from '../results/evidence-line.ts';
import type { NodeLine } from '../results/node-line.ts';
import type { Summary } from '../results/summary.ts';

/**
 * Judges a node again as the scan did. `now` is the scan's start in seconds since the epoch, `settings` what the scan
 * was asked with.
 */
export type Judge = (line: EvidenceLine, scan: { now: number; settings: Summary['settings'] }) => NodeLine;

/**
 * What can be wrong with an archive. `gap`: a scheduled scan is not there. `lie`: objects of signed scans contradict each other.
 * `newer`: a newer version made it, and this one cannot tell.
 */
export type ProblemKind =
  | 'missing'
  | 'changed'
  | 'moved'
  | 'inserted'
  | 'signature'
  | 'chain'
  | 'gap'
  | 'unsealed'
  | 'lie'
  | 'newer'
  | 'rules'
  | 'replay';

/** One thing that is wrong: where, and one sentence; of a `gap` also when the scan was due, ISO 8601. */
export type Problem = { kind: ProblemKind; key: string; text: string; due?: string };

export type CheckStamp = (stamp: Buffer, said: { sha256: string; time: string }) => Promise<string | undefined>;

/** PEM of a key that may have signed, and when: ISO 8601, both ends included. */
export type TrustedKey = { pem: string; from?: string; to?: string };

export type VerifyOptions = {
  /** Only scans scheduled in this range, both ends included. ISO 8601. */
  from?: string;
  to?: string;
  /** PEM of the keys that may have signed; without any the archive can only be compared with itself. */
  publicKeys?: readonly TrustedKey[];
  /** What reports say about rules, to write them again; by default that of this version. */
  catalog?: Catalog;
  /** ISO 8601; by default the time at which it runs. */
  now?: string;
  /** Scans that are not signed are no problem. */
  unsigned?: boolean;
  /** SHA-256 of manifests as somebody outside kept them, by scan id. */
  anchors?: ReadonlyMap<string, string>;
  /** Recomputes each verdict. */
  judge?: Judge;
  /**
   * Says why a time stamp (its bytes, the SHA-256 that was stamped and when, ISO 8601) is not signed by an authority that is
   * trusted; undefined: it is. Absent: who signed is not checked.
   */
  checkStamp?: CheckStamp;
  /** Looks at the objects of this part of the scans only, counted from 0, so that several threads share an archive. */
  part?: { number: number; of: number };
  /** Told before each scan. */
  onScan?: (scan: { scanId: string; number: number; of: number }) => void;
};

export type Verification = {
  scans: number;
  /** When the newest scan was scheduled that was verified. */
  newest?: string;
  objects: number;
  bytes: number;
  /** Verdicts that were recomputed. */
  verdicts: number;
  problems: Problem[];
  /** What the reader should know although nothing is wrong. */
  notes: string[];
};

/** What parts of one archive were found to be, put together: what each of them found, once, in the order of the scans. */
export function joinParts(parts: readonly Verification[]): Verification {
  const sum = (name: 'scans' | 'objects' | 'bytes' | 'verdicts') =>
    parts.reduce((total, part) => total + part[name], 0);
  const newest = parts.flatMap((part) => part.newest ?? []).sort();
  const problems = new Map(
    parts.flatMap((part) => part.problems).map((problem) => [JSON.stringify(problem), problem] as const),
  );
  return {
    scans: sum('scans'),
    ...(newest.length > 0 && { newest: newest.at(-1) as string }),
    objects: sum('objects'),
    bytes: sum('bytes'),
    verdicts: sum('verdicts'),
    problems: [...problems.values()],
    notes: [...new Set(parts.flatMap((part) => part.notes))],
  };
}

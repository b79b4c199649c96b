/** What verifying an archive is asked, and what it finds. Tested by test/archive/verify.test.ts. */
import type { Catalog } from '../results/catalog.ts';
import type { NodeChanges } from '../results/compare.ts';
import type { EvidenceLine } from '../results/evidence-line.ts';
import type { NodeLine } from '../results/node-line.ts';
import type { Summary } from '../results/summary.ts';
import type { Target } from '../settings.ts';
import type { Manifest } from './manifest.ts';

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

/**
 * Told what the scans of a range say, each in the order of its time, while they are verified: the scan, its nodes target by target, its end.
 * What a scan with a problem says counts nowhere, and it may lack nodes or an end.
 */
export type Observer = {
  scan(manifest: Manifest): void;
  /** `late`: it joined after the inventory was made. Without a line: what changed of one that is lost or absent. */
  node(target: Target, node: { line?: NodeLine; changes?: NodeChanges; late: boolean }): void;
  targetEnds(target: Target): void;
  scanEnds(): void;
};

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
  /**
   * Of which scans reports (CSV, page and others) are written again and compared byte for byte; by default of all. Of the others
   * they must be what their manifests say.
   */
  writesAgain?: (manifest: Manifest) => boolean;
  /** Told what scans say while they are verified, so that nobody reads them twice. */
  observer?: Observer;
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
  /** Folders of scans that are older than what the bucket keeps, and of which a part is gone: they were not verified. */
  expired: string[];
};

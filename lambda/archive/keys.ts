/**
 * The archive's layout: every key and every file's name is built and read here and nowhere else, but for the names of
 * reports, which their formats have.
 *
 *     scans/2026/11/23/<scanId>/findings/<account>-<region>.ndjson.gz
 *     latest.json
 */
import { ArchiveError } from '../results/errors.ts';
import type { ScanName } from '../results/shapes.ts';
import type { Target } from '../settings.ts';

/** The only key that is ever overwritten. */
export const LATEST = 'latest.json';

/** What the keys of all scans begin with. */
export const SCANS = 'scans/';

/** Names of the files that a scan has once. */
export const FILES = {
  /** Which execution scans this scheduled time. */
  claim: 'claim.json',
  /** The accounts and regions that it had to account for. */
  targets: 'targets.json',
  summary: 'summary.json',
  manifest: 'manifest.json',
  /** DER form of the ECDSA signature over manifest.json, as openssl reads it. */
  signature: 'manifest.json.sig',
  publicKey: 'public-key.pem',
  /** The in-toto statement in its DSSE envelope. */
  statement: 'statement.dsse.json',
} as const;

const LINES = '.ndjson.gz';

const SCAN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/;
const FOLDER = /^scans\/\d{4}\/\d{2}\/\d{2}\/([^/]+)\//;
const TARGET_FILE = /^(inventory|unselected|evidence|findings|changes)\/(?:(\d{12})-([^/]+)\.ndjson\.gz$)?/;

/** The folder of the scans of a day in UTC, `2026-11-23`, without a slash at its end. */
export function dayFolder(date: string): string {
  return `${SCANS}${date.replaceAll('-', '/')}`;
}

/**
 * The folder of a scan, with a slash at its end. The date is the scheduled one in UTC, so that a late or repeated
 * start of the same scan writes to the same place. Throws an ArchiveError for a name that no scan has, as a forged object may.
 */
export function scanFolder({ scanId, scheduledAt }: ScanName): string {
  if (!SCAN_ID.test(scanId)) {
    throw new ArchiveError(`A scan id is 1 to 128 letters, digits, dots, dashes or underscores, not ${shown(scanId)}`);
  }
  const time = new Date(scheduledAt);
  if (Number.isNaN(time.getTime())) {
    throw new ArchiveError(`The scheduled time of scan ${scanId} must be ISO 8601, not ${shown(scheduledAt)}`);
  }
  return `${dayFolder(time.toISOString().slice(0, 10))}/${scanId}/`;
}

/** The scan's folder that a key lies in, and the id that it names; undefined for a key beside all scans. */
export function folderOf(key: string): { folder: string; scanId: string } | undefined {
  const [folder, scanId] = FOLDER.exec(key) ?? [];
  return folder === undefined || scanId === undefined ? undefined : { folder, scanId };
}

/** Keys of the objects that each target of a scan has. */
export type TargetKeys = {
  inventory: string;
  unselected: string;
  evidence: string;
  findings: string;
  changes: string;
};

/** Keys of the objects of one target. Throws an ArchiveError for a target that no scan has, as a forged summary may. */
export function targetKeys(scan: ScanName, { account, region }: Target): TargetKeys {
  if (!ACCOUNT.test(account)) throw new ArchiveError(`An account id is 12 digits, not ${shown(account)}`);
  if (!REGION.test(region)) throw new ArchiveError(`A region looks like eu-central-1, not ${shown(region)}`);
  return targetKeysIn(scanFolder(scan), `${account}-${region}${LINES}`);
}

/** What a key of `targetKeys` is, with the keys beside it; without a target where it names none. */
export type TargetKey = { of: keyof TargetKeys; target?: Target; beside: TargetKeys };

/** Reads a key of `targetKeys`; undefined for another key. */
export function readTargetKey(key: string): TargetKey | undefined {
  const { folder } = folderOf(key) ?? {};
  const [start, of, account, region] = (folder && TARGET_FILE.exec(key.slice(folder.length))) || [];
  if (folder === undefined || start === undefined) return undefined;
  const beside = targetKeysIn(folder, key.slice(folder.length + `${of}/`.length));
  const target = account !== undefined && region !== undefined && { target: { account, region } };
  return { of: of as keyof TargetKeys, ...target, beside };
}

function targetKeysIn(folder: string, file: string): TargetKeys {
  return {
    inventory: `${folder}inventory/${file}`,
    unselected: `${folder}unselected/${file}`,
    findings: `${folder}findings/${file}`,
    evidence: `${folder}evidence/${file}`,
    changes: `${folder}changes/${file}`,
  };
}

/** Keys of what a target's nodes answered, in the order of reading, before evidence is made of it. Waves count from 1. */
export function answerKeys(scan: ScanName, target: Target) {
  const folder = `${scanFolder(scan)}answers/`;
  const name = targetKeys(scan, target).evidence.split('/').at(-1) ?? '';
  return {
    folder,
    /** The end of each of the target's keys. */
    name,
    /** What a wave of asking has read; blocks count from 1. */
    block: (wave: number, block: number) => `${folder}${wave}-${block}/${name}`,
    /** Whom a later wave asks. */
    again: (wave: number) => `${folder}${wave}-asked/${name}`,
  };
}

/** Keys of the objects that a scan has once. */
export type ScanKeys = Record<keyof typeof FILES, string>;

/** Keys of the objects that a scan has once. */
export function scanKeys(scan: ScanName): ScanKeys {
  return scanKeysIn(scanFolder(scan));
}

/** The same for the folder of a scan. */
export function scanKeysIn(folder: string): ScanKeys {
  const { claim, targets, summary, manifest, signature, publicKey, statement } = FILES;
  return {
    claim: folder + claim,
    targets: folder + targets,
    summary: folder + summary,
    manifest: folder + manifest,
    signature: folder + signature,
    publicKey: folder + publicKey,
    statement: folder + statement,
  };
}

/** Whether a manifest belongs under this key, as it says itself and by its scan; false where even that has a forged name. */
export function isAtItsPlace(manifest: ScanName & { key: string }, key: string): boolean {
  try {
    return manifest.key === key && scanKeys(manifest).manifest === key;
  } catch {
    return false;
  }
}

/** The key of a scan's signature, by that of its manifest. */
export function signatureKey(manifest: string): string {
  return manifest + FILES.signature.slice(FILES.manifest.length);
}

/** The key of the answer of the n-th time stamp authority, from 1 on, by that of the manifest. */
export function timestampKey(manifest: string, number: number): string {
  return `${manifest}.${number}.tsr`;
}

/** The key of the receipt of Security Hub, by that of the manifest. */
export function receiptKey(manifest: string): string {
  return manifest.replace(/[^/]*$/, 'security-hub.json');
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

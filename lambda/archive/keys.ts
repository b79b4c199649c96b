/**
 * The archive's layout: every key is built here and nowhere else.
 *
 *     scans/2026/11/23/<scanId>/findings/<account>-<region>.ndjson.gz
 *     latest.json
 */

import type { ScanName } from '../results/shapes.ts';
import type { Target } from '../settings.ts';

/** The only key that is ever overwritten. */
export const latestKey = 'latest.json';

const scanIdForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const accountForm = /^\d{12}$/;
const regionForm = /^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/;

/**
 * The folder of a scan, with a slash at its end. The date is the scheduled one in UTC, so that a late or repeated
 * start of the same scan writes to the same place.
 */
export function scanFolder({ scanId, scheduledAt }: ScanName): string {
  if (!scanIdForm.test(scanId)) {
    throw new TypeError(`A scan id is 1 to 128 letters, digits, dots, dashes or underscores, not ${quote(scanId)}.`);
  }
  const time = new Date(scheduledAt);
  if (Number.isNaN(time.getTime())) {
    throw new TypeError(`The scheduled time of scan ${scanId} must be ISO 8601, not ${quote(scheduledAt)}.`);
  }
  return `scans/${time.toISOString().slice(0, 10).replaceAll('-', '/')}/${scanId}/`;
}

/** `123456789012-eu-central-1`, as it stands in keys. */
export function targetName({ account, region }: Target): string {
  if (!accountForm.test(account)) throw new TypeError(`An account id is 12 digits, not ${quote(account)}.`);
  if (!regionForm.test(region)) throw new TypeError(`A region looks like eu-central-1, not ${quote(region)}.`);
  return `${account}-${region}`;
}

/** The target that a key of `targetKeys` names; undefined for another key. */
export function targetOf(key: string): Target | undefined {
  const [, account, region] = /\/(\d{12})-([^/]+)\.ndjson\.gz$/.exec(key) ?? [];
  return account === undefined || region === undefined ? undefined : { account, region };
}

/** Keys of the objects that each target of a scan has. */
export function targetKeys(scan: ScanName, target: Target) {
  const folder = scanFolder(scan);
  const name = targetName(target);
  return {
    inventory: `${folder}inventory/${name}.ndjson.gz`,
    findings: `${folder}findings/${name}.ndjson.gz`,
    evidence: `${folder}evidence/${name}.ndjson.gz`,
    changes: `${folder}changes/${name}.ndjson.gz`,
  };
}

/** Keys of the objects that a scan has once. */
export function scanKeys(scan: ScanName) {
  const folder = scanFolder(scan);
  return {
    /** Which execution scans this scheduled time. */
    claim: `${folder}claim.json`,
    summary: `${folder}summary.json`,
    manifest: `${folder}manifest.json`,
    /** DER form of the ECDSA signature over manifest.json, as openssl reads it. */
    signature: `${folder}manifest.json.sig`,
    publicKey: `${folder}public-key.pem`,
  };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/**
 * The setting `copy`: a second account, in which a copy of the archive is kept. Tested by test/infra/copy-stack.test.ts.
 * Sources: S3 user guide, "What does Amazon S3 replicate?" (replicas keep the lock of their originals, whatever the default of
 * their bucket), "Replicating encrypted objects" (the key of replicas is in their bucket's region).
 */
import * as v from 'valibot';
import { account, object, region } from '../lambda/settings.ts';
import { keyArn } from './existing.ts';
import { partitionOf } from './partitions.ts';

/** What people write under `copy`. */
export const copy = object(
  {
    account,
    region,
    /** What the stack of the copy gives as KeyArn; absent: it is not deployed yet, and nothing is copied. */
    keyArn: v.optional(keyArn),
  },
  'an object with account, region and, once its stack is deployed, keyArn',
);

export type Copy = v.InferOutput<typeof copy>;

type Places = {
  copy?: Copy | undefined;
  hub?: { account: string; region: string } | undefined;
  existing: { bucket?: string | undefined };
  retention: { mode: string };
};

/** Why a copy cannot be kept as the settings say, a line each. */
export function mistakesInCopy({ copy, hub, existing, retention }: Places): string[] {
  if (copy === undefined) return [];
  const lines: string[] = [];
  if (hub === undefined) {
    lines.push('kubevigil.hub must be the account and region of the scanner itself where copy is set, but is missing');
  } else {
    if (copy.account === hub.account) {
      lines.push(
        `kubevigil.copy.account must be another account than the scanner's, whose owner the copy is kept from, but is ${copy.account} too`,
      );
    }
    const [home, there] = [partitionOf(hub.region), partitionOf(copy.region)];
    if (home !== there) {
      lines.push(
        `kubevigil.copy.region must be in the partition of the scanner, ${home.name}, but ${copy.region} is in ${there.name}`,
      );
    }
  }
  if (retention.mode !== 'compliance') {
    lines.push(
      `kubevigil.retention.mode must be compliance where copy is set, because copies keep the lock of their originals, but is ${retention.mode}`,
    );
  }
  if (existing.bucket !== undefined) {
    lines.push('kubevigil.copy must not be set with existing.bucket: its owner adds the rule that replicates it');
  }
  const place = `${copy.region}:${copy.account}`;
  if (copy.keyArn !== undefined && copy.keyArn.split(':').slice(3, 5).join(':') !== place) {
    lines.push(`kubevigil.copy.keyArn must be in the region and account of the copy, ${place}, but is ${copy.keyArn}`);
  }
  return lines;
}

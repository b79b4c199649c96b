/**
 * Beside a sealed scan: that Security Hub took its findings, so that the next scan knows what is still owed. It proves nothing
 * else, and is held to the manifest beside it. Tested by test/archive/receipt.test.ts.
 */
import * as v from 'valibot';
import { ArchiveError } from '../results/errors.ts';
import { parseDocument } from '../results/lines.ts';
import { digest } from '../results/shapes.ts';
import { inMemory, sha256 } from './content.ts';
import { receiptKey } from './keys.ts';
import type { Manifest } from './manifest.ts';
import { brokenArchive, walkBack } from './previous.ts';
import { type Archive, readBytes, type WritableArchive } from './store.ts';

export const ReceiptSchema = v.pipe(
  v.strictObject({
    format: v.literal(1),
    scanId: v.string(),
    manifest: v.pipe(digest, v.description("Of the manifest's bytes.")),
    productArn: v.pipe(v.string(), v.description('Where the findings went.')),
  }),
  v.title('Receipt'),
  v.description('security-hub.json of a scan: Security Hub took its findings.'),
);

type Receipt = v.InferOutput<typeof ReceiptSchema>;

/**
 * How long ago a night may be that is still sent: by then Security Hub has deleted what nobody updated (Security Hub user guide,
 * "Reviewing findings"). And how many scans are looked at, where there are many a day.
 */
const OWED_DAYS = 90;
const MOST_OWED = 400;

/** Keeps the receipt of a scan; the same one again is no fault. */
export async function keepReceipt(archive: WritableArchive, manifestKey: string, productArn: string): Promise<void> {
  const bytes = await readBytes(archive, manifestKey);
  if (!bytes) throw new ArchiveError(`${archive.location}/${manifestKey} is not there.`);
  const scanId = manifestKey.split('/').at(-2) ?? '';
  const receipt: Receipt = { format: 1, scanId, manifest: sha256(bytes), productArn };
  await archive.putOnce(receiptKey(manifestKey), inMemory(Buffer.from(JSON.stringify(receipt))), 'application/json');
}

/** What is wrong with the receipt of a scan, or undefined. */
export async function faultOfReceipt(archive: Archive, manifest: Manifest): Promise<string | undefined> {
  const [key, bytes] = [receiptKey(manifest.key), await readBytes(archive, manifest.key)];
  try {
    const receipt = await readReceipt(archive, manifest.key);
    if (receipt?.scanId === manifest.scanId && bytes && receipt.manifest === sha256(bytes)) return undefined;
    return 'is the receipt of another scan.';
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return `cannot be read: ${error.message.replace(`${key}: `, '')}`;
  }
}

async function readReceipt(archive: Archive, manifestKey: string): Promise<Receipt | undefined> {
  const key = receiptKey(manifestKey);
  const bytes = await readBytes(archive, key);
  return bytes && parseDocument(bytes, key, ReceiptSchema);
}

/**
 * The scans whose findings Security Hub has yet to hear of, by the keys of their manifests, oldest first and the newest last; `all`:
 * it heard of none for so long that changes alone would leave gaps. A scan that ended after a later one is not among them: that one
 * was compared with what both found before, and is newer truth. A receipt that cannot be read is none.
 */
export async function owedTo(
  productArn: string,
  archive: Archive,
  newest: string,
): Promise<{ manifests: string[]; all: boolean }> {
  const walked: Manifest[] = [];
  let isTold = false;
  try {
    for await (const manifest of walkBack(archive, { key: newest }, undefined, MOST_OWED)) {
      walked.push(manifest);
      const receipt = await readReceipt(archive, manifest.key).catch(brokenArchive);
      isTold = typeof receipt === 'object' && receipt.productArn === productArn;
      const [first] = walked;
      if (isTold || Date.parse(first?.scheduledAt ?? '') - Date.parse(manifest.scheduledAt) > OWED_DAYS * 86_400_000)
        break;
    }
  } catch (error) {
    // A broken chain says no more about what was sent.
    brokenArchive(error);
  }
  const inTime = withoutBelated(walked.toReversed());
  const owed = isTold ? inTime.slice(1) : inTime.slice(-1);
  // Of a belated scan nothing is told, not even that it was.
  const manifests = owed.map(({ key }) => key);
  return { manifests: inTime.at(-1)?.key === newest ? manifests : [], all: !isTold };
}

/** Scans of a chain, oldest first, without those that ended after one that was scheduled later. */
function withoutBelated(manifests: readonly Manifest[]): Manifest[] {
  let latest = Number.NEGATIVE_INFINITY;
  return manifests.filter(({ scheduledAt }) => {
    const at = Date.parse(scheduledAt);
    if (at < latest) return false;
    latest = at;
    return true;
  });
}

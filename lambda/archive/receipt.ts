/**
 * Beside a sealed scan: that Security Hub took its findings, so that the next scan knows what is still owed. It proves nothing
 * else, and is held to the manifest beside it. Tested by test/archive/receipt.test.ts.
 */
import * as v from 'valibot';
import { ArchiveError } from '../results/errors.ts';
import { parseDocument } from '../results/lines.ts';
import { digest, time } from '../results/shapes.ts';
import { inMemory, sha256 } from './content.ts';
import { receiptKey } from './keys.ts';
import type { Manifest } from './manifest.ts';
import { brokenArchive, walkBack } from './previous.ts';
import { type Archive, ArchiveConflict, readBytes, type WritableArchive } from './store.ts';

export const ReceiptSchema = v.pipe(
  v.strictObject({
    format: v.literal(1),
    scanId: v.string(),
    manifest: v.pipe(digest, v.description("Of the manifest's bytes.")),
    productArn: v.pipe(v.string(), v.description('Where the findings went.')),
    refused: v.exactOptional(
      v.pipe(
        v.array(v.strictObject({ id: v.string(), since: time })),
        v.description(
          'Findings that it refused, the first 1,000, with the scan that was refused first: the next one sends them again.',
        ),
      ),
    ),
    untold: v.exactOptional(
      v.pipe(
        v.array(v.string()),
        v.description(
          'Accounts and regions (`account/region`, or an account) that no scan could read since everything open was sent: the first that can sends what is open there.',
        ),
      ),
    ),
  }),
  v.title('Receipt'),
  v.description('security-hub.json of a scan: Security Hub was sent its findings.'),
);

type Receipt = v.InferOutput<typeof ReceiptSchema>;

/** A finding that Security Hub refused: its id, and the scheduled time of the scan whose word it refused first. */
export type Refused = NonNullable<Receipt['refused']>[number];

/**
 * How long ago a night may be that is still sent: by then Security Hub has deleted what nobody updated (Security Hub user guide,
 * "Reviewing findings"). And how many scans are looked at, where there are many a day.
 */
const OWED_DAYS = 90;
const MOST_OWED = 400;

const MOST_REFUSED = 1000;
const MOST_UNTOLD = 1000;

/**
 * Keeps the receipt of a scan, with what is owed all the same; of several, as of a step that is repeated, the first counts. Where that is
 * more than a receipt has room for, none is kept, and the next scan sends everything.
 */
export async function keepReceipt(
  archive: WritableArchive,
  manifestKey: string,
  productArn: string,
  { refused: all = [], untold = [] }: { refused?: readonly Refused[]; untold?: readonly string[] } = {},
): Promise<void> {
  if (untold.length > MOST_UNTOLD) return;
  const bytes = await readBytes(archive, manifestKey);
  if (!bytes) throw new ArchiveError(`${archive.location}/${manifestKey} is not there.`);
  const scanId = manifestKey.split('/').at(-2) ?? '';
  const refused = all.slice(0, MOST_REFUSED);
  const receipt: Receipt = {
    format: 1,
    scanId,
    manifest: sha256(bytes),
    productArn,
    ...(refused.length > 0 && { refused }),
    ...(untold.length > 0 && { untold: [...untold] }),
  };
  const content = inMemory(Buffer.from(JSON.stringify(receipt)));
  try {
    await archive.putOnce(receiptKey(manifestKey), content, 'application/json');
  } catch (error) {
    if (!(error instanceof ArchiveConflict)) throw error;
  }
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
 * What Security Hub has yet to hear of: `manifests` are the scans, by the keys of their manifests, oldest first and the newest last;
 * `all`: it heard of none for so long that changes alone would leave gaps, `untold`: nor since then of these accounts and regions;
 * `again`: findings that it refused the last time, unless it has forgotten them since.
 */
export type Owed = { manifests: string[]; all: boolean; again: Refused[]; untold: string[] };

/**
 * What is owed when the newest scan is there. A scan that ended after a later one is not told of: that one was compared with what both
 * found before, and is newer truth. A receipt that cannot be read is none.
 */
export async function owedTo(productArn: string, archive: Archive, newest: string): Promise<Owed> {
  let [again, untold]: [Refused[], string[]] = [[], []];
  const walked: Manifest[] = [];
  let isTold = false;
  try {
    for await (const manifest of walkBack(archive, { key: newest }, undefined, MOST_OWED)) {
      walked.push(manifest);
      const receipt = await readReceipt(archive, manifest.key).catch(brokenArchive);
      isTold = typeof receipt === 'object' && receipt.productArn === productArn;
      const now = Date.parse(walked[0]?.scheduledAt ?? '');
      const isOwed = (at: string) => now - Date.parse(at) <= OWED_DAYS * 86_400_000;
      if (isTold && typeof receipt === 'object') {
        again = (receipt.refused ?? []).filter(({ since }) => isOwed(since));
        untold = receipt.untold ?? [];
      }
      if (isTold || !isOwed(manifest.scheduledAt)) break;
    }
  } catch (error) {
    // A broken chain says no more about what was sent.
    brokenArchive(error);
  }
  const inTime = withoutBelated(walked.toReversed());
  const owed = isTold ? inTime.slice(1) : inTime.slice(-1);
  // Of a belated scan nothing is told, not even that it was.
  const manifests = owed.map(({ key }) => key);
  return { manifests: inTime.at(-1)?.key === newest ? manifests : [], all: !isTold, again, untold };
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

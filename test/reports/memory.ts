/** An archive in memory with the promises of the real one, so that tests can tamper with every byte of it. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ArchiveConflict, type WritableArchive } from '../../lambda/reports/archive.ts';
import { readLink } from '../../lambda/reports/previous.ts';
import { sealScan } from '../../lambda/reports/seal.ts';
import type { Signer } from '../../lambda/reports/sign.ts';
import type { ScanFacts } from '../../lambda/reports/summary.ts';
import { type Answer, keepTarget } from '../../lambda/reports/target.ts';
import { target } from './samples.ts';

export type MemoryArchive = WritableArchive & { objects: Map<string, Buffer> };

export function memoryArchive(bucket = 'reports'): MemoryArchive {
  const objects = new Map<string, Buffer>();
  return {
    objects,
    location: `s3://${bucket}`,
    bucket,
    async open(key) {
      const bytes = objects.get(key);
      return bytes && Readable.from([bytes]);
    },
    async *list(prefix) {
      for (const key of [...objects.keys()].sort()) {
        if (key.startsWith(prefix)) yield { key, size: (objects.get(key) as Buffer).byteLength };
      }
    },
    async putOnce(key, content) {
      const opened = content.open();
      const bytes = opened instanceof Uint8Array ? Buffer.from(opened) : await buffer(opened);
      if (objects.has(key) && !objects.get(key)?.equals(bytes)) throw new ArchiveConflict(`s3://${bucket}`, key);
      objects.set(key, bytes);
      return { key, size: content.size, sha256: content.sha256 };
    },
    async putLatest(text) {
      objects.set('latest.json', Buffer.from(text));
    },
  };
}

/** The nightly scan of a day of November 2026. */
export function nightly(day: number): ScanFacts {
  const date = `2026-11-${String(day).padStart(2, '0')}`;
  return {
    scanId: `night-${day}`,
    scheduledAt: `${date}T02:00:00.000Z`,
    startedAt: `${date}T02:00:05.000Z`,
    finishedAt: `${date}T02:01:00.000Z`,
    everySeconds: 86_400,
    settings: { expiryDays: 30 },
  };
}

/** Runs the keeping part of one scan over one target. */
export async function keepScan(archive: WritableArchive, scan: ScanFacts, answers: Answer[], signer?: Signer) {
  const link = await readLink(archive, scan.scanId);
  const result = await keepTarget(archive, scan, target, answers, link.previous);
  const sealed = await sealScan(archive, scan, [result], { link, ...(signer && { signer }) });
  return { ...sealed, result };
}

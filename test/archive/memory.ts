/** An archive in memory with the promises of the real one, so that tests can tamper with every byte of it. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { inMemory, sha256 } from '../../lambda/archive/content.ts';
import { scanKeys } from '../../lambda/archive/keys.ts';
import type { Previous } from '../../lambda/archive/manifest.ts';
import { readLink } from '../../lambda/archive/previous.ts';
import { type Seal, sealScan } from '../../lambda/archive/seal.ts';
import type { Signer } from '../../lambda/archive/sign.ts';
import { ArchiveConflict, type WritableArchive } from '../../lambda/archive/store.ts';
import { keepEvidence, keepInventory, keepTarget, keepUnselected } from '../../lambda/archive/target.ts';
import { keepTargets } from '../../lambda/archive/targets.ts';
import type { Evidence } from '../../lambda/kubelet/evidence.ts';
import type { EvidenceLine } from '../../lambda/results/evidence-line.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import type { ScanFacts, TargetResult } from '../../lambda/results/summary.ts';
import type { Unselected } from '../../lambda/results/unselected.ts';
import type { Target } from '../../lambda/settings.ts';
import { target } from './samples.ts';

/** One node as it was judged; `evidence` and `tags` are absent where it did not answer. */
export type Answer = { line: NodeLine; evidence?: Evidence; tags?: Readonly<Record<string, string>> };

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
    async readLatest() {
      const bytes = objects.get('latest.json');
      return bytes && { bytes, tag: sha256(bytes) };
    },
    async putLatest(text, tag) {
      const bytes = objects.get('latest.json');
      if ((bytes && sha256(bytes)) !== tag) return false;
      objects.set('latest.json', Buffer.from(text));
      return true;
    },
  };
}

/** Another archive with the same objects, to be tampered with. */
export function copyOf({ bucket, objects }: MemoryArchive): MemoryArchive {
  const copy = memoryArchive(bucket);
  for (const [key, bytes] of objects) copy.objects.set(key, Buffer.from(bytes));
  return copy;
}

/** Writes the objects into a directory, as `aws s3 sync` would, and returns its path. */
export function writeTo(place: string, { objects }: Pick<MemoryArchive, 'objects'>): string {
  for (const [key, bytes] of objects) {
    mkdirSync(dirname(join(place, key)), { recursive: true });
    writeFileSync(join(place, key), bytes);
  }
  return place;
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

/** Runs the keeping part of one scan over one target; `link` is what an earlier try of it began with. */
export async function keepScan(
  archive: WritableArchive,
  scan: ScanFacts,
  answers: Iterable<Answer>,
  signer?: Signer,
  {
    link: begun,
    instances,
    ...more
  }: Partial<
    Pick<Seal, 'formats' | 'catalog' | 'link' | 'objects' | 'retention' | 'timestampAuthorities' | 'documentHash'>
  > & { instances?: Unselected[] } = {},
) {
  const link = begun ?? (await readLink(archive));
  const { startedAt, everySeconds } = scan;
  const claim = { execution: 'test', startedAt, ...(everySeconds !== undefined && { everySeconds }), link };
  const { claim: key } = scanKeys(scan);
  const given = more.objects ?? [];
  // Whoever started the scan has claimed it already.
  const claimed = given.some((object) => object.key === key)
    ? []
    : [
        await archive.putOnce(
          key,
          inMemory(`${JSON.stringify(claim)}
`),
          'application/json',
        ),
      ];
  const result = await keepAnswers(archive, scan, target, answers, link.previous, instances);
  const objects = [...claimed, ...given];
  const sealed = await sealWith(archive, scan, [result], { link, ...(signer && { signer }), ...more, objects });
  return { ...sealed, result };
}

/** Seals a scan with the targets of its results, unless others are kept already. */
export async function sealWith(
  archive: WritableArchive,
  scan: ScanFacts,
  results: readonly TargetResult[],
  { objects = [], ...more }: Seal,
) {
  const targets = results.map(({ target: { account, region }, error, allRegions }) => ({
    account,
    region,
    ...(allRegions && { error: error ?? '', allRegions }),
  }));
  const { object } = await keepTargets(archive, scan, () => ({ format: 1, from: 'settings', targets }));
  const isGiven = objects.some(({ key }) => key === object.key);
  return sealScan(archive, scan, results, { ...more, objects: isGiven ? objects : [...objects, object] });
}

/** Keeps evidence and verdicts of one target; the verdicts are those of the answers. */
export async function keepAnswers(
  archive: WritableArchive,
  scan: ScanFacts,
  of: Target,
  answers: Iterable<Answer> | AsyncIterable<Answer>,
  previous: Previous | null,
  instances: readonly Unselected[] = [],
) {
  const lines = new Map<string, NodeLine>();
  // A repeated step reads the evidence that is there and never asks for answers.
  if (Array.isArray(answers)) for (const { line } of answers) lines.set(line.node.id, line);
  async function* evidence(): AsyncGenerator<EvidenceLine> {
    for await (const { line, tags = {}, evidence: seen } of answers) {
      lines.set(line.node.id, line);
      const { node, reason = 'bad-answer', detail = '' } = line;
      const collectedAt =
        Date.parse(scan.startedAt) / 1000 + (Number.parseInt(sha256(scan.scanId).slice(0, 8), 16) % 20_000);
      // Samples have no kubelet, and no two scans the same answer.
      const own = seen && seen.kubelets.length === 0 ? { ...seen, collectedAt } : seen;
      yield own ? { node, tags, evidence: own } : { node, tags, reason, detail };
    }
  }
  const evidenceKept = await keepEvidence(archive, scan, of, evidence());
  async function* unselected() {
    yield* instances;
  }
  async function* listed() {
    for (const id of lines.keys()) yield { id, tags: {} };
  }
  const others = await keepUnselected(archive, scan, of, unselected());
  const kept = [(await keepInventory(archive, scan, of, listed())).object, others, evidenceKept];
  const judge = ({ node }: EvidenceLine): NodeLine =>
    lines.get(node.id) ?? { node, coverage: 'unreachable', reason: 'bad-answer', findings: [] };
  return keepTarget(archive, scan, of, { kept, judge, previous, acceptance: { waivers: [], now: 0 } });
}

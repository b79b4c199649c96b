/**
 * The audit pack: what a period of archives comes to, in files that can be read and checked without kubevigil. The same archives,
 * period and seed give the same bytes, but for the signature.
 */

import { count } from '../lambda/alerts/text.ts';
import { sha256 } from '../lambda/archive/content.ts';
import { scanKeys, timestampKey } from '../lambda/archive/keys.ts';
import type { Manifest } from '../lambda/archive/manifest.ts';
import { fingerprint, SIGNING_ALGORITHM, type Signer } from '../lambda/archive/sign.ts';
import { type Archive, readBytes } from '../lambda/archive/store.ts';
import type { Judge, TrustedKey, Verification, VerifyOptions } from '../lambda/archive/verification.ts';
import { coverageOf } from '../lambda/results/coverage.ts';
import { ArchiveError } from '../lambda/results/errors.ts';
import { TOOL } from '../lambda/results/summary.ts';
import { changeRows, changesOf } from './changes.ts';
import { type Collected, collector, observed, tellAll } from './collect.ts';
import { CONTROLS_HEAD } from './controls.ts';
import { episodeRows } from './episodes.ts';
import { exceptionsOf } from './exceptions.ts';
import { figuresOf } from './figures.ts';
import { type Folder, packFolder } from './folder.ts';
import { nightRows, nightsCsv, uncountedFolders } from './nights.ts';
import { nodesOf } from './order.ts';
import { assessmentResults, poam } from './oscal.ts';
import { type Part, pageOf } from './page.ts';
import { type Night, namedSources, type Period, readPeriod, type Source } from './period.ts';
import { populationRows } from './population.ts';
import { draw, readSamples, sampleDocument, sampleFile, sampleRows } from './samples.ts';
import { waiverRows } from './waivers.ts';

export type PackOptions = {
  /** Whole days in UTC; what lies after `now` is not asked for. */
  period: Period;
  /** A directory that is empty or not there. */
  out: string;
  /** ISO 8601. */
  now: string;
  /** Only findings of this rule, and how it was asked for. */
  control?: { name: string; rule: string };
  /** By default the SHA-256 of the last manifests: whoever makes the pack cannot choose it. */
  seed?: string;
  /** How many samples; by default 25. */
  samples?: number;
  publicKeys?: readonly TrustedKey[];
  signer?: Signer;
  /** Judges samples again. */
  judge: Judge;
  /** Verifies an archive in the period as it is asked to. */
  verify(archive: Archive, asked: Asked): Promise<Verification>;
  onStep?(text: string): void;
};

/** The range, who is told what its scans say, and the reports of which scans are written again. */
export type Asked = Period & Pick<VerifyOptions, 'observer' | 'writesAgain'>;

/** By choice: of a longer period the reports of so many scans are written again, which are most of the work; the pack reads none. */
const MOST_WRITTEN = 30;

export type PackResult = { exceptions: string[]; conclusion: string; nights: number; files: number };

/** Writes a pack. Throws an ArchiveError where an archive cannot be read at all. */
export async function writePack(archives: readonly Archive[], options: PackOptions): Promise<PackResult> {
  const { control, now, signer, judge, samples: number = 25, onStep = () => {} } = options;
  const rule = control?.rule;
  const period = { from: options.period.from, to: options.period.to < now ? options.period.to : now };
  const sources = await namedSources(archives);
  const folder = packFolder(options.out);
  const controls = folder.open('controls.csv');
  controls.write(CONTROLS_HEAD);
  const parts: Part[] = [];
  const all: (Collected & { nights: Night[] })[] = [];
  for (const source of sources) {
    onStep(`verifying and counting ${source.name}`);
    const { verification, nights, collected, rows } = await verifyAndCollect(source, period, options);
    for (const row of rows) controls.write(row);
    all.push({ ...collected, nights });
    parts.push({
      name: source.name,
      nights,
      rows: nightRows(source.name, nights, verification, period),
      verification,
      figures: figuresOf(source.name, nights, collected.changes, rule),
    });
    await keepVerification(folder, source, nights, verification);
  }
  controls.end();
  const members = all.flatMap((each) => each.members);
  const episodes = all.flatMap((each) => each.episodes);
  const waivers = all.flatMap((each) => each.waivers);
  const changes = parts.flatMap(({ name, nights }) => changesOf(name, nights));
  const last = parts.flatMap(({ nights }) => nights.slice(-1));
  const seed = options.seed ?? sha256(last.map((night) => night.sha256).join('\n'));
  onStep('drawing samples');
  const strata = all.flatMap((each) => each.strata);
  const samples = await readSamples(strata, { seed, count: number, rule, judge });
  const exceptions = exceptionsOf(parts, members, { asked: options.period.to, until: period.to });
  const facts = {
    ...{ period, parts, members, episodes, waivers, changes, samples, seed, version: TOOL.version },
    ...(control && { control }),
    conclusion: conclusionOf(parts, all, rule),
    exceptions,
    ...(signer && { signedBy: fingerprint(signer.publicKey) }),
    trusted: (options.publicKeys ?? []).map(({ pem }) => fingerprint(pem)),
  };
  folder.write('nights.csv', nightsCsv(parts.flatMap(({ rows }) => rows)));
  folder.write('population.csv', populationRows(members));
  folder.write('episodes.csv', episodeRows(episodes));
  folder.write('waivers.csv', waiverRows(waivers));
  folder.write('changes.csv', changeRows(changes));
  folder.write('samples/samples.csv', sampleRows(samples));
  for (const sample of samples) folder.write(sampleFile(sample), sampleDocument(sample));
  const assessed = { period, last, episodes, waivers, exceptions, ...(rule !== undefined && { rule }) };
  folder.write('oscal/assessment-results.json', assessmentResults(assessed));
  folder.write('oscal/poam.json', poam(assessed));
  folder.write('index.html', pageOf(facts));
  await seal(folder, parts, { period, seed, signer, ...(control && { control }) });
  const { conclusion } = facts;
  return {
    exceptions,
    conclusion,
    nights: last.length > 0 ? all.flatMap((each) => each.nights).length : 0,
    files: folder.files().length,
  };
}

/**
 * Counts the nights of an archive while they are verified, as if nothing were wrong: that is seldom so, and then they are counted again
 * without what is.
 */
async function verifyAndCollect(source: Source, period: Period, { verify, control, seed }: PackOptions) {
  const counting = () => {
    const rows: string[] = [];
    const onRows = (some: Iterable<string>) => {
      for (const row of some) rows.push(row);
    };
    return { rows, counts: collector(source.name, { rule: control?.rule, onRows }) };
  };
  const all = await readPeriod(source, period).catch((error: unknown): Night[] => {
    if (error instanceof ArchiveError) return [];
    throw error;
  });
  const first = counting();
  const { observer, isComplete } = observed(all, first.counts);
  const drawn = draw(`${seed ?? all.at(-1)?.sha256}:reports`, MOST_WRITTEN, all.length);
  const written = new Set(drawn.map((position) => all[position]?.manifest.scanId));
  const writesAgain = ({ scanId }: Manifest) => written.has(scanId);
  const verification = await verify(source.archive, {
    ...{ ...period, observer },
    ...(all.length > MOST_WRITTEN && { writesAgain }),
  });
  const uncounted = uncountedFolders(verification);
  if (uncounted.size === 0 && isComplete())
    return { verification, nights: all, collected: first.counts.result(), rows: first.rows };
  const nights = await readPeriod(source, period, (folder) => uncounted.has(folder));
  const again = counting();
  await tellAll(nights, again.counts);
  return { verification, nights, collected: again.counts.result(), rows: again.rows };
}

/** The verdict on the archive, and of each night what proves it. */
async function keepVerification(
  folder: Folder,
  { name, archive }: Source,
  nights: readonly Night[],
  verification: Verification,
) {
  folder.write(`verification/${name}.json`, `${JSON.stringify(verification, null, 2)}\n`);
  for (const { manifest } of nights) {
    const { manifest: key, signature, publicKey, statement } = scanKeys(manifest);
    const stamps = (manifest.timestampAuthorities ?? []).map((_, index) => timestampKey(key, index + 1));
    for (const each of [key, signature, publicKey, statement, ...stamps]) {
      const bytes = await readBytes(archive, each);
      if (bytes) folder.write(`verification/${name}/${each}`, bytes);
    }
  }
}

function conclusionOf(parts: readonly Part[], all: readonly Collected[], rule: string | undefined): string {
  const rows = parts.flatMap((part) => part.rows);
  const nights = parts.flatMap((part) => part.nights);
  const last = parts.flatMap((part) => part.nights.slice(-1)).map(({ summary }) => summary);
  const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);
  const nodes = sum(last.map(({ totals }) => coverageOf(totals).due));
  const evaluated = sum(last.map(({ totals }) => totals.evaluated));
  const open = all.flatMap(({ episodes }) => episodes).filter(({ how }) => how === 'open');
  const onNodes = nodesOf(open).length;
  const accepted = sum(
    last.flatMap(({ rules }) =>
      Object.entries(rules).map(([name, { waived }]) => (rule === undefined || name === rule ? waived : 0)),
    ),
  );
  const changed = (of: 'appeared' | 'fixed') => sum(all.map(({ changes }) => changes[of]));
  return (
    `Of ${count(rows.length, 'night')} that were due or held, ${nights.length} are there and verified. ` +
    `In the last, ${evaluated} of ${count(nodes, 'node')} were evaluated; ${count(open.length, 'finding')} ${open.length === 1 ? 'is' : 'are'} open on ${count(onNodes, 'node')}, and ${accepted} accepted by waivers. ` +
    `In the period ${count(changed('appeared'), 'finding')} became open and ${changed('fixed')} were fixed.`
  );
}

/** `pack.json`: every other file with its digest, what the pack is of, and who signs it. */
async function seal(
  folder: Folder,
  parts: readonly Part[],
  {
    signer,
    ...about
  }: { period: Period; seed: string; control?: { name: string; rule: string }; signer: Signer | undefined },
): Promise<void> {
  if (signer) folder.write('public-key.pem', signer.publicKey);
  const end = (night: Night | undefined) =>
    night && { scanId: night.manifest.scanId, scheduledAt: night.manifest.scheduledAt, sha256: night.sha256 };
  const text = `${JSON.stringify(
    {
      format: 1,
      kind: 'kubevigil audit pack',
      tool: TOOL,
      ...about,
      archives: parts.map(({ name, nights, verification }) => ({
        name,
        nights: nights.length,
        problems: verification.problems.length,
        first: end(nights[0]),
        last: end(nights.at(-1)),
      })),
      files: folder.files(),
      signing: signer ? { algorithm: SIGNING_ALGORITHM, publicKeySha256: fingerprint(signer.publicKey) } : null,
    },
    null,
    2,
  )}\n`;
  folder.write('pack.json', text);
  if (signer) folder.write('pack.json.sig', await signer.sign(Buffer.from(text)));
}

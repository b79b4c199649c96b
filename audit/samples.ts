/**
 * Random findings with everything that they follow from. Which ones is decided by a seed alone, so that nobody can choose: the
 * k-th sample is the finding of the number that begins SHA-256 of `SEED:k` (16 hexadecimal digits), modulo the number of findings, in
 * the order of archives, scans, targets, lines and findings. A number that is drawn twice counts once.
 * Tested by test/audit/pack.test.ts.
 */

import { isDeepStrictEqual } from 'node:util';
import { sha256 } from '../lambda/archive/content.ts';
import { targetKeys } from '../lambda/archive/keys.ts';
import { NodeOutlineSchema, readNodes } from '../lambda/archive/nodes.ts';
import { judgedAgain } from '../lambda/archive/replay.ts';
import type { Judge } from '../lambda/archive/verification.ts';
import type { Finding } from '../lambda/criteria/rule.ts';
import { csvRow } from '../lambda/formats/csv.ts';
import { catalog, controlsOf } from '../lambda/judging/index.ts';
import type { EvidenceLine } from '../lambda/results/evidence-line.ts';
import type { NodeLine } from '../lambda/results/node-line.ts';
import { secondsOf, TOOL } from '../lambda/results/summary.ts';
import type { Target } from '../lambda/settings.ts';
import type { Night } from './period.ts';

/** How many findings of a target of a night count. */
export type Stratum = { night: Night; target: Target; findings: number };

/** Where a sample stands: its number among all findings, and its scan's number and line. */
export type Sample = {
  number: number;
  position: number;
  of: number;
  night: Night;
  target: Target;
  line: NodeLine;
  /** 1-based line of the findings file. */
  at: number;
  finding: Finding;
  evidence?: EvidenceLine;
  /** `agrees`: today's rules say the same of the evidence. */
  replayed: 'agrees' | 'differs' | 'other rules, agrees' | 'other rules, differs' | 'not possible';
  /** What they say. */
  again?: Finding;
};

/** Positions of samples among `of` findings, each once, in the order in which they were drawn. */
export function draw(seed: string, count: number, of: number): number[] {
  const drawn = new Set<number>();
  for (let k = 1; drawn.size < Math.min(count, of) && k <= count * 64; k += 1) {
    drawn.add(Number(BigInt(`0x${sha256(`${seed}:${k}`).slice(0, 16)}`) % BigInt(of)));
  }
  return [...drawn];
}

/** Reads what was drawn; `rule` is the only one whose findings count, if it is given. */
export async function readSamples(
  strata: readonly Stratum[],
  { seed, count, rule, judge }: { seed: string; count: number; rule: string | undefined; judge: Judge },
): Promise<Sample[]> {
  const of = strata.reduce((sum, { findings }) => sum + findings, 0);
  if (of === 0) return [];
  const wanted = new Map(draw(seed, count, of).map((position, index) => [position, index + 1]));
  const samples: Sample[] = [];
  let before = 0;
  for (const { night, target, findings } of strata) {
    const here = [...wanted.keys()].filter((position) => position >= before && position < before + findings);
    if (here.length > 0) {
      let position = before;
      let at = 0;
      const keys = targetKeys(night.summary, target);
      for await (const { line, evidence } of readNodes(night.source.archive, keys, ['evidence'], NodeOutlineSchema)) {
        at += 1;
        for (const finding of line?.findings ?? []) {
          if (rule !== undefined && finding.rule !== rule) continue;
          const number = wanted.get(position);
          if (number !== undefined && line) {
            const sample = { number, position, of, night, target, line, at, finding, ...(evidence && { evidence }) };
            samples.push({ ...sample, ...replayOf(sample, judge) });
          }
          position += 1;
        }
      }
    }
    before += findings;
  }
  return samples.sort((a, b) => a.number - b.number);
}

function replayOf(
  { night, line, finding, evidence }: Pick<Sample, 'night' | 'line' | 'finding' | 'evidence'>,
  judge: Judge,
): Pick<Sample, 'replayed' | 'again'> {
  if (!evidence) return { replayed: 'not possible' };
  const { startedAt, settings, tool } = night.summary;
  const judged = judgedAgain(judge, evidence, { now: secondsOf(startedAt), settings });
  if (judged instanceof Error) return { replayed: 'not possible' };
  const position = line.findings.filter(({ rule }) => rule === finding.rule).indexOf(finding);
  const again = judged.findings.filter(({ rule }) => rule === finding.rule)[position];
  const word = isDeepStrictEqual(again, finding) ? 'agrees' : 'differs';
  return {
    replayed: tool.rules === TOOL.rules ? word : `other rules, ${word}`,
    ...(again && { again }),
  };
}

/** A sample as a document that can be read alone: verdict, what it follows from, and where that stands in the archive. */
export function sampleDocument(sample: Sample): string {
  const { number, position, of, night, target, line, at, finding, evidence, replayed, again } = sample;
  const keys = targetKeys(night.summary, target);
  const object = night.manifest.objects.find(({ key }) => key === keys.findings);
  const about = Object.hasOwn(catalog, finding.rule) ? catalog[finding.rule] : undefined;
  const { name, title, failureTitle, why, severity, procedure, references } = about ?? { name: finding.rule };
  return `${JSON.stringify(
    {
      sample: { number, position, of },
      where: {
        archive: night.source.name,
        scan: night.manifest.scanId,
        scheduledAt: night.manifest.scheduledAt,
        findings: { key: keys.findings, sha256: object?.sha256, line: at },
        evidence: { key: keys.evidence },
        read: `zcat ${keys.findings} | sed -n ${at}p | jq '.findings[] | select(.rule == "${finding.rule}")'`,
      },
      node: line.node,
      verdict: finding,
      rule: { name, title, failureTitle, why, severity, procedure, controls: controlsOf(finding.rule), references },
      derivation: line.kubelet?.settings ?? 'No settings were derived of this node.',
      replay: { by: TOOL, result: replayed, ...(replayed.endsWith('differs') && { verdict: again }) },
      evidence: evidence ?? 'The archive has no evidence of this node.',
    },
    null,
    2,
  )}\n`;
}

/** The name of a sample's file. */
export function sampleFile({ number }: Sample): string {
  return `samples/${String(number).padStart(3, '0')}.json`;
}

export function* sampleRows(samples: readonly Sample[]): Generator<string> {
  yield csvRow([
    ...['sample', 'file', 'position', 'of', 'archive', 'scan', 'account', 'region', 'node', 'rule', 'status'],
    ...['accepted', 'replayed', 'reason'],
  ]);
  for (const each of samples) {
    const { number, position, of, night, target, line, finding, replayed } = each;
    yield csvRow([
      ...[number, sampleFile(each), position, of, night.source.name, night.manifest.scanId],
      ...[target.account, target.region, line.node.id, finding.rule, finding.status, finding.waiver ? 'yes' : 'no'],
      ...[replayed, finding.reason],
    ]);
  }
}

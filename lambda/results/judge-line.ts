/** Line of evidence → line of findings. Pure, so that a replay gives the same line. */
import * as v from 'valibot';
import { EvidenceFormatError } from '../judging/errors.ts';
import { type JudgedNode, type JudgeOptions, judge } from '../judging/judge.ts';
import { oneLine } from '../platforms/wording.ts';
import { ArchiveError } from './errors.ts';
import type { EvidenceLine } from './evidence-line.ts';
import type { NodeLine } from './node-line.ts';

/** Judges one node. One that did not answer, or on which no kubelet runs, is unreachable and never a pass. */
export function judgeLine(line: EvidenceLine, options: JudgeOptions): NodeLine {
  const { node, tags } = line;
  if (!('evidence' in line)) {
    return { node, coverage: 'unreachable', reason: line.reason, detail: line.detail, findings: [] };
  }
  const judged = tryJudge({ ...node, tags, evidence: line.evidence }, options);
  if (judged instanceof Error) {
    return { node, coverage: 'unreachable', reason: 'bad-answer', detail: texts.defect(judged), findings: [] };
  }
  if ('problem' in judged) {
    return { node, coverage: 'unreachable', reason: 'no-kubelet', detail: judged.problem, findings: [] };
  }
  return { node, coverage: 'evaluated', ...judged };
}

const texts = {
  defect: ({ message }: Error) =>
    `Its answer was read and could not be judged, which is a defect of kubevigil (${oneLine(message)}); report it with this node's line of the evidence.`,
};

/** Whatever a node says spoils its own row and never the scan; a replay by the same rules says the same. */
function tryJudge(...about: Parameters<typeof judge>): JudgedNode | { problem: string } | Error {
  try {
    return judge(...about);
  } catch (error) {
    if (error instanceof EvidenceFormatError) throw error;
    return error as Error;
  }
}

const strings = v.array(v.string('text'), 'a list of texts');
const patterns = v.exactOptional(strings);

/** What of a summary's settings verdicts depend on. */
const SettingsSchema = v.object({
  benchmarks: v.exactOptional(strings),
  expiryDays: v.exactOptional(v.number('a number of days')),
  rehearse: v.exactOptional(v.boolean('true or false')),
  waivers: v.exactOptional(
    v.array(
      v.object(
        {
          rule: v.string('a rule or control'),
          nodes: v.object(
            { id: patterns, cluster: patterns, tag: v.exactOptional(v.record(v.string(), strings, 'patterns by key')) },
            'an object with id, cluster or tag',
          ),
          reason: v.string('text'),
          owner: v.string('text'),
          until: v.pipe(v.string('a day such as 2026-12-31'), v.isoDate('a day such as 2026-12-31')),
          line: v.number('a number'),
        },
        'a waiver',
      ),
      'a list of waivers',
    ),
  ),
});

const read = new WeakMap<object, v.InferOutput<typeof SettingsSchema>>();

/** The settings of an archived scan by which nodes are judged. Throws an ArchiveError that says what is wrong with them. */
export function settingsOf(settings: Readonly<Record<string, unknown>>): v.InferOutput<typeof SettingsSchema> {
  const known = read.get(settings);
  if (known) return known;
  const parsed = v.safeParse(SettingsSchema, settings);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = (issue.path ?? [])
      .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
      .join('');
    throw new ArchiveError(
      `settings${path} must be ${issue.message}, got ${JSON.stringify(issue.input)?.slice(0, 80)}`,
    );
  }
  read.set(settings, parsed.output);
  return parsed.output;
}

/** Judges archived evidence again, as a scan did at `now`, seconds since the epoch, with the settings that it archived. */
export function judgeArchived(
  line: EvidenceLine,
  { now, settings }: { now: number; settings: Readonly<Record<string, unknown>> },
): NodeLine {
  return judgeLine(line, { ...settingsOf(settings), now } as JudgeOptions);
}

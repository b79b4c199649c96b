/** Line of evidence → line of findings. Pure, so that a replay gives the same line. */
import { type JudgeOptions, judge } from '../judging/judge.ts';
import type { EvidenceLine } from './evidence-line.ts';
import type { NodeLine } from './node-line.ts';

/** Judges one node. One that did not answer, or on which no kubelet runs, is unreachable and never a pass. */
export function judgeLine(line: EvidenceLine, options: JudgeOptions): NodeLine {
  const { node, tags } = line;
  if (!('evidence' in line)) {
    return { node, coverage: 'unreachable', reason: line.reason, detail: line.detail, findings: [] };
  }
  const judged = judge({ ...node, tags, evidence: line.evidence }, options);
  if ('problem' in judged) {
    return { node, coverage: 'unreachable', reason: 'no-kubelet', detail: judged.problem, findings: [] };
  }
  return { node, coverage: 'evaluated', ...judged };
}

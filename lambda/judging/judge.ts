/**
 * derive and judge: the evidence of one node → its line in the report. Pure, so that a replay gives the same line.
 */

import type { EvidenceLine } from '../archive/target.ts';
import { derive } from '../kubelet/derive.ts';
import type { Evidence } from '../kubelet/evidence.ts';
import { platformOf } from '../platforms/index.ts';
import { listed, printable } from '../platforms/wording.ts';
import type { NodeLine } from '../results/node-line.ts';
import { type EvaluationOptions, evaluate } from './index.ts';

/** Most notes of one line, the collector's first; the archived evidence has all of those. */
const MOST_NOTES = 20;

export type Judgement = Pick<EvaluationOptions, 'benchmarks' | 'rules' | 'expiryDays' | 'waivers'> & {
  /** Seconds since the epoch: the scan's own start, so that a repeated step judges alike. */
  now: number;
};

/** What is read; what an older collector saw had another meaning, and is refused rather than misread. */
const FORMAT: Evidence['format'] = 2;

/**
 * Judges one node. One that did not answer, or on which no kubelet runs, is unreachable and never a pass. Throws an Error
 * with one line where the evidence is of another format.
 */
export function judge(line: EvidenceLine, { now, ...options }: Judgement): NodeLine {
  const { node, tags } = line;
  if (!('evidence' in line)) {
    return { node, coverage: 'unreachable', reason: line.reason, detail: line.detail, findings: [] };
  }
  const { evidence } = line;
  if (evidence.format !== FORMAT) {
    throw new Error(
      `its evidence has the format ${evidence.format}, and this version reads format ${FORMAT}: replay it with the version that archived it`,
    );
  }
  const kubelets = evidence.kubelets.map((process) => ({ process, configuration: derive(process) }));
  const [first] = kubelets;
  if (!first) {
    return { node, coverage: 'unreachable', reason: 'no-kubelet', detail: withoutKubelet(evidence), findings: [] };
  }
  const { configuration, process } = first;
  const hidden = platformOf({ evidence, kubelet: process, tags }).hiddenArguments(process) !== undefined;
  const notes = [...new Set([...evidence.notes, ...kubelets.flatMap((kubelet) => kubelet.configuration.notes)])];
  return {
    node,
    coverage: 'evaluated',
    kubelet: {
      pid: process.pid,
      ...(process.version !== undefined ? { version: process.version } : {}),
      // What is derived from some of the arguments is not what the kubelet runs with.
      ...(configuration.starts === true && !hidden ? { settings: configuration.settings } : {}),
    },
    ...(notes.length > 0 ? { notes: notes.slice(0, MOST_NOTES).map(printable) } : {}),
    findings: evaluate({ evidence, kubelets, tags, now }, { ...options, node }),
  };
}

function withoutKubelet({ notes }: Evidence): string {
  const look = 'If this node belongs to a cluster, its kubelet is down; otherwise it need not be scanned.';
  return `The collector ran, but no kubelet process was found. ${notes.length > 0 ? `It notes: ${listed(notes, '; ')}.` : look}`;
}

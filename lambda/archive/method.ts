/** The method proves itself before nodes are judged. Tested by test/archive/method.test.ts. */

import { differing, KNOWN_ANSWERS, type KnownAnswers } from '../judging/known-answers.ts';
import type { Method } from '../results/summary.ts';
import { sha256 } from './content.ts';
import { canonical } from './manifest.ts';

type Proof = {
  /** SHA-256 of the SSM document that reads the nodes, by whose text test/nodes/known-root.test.ts has read a known root. */
  collector?: string | undefined;
  /** The same of the one that reads nodes of Windows, held to recorded answers by test/nodes/collector/windows.test.ts. */
  windowsCollector?: string | undefined;
  known?: KnownAnswers;
};

/**
 * Derives the known answers again, and names the collector; depends on nothing but its arguments. In a new process that takes
 * some 100 to 160 ms of one processor, and 25 to 40 in one that has done it (measured on a busy machine): the rest is code that
 * is not compiled yet and the tables of 14 minor versions, and some 30 of it the first nodes save, which find that done.
 */
export function proveMethod({ collector, windowsCollector, known = KNOWN_ANSWERS }: Proof = {}): Method {
  const answers = known.answers.length;
  const differed = differing(known);
  return {
    set: 'recorded kubelets',
    digest: sha256(canonical(known)),
    ...(collector !== undefined && { collector }),
    ...(windowsCollector !== undefined && { windowsCollector }),
    answers,
    agreed: answers - differed.length,
    differed: differed.slice(0, MOST_NAMED),
  };
}

/** More names help nobody, and a manifest is read by people. */
const MOST_NAMED = 20;

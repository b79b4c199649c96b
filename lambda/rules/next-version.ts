import { notJudged } from '../criteria/check-settings.ts';
import { wordsOf } from '../criteria/refused-input.ts';
import { type ChangeAt, type Rehearsal, rehearse, type Stop } from '../criteria/rehearsal.ts';
import { changeText, stopText, told } from '../criteria/rehearsal-words.ts';
import type { Advisory, NodeView, Rule, Verdict } from '../criteria/rule.ts';
import { lookUpVersion } from '../criteria/unknown-version.ts';
import { NEWEST_MINOR } from '../kubelet/tables.ts';
import { step } from '../platforms/step.ts';
import { listed, oneLine } from '../platforms/wording.ts';

const texts = {
  unknown: "The kubelet's version is not in the evidence, so its next version cannot be asked.",
  newest: `1.${NEWEST_MINOR} is the newest version whose kubelet is known here.`,
  starts: (minor: number) => `The kubelet of 1.${minor} would start with what this node is given.`,
  untold: (minor: number, problem: string) =>
    `What the kubelet of 1.${minor} would do with what this node is given is not known: ${problem}.`,
  read: (minor: number) =>
    `Before the upgrade read what 1.${minor} removes and changes (CHANGELOG/CHANGELOG-1.${minor}.md of kubernetes/kubernetes), and try it on one node.`,
  image: (words: string) => ` What comes with the image stays behind with it: ${words}.`,
  cleaned: (words: string) => ` The upgrade itself takes out what would be refused: ${words}.`,
  changes: (minor: number, values: string) => `Nobody touches them, and they change with 1.${minor}: ${values}.`,
};

/** Ours: whether the next minor version starts with what this one is given, and what it makes of it otherwise. */
export const nextVersion: Rule = {
  name: 'next-version',
  title: 'The next version of the kubelet would start',
  failureTitle: 'The next version of the kubelet would not start',
  why: 'A version removes flags and feature gates that older ones took, and its kubelet exits over the first that it does not know. The upgrade then takes out one node after the other, long after anybody changed something.',
  severity: 'medium',
  references: [
    'https://kubernetes.io/releases/version-skew-policy/',
    'https://github.com/kubernetes/kubernetes/blob/v1.37.0/CHANGELOG/CHANGELOG-1.37.md',
    'https://kubernetes.io/docs/reference/using-api/deprecation-policy/',
  ],
  check: (node) => {
    const { version } = node.configuration;
    if (!version.known) {
      return { status: 'manual', reason: texts.unknown, advisories: [], remediation: [lookUpVersion] };
    }
    if (version.minor >= NEWEST_MINOR) return { status: 'not-applicable', reason: texts.newest, advisories: [] };
    const rehearsal = rehearse(node, version.minor + 1);
    return rehearsal ? verdictOf(node, rehearsal) : notJudged('configuration');
  },
};

function verdictOf(node: NodeView, { to, stops, unknown, stays, cleaned, changes }: Rehearsal): Verdict {
  if (stops) {
    const { words, places, steps } = told(node, stops);
    const reason = stopText(stops.minor, words, listed(places, '; '));
    return { status: 'fail', reason, advisories: [], remediation: steps };
  }
  if (unknown) {
    const reason = texts.untold(to, oneLine(unknown.problem));
    return { status: 'error', reason, advisories: [], remediation: [step(texts.read(to))] };
  }
  const reason = texts.starts(to) + without(texts.image, stays) + without(texts.cleaned, cleaned);
  return { status: 'pass', reason, advisories: silent(to, changes) };
}

function without(text: (words: string) => string, stops: readonly Stop[]): string {
  const words = stops.map(({ refusal }) => wordsOf(refusal));
  return words.length === 0 ? '' : text(listed(words, '; '));
}

function silent(minor: number, changes: readonly ChangeAt[]): Advisory[] {
  if (changes.length === 0) return [];
  return [{ id: 'changes-silently', text: texts.changes(minor, listed(changes.map(changeText), '; ')) }];
}

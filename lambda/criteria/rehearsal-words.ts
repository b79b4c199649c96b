/**
 * How a rehearsal is told: what a version refuses, where that stands and what to do, and what changes on the way.
 * Tested by test/rules/next-version.test.ts.
 */
import type { Refusal } from '../kubelet/configuration.ts';
import { platformOf } from '../platforms/index.ts';
import type { NodeFacts } from '../platforms/platform.ts';
import { type Step, step } from '../platforms/step.ts';
import { oneLine, origin, shown } from '../platforms/wording.ts';
import { mending, placesOf, wordsOf } from './refused-input.ts';
import type { ChangeAt, Stop } from './rehearsal.ts';

const texts = {
  before: (what: string, minor: number) => `${what} before the upgrade to 1.${minor}.`,
  cgroup: (minor: number) =>
    `Move the node to a host with cgroup v2 before the upgrade to 1.${minor}; failCgroupV1: false puts that off until Kubernetes removes cgroup v1.`,
  runtime: (minor: number) => `Update containerd to 1.6 or later before the upgrade to 1.${minor}.`,
  means: (value: string, { from, to }: { from: string; to: string }) => `${value} means ${to}, not ${from} any more`,
  counts: (value: string, by: string) => `${value} from ${by} begins to count`,
  becomes: (name: string, from: string, to: string, by: string) => `${name} is ${to} by ${by}, and was ${from}`,
};

/** What a minor refuses: its words, where that stands on this node, and what to do before the upgrade. */
export function told(node: NodeFacts, { minor, refusal }: Stop): { words: string; places: string[]; steps: Step[] } {
  const places = placesOf(node, refusal);
  const steps = [step(remedyOf(minor, refusal, places)), ...platformOf(node).afterChange(node)];
  return { words: wordsOf(refusal), places, steps };
}

function remedyOf(minor: number, refusal: Refusal, places: readonly string[]): string {
  if (refusal.about.some(({ setting }) => setting === 'failCgroupV1')) return texts.cgroup(minor);
  if (refusal.about.length === 0 && refusal.stage === 'late') return texts.runtime(minor);
  return texts.before(mending(refusal, places), minor);
}

/** The verdict over a node whose next version would not start. */
export function stopText(minor: number, words: string, places: string): string {
  return `The kubelet of 1.${minor} would not start with what this node is given: ${words}${places && ` (${places})`}.`;
}

/** What `stopText` said, read back by those who group verdicts; undefined where a text says something else. */
export function stopIn(text: string): { version: string; words: string; places: string } | undefined {
  const said = /^The kubelet of (1\.\d+) would not start with what this node is given: (.*)$/s.exec(text);
  if (!said) return undefined;
  const [, version = '', rest = ''] = said;
  const at = rest.search(/ \((?:argument |line \d+ of |\/)/);
  return at === -1
    ? { version, words: rest.replace(/\.$/, ''), places: '' }
    : { version, words: rest.slice(0, at), places: rest.slice(at + 2).replace(/\)\.$/, '') };
}

/** `eventRecordQPS is 50 by the kubelet's default, and was 5`. */
export function changeText({ setting, from, to, source, ignored, meaning }: ChangeAt): string {
  const name = oneLine(setting);
  const value = `${name} ${shown(to)}`;
  if (meaning) return texts.means(value, meaning);
  return ignored ? texts.counts(value, origin(source)) : texts.becomes(name, shown(from), shown(to), origin(source));
}

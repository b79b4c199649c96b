/**
 * What is judged of a kubelet some of whose arguments nothing shows: only what is certain; the rest is for a person to look at.
 * Tested by test/judging/evaluate.test.ts and test/judging/k3s.test.ts.
 */
import { changedSince } from '../criteria/check-settings.ts';
import type { NodeView, Rule, Status, Verdict } from '../criteria/rule.ts';
import { isOfFile } from '../criteria/setting.ts';
import { isGuessed } from '../kubelet/bottlerocket.ts';
import { isNewerThan } from '../kubelet/files.ts';
import { platformOf } from '../platforms/index.ts';
import type { HiddenArguments } from '../platforms/platform.ts';

/** A verdict with what the procedure of each control says, in the order of the controls that were asked. */
export type Judged = Verdict & { audits: Verdict['audit'][] };

const texts = {
  hidden: (host: string) => `${host} hides its kubelet's arguments`,
  person: (why: string, title: string) =>
    `${why}, so a person must check that ${title.charAt(0).toLowerCase()}${title.slice(1)}.`,
};

/** The verdict of `judge` as far as no argument that is hidden could change it; undefined where one could. */
export function certainOf(
  { check, withoutArguments }: Rule,
  view: NodeView,
  { last }: HiddenArguments,
  judge: () => Judged,
): Judged | undefined {
  const { restsOn } = check;
  const byFiles = restsOn === 'files';
  const isSeen = byFiles || restsOn?.some((path) => isGiven(view, path)) === true;
  if (withoutArguments) {
    const judged = judge();
    // Of what is not configured, or not derived, an argument that nothing shows may be the reason.
    const isDerived = view.configuration.starts === true && judged.status !== 'not-applicable';
    return restsOn === undefined || isSeen || isDerived ? judged : undefined;
  }
  if (!isSeen) return undefined;
  const judged = judge();
  const changed = byFiles ? [] : changedArguments(view);
  return isCertain(judged.status, byFiles, last && changed.length === 0)
    ? withChanged(judged, view, changed)
    : undefined;
}

/** What else there is to say: a person must look. */
export function forPerson({ title }: Rule, view: NodeView, { why, look }: HiddenArguments): Judged {
  const reason = texts.person(why ?? texts.hidden(platformOf(view).title), title);
  return { status: 'manual', reason, advisories: [], remediation: [look], audits: [] };
}

/** That files are in order, or could not be seen, no argument changes; what settings allow, one that comes last may. */
function isCertain(status: Status, byFiles: boolean, isLast: boolean): boolean {
  if (status === 'pass') return byFiles || isLast;
  return status === 'fail' || status === 'manual' || (status === 'error' && byFiles);
}

/** Files of arguments that changed are told of together with those that the verdict tells of already. */
function withChanged(judged: Judged, view: NodeView, changed: readonly string[]): Judged {
  if (changed.length === 0) return judged;
  const id = 'changed-after-start';
  const others = judged.advisories.filter((advisory) => advisory.id !== id);
  const known = others.length < judged.advisories.length ? view.configuration.changedAfterStart : [];
  return { ...judged, advisories: [...others, { id, text: `${changedSince([...new Set([...known, ...changed])])}.` }] };
}

/** The files of arguments that were written after the kubelet's start. */
function changedArguments({ kubelet }: NodeView): string[] {
  return kubelet.files
    .filter((file) => file.role === 'environment' && isNewerThan(kubelet, file))
    .map(({ path }) => path);
}

/** An argument that was seen, a file that was, or a setting of Bottlerocket's decides the setting. */
function isGiven({ configuration, kubelet }: NodeView, path: string): boolean {
  const source = configuration.starts === true ? configuration.settings[path]?.source : undefined;
  if (isGuessed(kubelet)) return source?.kind === 'setting';
  if (source?.kind === 'flag') return kubelet.argv.includes(source.where ?? '');
  return source !== undefined && (isOfFile(source) || source.kind === 'drop-in');
}

/**
 * Checks of settings, and what is said where a kubelet has no effective configuration that could be judged.
 * Tested by test/rules/pod-pids-limit.test.ts.
 */
import type { EffectiveConfiguration } from '../kubelet/configuration.ts';
import { step } from '../platforms/step.ts';
import { listed, oneLine } from '../platforms/wording.ts';
import type { NodeView, Verdict } from './rule.ts';
import type { Started } from './setting.ts';

const NOT_JUDGED = 'Not judged because ';

const texts = {
  configuration: `${NOT_JUDGED}of what the rule kubelet-restart tells: this kubelet has no configuration that could be judged.`,
  credentials: `${NOT_JUDGED}of what the rule kubelet-restart tells: how this kubelet authenticates is not known.`,
  changed: (files: string[]) =>
    `${listed(files)} changed after the kubelet started, so it does not run with the present content until it restarts`,
  first: step('Do what kubelet-restart advises, then scan this node again.'),
};

/**
 * Makes a check of a judgement on the settings of `paths`. Without a configuration there is nothing to judge; where a file
 * that went into the result is newer than the kubelet, the verdict says so, unless a flag, which cannot change, decides
 * each of the settings.
 */
export function checkSettings<P>(
  paths: readonly string[],
  judge: (node: NodeView, configuration: Started, parameters: P) => Verdict,
): { (node: NodeView, parameters: P): Verdict; restsOn: readonly string[] } {
  const check = (node: NodeView, parameters: P): Verdict => {
    const { configuration } = node;
    if (configuration.starts !== true) return notJudged('configuration');
    const verdict = judge(node, configuration, parameters);
    const fixed = paths.every((path) => configuration.settings[path]?.source.kind === 'flag');
    const changed = fixed ? [] : configuration.changedAfterStart;
    const advisories = changed.length > 0 ? [{ id: 'changed-after-start', text: `${changedSince(changed)}.` }] : [];
    return { ...verdict, advisories: [...verdict.advisories, ...advisories] };
  };
  return Object.assign(check, { restsOn: paths });
}

/** Why there is no effective configuration, in one sentence. */
export function problemOf(configuration: Exclude<EffectiveConfiguration, { starts: true }>): string {
  return oneLine(configuration.starts === false ? configuration.error : configuration.problem);
}

/** `/etc/a.yaml changed after the kubelet started, so …`, without a full stop. */
export function changedSince(files: string[]): string {
  return texts.changed(files);
}

/** One cause has one finding: what kubelet-restart tells, other rules only refer to, all in the same words. */
export function notJudged(what: 'configuration' | 'credentials'): Verdict {
  return { status: 'error', reason: texts[what], advisories: [], remediation: [texts.first] };
}

/** What follows "because" in the reason of a rule that was not judged, for a sentence of another's; undefined in other reasons. */
export function causeIn(reason: string): string | undefined {
  return reason.startsWith(NOT_JUDGED) ? reason.slice(NOT_JUDGED.length) : undefined;
}

/**
 * Checks of settings, and what is said where a kubelet has no effective configuration that could be judged.
 * Tested by test/rules/pod-pids-limit.test.ts.
 */
import type { EffectiveConfiguration, SettingPath } from '../kubelet/configuration.ts';
import { listed, oneLine } from '../platforms/wording.ts';
import type { Advisory, NodeView, Verdict } from './rule.ts';
import type { Started } from './setting.ts';

const texts = {
  wouldNotStart: (error: string) => `A kubelet would not start with the inputs found on this node: ${error}`,
  unsettled: (error: string) => `The effective configuration of this kubelet cannot be computed: ${error}`,
  changed: (files: string[]) =>
    `${listed(files)} changed after the kubelet started, so it does not run with the present content until it restarts`,
  mend: 'Correct the inputs before the kubelet restarts: with them the node would not come back.',
  read: 'Let the collector read the file, then scan this node again.',
};

/**
 * Makes a check of a judgement on the settings of `paths`. Inputs with which no kubelet starts give `error`; where a file
 * that went into the result is newer than the kubelet, the verdict says so, unless a flag, which cannot change, decides
 * each of the settings.
 */
export function checkSettings<P>(
  paths: SettingPath[],
  judge: (node: NodeView, configuration: Started, parameters: P) => Verdict,
): (node: NodeView, parameters: P) => Verdict {
  return (node, parameters) => {
    const { configuration } = node;
    if (configuration.starts !== true) return withoutConfiguration(configuration);
    const verdict = judge(node, configuration, parameters);
    const fixed = paths.every((path) => configuration.settings[path].source.kind === 'flag');
    const advisories = fixed ? [] : changedAfterStart(configuration.changedAfterStart);
    return { ...verdict, advisories: [...verdict.advisories, ...advisories] };
  };
}

/** Why there is no effective configuration, in one sentence. */
export function problemOf(configuration: Exclude<EffectiveConfiguration, { starts: true }>): string {
  return oneLine(configuration.starts === false ? configuration.error : configuration.problem);
}

function changedAfterStart(files: string[]): Advisory[] {
  return files.length > 0 ? [{ id: 'changed-after-start', text: `${texts.changed(files)}.` }] : [];
}

function withoutConfiguration(configuration: Exclude<EffectiveConfiguration, { starts: true }>): Verdict {
  const wouldNotStart = configuration.starts === false;
  const changed = configuration.changedAfterStart;
  const sentence = (wouldNotStart ? texts.wouldNotStart : texts.unsettled)(problemOf(configuration).replace(/\.$/, ''));
  return {
    status: 'error',
    reason: changed.length > 0 ? `${sentence}; ${texts.changed(changed)}.` : `${sentence}.`,
    advisories: changedAfterStart(changed),
    remediation: wouldNotStart ? texts.mend : texts.read,
  };
}

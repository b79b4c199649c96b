import { checkSettings } from '../criteria/check-settings.ts';
import type { Rule } from '../criteria/rule.ts';
import { platformOf } from '../platforms/index.ts';
import { step } from '../platforms/step.ts';
import { origin } from '../platforms/wording.ts';

const GROUP = 'AllAlpha';

const texts = {
  on: (where: string) => `The feature gate AllAlpha is true (${where}): every alpha feature of this version is on.`,
  off: 'The feature gate AllAlpha is not on.',
  mend: (where: string) =>
    `Take AllAlpha out of the feature gates (${where}) and name those alone that this node needs.`,
};

/** Ours, and the STIG's for the API server (V-242400). Source: k8s.io/component-base, featuregate, AllAlpha. */
export const alphaFeatures: Rule = {
  name: 'alpha-features',
  title: 'Alpha features are not turned on all together',
  failureTitle: 'Alpha features are turned on all together',
  why: 'Alpha features are off because they may have errors and get no fixes in time. All of them together also change with every upgrade: what nobody chose is on afterwards.',
  severity: 'medium',
  references: ['https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/#feature-stages'],
  check: checkSettings(['featureGates'], (node, { settings }) => {
    const { value, source } = settings.featureGates;
    if (!Object.hasOwn(value, GROUP) || value[GROUP] !== true) {
      return { status: 'pass', reason: texts.off, advisories: [] };
    }
    const where = origin(source);
    return {
      status: 'fail',
      reason: texts.on(where),
      advisories: [],
      remediation: [step(texts.mend(where)), platformOf(node).restart(node)],
    };
  }),
};

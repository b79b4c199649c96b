import { alphaFeatures } from '../../lambda/rules/alpha-features.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(alphaFeatures, {
  'off by default': { status: 'pass', reason: /AllAlpha is not on/, remediation: false },
  'off by name': { settings: { featureGates: inFile({ AllAlpha: false }) }, status: 'pass', reason: /not on/ },
  on: {
    settings: { featureGates: byFlag({ AllAlpha: true }, '--feature-gates=AllAlpha=true') },
    status: 'fail',
    reason: /AllAlpha is true \(flag --feature-gates=AllAlpha=true\)/,
    remediation: /^Take AllAlpha out of the feature gates/,
  },
  'other gates say nothing': {
    settings: { featureGates: inFile({ AllBeta: true, toString: true }) },
    status: 'pass',
    reason: /not on/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

/**
 * How the rotation of the client certificate is turned on or off.
 * Tested by test/rules/rotate-client-certificates.test.ts.
 */

import type { Step } from '../platforms/step.ts';
import { remedy } from './remedy.ts';
import type { NodeView } from './rule.ts';
import type { Started } from './setting.ts';

/** The advice that makes rotateCertificates `value`. */
export function turnRotation(
  node: NodeView,
  current: Started['settings']['rotateCertificates'],
  value: 'true' | 'false',
): readonly Step[] {
  return remedy(node, { setting: 'rotateCertificates', flag: 'rotate-certificates', value, current }).steps;
}

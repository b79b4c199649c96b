/**
 * How the rotation of the client certificate is turned on or off.
 * Tested by test/rules/rotate-client-certificates.test.ts.
 */

import type { Step } from '../platforms/step.ts';
import { ofKind } from './of-kind.ts';
import { remedy } from './remedy.ts';
import type { NodeView } from './rule.ts';

/** The advice that makes rotateCertificates `value` on a node whose configuration starts. */
export function turnRotation(node: NodeView, value: 'true' | 'false'): readonly Step[] {
  return ofKind(node, `rotation ${value}`, (each, { settings }) => {
    const current = settings.rotateCertificates;
    return remedy(each, { setting: 'rotateCertificates', flag: 'rotate-certificates', value, current }).steps;
  });
}

/**
 * Sentences that say where a feature gate is turned on. What holds it off may be a group such as AllBeta, so it is set by
 * its own name.
 * Tested by test/criteria/gate.test.ts.
 */
import type { GateName, Source } from '../kubelet/configuration.ts';
import type { NodeFacts } from './platform.ts';
import { origin } from './wording.ts';

/** The gate is turned on where it is turned off. */
export function openWhereOff(_node: NodeFacts, name: GateName, source: Source): string {
  return `Set the feature gate ${name} to true where it is turned off (${origin(source)}).`;
}

/** The gate is turned on in `place`, from which what turns it off was written. */
export function openIn(place: string) {
  return (_node: NodeFacts, name: GateName, source: Source): string =>
    `Set the feature gate ${name} to true in ${place}, in place of what turns it off (${origin(source)}).`;
}

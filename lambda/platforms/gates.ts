/**
 * Where a feature gate is turned on. What holds it off may be a group such as AllBeta, so it is set by its own name.
 * Tested by test/criteria/gate.test.ts.
 */
import type { GateName, Source } from '../kubelet/configuration.ts';
import type { NodeFacts } from './platform.ts';
import { type Step, step } from './step.ts';
import { origin } from './wording.ts';

const texts = {
  off: (name: GateName, where: string) => `Set the feature gate ${name} to true where it is turned off (${where}).`,
  place: (name: GateName, place: string, where: string) =>
    `Set the feature gate ${name} to true in ${place}, in place of what turns it off (${where}).`,
};

/** The gate is turned on where it is turned off. */
export function openWhereOff(_node: NodeFacts, name: GateName, source: Source): Step {
  return step(texts.off(name, origin(source)));
}

/** The gate is turned on in `place`, from which what turns it off was written. */
export function openIn(place: string) {
  return (_node: NodeFacts, name: GateName, source: Source): Step => step(texts.place(name, place, origin(source)));
}

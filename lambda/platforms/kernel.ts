/**
 * Where kernel parameters are set before the kubelet may insist on them: it exits where they differ.
 * Tested by test/rules/protect-kernel-defaults.test.ts.
 */
import { type Step, step } from './step.ts';

/** Read by `sysctl --system` and at every boot (sysctl.d(5)). */
const FILE = '/etc/sysctl.d/90-kubelet.conf';

const texts = {
  file: `First add these kernel parameters to ${FILE}, because with other values the kubelet does not start.`,
  load: 'Load them.',
  place: (parameters: string, place: string) =>
    `First set ${parameters} in ${place}: with other values the kubelet does not start.`,
  image: (parameters: string) =>
    `First make the image of the nodes, or their user data before the kubelet starts, set ${parameters}: with other values the kubelet of a new node does not start.`,
};

/** In a file of the node. */
export function setOnNode(parameters: readonly string[]): Step[] {
  return [step(texts.file, `printf '%s\\n' ${parameters.join(' ')} >> ${FILE}`), step(texts.load, 'sysctl --system')];
}

/** In the configuration of what installs the node. */
export function setIn(place: string) {
  return (parameters: readonly string[]): Step[] => [step(texts.place(parameters.join(', '), place))];
}

/** In what new nodes are made from: where the advice is to replace the node, what is set on it is lost with it. */
export function setInImage(parameters: readonly string[]): Step[] {
  return [step(texts.image(parameters.join(', ')))];
}

/**
 * Sentences that say where kernel parameters are set before the kubelet may insist on them: it exits where they differ.
 * Tested by test/rules/protect-kernel-defaults.test.ts.
 */

/** In a file of the node. */
export function setOnNode(parameters: string): string {
  return `First set ${parameters} in /etc/sysctl.d and run sysctl --system: with other values the kubelet does not start.`;
}

/** In the configuration of what installs the node. */
export function setIn(place: string) {
  return (parameters: string): string =>
    `First set ${parameters} in ${place}: with other values the kubelet does not start.`;
}

/** In what new nodes are made from: where the advice is to replace the node, what is set on it is lost with it. */
export function setInImage(parameters: string): string {
  return `First make the image of the nodes, or their user data before the kubelet starts, set ${parameters}: with other values the kubelet of a new node does not start.`;
}

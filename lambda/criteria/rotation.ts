/** How the rotation of the client certificate is turned on or off. */
import { nodeType } from '../platforms/node-type.ts';
import { remedy } from './remedy.ts';
import type { NodeView } from './rule.ts';
import type { Started } from './setting.ts';

const bottlerocket = {
  true: 'Bottlerocket has no setting for rotateCertificates: its image decides it. Replace the node before its certificate expires: a new one asks for a certificate of its own.',
  false:
    'Bottlerocket has no setting for rotateCertificates: its image decides it. Replace the node by one of a release whose image leaves rotation off, before it restarts: after its next start it cannot authenticate.',
};

/** The advice that makes rotateCertificates `value`. Bottlerocket can do neither (bottlerocket-core-kit, kubelet-config). */
export function turnRotation(
  node: NodeView,
  current: Started['settings']['rotateCertificates'],
  value: 'true' | 'false',
): string {
  if (nodeType(node) === 'bottlerocket') return bottlerocket[value];
  return remedy(node, { setting: 'rotateCertificates', flag: 'rotate-certificates', value, current });
}

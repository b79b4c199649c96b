import { checkSettings } from '../criteria/check-settings.ts';
import { onNode } from '../criteria/on-node.ts';
import type { Rule } from '../criteria/rule.ts';
import { fieldOf, stated } from '../criteria/setting.ts';
import { platformOf } from '../platforms/index.ts';
import { step } from '../platforms/step.ts';

const texts = {
  refused: (value: string) => `${value}: a kubelet does not start on a host that swaps.`,
  unused: (start: string, swap: string) =>
    `${start}, and ${swap}: pods do not swap, but what the host swaps is not in the evidence, so a person must look.`,
  used: (start: string, swap: string) =>
    `${start}, and ${swap}: what pods hold in memory, their secrets among it, may be written to disk, so a person must look whether that is encrypted.`,
  look: 'Look whether the node swaps, which it does where this lists anything.',
  encrypted: 'Look whether what it swaps to is encrypted, a crypt device.',
  bottlerocket:
    'Take what turns it on, such as a bootstrap container, out of the user data from which new nodes start.',
  off: 'Turn it off where it is not, and take it out of /etc/fstab.',
};

/** Ours; whether the host swaps at all is not in the evidence. Source: kubernetes.io, concepts, swap memory management. */
export const swapMemory: Rule = {
  name: 'swap-memory',
  title: 'Secrets of pods are not swapped to disk',
  failureTitle: 'Secrets of pods may be swapped to disk',
  why: 'Secrets are kept in memory so that no disk ever has them. A host that swaps writes them to one all the same, where they outlive the pod, the node and what was promised to auditors.',
  severity: 'low',
  linuxOnly: 'on Windows the kubelet does not look at swap',
  references: [
    'https://kubernetes.io/docs/concepts/cluster-administration/swap-memory-management/',
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
  ],
  check: checkSettings(['failSwapOn', 'memorySwap.swapBehavior'], (node, { settings }) => {
    const refuses = fieldOf(settings, 'failSwapOn', true);
    const behavior = fieldOf(settings, 'memorySwap.swapBehavior', '');
    const start = stated('failSwapOn', refuses);
    if (refuses.value) return { status: 'pass', reason: texts.refused(start), advisories: [] };
    const swaps = behavior.value === 'LimitedSwap' || behavior.value === 'UnlimitedSwap';
    const reason = (swaps ? texts.used : texts.unused)(start, stated('memorySwap.swapBehavior', behavior));
    const remediation = [
      onNode(node, texts.look, 'swapon --show'),
      onNode(node, texts.encrypted, 'lsblk -o NAME,TYPE,FSTYPE,MOUNTPOINT'),
      // Its files are made anew at each start, and /etc/fstab is none of them.
      platformOf(node).name === 'bottlerocket' ? step(texts.bottlerocket) : onNode(node, texts.off, 'swapoff -a'),
    ];
    return { status: 'manual', reason, advisories: [], remediation };
  }),
};

import { swapMemory } from '../../lambda/rules/swap-memory.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(swapMemory, {
  'a kubelet refuses swap by default': {
    status: 'pass',
    reason: /failSwapOn is true .*does not start on a host that swaps/,
    remediation: false,
  },
  'it starts with swap, which pods do not use': {
    settings: { failSwapOn: inFile(false) },
    status: 'manual',
    reason: /failSwapOn is false .*: pods do not swap, but .* is not in the evidence/,
    remediation: /`swapon --show`/,
  },
  'and pods use it': {
    settings: { failSwapOn: byFlag(false, '--fail-swap-on=false'), 'memorySwap.swapBehavior': inFile('LimitedSwap') },
    status: 'manual',
    reason: /swapBehavior is LimitedSwap .*: what pods hold in memory, their secrets among it, may be written to disk/,
  },
  'Bottlerocket has no file in which a node keeps it': {
    evidence: { os: { id: 'bottlerocket' } },
    settings: { failSwapOn: inFile(false) },
    status: 'manual',
    reason: /is not in the evidence/,
    remediation: /bootstrap container, out of the user data(?!.*fstab)/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

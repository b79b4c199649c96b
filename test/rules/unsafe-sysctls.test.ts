import { unsafeSysctls } from '../../lambda/rules/unsafe-sysctls.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(unsafeSysctls, {
  'none are allowed': { status: 'pass', reason: /^allowedUnsafeSysctls is empty/, remediation: false },
  'some by name': {
    settings: { allowedUnsafeSysctls: inFile(['net.core.somaxconn']) },
    status: 'pass',
    reason: /each is named/,
  },
  'a whole family': {
    settings: { allowedUnsafeSysctls: inFile(['net.core.somaxconn', 'net.*']) },
    status: 'fail',
    reason: /\[net\.core\.somaxconn, net\.\*\] from .*; net\.\* opens every kernel parameter below it/,
    remediation:
      /Name in allowedUnsafeSysctls \(\/var\/lib\/kubelet\/config\.yaml\) only .* Restart the kubelet: `systemctl/,
  },
  // The example of the kubelet's own documentation.
  'a prefix is a family too': {
    settings: {
      allowedUnsafeSysctls: byFlag(['kernel.msg*', 'kernel.shm*'], '--allowed-unsafe-sysctls=kernel.msg*,kernel.shm*'),
    },
    status: 'fail',
    reason: /; kernel\.msg\*, kernel\.shm\* open every/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

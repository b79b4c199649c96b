import { readOnlyPort } from '../../lambda/rules/read-only-port.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(readOnlyPort, {
  'zero in the file passes': {
    settings: { readOnlyPort: inFile(0) },
    status: 'pass',
    audit: 'pass',
    reason: /^readOnlyPort is 0 from \/var/,
    remediation: false,
  },
  'absent from a config file passes': { status: 'pass', audit: 'pass', reason: /0 from the kubelet's default\.$/ },
  // kube-bench passes this one: no flag and no file names the port, and the kubelet opens 10255.
  'no config file opens 10255': {
    legacy: true,
    status: 'fail',
    audit: 'fail',
    reason: /readOnlyPort is 10255 from the kubelet's default without a config file/,
    remediation: /^First move whatever still reads port 10255 .* to port 10250, .*--read-only-port=0/,
  },
  'a port by flag over zero in the file fails': {
    settings: { readOnlyPort: { ...byFlag(10255, '--read-only-port=0x280f'), overrode: [inFile(0)] } },
    status: 'fail',
    audit: 'fail',
    reason: /10255 from flag --read-only-port=0x280f, which overrides 0/,
  },
  'zero by flag over a port in the file passes': {
    settings: { readOnlyPort: { ...byFlag(0, '--read-only-port=0'), overrode: [inFile(10255)] } },
    status: 'pass',
    audit: 'pass',
    reason: /0 from flag/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

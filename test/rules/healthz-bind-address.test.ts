import { healthzBindAddress } from '../../lambda/rules/healthz-bind-address.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(healthzBindAddress, {
  'this host by default': { status: 'pass', reason: /healthzBindAddress is 127\.0\.0\.1/, remediation: false },
  'another address of this host': {
    settings: { healthzBindAddress: inFile('127.0.0.2') },
    status: 'pass',
    reason: /127\.0\.0\.2/,
  },
  IPv6: { settings: { healthzBindAddress: inFile('::1') }, status: 'pass', reason: /::1/ },
  'every address': {
    settings: { healthzBindAddress: inFile('0.0.0.0'), healthzPort: inFile(10248) },
    status: 'fail',
    reason: /healthzBindAddress is 0\.0\.0\.0 .*: port 10248 answers everybody/,
    remediation: /set `healthzBindAddress: 127\.0\.0\.1`/i,
  },
  'every address of IPv6': {
    settings: { healthzBindAddress: inFile('::') },
    status: 'fail',
    reason: /answers everybody/,
  },
  'no port at all': {
    settings: { healthzBindAddress: inFile('0.0.0.0'), healthzPort: byFlag(0, '--healthz-port=0') },
    status: 'pass',
    reason: /healthzPort is 0 .*serves no health port/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

import { streamingConnectionIdleTimeout } from '../../lambda/rules/streaming-connection-idle-timeout.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(streamingConnectionIdleTimeout, {
  'five minutes pass': {
    settings: { streamingConnectionIdleTimeout: inFile('5m0s') },
    status: 'pass',
    audit: 'pass',
    reason: /5m0s from \/var/,
    remediation: false,
  },
  'absent means four hours': { status: 'pass', audit: 'pass', reason: /4h0m0s from the kubelet's default/ },
  'a pass since 1.24 assures nothing, and says so': {
    settings: { streamingConnectionIdleTimeout: inFile('5m0s') },
    status: 'pass',
    audit: 'pass',
    reason: /Since 1\.24 the kubelet does not use it: the container runtime decides/,
  },
  'a failure since 1.24 keeps no connection open': {
    settings: { streamingConnectionIdleTimeout: byFlag('0s', '--streaming-connection-idle-timeout=0') },
    status: 'fail',
    audit: 'fail',
    reason: /=0, which the control does not accept\. Since 1\.24 .* neither closes nor keeps a connection\.$/,
  },
  'before it the kubelet closes them': {
    version: { text: 'v1.23.17', minor: 23, known: true },
    settings: { streamingConnectionIdleTimeout: inFile('5m0s') },
    status: 'pass',
    audit: 'pass',
    reason: /5m0s from \/var\/lib\/kubelet\/config\.yaml\.$/,
  },
  'zero by flag fails': {
    version: { text: 'v1.23.17', minor: 23, known: true },
    settings: { streamingConnectionIdleTimeout: byFlag('0s', '--streaming-connection-idle-timeout=0') },
    status: 'fail',
    audit: 'fail',
    reason: /0s from flag --streaming-connection-idle-timeout=0: idle .* never closed/,
    remediation: /4h0m0s/,
  },
  // kube-bench compares text: it passes 0s, 0h and 0m0s.
  'zero with units is zero': {
    settings: { streamingConnectionIdleTimeout: byFlag('0s', '--streaming-connection-idle-timeout=0h0m') },
    status: 'fail',
    audit: 'fail',
    reason: /which the control does not accept/,
  },
  'a negative time is no limit either': {
    settings: { streamingConnectionIdleTimeout: inFile('-1s') },
    status: 'fail',
    audit: 'pass',
    reason: /-1s/,
  },
  // The audit's text fails this one, the kubelet defaults a zero of the file again.
  'zero in the file is four hours': {
    settings: {
      streamingConnectionIdleTimeout: { value: '4h0m0s', source: { kind: 'default' }, overrode: [inFile('0s')] },
    },
    status: 'pass',
    audit: 'fail',
    reason: /4h0m0s from the kubelet's default, which overrides 0s/,
    advisories: ['zero-means-default'],
  },
  'ten seconds are not zero': {
    settings: { streamingConnectionIdleTimeout: inFile('10s') },
    status: 'pass',
    audit: 'pass',
    reason: /10s/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

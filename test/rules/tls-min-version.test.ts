import { tlsMinVersion } from '../../lambda/rules/tls-min-version.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(tlsMinVersion, {
  // k8s.io/component-base cli/flag: an empty value is DefaultTLSVersion, TLS 1.2.
  'unset means TLS 1.2': {
    status: 'pass',
    reason: /tlsMinVersion is "" from the kubelet's default: the kubelet then wants TLS 1\.2/,
    remediation: false,
  },
  'TLS 1.3': { settings: { tlsMinVersion: inFile('VersionTLS13') }, status: 'pass', reason: /VersionTLS13/ },
  'TLS 1.2': { settings: { tlsMinVersion: inFile('VersionTLS12') }, status: 'pass', reason: /VersionTLS12/ },
  'TLS 1.1 fails': {
    settings: { tlsMinVersion: inFile('VersionTLS11') },
    status: 'fail',
    reason: /VersionTLS11 from \/var\/lib\/kubelet\/config\.yaml: .*RFC 8996/,
    remediation: /set `tlsMinVersion: VersionTLS12`/i,
  },
  'TLS 1.0 by a flag over a good file': {
    settings: {
      tlsMinVersion: {
        ...byFlag('VersionTLS10', '--tls-min-version=VersionTLS10'),
        overrode: [inFile('VersionTLS13')],
      },
    },
    status: 'fail',
    reason: /VersionTLS10/,
    remediation: /^Remove .* and leave/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

import { tlsCipherSuites } from '../../lambda/rules/tls-cipher-suites.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

const STRONG = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';

table(tlsCipherSuites, {
  'strong suites pass': {
    settings: { tlsCipherSuites: inFile([STRONG, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384']) },
    status: 'pass',
    audit: 'pass',
    reason: /tlsCipherSuites is \[TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA/,
    remediation: false,
  },
  'one weak suite fails and is named': {
    settings: { tlsCipherSuites: byFlag([STRONG, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'], '--tls-cipher-suites=...') },
    status: 'fail',
    audit: 'fail',
    reason: /; TLS_RSA_WITH_3DES_EDE_CBC_SHA is not among the strong suites/,
    remediation: /tlsCipherSuites: \[TLS_ECDHE_/,
    never: /: \[.*TLS_RSA_/,
  },
  'absent means those of the Go runtime': {
    status: 'fail',
    audit: 'fail',
    reason: /\[\] from the kubelet's default: the suites of the Go runtime apply/,
  },
  'absent with TLS 1.3 alone is strong, though not to the audit': {
    settings: { tlsMinVersion: inFile('VersionTLS13') },
    status: 'pass',
    audit: 'fail',
    reason: /tlsMinVersion is VersionTLS13/,
  },
  // kube-bench fails the longer name of a suite that it accepts by its shorter one.
  'the other name of a strong suite passes': {
    settings: { tlsCipherSuites: inFile([STRONG, 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256']) },
    status: 'pass',
    audit: 'fail',
    reason: /POLY1305_SHA256/,
  },
  'suites without forward secrecy fail from 1.12 on': {
    settings: { tlsCipherSuites: inFile([STRONG, 'TLS_RSA_WITH_AES_128_GCM_SHA256']) },
    status: 'fail',
    audit: 'fail',
    reason: /; TLS_RSA_WITH_AES_128_GCM_SHA256 is not among the strong suites/,
    never: /: \[.*TLS_RSA_/,
  },
  'what a benchmark up to 1.11 accepts without forward secrecy passes with a word on it': {
    settings: { tlsCipherSuites: inFile([STRONG, 'TLS_RSA_WITH_AES_128_GCM_SHA256']) },
    parameters: { suites: [STRONG, 'TLS_RSA_WITH_AES_128_GCM_SHA256'] },
    status: 'pass',
    audit: 'pass',
    reason: /TLS_RSA/,
    advisories: ['no-forward-secrecy'],
  },
  'as an argument the list has commas alone: a kubelet exits over brackets': {
    legacy: true,
    status: 'fail',
    audit: 'fail',
    reason: /Go runtime/,
    remediation: /add `--tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_[A-Z0-9_,]+` to/i,
  },
  'a strong list beneath a weak flag stays as it is': {
    settings: {
      tlsCipherSuites: {
        ...byFlag([STRONG, 'TLS_RSA_WITH_RC4_128_SHA'], '--tls-cipher-suites=…'),
        overrode: [inFile([STRONG])],
      },
    },
    status: 'fail',
    audit: 'fail',
    reason: /RC4/,
    remediation: /^Remove .* and leave \/var\/lib\/kubelet\/config\.yaml as it is/,
  },
  // Go's HTTP/2 server refuses such a list, so the kubelet would exit.
  'a strong list without the suite that HTTP/2 wants is no list to fall back on': {
    settings: {
      tlsCipherSuites: {
        ...byFlag([STRONG, 'TLS_RSA_WITH_RC4_128_SHA'], '--tls-cipher-suites=…'),
        overrode: [inFile(['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'])],
      },
    },
    status: 'fail',
    audit: 'fail',
    reason: /RC4/,
    remediation: /^Remove .* Set `tlsCipherSuites: \[TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256/,
  },
  // x/net/http2, ConfigureServer: the kubelet's server returns an error, and the kubelet exits.
  'strong suites without the one that HTTP/2 needs are no pass: such a kubelet does not run': {
    settings: { tlsCipherSuites: inFile(['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384']) },
    status: 'error',
    audit: 'pass',
    reason: /it has neither TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 nor TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256/,
    remediation: /set `tlsCipherSuites: \[/i,
  },
  'with TLS 1.3 alone no list is looked at': {
    settings: {
      tlsCipherSuites: inFile(['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384']),
      tlsMinVersion: inFile('VersionTLS13'),
    },
    status: 'pass',
    audit: 'pass',
    reason: /VersionTLS13/,
  },
  'several weak ones': {
    settings: { tlsCipherSuites: inFile([STRONG, 'TLS_A', 'TLS_B']) },
    status: 'fail',
    audit: 'fail',
    reason: /; TLS_A, TLS_B are not among the strong suites/,
  },
  'Bottlerocket fixes the list': {
    evidence: { os: { id: 'bottlerocket' } },
    settings: { tlsCipherSuites: inFile([STRONG, 'TLS_RSA_WITH_AES_128_CBC_SHA'], '/etc/kubernetes/kubelet/config') },
    status: 'fail',
    audit: 'fail',
    reason: /CBC/,
    remediation: /no setting for tlsCipherSuites/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

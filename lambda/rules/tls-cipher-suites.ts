import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Advisory, Parameters, Rule } from '../criteria/rule.ts';
import { audited, stated } from '../criteria/setting.ts';
import { listed } from '../platforms/wording.ts';

/** The suites that CIS Kubernetes accepts from 1.12 on; a benchmark names its own. */
const ACCEPTED: readonly string[] = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
];

/** As strong, but not in the benchmark's list: longer names of the same suites, and those of TLS 1.3. */
const AS_STRONG: ReadonlySet<unknown> = new Set([
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
]);

/** Without one of these, or TLS 1.3 alone, Go's server does not start HTTP/2, and the kubelet exits (x/net/http2, ConfigureServer). */
const REQUIRED: ReadonlySet<unknown> = new Set([
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
]);

const texts = {
  list: (value: string) => `${value}.`,
  weak: (value: string, weak: string[]) =>
    `${value}; ${listed(weak)} ${weak.length === 1 ? 'is' : 'are'} not among the strong suites of the benchmark.`,
  absent: (value: string) =>
    `${value}: the suites of the Go runtime apply, which include CBC suites that the benchmark does not accept.`,
  newest: (minimum: string) => `${minimum}: TLS 1.3 has strong suites only, and no list applies to it.`,
  refused: (value: string) =>
    `${value}: it has neither ${[...REQUIRED].join(' nor ')}, without which Go serves no HTTP/2, and a kubelet that is given it exits: so this one does not run with it.`,
  secrecy: (suites: string[]) =>
    `The benchmark accepts ${listed(suites)}, but without forward secrecy: a key that is stolen later opens recorded traffic.`,
};

export const tlsCipherSuites: Rule = {
  name: 'tls-cipher-suites',
  title: 'The kubelet offers strong cipher suites only',
  failureTitle: 'The kubelet offers weak cipher suites',
  why: "Weak suites let a patient listener read what the API server and the kubelet say to each other: logs, the output of commands, pods' environments.",
  severity: 'medium',
  procedure: {
    expected: "each of tlsCipherSuites is in the benchmark's list",
    command: "ps -ef | grep '[k]ubelet'; cat $config",
  },
  references: [
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    'https://github.com/kubernetes/component-base/blob/v0.32.0/cli/flag/ciphersuites_flag.go',
    'https://pkg.go.dev/crypto/tls#CipherSuites',
  ],
  check: checkSettings(
    ['tlsCipherSuites', 'tlsMinVersion'],
    (node, { settings }, { suites = ACCEPTED }: Parameters) => {
      const { tlsCipherSuites: current, tlsMinVersion } = settings;
      const named = new Set<unknown>(suites);
      const isStrong = (suite: unknown) => named.has(suite) || AS_STRONG.has(suite);
      const seen = audited(current)?.value;
      const audit = Array.isArray(seen) && seen.length > 0 && seen.every((suite) => named.has(suite)) ? 'pass' : 'fail';
      const value = stated('tlsCipherSuites', current);
      if (tlsMinVersion.value === 'VersionTLS13') {
        return { status: 'pass', audit, reason: texts.newest(stated('tlsMinVersion', tlsMinVersion)), advisories: [] };
      }
      const starts = (list: readonly unknown[]) => list.some((suite) => REQUIRED.has(suite));
      const accepts = (list: unknown) => Array.isArray(list) && list.every(isStrong) && starts(list);
      if (accepts(current.value)) {
        return { status: 'pass', audit, reason: texts.list(value), advisories: withoutSecrecy(current.value) };
      }
      const change = {
        setting: 'tlsCipherSuites',
        flag: 'tls-cipher-suites',
        value: `[${ACCEPTED.join(', ')}]`,
        argument: ACCEPTED.join(','),
        accepts,
        current,
      } as const;
      const remediation = remedy(node, change).steps;
      if (current.value.length > 0 && !starts(current.value)) {
        return { status: 'error', audit, reason: texts.refused(value), advisories: [], remediation };
      }
      const weak = current.value.filter((suite) => !isStrong(suite));
      const reason = weak.length > 0 ? texts.weak(value, weak) : texts.absent(value);
      return { status: 'fail', audit, reason, advisories: [], remediation };
    },
  ),
};

function withoutSecrecy(suites: string[]): Advisory[] {
  const static_ = suites.filter((suite) => suite.startsWith('TLS_RSA_'));
  return static_.length > 0 ? [{ id: 'no-forward-secrecy', text: texts.secrecy(static_) }] : [];
}

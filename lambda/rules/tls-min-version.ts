import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Rule } from '../criteria/rule.ts';
import { stated } from '../criteria/setting.ts';

const OLD: ReadonlySet<string> = new Set(['VersionTLS10', 'VersionTLS11']);

const texts = {
  old: (value: string) => `${value}: the kubelet still speaks versions of TLS that were withdrawn (RFC 8996).`,
  unset: (value: string) => `${value}: the kubelet then wants TLS 1.2 at least.`,
};

/** Ours. An empty value means TLS 1.2 (k8s.io/component-base, cli/flag/ciphersuites_flag.go, DefaultTLSVersion). */
export const tlsMinVersion: Rule = {
  name: 'tls-min-version',
  title: 'The kubelet speaks TLS 1.2 or later',
  failureTitle: 'The kubelet speaks TLS before 1.2',
  why: 'TLS 1.0 and 1.1 rest on hashes and ciphers that can be broken. Whoever sits between the API server and the node can talk both down to them, and read what commands and logs carry.',
  severity: 'medium',
  references: [
    'https://www.rfc-editor.org/rfc/rfc8996',
    'https://github.com/kubernetes/component-base/blob/v0.32.0/cli/flag/ciphersuites_flag.go',
  ],
  check: checkSettings(['tlsMinVersion'], (node, { settings }) => {
    const current = settings.tlsMinVersion;
    const value = stated('tlsMinVersion', current);
    if (!OLD.has(current.value)) {
      return { status: 'pass', reason: current.value === '' ? texts.unset(value) : `${value}.`, advisories: [] };
    }
    const change = {
      setting: 'tlsMinVersion',
      flag: 'tls-min-version',
      value: 'VersionTLS12',
      current,
      accepts: (version: unknown) => !OLD.has(String(version)),
    } as const;
    return { status: 'fail', reason: texts.old(value), advisories: [], remediation: remedy(node, change).steps };
  }),
};

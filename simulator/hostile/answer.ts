/**
 * Texts of answers as the collector would write them, with a place for what a hostile node puts there.
 * Tested by test/hostile/corpus.test.ts.
 */
import { envelope } from './envelope.ts';

export const CONFIG = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

export type Parts = {
  /** The configuration file below its type, or all of it where `whole`. */
  config?: string;
  whole?: boolean;
  args?: readonly string[];
  /** Records put in before the first process, after the last one, and in place of single ones. */
  before?: string;
  after?: string;
  exe?: string;
  cwd?: string;
  unit?: string;
  version?: string;
  path?: string;
  command?: string;
  certificate?: string;
};

/** The text of a kubeadm node that is in order but for what the parts say. */
export function text(parts: Parts = {}): string {
  const { config = 'rotateCertificates: true\n', whole = false, args = [], before = '', after = '' } = parts;
  const path = parts.path ?? '/var/lib/kubelet/config.yaml';
  const content = whole ? config : CONFIG + config;
  const behindBars = (lines: string) => lines.replace(/\n$/, '').replaceAll(/^/gm, '|');
  return [
    'time 1764000000',
    'os ubuntu 24.04 -',
    ...(before ? [before] : []),
    'process kubelet 912',
    `exe ${parts.exe ?? '/usr/bin/kubelet'}`,
    `cwd ${parts.cwd ?? '/'}`,
    'started 1763990000 1.01',
    `unit ${parts.unit ?? 'kubelet.service'}`,
    `version ${parts.version ?? 'v1.31.6'}`,
    `arg --config=${path}`,
    'arg --kubeconfig=/etc/kubernetes/kubelet.conf',
    ...args.map((argument) => `arg ${argument.replaceAll('\n', '\u0001')}`),
    `file config file 600 0 0 500 1763900000 - ${path}`,
    'content',
    behindBars(content),
    'file kubeconfig file 600 0 0 500 1763900000 - /etc/kubernetes/kubelet.conf',
    'content',
    '|current-context: "c"',
    '|contexts:',
    '|- context:',
    '|    user: "u"',
    '|  name: "c"',
    '|users:',
    '|- name: "u"',
    '|  user:',
    ...(parts.command === undefined
      ? ['|    client-certificate: "/var/lib/kubelet/pki/kubelet-client-current.pem"']
      : ['|    exec:', `|      command: "${parts.command}"`]),
    'certificate client-certificate /var/lib/kubelet/pki/kubelet-client-current.pem',
    parts.certificate ??
      'issuer CN=kubernetes\nfrom 1759276800\nto 1822348800\nsubject CN=system:node:n,O=system:nodes\nserial 01',
    ...(after ? [after] : []),
    '',
  ].join('\n');
}

/** The answer with these parts, in a right envelope. */
export const answer = (parts: Parts = {}): string => envelope(text(parts));

/** Small inputs on which scanners disagree, each with what the kubelet does. Tested by test/tools/compare.test.ts. */

export type Case = {
  /** The input, as its reader sees it. */
  name: string;
  /** The control of CIS Kubernetes 1.12 that is in dispute. */
  control: string;
  argv: string[];
  /** Texts by path; a name that ends with .conf is a drop-in. */
  files: Record<string, string>;
  /** What a kubelet 1.32 does, in a few words; `value` is what it is effectively configured to. */
  right: string;
  /** The status that follows. */
  status: 'pass' | 'fail';
  setting: string;
  value: unknown;
};

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const CONFIG = '/var/lib/kubelet/config.yaml';
const at = (text: string, path = CONFIG) => ({ [path]: HEAD + text });
const OFF = 'authentication: {anonymous: {enabled: false}}\n';
const ANONYMOUS = 'authentication.anonymous.enabled';

export const CASES: readonly Case[] = [
  {
    name: 'a drop-in turns on what the file turns off',
    control: '4.2.1',
    argv: [`--config=${CONFIG}`, '--config-dir=/var/lib/kubelet/conf.d'],
    files: {
      ...at(OFF),
      '/var/lib/kubelet/conf.d/50-a.conf': `${HEAD}authentication: {anonymous: {enabled: true}}\n`,
    },
    right: 'merges it: anonymous requests are let in',
    status: 'fail',
    setting: ANONYMOUS,
    value: true,
  },
  {
    name: '`--anonymous_auth=true`, with an underscore',
    control: '4.2.1',
    argv: [`--config=${CONFIG}`, '--anonymous_auth=true'],
    files: at(OFF),
    right: 'takes it for --anonymous-auth: they are let in',
    status: 'fail',
    setting: ANONYMOUS,
    value: true,
  },
  {
    name: '`--anonymous-auth=false --anonymous-auth=true`',
    control: '4.2.1',
    argv: [`--config=${CONFIG}`, '--anonymous-auth=false', '--anonymous-auth=true'],
    files: at(OFF),
    right: 'the last counts: they are let in',
    status: 'fail',
    setting: ANONYMOUS,
    value: true,
  },
  {
    name: '`--anonymous-auth=0`',
    control: '4.2.1',
    argv: [`--config=${CONFIG}`, '--anonymous-auth=0'],
    files: at(''),
    right: '0 is false: nobody is let in',
    status: 'pass',
    setting: ANONYMOUS,
    value: false,
  },
  {
    name: 'the file of --config says nothing of anonymous requests',
    control: '4.2.1',
    argv: [`--config=${CONFIG}`],
    files: at('clusterDomain: cluster.local\n'),
    right: 'with a file the default is false: nobody is let in',
    status: 'pass',
    setting: ANONYMOUS,
    value: false,
  },
  {
    name: 'no --config, while a file lies where others look',
    control: '4.2.1',
    argv: [],
    files: at(OFF),
    right: 'does not read it: without a file they are let in',
    status: 'fail',
    setting: ANONYMOUS,
    value: true,
  },
  {
    name: 'no --config and no flag: the read-only port',
    control: '4.2.4',
    argv: [],
    files: {},
    right: 'opens 10255, its default without a file',
    status: 'fail',
    setting: 'readOnlyPort',
    value: 10255,
  },
  {
    name: '`readOnlyPort: 0x0` in YAML',
    control: '4.2.4',
    argv: [`--config=${CONFIG}`],
    files: at('readOnlyPort: 0x0\n'),
    right: 'reads 0: the port is closed',
    status: 'pass',
    setting: 'readOnlyPort',
    value: 0,
  },
  {
    name: '`rotateCertificates: no`, a boolean of YAML 1.1',
    control: '4.2.10',
    argv: [`--config=${CONFIG}`],
    files: at('rotateCertificates: no\n'),
    right: 'reads false: nothing rotates',
    status: 'fail',
    setting: 'rotateCertificates',
    value: false,
  },
  {
    name: '`--rotate-certificates=true --rotate-certificates=f`',
    control: '4.2.10',
    argv: [`--config=${CONFIG}`, '--rotate-certificates=true', '--rotate-certificates=f'],
    files: at(''),
    right: 'the last counts, and f is false: nothing rotates',
    status: 'fail',
    setting: 'rotateCertificates',
    value: false,
  },
  {
    name: '`podPidsLimit: -1`',
    control: '4.2.13',
    argv: [`--config=${CONFIG}`],
    files: at('podPidsLimit: -1\n'),
    right: 'limits nothing',
    status: 'fail',
    setting: 'podPidsLimit',
    value: -1,
  },
];

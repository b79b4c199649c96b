import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { derive } from '../../lambda/kubelet/derive.ts';
import { configFile, kubeletProcess } from '../../simulator/fleet/node-types.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

function refused(minor: number, text: string, argv: string[] = []): string | undefined {
  const derived = derive(
    kubeletProcess({
      version: `v1.${minor}.0`,
      argv: ['--container-runtime-endpoint=unix:///x', '--config=/c', ...argv],
      files: [configFile('/c', HEAD + text)],
    }),
  );
  if (derived.starts !== false) return undefined;
  assert.equal(derived.refusal.stage, 'late', derived.error);
  assert.ok(derived.reached, 'what it computed is known');
  return derived.refusal.error.replace(/^failed to (?:run Kubelet|construct kubelet dependencies): /, '');
}

describe('what is refused after the configuration was accepted', () => {
  const files: [minor: number, text: string, expected: string | undefined][] = [
    [23, 'tlsCipherSuites: [A]\n', undefined],
    [28, 'tlsCipherSuites: [TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305]\n', undefined],
    [28, 'tlsCipherSuites: [TLS_AES_128_GCM_SHA256, A]\n', "Cipher suite A not supported or doesn't exist"],
    [28, 'tlsMinVersion: "1.2"\n', 'unknown tls version "1.2"'],
    [36, 'tlsCurvePreferences: [29, 29]\n', 'duplicate curve preference 29'],
    [36, 'tlsCurvePreferences: [0]\n', 'curve preference 0 is out of range (must be 1-65535)'],
    [
      26,
      'kubeReserved: {cpu: x}\n',
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      30,
      'systemReserved: {memory: -1Gi}\n',
      '--system-reserved value failed to parse: resource quantity for "memory" cannot be negative: -1Gi',
    ],
    [
      30,
      'systemReserved: {storage: 1Gi}\n',
      '--system-reserved value failed to parse: cannot reserve "storage" resource',
    ],
    [
      30,
      'qosReserved: {memory: 101%}\n',
      '--qos-reserved value failed to parse: failed to parse percentage "101%" for "memory" resource: percentage must be between 0 and 100',
    ],
    [
      30,
      'qosReserved: {memory: "5"}\n',
      `--qos-reserved value failed to parse: failed to parse percentage "5" for "memory" resource: percentage expected, got '5'`,
    ],
    [30, 'qosReserved: {cpu: 5%}\n', '--qos-reserved value failed to parse: cannot reserve "cpu" resource'],
    [
      30,
      'evictionHard: {memory.available: 101%}\n',
      'eviction percentage threshold memory.available must be <= 100%: 101%',
    ],
    [30, 'evictionHard: {memory.available: "0"}\n', 'eviction threshold memory.available must be positive: 0'],
    [30, 'evictionHard: {memory.available: 100%}\n', undefined],
    [28, 'evictionHard: {containerfs.available: 5%}\n', 'unsupported eviction signal containerfs.available'],
    [29, 'evictionHard: {containerfs.available: 5%}\n', undefined],
    [
      30,
      'evictionSoft: {memory.available: 1Gi}\n',
      'failed to create kubelet: grace period must be specified for the soft eviction threshold memory.available',
    ],
    [30, 'evictionSoft: {memory.available: 100%}\n', undefined],
    [
      30,
      'evictionSoftGracePeriod: {memory.available: -1s}\n',
      'failed to create kubelet: invalid eviction grace period specified: -1s, must be a positive value',
    ],
    [
      30,
      'evictionSoftGracePeriod: {memory.available: "5"}\n',
      'failed to create kubelet: time: missing unit in duration "5"',
    ],
    [
      30,
      'evictionMinimumReclaim: {memory.available: 0%}\n',
      'failed to create kubelet: eviction percentage minimum reclaim memory.available must be positive: 0%',
    ],
    [
      30,
      'evictionMinimumReclaim: {memory.available: "-5"}\n',
      'failed to create kubelet: negative eviction minimum reclaim specified for memory.available',
    ],
    [30, 'syncFrequency: -1ms\n', 'failed to create kubelet: invalid sync frequency -1000000'],
  ];
  for (const [minor, text, expected] of files) {
    test(`1.${minor} ${text.trim()}`, () => assert.equal(refused(minor, text), expected));
  }

  const flags: [minor: number, argv: string[], expected: string | undefined][] = [
    [30, ['--exit-on-lock-contention'], 'cannot exit on lock file contention: no lock file specified'],
    [26, ['--cloud-provider=aws'], undefined],
    [27, ['--cloud-provider=aws'], 'unknown cloud provider "aws"'],
    [
      30,
      ['--cloud-provider=gce'],
      'failed to create kubelet: cloud provider "gce" was specified, but built-in cloud providers are disabled. Please set --cloud-provider=external and migrate to an external cloud provider',
    ],
    [
      33,
      ['--cloud-provider=gce'],
      'cloud provider "gce" was specified, but built-in cloud providers are disabled. Please set --cloud-provider=external and migrate to an external cloud provider',
    ],
    [33, ['--node-ip=10.0.0.1,fd00::1'], undefined],
    [33, ['--node-ip=10.0.0.1,x'], undefined],
    [
      33,
      ['--node-ip=10.0.0.1,10.0.0.2'],
      'bad --node-ip "10.0.0.1,10.0.0.2": must contain either a single IP or a dual-stack pair of IPs',
    ],
    [33, ['--node-ip=10.0.0.1,::'], `bad --node-ip "10.0.0.1,::": dual-stack node IP cannot include '0.0.0.0' or '::'`],
    [
      26,
      ['--node-ip=10.0.0.1,fd00::1', '--cloud-provider=external'],
      'dual-stack --node-ip "10.0.0.1,fd00::1" not supported when using a cloud provider',
    ],
    [
      28,
      ['--node-ip=10.0.0.1,fd00::1', '--cloud-provider=external'],
      'bad --node-ip "10.0.0.1,fd00::1": dual-stack not supported in this configuration',
    ],
    [29, ['--node-ip=10.0.0.1,fd00::1', '--cloud-provider=external'], undefined],
  ];
  for (const [minor, argv, expected] of flags) {
    test(`1.${minor} ${argv.join(' ')}`, () => assert.equal(refused(minor, '', argv), expected));
  }
});

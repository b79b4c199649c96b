/** What validation refuses for the host's control groups (pkg/kubelet/apis/config/validation/validation_linux.go). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { derive } from '../../../lambda/kubelet/derive.ts';
import { configFile, kubeletProcess } from '../../../simulator/fleet/node-types.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

describe('the control groups of the host', () => {
  const REFUSED = 'kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is';
  const rows: [minor: number, cgroup: 1 | 2 | undefined, text: string, expected: readonly string[]][] = [
    [34, 1, 'failCgroupV1: true\n', [`${REFUSED} in maintenance mode`]],
    [35, 1, 'maxPods: 9\n', [`${REFUSED} unsupported and will be removed in a future release`]],
    // One thing at a time: of user namespaces nothing is said beside it.
    [35, 1, 'userNamespaces: {idsPerPod: 1}\n', [`${REFUSED} unsupported and will be removed in a future release`]],
    [35, 1, 'failCgroupV1: false\n', []],
    [35, 2, 'maxPods: 9\n', []],
    [35, undefined, 'maxPods: 9\n', []],
    [34, 1, 'maxPods: 9\n', []],
    [
      32,
      1,
      'singleProcessOOMKill: false\n',
      ['invalid configuration: singleProcessOOMKill must not be explicitly set to false when using cgroup v1'],
    ],
    [32, 1, 'singleProcessOOMKill: true\n', []],
    [32, 2, 'singleProcessOOMKill: false\n', []],
  ];
  for (const [minor, cgroup, text, expected] of rows) {
    test(`1.${minor}, version ${cgroup}: ${text.trim()}`, () => {
      const kubelet = kubeletProcess({
        version: `v1.${minor}.0`,
        argv: ['--container-runtime-endpoint=unix:///x', '--config=/c'],
        files: [configFile('/c', HEAD + text)],
      });
      const derived = derive(kubelet, cgroup === undefined ? {} : { cgroup });
      assert.deepEqual(derived.starts === false ? derived.refusal.messages : [], expected);
    });
  }
});

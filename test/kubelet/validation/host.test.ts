/**
 * What validation refuses for the host's control groups (pkg/kubelet/apis/config/validation/validation_linux.go), and on Windows
 * (validation_windows.go).
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { derive } from '../../../lambda/kubelet/derive.ts';
import { configFile, kubeletProcess, NODES } from '../../../simulator/fleet/node-types.ts';

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

describe('a kubelet of Windows', () => {
  const CGROUPS = 'invalid configuration: CgroupsPerQOS (--cgroups-per-qos) true is not supported on Windows';
  const ENFORCED =
    'invalid configuration: EnforceNodeAllocatable (--enforce-node-allocatable) [pods] is not supported on Windows';
  const rows: [minor: number, argv: string[], expected: readonly string[]][] = [
    [29, [], [CGROUPS, ENFORCED]],
    [29, ['--cgroups-per-qos=false', '--enforce-node-allocatable='], []],
    // Since then it only warns (kubernetes pull request 123137).
    [30, [], []],
    [34, ['--windows-service', '--windows-priorityclass=HIGH_PRIORITY_CLASS'], []],
  ];
  for (const [minor, argv, expected] of rows) {
    test(`1.${minor} ${argv.join(' ')}`, () => {
      const derived = derive(kubeletProcess({ version: `v1.${minor}.0`, cwd: 'C:\\Windows\\System32', argv }));
      assert.deepEqual(derived.starts === false ? derived.refusal.messages : [], expected);
      assert.equal(derived.starts, expected.length === 0);
    });
  }

  test('takes flags that one of Linux has not', () => {
    const derived = derive(kubeletProcess({ argv: ['--windows-service'] }));
    assert.ok(derived.starts === false && /unknown flag: --windows-service/.test(derived.error));
  });

  test('finds files by its folder and its drive, and those that a file names below the folder of that file', () => {
    const { kubelet } = NODES.windows ?? assert.fail();
    const argv = kubelet.argv.map((each) => each.replace('C:\\var\\lib\\kubelet\\config', '/var/lib/kubelet/config'));
    for (const derived of [derive(kubelet), derive({ ...kubelet, argv })]) {
      assert.ok(derived.starts === true);
      const { configFile: path, settings, credentials } = derived;
      assert.equal(path, 'C:\\var\\lib\\kubelet\\config.yaml');
      assert.equal(
        settings['authentication.x509.clientCAFile'].value,
        'C:\\var\\lib\\kubelet\\etc\\kubernetes\\pki\\ca.crt',
      );
      assert.ok(credentials.kind === 'client-certificate' && credentials.inCertDir);
    }
  });

  test('may keep the logs of pods on a drive', () => {
    const logs = (cwd: string, path: string) =>
      derive(
        kubeletProcess({
          cwd,
          version: 'v1.34.0',
          argv: [`--config=${path}`, '--container-runtime-endpoint=npipe:////./pipe/x'],
          files: [configFile(path, `${HEAD}podLogsDir: D:\\logs\n`)],
        }),
      ).starts;
    assert.equal(logs('C:\\', 'C:\\c'), true);
    assert.equal(logs('/', '/c'), true, 'below the folder of the file');
  });
});

/**
 * What collect.sh makes of roots that are not a running machine's: mounted disks and copies, whose absolute links lead
 * below them and whose /proc may lack entries, and of processes with a root of their own.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { derive } from '../../../lambda/kubelet/derive.ts';
import type { Evidence, KubeletProcess } from '../../../lambda/kubelet/evidence.ts';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { collect } from '../../../simulator/collector.ts';
import { clientCertificate } from '../../../simulator/fleet/certificate.ts';
import { configuration } from '../../../simulator/fleet/images.ts';
import { type SimulatedProcess, type SimulatedRoot, writeRoot } from '../../../simulator/fleet/root.ts';
import { shells } from './shells.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-copies-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let roots = 0;

const process = (argv: string[], more: Partial<SimulatedProcess> = {}): SimulatedProcess => ({
  pid: 40,
  name: 'kubelet',
  argv: ['/usr/bin/kubelet', ...argv],
  startedAt: 1_763_000_000,
  ...more,
});

for (const { shell, missing } of shells) {
  describe(`under ${shell}`, missing ? { skip: missing } : {}, () => {
    const run = async (
      node: Omit<SimulatedRoot, 'os'>,
      change: (directory: string) => void = () => {},
    ): Promise<Evidence> => {
      roots += 1;
      const directory = join(folder, String(roots));
      writeRoot(directory, { os: { id: 'ubuntu' }, ...node });
      change(directory);
      const { stdout } = await collect(directory, { simulated: true, shell });
      const answer = readAnswer(stdout);
      assert.ok('evidence' in answer, JSON.stringify(answer));
      return answer.evidence;
    };
    const contents = ({ kubelets }: Evidence) =>
      kubelets[0]?.files.filter(({ content }) => content !== undefined).map(({ path, content }) => [path, content]);

    test('absolute links lead below the root', async () => {
      const outside = join(folder, 'outside.yaml');
      writeFileSync(outside, configuration('clusterDomain: outside'));
      const [config, first, second] = ['maxPods: 1', 'maxPods: 2', 'maxPods: 3'].map((line) => configuration(line));
      const evidence = await run({
        version: 'v1.32.1',
        processes: [
          process(['--config=/etc/k/config.yaml', '--config-dir=/etc/d', '--kubeconfig=/etc/k/kubeconfig'], {
            exe: '/data/bin/kubelet',
            unit: 'kubelet.service',
          }),
        ],
        files: {
          '/data/real.yaml': config ?? '',
          '/data/d/10.conf': first ?? '',
          '/data/20.yaml': second ?? '',
          '/data/kubelet.pem': clientCertificate('x', 1_700_000_000, 1_800_000_000).certificate,
          '/data/unit': '[Service]\nExecStart=/usr/bin/kubelet --rotate-certificates\n',
        },
        links: {
          '/etc/k': '/data/k',
          '/data/k/config.yaml': '../real.yaml',
          '/data/k/kubeconfig': '/etc/nowhere',
          '/etc/d/10.conf': '/data/d/10.conf',
          '/etc/d/20.conf': '../../../../../../../../data/20.yaml',
          '/etc/d/30.conf': outside,
          '/etc/d/40.conf': '/etc/d/40.conf',
          '/var/lib/kubelet/pki/kubelet-client-current.pem': '/data/kubelet.pem',
          '/etc/systemd/system/kubelet.service': '/data/unit',
        },
      });
      assert.deepEqual(contents(evidence), [
        ['/etc/k/config.yaml', config],
        ['/etc/d/10.conf', first],
        ['/etc/d/20.conf', second],
      ]);
      const [kubelet] = evidence.kubelets;
      const states = Object.fromEntries(kubelet?.files.map(({ path, state }) => [path, state]) ?? []);
      assert.equal(states['/etc/d/30.conf'], 'missing');
      assert.equal(states['/etc/d/40.conf'], 'missing');
      assert.equal(states['/etc/k/kubeconfig'], 'missing');
      assert.equal(kubelet?.files[0]?.symlink, true);
      assert.equal(kubelet?.version, 'v1.32.1');
      assert.equal(kubelet?.clientCertificates[0]?.notAfter, 1_800_000_000);
      assert.deepEqual(kubelet?.files.find(({ role }) => role === 'service')?.flags, [
        { name: 'rotate-certificates', line: 2 },
      ]);
    });

    test('a directory of drop-ins that is a link is not walked, as the kubelet does not', async () => {
      const evidence = await run({
        processes: [process(['--config-dir=/etc/d'])],
        files: { '/data/d/10.conf': configuration() },
        links: { '/etc/d': '/data/d' },
      });
      assert.deepEqual(evidence.kubelets[0]?.dropInDirectories, [{ path: '/etc/d', state: 'directory' }]);
      assert.deepEqual(contents(evidence), []);
    });

    test('a process with a root of its own is read below that', async () => {
      const files = {
        '/c.yaml': configuration('maxPods: 1'),
        '/ctr/opt/c.yaml': configuration('maxPods: 2'),
        '/ctr/real.yaml': configuration('maxPods: 3'),
        '/real.yaml': configuration('maxPods: 4'),
      };
      const argv = ['--config=../opt/c.yaml', '--config=/link.yaml'];
      const evidence = await run({
        processes: [process(argv, { cwd: '/ctr/opt' })],
        files,
        links: { '/proc/40/root': '/ctr', '/ctr/link.yaml': '/real.yaml' },
      });
      assert.deepEqual(contents(evidence), [
        ['/opt/c.yaml', configuration('maxPods: 2')],
        ['/link.yaml', configuration('maxPods: 3')],
      ]);
      assert.equal(evidence.kubelets[0]?.contained, true);
      const usual = await run({
        processes: [process(['--config=/c.yaml'])],
        files,
        links: { '/proc/40/root': '/' },
      });
      assert.deepEqual(contents(usual), [['/c.yaml', configuration('maxPods: 1')]]);
      assert.equal(usual.kubelets[0]?.contained, undefined);
    });

    test('the unit of a systemd inside the container, as with kind, is in the container', async () => {
      const units = async (unit: string) => {
        const evidence = await run({
          processes: [process(['--config=/c.yaml'], { unit })],
          files: {
            '/ctr/c.yaml': configuration(),
            '/ctr/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': '[Service]\n',
            '/etc/systemd/system/kubelet.service': '[Service]\n',
          },
          links: { '/proc/40/root': '/ctr' },
        });
        assert.equal(evidence.kubelets[0]?.unit, 'kubelet.service');
        return evidence.kubelets[0]?.files.filter(({ role }) => role === 'service').map(({ path }) => path);
      };
      assert.deepEqual(await units('docker-1f.scope/kubelet.slice/kubelet.service'), [
        '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
      ]);
      assert.deepEqual(await units('kubelet.service'), ['/etc/systemd/system/kubelet.service']);
    });

    test('in a mount namespace of its own with the root of the host its files are the host’s', async () => {
      const evidence = await run({
        version: 'v1.32.1',
        processes: [process(['--config=/c.yaml'], { exe: '/usr/bin/kubelet' })],
        files: { '/c.yaml': configuration('maxPods: 1') },
        links: { '/proc/1/ns/mnt': 'mnt:[1]', '/proc/40/ns/mnt': 'mnt:[2]', '/proc/40/root': '/' },
      });
      assert.deepEqual(contents(evidence), [['/c.yaml', configuration('maxPods: 1')]]);
      assert.equal(evidence.kubelets[0]?.contained, undefined);
      assert.equal(evidence.kubelets[0]?.version, 'v1.32.1');
    });

    test('files of a container that were not copied are not those of the machine', async () => {
      const evidence = await run({
        processes: [process(['--config=/c.yaml'])],
        files: { '/c.yaml': configuration() },
        links: { '/proc/1/ns/mnt': 'mnt:[1]', '/proc/40/ns/mnt': 'mnt:[2]' },
      });
      assert.deepEqual(contents(evidence), []);
      // What cannot be seen is not missing.
      assert.deepEqual(new Set(evidence.kubelets[0]?.files.map(({ state }) => state)), new Set(['unreadable']));
      assert.match(evidence.notes.join(), /the files of process 40 are not below .*another mount namespace/);
    });

    test('a process without comm, status, stat, cgroup, exe and cwd is found by its arguments', async () => {
      const evidence = await run(
        {
          processes: [
            process(['--config=/c.yaml']),
            process([], { pid: 41, name: 'kubectl', argv: ['/usr/bin/kubectl', 'logs', 'kubelet'] }),
            process([], { pid: 42, name: 'bash', argv: ['bash', '-c', 'exec kubelet'] }),
          ],
          files: { '/c.yaml': configuration('maxPods: 1') },
        },
        (directory) => {
          for (const pid of [40, 41, 42]) {
            for (const entry of ['comm', 'status', 'stat', 'cgroup', 'exe', 'cwd', 'environ']) {
              unlinkSync(join(directory, `proc/${pid}/${entry}`));
            }
          }
        },
      );
      assert.deepEqual(
        evidence.kubelets.map(({ pid }) => pid),
        [40],
      );
      assert.deepEqual(contents(evidence), [['/c.yaml', configuration('maxPods: 1')]]);
    });

    test('a relative path is not guessed where the working directory is unknown', async () => {
      const evidence = await run(
        {
          processes: [process(['--config=c.yaml', '--rotate-certificates'])],
          files: { '/c.yaml': configuration('rotateCertificates: true') },
        },
        (directory) => unlinkSync(join(directory, 'proc/40/cwd')),
      );
      assert.match(evidence.notes.join(), /c\.yaml was not read: the working directory of its process is not known/);
      assert.equal(derive(evidence.kubelets[0] as KubeletProcess).starts, 'unknown');
    });

    test('a comm without a line break is a name, and pipes in place of entries end nothing', async () => {
      const evidence = await run(
        { processes: [process(['--v=1']), process([], { pid: 50 }), process([], { pid: 60 })], files: {} },
        (directory) => {
          writeFileSync(join(directory, 'proc/40/comm'), 'kubelet');
          const pipes = ['stat', '40/status', '40/stat', '40/cgroup', '50/comm', '50/status', '60/comm', '60/cmdline'];
          for (const entry of pipes) {
            rmSync(join(directory, 'proc', entry), { force: true });
            execFileSync('sh', ['-c', 'mkfifo "$0"', join(directory, 'proc', entry)]);
          }
        },
      );
      assert.deepEqual(
        evidence.kubelets.map(({ pid }) => pid),
        [40, 50],
      );
    });

    test('a script that is called kubelet is not one, and one that has ended neither', async () => {
      const argv = ['/bin/bash', '-e', '/usr/local/bin/kubelet', '--config=/x'];
      const evidence = await run(
        {
          processes: [
            process(['--v=1']),
            process([], { pid: 41, argv }),
            process([], { pid: 42, exe: '/x', argv: [] }),
          ],
          files: {},
        },
        (directory) =>
          writeFileSync(join(directory, 'proc/42/status'), 'Name:\tkubelet\nState:\tZ (zombie)\nUid:\t0\t0\t0\t0\n'),
      );
      assert.deepEqual(
        evidence.kubelets.map(({ pid }) => pid),
        [40],
      );
      assert.match(evidence.notes.join('\n'), /process 41 \(kubelet\) is a script/);
      assert.match(evidence.notes.join('\n'), /process 42 \(kubelet\) was left out/);
    });
  });
}

test('a copy without a readlink still does not read the files of this machine', async () => {
  const directory = join(folder, 'no-readlink');
  writeRoot(directory, { os: { id: 'ubuntu' }, processes: [process(['--config=/c.yaml'])], files: {} });
  symlinkSync(join(folder, 'outside.yaml'), join(directory, 'c.yaml'));
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  writeFileSync(join(tools, 'readlink'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const answer = readAnswer((await collect(directory, { tools })).stdout);
  assert.ok('evidence' in answer);
  assert.equal(answer.evidence.kubelets[0]?.files[0]?.state, 'missing');
});

/** Files that are named by a layer other than the flags: each is looked at where its reader looks for it, and judged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLine } from '../../../lambda/results/judge-line.ts';
import { configuration } from '../../../simulator/fleet/images.ts';
import type { SimulatedProcess, SimulatedRoot } from '../../../simulator/fleet/root.ts';
import { kubelet, node } from './kubelets.ts';
import { evidenceOf, rootOf } from './runs.ts';

const ca = (path: string) => configuration('authentication:', `  x509: {clientCAFile: ${path}}`);
const OPEN = { text: 'x', mode: '666' };
const proxy = (more: Partial<SimulatedProcess>): SimulatedProcess => ({
  pid: 50,
  name: 'kube-proxy',
  argv: ['/usr/bin/kube-proxy', '--config=/p/config.conf'],
  startedAt: 1_763_000_000,
  ...more,
});
const POD = 'kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope';
const PROXY = 'kind: KubeProxyConfiguration\nclientConnection: {kubeconfig: /p/kubeconfig.conf}\n';

/** What is judged by which rule, how, and by which path. */
const CASES: Record<string, [SimulatedRoot, string, string, RegExp]> = {
  'a CA that only a drop-in names': [
    node([kubelet(['--config-dir=/d'])], { '/d/00.conf': ca('/ca/a.crt'), '/ca/a.crt': OPEN }),
    'client-ca-permissions',
    'fail',
    /^\/ca\/a\.crt has mode 666/,
  ],
  'a relative CA, from the folder of its file': [
    node([kubelet(['--config=k.json'], { cwd: '/etc/k' })], {
      '/etc/k/k.json': ca('pki/../b.crt'),
      '/etc/k/b.crt': OPEN,
      '/b.crt': { text: 'x', mode: '600' },
    }),
    'client-ca-permissions',
    'fail',
    /^\/etc\/k\/b\.crt has mode 666/,
  ],
  'a relative CA of a drop-in, from the working directory': [
    node([kubelet(['--config-dir=/d'], { cwd: '/w' })], { '/d/00.conf': ca('c.crt'), '/w/c.crt': OPEN }),
    'client-ca-permissions',
    'fail',
    /^\/w\/c\.crt has mode 666/,
  ],
  'the kubeconfig of a kube-proxy that is a service': [
    node([kubelet([]), proxy({ unit: 'kube-proxy.service' })], { '/p/config.conf': PROXY, '/p/kubeconfig.conf': OPEN }),
    'proxy-kubeconfig-permissions',
    'fail',
    /\/p\/kubeconfig\.conf has mode 666/,
  ],
  // Given as it is to clientcmd, which opens it (kubernetes cmd/kube-proxy/app/server.go, createClient).
  'the relative kubeconfig of a kube-proxy, from its working directory': [
    node([kubelet([]), proxy({ unit: 'kube-proxy.service', cwd: '/w' })], {
      '/p/config.conf': 'kind: KubeProxyConfiguration\nclientConnection: {kubeconfig: k.conf}\n',
      '/w/k.conf': OPEN,
      '/p/k.conf': 'x',
    }),
    'proxy-kubeconfig-permissions',
    'fail',
    /\/w\/k\.conf has mode 666/,
  ],
  'the kubeconfig of a kube-proxy from a ConfigMap': [
    {
      ...node([kubelet([]), proxy({ unit: POD })], {
        '/pod/p/..data_1/config.conf': PROXY,
        '/pod/p/..data_1/kubeconfig.conf': OPEN,
      }),
      links: {
        '/proc/50/root': '/pod',
        '/pod/p/..data': '..data_1',
        '/pod/p/config.conf': '..data/config.conf',
        '/pod/p/kubeconfig.conf': '..data/kubeconfig.conf',
      },
    },
    'proxy-kubeconfig-permissions',
    'not-applicable',
    /kube-proxy runs in a pod, and \/p\/kubeconfig\.conf comes from a ConfigMap/,
  ],
};

for (const [name, [root, rule, status, reason]] of Object.entries(CASES)) {
  test(name, async () => {
    const evidence = await evidenceOf(rootOf(root));
    const { findings } = judgeLine({ node: { id: 'i-1' }, tags: {}, evidence }, { now: 1_763_000_100 });
    const found = findings?.find((one) => one.rule === rule);
    assert.equal(found?.status, status, JSON.stringify(found));
    assert.match(found?.reason ?? '', reason);
  });
}

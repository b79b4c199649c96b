/**
 * What the judgement of one node costs, on top of the derivation of its configuration: all rules of its benchmark.
 * Prints a JSON line per kind of node, {bench, metric, value, unit}. The budget is 50 µs for a typical node.
 * Tested by test/bench/run.test.ts.
 */

import { type EvaluationInput, evaluate } from '../lambda/judging/index.ts';
import { derive } from '../lambda/kubelet/derive.ts';
import type { Evidence, KubeletProcess } from '../lambda/kubelet/evidence.ts';
import { median, print, times } from './line.ts';

const ROUNDS = times(40);
const NODES = times(1_000);
const NOW = 1_795_399_200;

const HEAD = '"kind":"KubeletConfiguration","apiVersion":"kubelet.config.k8s.io/v1beta1"';
const EKS = `{${HEAD},"authentication":{"anonymous":{"enabled":false},"webhook":{"enabled":true},"x509":{"clientCAFile":"/etc/kubernetes/pki/ca.crt"}},"authorization":{"mode":"Webhook"},"featureGates":{"RotateKubeletServerCertificate":true},"protectKernelDefaults":true,"readOnlyPort":0,"serverTLSBootstrap":true,"tlsCipherSuites":["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]}`;

/** Two kinds: one that passes nearly everything, and one that fails nearly everything and needs advice on it. */
const KINDS: Record<string, Partial<KubeletProcess> & Pick<KubeletProcess, 'argv' | 'files'>> = {
  eks: {
    version: 'v1.32.3-eks-473151a',
    argv: ['--config=/etc/kubernetes/kubelet/config.json', '--kubeconfig=/var/lib/kubelet/kubeconfig'],
    files: [
      {
        path: '/etc/kubernetes/kubelet/config.json',
        role: 'config',
        state: 'file',
        mode: '644',
        uid: 0,
        gid: 0,
        content: EKS,
      },
      { path: '/var/lib/kubelet/kubeconfig', role: 'kubeconfig', state: 'file', mode: '644', uid: 0, gid: 0 },
      { path: '/etc/kubernetes/pki/ca.crt', role: 'client-ca', state: 'file', mode: '644', uid: 0, gid: 0 },
    ],
    kubeconfigs: [{ path: '/var/lib/kubelet/kubeconfig', state: 'read', exec: { command: 'aws' } }],
  },
  bare: {
    version: 'v1.32.3',
    argv: ['--kubeconfig=/etc/kubernetes/kubelet.conf', '--rotate-certificates=false', '--hostname-override=x'],
    files: [
      { path: '/etc/kubernetes/kubelet.conf', role: 'kubeconfig', state: 'file', mode: '666', uid: 1, gid: 1 },
      { path: '/etc/systemd/system/kubelet.service', role: 'service', state: 'file', mode: '666', uid: 1, gid: 1 },
    ],
    kubeconfigs: [{ path: '/etc/kubernetes/kubelet.conf', state: 'read', clientCertificateData: true }],
    clientCertificates: [{ path: '/etc/kubernetes/kubelet.conf', notBefore: NOW - 3e7, notAfter: NOW + 1e6 }],
  },
};

function inputOf(kind: (typeof KINDS)[string]): EvaluationInput {
  const process: KubeletProcess = {
    pid: 812,
    host: 'kubelet',
    cwd: '/',
    unit: 'kubelet.service',
    dropInDirectories: [],
    kubeconfigs: [],
    clientCertificates: [],
    servingCertificates: [],
    authorities: [],
    ...kind,
  };
  const os = { id: kind.version?.includes('eks') ? 'amzn' : 'ubuntu' };
  const evidence: Evidence = { format: 2, collectedAt: NOW, os, kubelets: [process], proxies: [], notes: [] };
  return { evidence, kubelets: [{ process, configuration: derive(process) }], now: NOW };
}

/** Microseconds a node, of the middle round; the first rounds warm up the compiler. */
function measure(input: EvaluationInput): number {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let count = 0; count < NODES; count++) evaluate(input);
    rounds.push(((performance.now() - start) * 1_000) / NODES);
  }
  return median(rounds);
}

for (const [name, kind] of Object.entries(KINDS)) {
  const input = inputOf(kind);
  print('evaluate', `${name} node, all rules`, measure(input), 'µs');
  print('evaluate', `${name} node, findings`, evaluate(input).length, 'findings');
}

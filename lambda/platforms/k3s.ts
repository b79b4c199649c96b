/**
 * k3s: the kubelet is part of its own program, which adds arguments that nothing shows. Sources: docs.k3s.io, k3s agent
 * and k3s certificate; k3s-io/k3s pkg/agent/config/config.go and pkg/daemons/agent/agent.go.
 * Tested by test/platforms/index.test.ts.
 */
import { approveRequests } from './certificates.ts';
import { openIn } from './gates.ts';
import { setOnNode } from './kernel.ts';
import { changeKubeletArg } from './kubelet-arg.ts';
import type { Platform } from './platform.ts';
import { restartUnit, thenRestartUnit } from './systemd.ts';
import { capital } from './wording.ts';

const CONFIG = '/etc/rancher/k3s/config.yaml';

const texts = {
  look: "Look at kubelet-arg in /etc/rancher/k3s/config.yaml and config.yaml.d, at kubelet.conf.d below /var/lib/rancher/k3s/agent/etc, and at --kubelet-arg of the k3s service, or read the running configuration: kubectl get --raw '/api/v1/nodes/<node>/proxy/configz'.",
  renew: (restart: string) =>
    `${capital(restart)}: whenever it starts, k3s renews certificates that have expired or soon will.`,
};

export const k3s: Platform = {
  name: 'k3s',
  title: 'k3s',
  isCertain: ({ kubelet }) => kubelet.host === 'k3s',
  isLikely: () => false,
  hiddenArguments: () => texts.look,
  namesNodes: true,
  embeddedProxy: {
    kubeconfig: '/var/lib/rancher/k3s/agent/kubeproxy.kubeconfig',
    arguments: `the list kube-proxy-arg of ${CONFIG}`,
  },
  change: changeKubeletArg('k3s', CONFIG),
  openGate: openIn(`the entry feature-gates=… of the list kubelet-arg of ${CONFIG}`),
  restart: restartUnit,
  afterChange: thenRestartUnit,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/var/lib/rancher/k3s/agent/client-ca.crt',
  setKernelParameters: setOnNode,
  files: { byHand: true, lasting: () => '' },
  clientCertificate: {
    renewedBy: 'installer',
    approve: approveRequests(restartUnit),
    replace: (node) => texts.renew(restartUnit(node)),
  },
  upgrade: { node: 'stays' },
};

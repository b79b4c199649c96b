/**
 * k3s: the kubelet is part of its own program, which adds arguments that nothing shows. Sources: docs.k3s.io, k3s agent
 * and k3s certificate; k3s-io/k3s pkg/agent/config/config.go and pkg/daemons/agent/agent.go.
 * Tested by test/platforms/index.test.ts.
 */
import type { FileRole, KubeletProcess } from '../kubelet/evidence.ts';
import { approveRequests } from './certificates.ts';
import { lookAtConfigz } from './configz.ts';
import { openIn } from './gates.ts';
import { setOnNode } from './kernel.ts';
import { changeK3sArgument, K3S_CONFIG, k3sList } from './kubelet-arg.ts';
import type { Platform } from './platform.ts';
import { restartUnit, thenRestartUnit } from './systemd.ts';
import { oneLine } from './wording.ts';

const texts = {
  unread: (why: string) => `What k3s gives its kubelet is not known, because ${why}`,
  renew: 'Restart k3s, which at its start renews certificates that have expired or soon will.',
};

export const k3s: Platform = {
  name: 'k3s',
  title: 'k3s',
  isCertain: ({ kubelet }) => kubelet.host === 'k3s',
  isLikely: () => false,
  hiddenArguments: (kubelet) => ({
    ...(kubelet.unread !== undefined && { why: texts.unread(oneLine(kubelet.unread)) }),
    look: lookAtConfigz('kubectl'),
    own: ownArguments(kubelet),
    last: isLast(kubelet),
  }),
  hasKubeadm: false,
  namesNodes: true,
  embeddedProxy: {
    kubeconfig: '/var/lib/rancher/k3s/agent/kubeproxy.kubeconfig',
    arguments: `the list kube-proxy-arg of ${K3S_CONFIG}`,
  },
  change: changeK3sArgument,
  openGate: (node, name, source) =>
    openIn(`the entry feature-gates=… of the list kubelet-arg of ${k3sList(node)}`)(node, name, source),
  restart: restartUnit,
  afterChange: thenRestartUnit,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/var/lib/rancher/k3s/agent/client-ca.crt',
  setKernelParameters: setOnNode,
  files: { byHand: true, lasting: () => [] },
  clientCertificate: {
    renewedBy: 'installer',
    approve: approveRequests(restartUnit),
    replace: (node) => [{ ...restartUnit(node), text: texts.renew }],
  },
  upgrade: { node: 'stays' },
};

/** What k3s gives its kubelet up to 1.31; later it stands in the drop-in of this name (pkg/daemons/agent/agent_linux.go). */
const EARLIER = ['--anonymous-auth=false', '--authentication-token-webhook=true', '--authorization-mode=Webhook'];
const DEFAULTS = '/00-k3s-defaults.conf';

/** Only those whose files were seen; an argument of its users takes the place of each of them (pkg/util/args.go, GetArgs). */
function ownArguments({ files, dropInDirectories }: KubeletProcess): string[] {
  const named = ([flag, role, name]: readonly [flag: string, role: FileRole, name: string]) => {
    const path = files.find((file) => file.role === role && file.path.endsWith(`/agent/${name}`))?.path;
    return path === undefined ? [] : [`--${flag}=${path}`];
  };
  const kubeconfig = named(['kubeconfig', 'kubeconfig', 'kubelet.kubeconfig']);
  const defaults = files.find(({ role, path }) => role === 'drop-in' && path.endsWith(DEFAULTS))?.path;
  const folder = dropInDirectories.find(({ path }) => `${path}${DEFAULTS}` === defaults)?.path;
  const settings =
    folder === undefined
      ? [
          ...EARLIER,
          ...named(['client-ca-file', 'client-ca', 'client-ca.crt']),
          ...named(['tls-cert-file', 'serving-certificate', 'serving-kubelet.crt']),
          ...named(['tls-private-key-file', 'serving-key', 'serving-kubelet.key']),
        ]
      : [`--config-dir=${folder}`];
  return [...kubeconfig, ...settings, '--read-only-port=0'];
}

/**
 * k3s hides its command line, whose arguments come after those of its configuration, but its unit has it, unless k3s is started by a
 * script, or by what systemd makes of variables, specifiers and escapes (then the collector withholds the unit).
 */
function isLast({ contained, files }: KubeletProcess): boolean {
  const given = files.filter(
    ({ role, state }) => (role === 'environment' || role === 'service') && state !== 'missing',
  );
  const unit = given.some(({ role }) => role === 'service');
  return contained !== true && unit && given.every(({ withheld, state }) => withheld === undefined && state === 'file');
}

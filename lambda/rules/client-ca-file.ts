import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Advisory, NodeView, Rule } from '../criteria/rule.ts';
import { audited, stated } from '../criteria/setting.ts';
import { platformOf } from '../platforms/index.ts';
import { step } from '../platforms/step.ts';
import { oneLine } from '../platforms/wording.ts';

const texts = {
  none: (value: string) => `${value}: the kubelet accepts no client certificates.`,
  missing: (path: string) =>
    `${path} does not exist: a kubelet that starts without the file of its client CA exits, so this one would not come back.`,
  first: (path: string) =>
    `First make sure that ${path} holds the cluster's CA certificate on this node, or use the path that does: a kubelet that cannot read the file exits.`,
};

export const clientCaFile: Rule = {
  name: 'client-ca-file',
  title: 'The kubelet verifies client certificates by a CA',
  failureTitle: 'The kubelet verifies client certificates by no CA',
  why: 'The API server presents a client certificate to the kubelet. Without a CA the kubelet cannot tell it from anybody else, and has to rely on tokens or on nothing.',
  severity: 'high',
  procedure: {
    expected: 'authentication.x509.clientCAFile names a file',
    command: "ps -ef | grep '[k]ubelet'; cat $config",
  },
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/',
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
  ],
  check: checkSettings(['authentication.x509.clientCAFile'], (node, { settings }) => {
    const current = settings['authentication.x509.clientCAFile'];
    const seen = audited(current);
    const audit = seen !== undefined && seen.value !== '' ? 'pass' : 'fail';
    const value = stated('authentication.x509.clientCAFile', current);
    if (current.value !== '') {
      return { status: 'pass', audit, reason: `${value}.`, advisories: adviseMissing(node, current.value) };
    }
    const usual = platformOf(node).clientCaFile;
    const change = {
      setting: 'authentication.x509.clientCAFile',
      flag: 'client-ca-file',
      value: usual,
      current,
      accepts: (path: unknown) => path !== '',
    } as const;
    const advice = remedy(node, change);
    // Only who follows a path of ours has to look whether it is right here, and before the restart.
    const remediation = advice.writes ? [step(texts.first(usual)), ...advice.steps] : advice.steps;
    return { status: 'fail', audit, reason: texts.none(value), advisories: [], remediation };
  }),
};

/** A running kubelet keeps what it read; one that starts needs the file (kubernetes cmd/kubelet/app/auth.go, BuildAuthn). */
function adviseMissing({ kubelet }: NodeView, path: string): Advisory[] {
  const gone = kubelet.files.some(
    (file) => file.role === 'client-ca' && file.path === path && file.state === 'missing',
  );
  return gone ? [{ id: 'client-ca-missing', text: texts.missing(oneLine(path)) }] : [];
}

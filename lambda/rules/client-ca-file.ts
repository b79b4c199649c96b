import { remedy, STANDALONE_OFF } from './remedy.ts';
import type { Rule } from './rule.ts';
import { audited, judged, stated } from './setting.ts';

/** Where kubeadm, EKS images and Bottlerocket keep the cluster's CA certificate. */
const USUAL_PATH = '/etc/kubernetes/pki/ca.crt';

const texts = {
  none: (value: string) => `${value}: the kubelet accepts no client certificates.`,
  first: (path: string) =>
    `First make sure that ${path} holds the cluster's CA certificate on this node, or use the path that does: a kubelet that cannot read the file exits.`,
};

export const clientCaFile: Rule = {
  name: 'client-ca-file',
  title: 'The kubelet verifies client certificates by a CA',
  why: 'The API server presents a client certificate to the kubelet. Without a CA the kubelet cannot tell it from anybody else, and has to rely on tokens or on nothing.',
  severity: 'high',
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/',
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
  ],
  check: judged(['authentication.x509.clientCAFile'], (node, { settings }) => {
    const current = settings['authentication.x509.clientCAFile'];
    const seen = audited(current);
    const audit = seen !== undefined && seen.value !== '' ? 'pass' : 'fail';
    const value = stated('authentication.x509.clientCAFile', current);
    if (current.value !== '') return { status: 'pass', audit, reason: `${value}.`, advisories: [] };
    const change = {
      setting: 'authentication.x509.clientCAFile',
      flag: 'client-ca-file',
      value: USUAL_PATH,
      current,
      accepts: (path: unknown) => path !== '',
      bottlerocket: STANDALONE_OFF,
    } as const;
    const advice = remedy(node, change);
    // Only who follows a path of ours has to look whether it is right here, and before the restart.
    const remediation =
      advice.includes(`\`${USUAL_PATH}\``) || advice.includes(`=${USUAL_PATH}`)
        ? `${texts.first(USUAL_PATH)} ${advice}`
        : advice;
    return { status: 'fail', audit, reason: texts.none(value), advisories: [], remediation };
  }),
};

import { checkSettings, notJudged } from '../criteria/check-settings.ts';
import { ownPath } from '../criteria/client-certificate.ts';
import { onNode } from '../criteria/on-node.ts';
import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import type { Started } from '../criteria/setting.ts';
import type { CertificateFacts } from '../kubelet/evidence.ts';
import { platformOf } from '../platforms/index.ts';
import { sh } from '../platforms/shell.ts';
import { step } from '../platforms/step.ts';
import { listed, oneLine } from '../platforms/wording.ts';

/**
 * Groups whose members may do everything: that of the API server itself, and kubeadm's (kubernetes.io, RBAC, user-facing
 * roles; cmd/kubeadm/app/constants, ClusterAdminsGroupAndClusterRoleBinding).
 */
const ADMINISTRATORS = new Set(['system:masters', 'kubeadm:cluster-admins']);
const NODES = 'system:nodes';
const NODE = 'system:node:';

const texts = {
  none: 'The kubelet has no --kubeconfig: it authenticates to nobody.',
  without: 'The kubelet does not authenticate by a client certificate: who it is cannot be seen on the node.',
  unseen: (path: string, problem: string) =>
    `The subject of the client certificate ${path} is not in the evidence: ${problem}.`,
  noFacts: 'the collector found none there',
  look: (node: NodeView, path: string) =>
    onNode(node, `Look at ${oneLine(path)} on the node.`, sh`openssl x509 -noout -subject -in ${path}`),
  administrator: (path: string, group: string, name: string) =>
    `The client certificate in ${path} is that of an administrator (${name}, group ${group}): who reads the files of this node may do everything in the cluster.`,
  own: 'Make this node a kubeconfig of its own, by a bootstrap token or by what made the cluster.',
  kubeadm: 'Make this node a kubeconfig of its own on a node of the control plane; NODE is the name of this one.',
  user: `kubeadm kubeconfig user --org system:nodes --client-name "system:node:\${NODE:?}"`,
  replace: (path: string) => `Put it in the place of the administrator's in ${path}.`,
  rotate: "Rotate the cluster's CA if strangers may have read the old one: a certificate cannot be revoked.",
  other: (path: string, name: string) =>
    `The client certificate in ${path} is ${name}, not a node's (group ${NODES}, name ${NODE}<name>): neither the node authorizer nor NodeRestriction bounds what it may do.`,
  may: 'Find out what this user may do.',
  bound: 'Let the kubelet authenticate as its node instead.',
  node: (names: string) => `The kubelet authenticates as a node: ${names}.`,
};

/** A kubeconfig that was copied from an administrator works, and nobody notices. Ours: no benchmark has it. */
export const kubeletIdentity: Rule = {
  name: 'kubelet-identity',
  title: 'The kubelet authenticates as its node and nobody more',
  failureTitle: 'The kubelet authenticates as somebody else than its node',
  why: "A node needs its own identity, which the node authorizer and NodeRestriction bound to what runs on it. With an administrator's certificate in its kubeconfig, one node that is broken into is the whole cluster.",
  severity: 'high',
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/node/',
    'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles',
    'https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction',
  ],
  check: checkSettings(['rotateCertificates'], (node, configuration) => {
    const { credentials } = configuration;
    if (credentials.kind === 'none') return { status: 'not-applicable', reason: texts.none, advisories: [] };
    const certificates = certificatesOf(node, configuration);
    if (certificates.length > 0) return bySubject(node, certificates);
    if (credentials.kind === 'unknown') return notJudged('credentials');
    if (credentials.kind !== 'client-certificate' && credentials.kind !== 'embedded-certificate') {
      return { status: 'not-applicable', reason: texts.without, advisories: [] };
    }
    const path = 'path' in credentials ? credentials.path : credentials.where;
    const problem = node.kubelet.clientCertificates.find((facts) => facts.path === path)?.problem ?? texts.noFacts;
    const reason = texts.unseen(oneLine(path), oneLine(problem));
    return { status: 'error', reason, advisories: [], remediation: [texts.look(node, path)] };
  }),
};

/** The kubelet's own and the kubeconfig's, which lies on the node beside it, whichever of them is presented. */
function certificatesOf({ kubelet }: NodeView, configuration: Started): (CertificateFacts & { subject: string })[] {
  const { credentials } = configuration;
  const named = 'path' in credentials ? credentials.path : 'where' in credentials ? credentials.where : undefined;
  const paths = new Set([named, ownPath(kubelet, configuration)]);
  const leaves = new Map(kubelet.clientCertificates.toReversed().map((facts) => [facts.path, facts]));
  return [...leaves.values()].filter(
    (facts): facts is CertificateFacts & { subject: string } => facts.subject !== undefined && paths.has(facts.path),
  );
}

function bySubject(node: NodeView, certificates: readonly (CertificateFacts & { subject: string })[]): Verdict {
  const read = certificates.map(({ path, subject }) => ({ path: oneLine(path), subject, ...identity(subject) }));
  for (const { path, subject, groups } of read) {
    const group = groups.find((each) => ADMINISTRATORS.has(each));
    if (group === undefined) continue;
    const reason = texts.administrator(path, group, oneLine(subject));
    const own = platformOf(node).hasKubeadm ? step(texts.kubeadm, texts.user) : step(texts.own);
    const remediation = [own, step(texts.replace(path)), step(texts.rotate)];
    return { status: 'fail', reason, advisories: [], remediation };
  }
  const other = read.find(({ name, groups }) => !name.startsWith(NODE) || !groups.includes(NODES));
  if (other) {
    const reason = texts.other(other.path, oneLine(other.subject));
    const list = sh`kubectl auth can-i --list --as=${other.name}`;
    return { status: 'manual', reason, advisories: [], remediation: [step(texts.may, list), step(texts.bound)] };
  }
  return { status: 'pass', reason: texts.node(listed([...new Set(read.map(({ name }) => name))])), advisories: [] };
}

/** User and groups as the API server takes them from a subject in RFC 2253: CN and every O (kubernetes.io, Authenticating). */
function identity(subject: string): { name: string; groups: string[] } {
  const parts = [...subject.matchAll(/(?:^|[,+])\s*([A-Za-z]+)=((?:\\.|[^,+\\])*)/g)];
  const values = (type: string) =>
    parts.flatMap(([, key = '', value = '']) =>
      key.toUpperCase() === type ? [value.replace(/\\(.)/g, '$1').trim()] : [],
    );
  return { name: values('CN')[0] ?? '', groups: values('O') };
}

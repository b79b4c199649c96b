import { fileOwner } from '../criteria/file-owner.ts';
import type { Rule } from '../criteria/rule.ts';
import { clientCaFiles } from '../criteria/subject.ts';

export const clientCaOwnership: Rule = {
  name: 'client-ca-ownership',
  title: "The kubelet's client CA file belongs to root:root",
  failureTitle: "The kubelet's client CA file belongs to others than root:root",
  why: "The file decides whose certificates the kubelet's API accepts. Its owner can change its mode and its content at will, whatever the mode says, so it must be root.",
  severity: 'high',
  procedure: { expected: 'root:root', command: 'stat -c %U:%G $client-ca' },
  references: ['https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/'],
  check: fileOwner(clientCaFiles),
};

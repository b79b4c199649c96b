import { fileMode } from '../criteria/file-mode.ts';
import type { Rule } from '../criteria/rule.ts';
import { clientCaFiles } from '../criteria/subject.ts';

export const clientCaPermissions: Rule = {
  name: 'client-ca-permissions',
  title: "The kubelet's client CA file grants no more than the benchmark's mode",
  failureTitle: "The kubelet's client CA file grants more than the benchmark's mode",
  why: "The file decides whose certificates the kubelet's API accepts. Anyone who can write it can let in certificates of their own.",
  severity: 'high',
  procedure: { expected: 'no permission beyond $mode', command: 'stat -c %a $client-ca' },
  references: ['https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/'],
  check: fileMode(clientCaFiles),
};

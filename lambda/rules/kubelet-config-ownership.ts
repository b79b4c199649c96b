import { fileOwner } from '../criteria/file-owner.ts';
import type { Rule } from '../criteria/rule.ts';
import { configFiles } from '../criteria/subject.ts';

export const kubeletConfigOwnership: Rule = {
  name: 'kubelet-config-ownership',
  title: "The kubelet's config file belongs to root:root",
  failureTitle: "The kubelet's config file belongs to others than root:root",
  why: "The file decides who may use the kubelet's API and what pods may do. Its owner can change its mode and its content at will, whatever the mode says, so it must be root.",
  severity: 'high',
  procedure: { expected: 'root:root', command: 'stat -c %U:%G $config' },
  references: ['https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/'],
  check: fileOwner(configFiles),
};

import { fileMode } from '../criteria/file-mode.ts';
import type { Rule } from '../criteria/rule.ts';
import { configFiles } from '../criteria/subject.ts';

export const kubeletConfigPermissions: Rule = {
  name: 'kubelet-config-permissions',
  title: "The kubelet's config file grants no more than the benchmark's mode",
  failureTitle: "The kubelet's config file grants more than the benchmark's mode",
  why: "The file decides who may use the kubelet's API and what pods may do. Anyone who can write it can take over the node; anyone who can read it learns how it is protected.",
  severity: 'high',
  procedure: { expected: 'no permission beyond $mode', command: 'stat -c %a $config' },
  references: ['https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/'],
  check: fileMode(configFiles),
};

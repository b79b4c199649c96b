import { fileMode } from '../criteria/file-mode.ts';
import type { Rule } from '../criteria/rule.ts';
import { serviceFiles } from '../criteria/subject.ts';

export const kubeletServicePermissions: Rule = {
  name: 'kubelet-service-permissions',
  title: "The kubelet's service file grants no more than the benchmark's mode",
  failureTitle: "The kubelet's service file grants more than the benchmark's mode",
  why: 'The file starts the kubelet as root with its arguments. Anyone who can write it can take over the node; anyone who can read it learns how it is protected.',
  severity: 'medium',
  procedure: { expected: 'no permission beyond $mode', command: 'stat -c %a $service' },
  references: [
    'https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html',
    'https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/',
  ],
  check: fileMode(serviceFiles),
};

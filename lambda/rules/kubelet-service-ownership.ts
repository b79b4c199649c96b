import { fileOwner } from '../criteria/file-owner.ts';
import type { Rule } from '../criteria/rule.ts';
import { serviceFiles } from '../criteria/subject.ts';

export const kubeletServiceOwnership: Rule = {
  name: 'kubelet-service-ownership',
  title: "The kubelet's service file belongs to root:root",
  failureTitle: "The kubelet's service file belongs to others than root:root",
  why: 'The file starts the kubelet as root with its arguments. Its owner can change its mode and its content at will, whatever the mode says, so it must be root.',
  severity: 'medium',
  procedure: { expected: 'root:root', command: 'stat -c %U:%G $service' },
  references: [
    'https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html',
    'https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/',
  ],
  check: fileOwner(serviceFiles),
};

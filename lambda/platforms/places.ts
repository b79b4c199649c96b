/**
 * Where flags and settings are written on a node. Tested by test/criteria/remedy.test.ts and
 * test/rules/kubelet-restart.test.ts.
 */
import type { NodeFacts } from './platform.ts';
import { listed, oneLine, verbatim } from './wording.ts';

/** `/etc/systemd/system/kubelet.service.d/10-kubeadm.conf line 7`, where the collector saw the flag written. */
export function flagPlaces(node: NodeFacts, flag: string): string | undefined {
  const lines = node.kubelet.files.flatMap((file) =>
    (file.flags ?? [])
      .filter((entry) => entry.name.replaceAll('_', '-') === flag)
      .map((entry) => `${oneLine(file.path)} line ${entry.line}`),
  );
  return lines.length > 0 ? listed(lines, ' and ') : undefined;
}

/** A file that holds nothing but the kubelet's arguments, one a line: MicroK8s has one. */
export function argumentsFile({ kubelet }: NodeFacts): string | undefined {
  return kubelet.files.find(({ role, path }) => role === 'environment' && path.endsWith('/args/kubelet'))?.path;
}

/** 1-based line of a setting in YAML or JSON, found by its keys in turn; good enough to point a person at it. */
export function lineOf(content: string | undefined, path: string): number | undefined {
  if (content === undefined) return undefined;
  // Comments say nothing; the lines stay where they are.
  const spoken = content.replace(/^[ \t]*#.*$/gm, (comment) => ' '.repeat(comment.length));
  let at = 0;
  const keys = path.split('.');
  for (const key of keys) {
    const found = [...spoken.slice(at).matchAll(new RegExp(`(^|[\\s{,"'])${verbatim(key)}["']?\\s*:`, 'gm'))];
    // Of a key that is there twice the last one counts; below another key, names repeat for other reasons.
    const match = keys.length === 1 ? found.at(-1) : found[0];
    if (!match) return undefined;
    at += match.index + match[0].length;
  }
  return spoken.slice(0, at).split('\n').length;
}

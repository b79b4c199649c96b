import type { Settings } from '../../lambda/kubelet/configuration.ts';

type Tree = { [key: string]: Tree | string };

/** A configuration as the text of a KubeletConfiguration that says every setting. */
export function print(settings: Settings): string {
  const tree: Tree = { apiVersion: '"kubelet.config.k8s.io/v1beta1"', kind: '"KubeletConfiguration"' };
  const paths = Object.keys(settings);
  for (const [path, { value }] of Object.entries(settings)) {
    // What is unset is left out; an object is there by its fields.
    if (value === null || paths.some((other) => other.startsWith(`${path}.`))) continue;
    const names = path.split('.');
    const last = names.pop() ?? '';
    let branch = tree;
    for (const name of names) {
      const next = branch[name] ?? {};
      branch[name] = next;
      if (typeof next === 'object') branch = next;
    }
    branch[last] = JSON.stringify(value);
  }
  return lines(tree, '');
}

function lines(tree: Tree, indent: string): string {
  return Object.entries(tree)
    .map(([key, value]) =>
      typeof value === 'string' ? `${indent}${key}: ${value}\n` : `${indent}${key}:\n${lines(value, `${indent}  `)}`,
    )
    .join('');
}

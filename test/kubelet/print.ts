import type { Settings } from '../../lambda/kubelet/configuration.ts';

type Tree = { [key: string]: Tree | string };

/** A configuration as the text of a KubeletConfiguration that says every setting. */
export function print(settings: Settings): string {
  const tree: Tree = { apiVersion: '"kubelet.config.k8s.io/v1beta1"', kind: '"KubeletConfiguration"' };
  for (const [path, { value }] of Object.entries(settings)) {
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

/**
 * The configuration as the JSON over which drop-ins are merged.
 * Source: kubernetes cmd/kubelet/app/server.go, mergeKubeletConfigurations of 1.29 to 1.31 and of 1.32.
 * Tested by test/kubelet/facts.test.ts and, with recorded kubelets, test/kubelet/agreement.test.ts.
 */
import type { Json, Member } from '../go/json.ts';
import type { Tree } from '../go/merge-patch.ts';
import type { Layers } from './layers.ts';
import type { ObjectType, Schema } from './schema.ts';
import { isOmitted, toTree } from './values.ts';

/** The JSON over which drop-ins are merged: of the internal type with its Go names, or v1beta1 without its zeros. */
export function treeOf(layers: Layers, { root, below }: Schema, touched: ReadonlySet<string>, internal: boolean): Tree {
  const tree: Tree = new Map();
  for (const top of touched) {
    const type = root.fields.get(top);
    if (type?.kind === 'object' && !type.pointer) branchesOf(tree, top, type, internal);
  }
  for (const { path, names, type } of [...touched].flatMap((top) => below.get(top) ?? [])) {
    const value = layers[path]?.value ?? null;
    if (type.kind === 'object') {
      if (value !== null) branchAt(tree, names, internal);
      continue;
    }
    if (internal ? value === null : isOmitted(type, value)) continue;
    const above = names.slice(0, -1);
    const branch = branchAt(tree, above, internal);
    const json = toTree(value);
    const key = keyOf(names.at(-1) ?? '', above, internal);
    if (value instanceof Map) branch.set(key, mapTree(json));
    else branch.set(key, { value: json });
  }
  return tree;
}

function mapTree(json: Json): Tree {
  const members: readonly Member[] = typeof json === 'object' && json !== null && 'members' in json ? json.members : [];
  return new Map(members.map(({ key, value }) => [key, { value }]));
}

/** Objects that JSON writes even where they are empty. */
function branchesOf(tree: Tree, path: string, type: ObjectType, internal: boolean): void {
  branchAt(tree, path.split('.'), internal);
  for (const [name, field] of type.fields) {
    if (field.kind === 'object' && !field.pointer) branchesOf(tree, `${path}.${name}`, field, internal);
  }
}

function branchAt(tree: Tree, names: readonly string[], internal: boolean): Tree {
  let branch = tree;
  for (const [at, name] of names.entries()) {
    const key = keyOf(name, names.slice(0, at), internal);
    const next = branch.get(key);
    if (next instanceof Map) branch = next;
    else {
      const created: Tree = new Map();
      branch.set(key, created);
      branch = created;
    }
  }
  return branch;
}

/** Types of component-base have the same names inside and outside. */
const SHARED = new Set(['logging', 'tracing']);

function keyOf(name: string, above: readonly string[], internal: boolean): string {
  return internal && !SHARED.has(above[0] ?? '') ? goName(name) : name;
}

/** `tlsCertFile` is TLSCertFile in the internal type (pkg/kubelet/apis/config/types.go); only its first letter counts. */
function goName(name: string): string {
  if (name === 'resolvConf') return 'ResolverConfig';
  const upper = /^(?:tls|oom|cpu|http|id|ip)(?=[A-Z]|tables)/.exec(name)?.[0];
  if (upper === 'ip') return name.replace('iptables', 'IPTables');
  if (upper !== undefined) return upper.toUpperCase() + name.slice(upper.length);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

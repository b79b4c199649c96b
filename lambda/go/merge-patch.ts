/**
 * Merging of drop-ins as JSON (gopkg.in/evanphx/json-patch.v4, MergePatch), remembering which file gave what.
 * Tested by test/kubelet/agreement.test.ts.
 */
import { type Given, isNumber, isObject, type Json, type JsonObject } from './json.ts';
import { fits, formatFloat, parseFloat64, parseInteger } from './literals.ts';
import { Exit } from './outcome.ts';

/** An object under merging; a leaf is a scalar or a list. */
export type Tree = Map<string, Tree | Leaf>;

/** `deleted`: a null of that drop-in took away what was there, so nothing is. */
type Leaf = { value: Json; given?: Given; deleted?: string };

/** Lays one drop-in over the tree, in place. */
export function applyPatch(tree: Tree, patch: JsonObject, where: string): void {
  for (const { key, value } of patch.members) {
    const current = tree.get(key);
    if (value === null) {
      if (current !== undefined) tree.set(key, { value, deleted: where });
    } else if (current instanceof Map && isObject(value)) applyPatch(current, value, where);
    else tree.set(key, graft(value, where, current instanceof Map ? undefined : current?.given));
  }
}

/** A value that meets nothing to merge with: its null members vanish, null items of lists stay. */
function graft(value: Json, where: string, before: Given | undefined): Tree | Leaf {
  if (!isObject(value)) {
    const plain = normalized(value);
    return { value: plain, given: before === undefined ? { where, value: plain } : { where, value: plain, before } };
  }
  const tree: Tree = new Map();
  for (const { key, value: inner } of value.members) {
    if (inner !== null) tree.set(key, graft(inner, where, undefined));
  }
  return tree;
}

/** The drop-in whose null took away the value at these keys, or what holds it. */
export function deletedBy(tree: Tree, keys: readonly string[]): string | undefined {
  let branch: Tree | Leaf | undefined = tree;
  for (const key of keys) {
    if (!(branch instanceof Map)) break;
    branch = branch.get(key);
  }
  return branch instanceof Map ? undefined : branch?.deleted;
}

/** The merged document. */
export function toJson(tree: Tree): JsonObject {
  const present = [...tree].filter(([, branch]) => branch instanceof Map || branch.deleted === undefined);
  const members = present.map(([key, branch]) => {
    if (branch instanceof Map) return { key, value: toJson(branch) };
    return branch.given === undefined
      ? { key, value: branch.value }
      : { key, value: branch.value, given: branch.given };
  });
  return { members };
}

/** Numbers pass through int64 or float64 before the merge: `1e1` comes out as `10`. */
function normalized(value: Json): Json {
  if (Array.isArray(value)) return value.map(normalized);
  if (value === null || !isNumber(value)) return value;
  const integer = parseInteger(value.number, 10);
  if (integer !== undefined && fits(integer, 64)) return value;
  const float = parseFloat64(value.number);
  if (float === undefined) throw new Exit(`the number ${value.number.slice(0, 30)} is out of range`);
  return { number: formatFloat(float) };
}

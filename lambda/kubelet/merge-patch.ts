/**
 * Merging of drop-ins as JSON (gopkg.in/evanphx/json-patch.v4, MergePatch), remembering which file gave what.
 */
import { type Given, isNumber, isObject, type Json, type JsonObject } from './json.ts';
import { fits, formatFloat, parseFloat64, parseInteger } from './literals.ts';
import { Exit } from './outcome.ts';

/** An object under merging; a leaf is a scalar or a list. */
export type Tree = Map<string, Tree | Leaf>;

type Leaf = { value: Json; given?: Given };

/** Lays one drop-in over the tree, in place. */
export function applyPatch(tree: Tree, patch: JsonObject, where: string): void {
  for (const { key, value } of patch.members) {
    const current = tree.get(key);
    if (value === null) tree.delete(key);
    else if (current instanceof Map && isObject(value)) applyPatch(current, value, where);
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

/** The merged document. */
export function toJson(tree: Tree): JsonObject {
  const members = [...tree].map(([key, branch]) => {
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

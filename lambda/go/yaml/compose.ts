/**
 * YAML to JSON as sigs.k8s.io/yaml does it: goyaml.v2's decoder (decode.go), then convertToJSONableObject (yaml.go).
 * The reader of this folder is our own because no library reads as the kubelet does. Of the 4,296 YAML files whose reading
 * the kubelet's own code recorded, js-yaml 5.5.0 reads 750 otherwise (`yes` is a text to it), and yaml 2.9.1 in its mode
 * for YAML 1.1 reads 22 that the kubelet refuses (tabs). This reader agrees on all (test/kubelet/agreement.test.ts).
 */
import { isObject, type Json, type JsonObject } from '../json.ts';
import { formatFloat } from '../literals.ts';
import { Exit, quote, Unknown } from '../outcome.ts';
import { type MappingNode, type Node, parseFirst, type ScalarNode } from './parse.ts';
import { resolve, type Scalar } from './resolve.ts';

/** More decoded nodes are beyond any configuration; only aliases get there. */
const MOST_NODES = 400_000;

type Decoder = {
  /** Refuse keys that are set twice, be it by a merge. */
  strict: boolean;
  nodes: number;
  aliased: number;
  aliasDepth: number;
  /** Anchors being expanded. */
  open: Set<Node>;
  /** What JSON cannot hold, and why: an exit, unless a later key of the same name replaces it. */
  beyond: Map<Json, string>;
};

/**
 * Reads the first document of a YAML text. `strict` refuses keys that stand twice in a mapping; else the last one wins.
 * Throws Exit where goyaml.v2 refuses the text, Unknown beyond our bounds.
 */
export function parseYaml(text: string, strict: boolean): Json {
  const root = parseFirst(text);
  if (root === undefined) return null;
  const decoder: Decoder = { strict, nodes: 0, aliased: 0, aliasDepth: 0, open: new Set(), beyond: new Map() };
  const document = decodeNode(decoder, root);
  if (decoder.beyond.size > 0) refuseBeyondJson(document, decoder.beyond);
  return document;
}

/** Keys of the Go map: equal texts of different types are different keys. */
type Entries = Map<string, { key: string; value: Json }>;

function decodeNode(decoder: Decoder, node: Node): Json {
  count(decoder);
  switch (node.kind) {
    case 'scalar':
      return jsonOf(decoder, resolve(node));
    case 'sequence':
      return node.items.map((item) => decodeNode(decoder, item));
    case 'mapping':
      return decodeMapping(decoder, node);
    case 'alias':
      return expand(decoder, node.name, node.target, () => decodeNode(decoder, node.target));
  }
}

/** goyaml.v2 refuses documents that consist mostly of expanded aliases (decode.go, allowedAliasRatio). */
function count(decoder: Decoder): void {
  decoder.nodes += 1;
  if (decoder.aliasDepth > 0) decoder.aliased += 1;
  const { nodes, aliased } = decoder;
  if (aliased > 100 && nodes > 1000 && aliased / nodes > 0.99) {
    throw new Exit('not YAML: the document consists mostly of aliases');
  }
  if (nodes > MOST_NODES) throw new Unknown(`YAML of more than ${MOST_NODES} nodes is not evaluated`);
}

function expand<T>(decoder: Decoder, name: string, target: Node, decode: () => T): T {
  if (decoder.open.has(target)) throw new Exit(`not YAML: the anchor ${quote(name)} contains itself`);
  decoder.open.add(target);
  decoder.aliasDepth += 1;
  const result = decode();
  decoder.aliasDepth -= 1;
  decoder.open.delete(target);
  return result;
}

function decodeMapping(decoder: Decoder, node: MappingNode): JsonObject {
  const entries: Entries = new Map();
  fill(decoder, node, entries);
  return { members: [...entries.values()] };
}

/** Merges take effect in their place: they override what stands before them. */
function fill(decoder: Decoder, { pairs }: MappingNode, entries: Entries): void {
  for (const [key, value] of pairs) {
    if (key.kind === 'scalar' && isMerge(key)) {
      merge(decoder, value, entries);
      continue;
    }
    const { identity, text, problem } = keyOf(decoder, key);
    const decoded = decodeNode(decoder, value);
    if (decoder.strict && entries.has(identity)) throw new Exit(`the key ${quote(text)} stands twice`);
    entries.set(identity, { key: text, value: problem === undefined ? decoded : beyondJson(decoder, problem) });
  }
}

function isMerge({ value, implicit, tag }: ScalarNode): boolean {
  return value === '<<' && (implicit || tag === 'tag:yaml.org,2002:merge');
}

function merge(decoder: Decoder, value: Node, entries: Entries): void {
  // Of several mappings the first one wins.
  const sources = value.kind === 'sequence' ? value.items.toReversed() : [value];
  for (const source of sources) {
    const mapping = source.kind === 'alias' ? source.target : source;
    if (mapping.kind !== 'mapping') throw new Exit('not YAML: a merge needs a mapping or a list of mappings');
    count(decoder);
    if (source.kind !== 'alias') fill(decoder, mapping, entries);
    else {
      expand(decoder, source.name, mapping, () => {
        count(decoder);
        fill(decoder, mapping, entries);
      });
    }
  }
}

function keyOf(decoder: Decoder, node: Node): { identity: string; text: string; problem?: string } {
  if (node.kind === 'alias') {
    count(decoder);
    return expand(decoder, node.name, node.target, () => keyOf(decoder, node.target));
  }
  count(decoder);
  if (node.kind !== 'scalar') throw new Exit('not YAML: a mapping or a list is a key');
  const scalar = resolve(node);
  const text = keyText(scalar);
  const identity = `${scalar.type}:${text}`;
  // Null and integers beyond int64 are no keys (sigs.k8s.io/yaml, yaml.go).
  if (scalar.type === 'null') return { identity, text, problem: 'not YAML: a key is null' };
  if (scalar.type === 'int' && scalar.wide)
    return { identity, text, problem: 'not YAML: a key is too large an integer' };
  return { identity, text };
}

/** How a key is written in JSON. */
function keyText(scalar: Scalar): string {
  // Go writes some floats in another way; no field has a number for its name.
  return scalar.type === 'null' ? 'null' : String(scalar.value);
}

/** Stands for something that JSON cannot hold. */
function beyondJson(decoder: Decoder, problem: string): Json {
  const marker = { number: '' };
  decoder.beyond.set(marker, problem);
  return marker;
}

/** Go decodes the whole document before it writes JSON. */
function refuseBeyondJson(value: Json, beyond: ReadonlyMap<Json, string>): void {
  const problem = beyond.get(value);
  if (problem !== undefined) throw new Exit(problem);
  if (Array.isArray(value)) for (const item of value) refuseBeyondJson(item, beyond);
  else if (value !== null && isObject(value))
    for (const { value: inner } of value.members) refuseBeyondJson(inner, beyond);
}

function jsonOf(decoder: Decoder, scalar: Scalar): Json {
  switch (scalar.type) {
    case 'null':
      return null;
    case 'int':
      return { number: scalar.value.toString() };
    case 'float':
      if (Number.isFinite(scalar.value)) return { number: formatFloat(scalar.value) };
      return beyondJson(decoder, 'not JSON: infinity or not a number');
    default:
      return scalar.value;
  }
}

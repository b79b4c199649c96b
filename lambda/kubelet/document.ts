/**
 * One configuration file or drop-in, from its text to JSON with its kind checked.
 * Tested by test/kubelet/agreement.test.ts.
 */

import { byBytes, isObject, type Json, type JsonObject, kindOf, parseJson } from '../go/json.ts';
import { leadingSpace } from '../go/literals.ts';
import { Exit, quote } from '../go/outcome.ts';
import { parseYaml } from '../go/yaml/compose.ts';
import { fold } from './schema.ts';

const GROUP_VERSION = 'kubelet.config.k8s.io/v1beta1';
const KIND = 'KubeletConfiguration';

/** How strictly a text is read, and what kind it must have. */
export type Reading =
  /** Configuration files, and drop-ins of 1.28: duplicate keys are allowed, the kind must be right. */
  | 'file'
  /** Drop-ins of 1.29 to 1.31: no duplicate keys, any kind. */
  | 'any-kind'
  /** Drop-ins of 1.32 and later: no duplicate keys, the kind must be right. */
  | 'drop-in';

/**
 * Reads a text as the kubelet's codecs do: JSON if it starts with `{`, else the first document of YAML
 * (k8s.io/apimachinery/pkg/runtime/serializer/json/json.go, Decode and RecognizesData).
 * Throws Exit where the kubelet refuses it.
 */
export function readDocument(text: string, reading: Reading): JsonObject {
  if (text === '') throw new Exit('it is empty');
  const isJson = text.startsWith('{', leadingSpace(text));
  const root = isJson ? parseJson(text) : yamlOf(text, reading !== 'file');
  if (root !== null && !isObject(root)) throw new Exit(`expected an object, found ${kindOf(root)}`);
  const document = root ?? { members: [] };
  const members = isJson ? document.members : document.members.toSorted((a, b) => byBytes(a.key, b.key));
  const kind = textOf(members, 'kind');
  const apiVersion = textOf(members, 'apiVersion');
  if (apiVersion.split('/').length > 2) throw new Exit(`apiVersion ${quote(apiVersion)} is not a group and a version`);
  if (kind === '') throw new Exit('kind is missing');
  if (reading === 'file') requireKind(apiVersion, kind);
  else checkDropIn(document, isJson, reading);
  return document;
}

/** The text that was read last: one node is asked for several versions in turn, and hostile texts take long. Nobody changes what it says. */
let last: { text: string; strict: boolean; root: Json } | undefined;

function yamlOf(text: string, strict: boolean): Json {
  if (last?.text === text && last.strict === strict) return last.root;
  // Two of the largest at once would be more memory than one.
  last = undefined;
  const root = parseYaml(text, strict);
  last = { text, strict, root };
  return root;
}

/** encoding/json into a struct with two texts: names match without regard to case, the last one wins. */
function textOf(members: JsonObject['members'], name: string): string {
  let text = '';
  for (const { key, value } of members) {
    if (fold(key) !== fold(name) || value === null) continue;
    if (typeof value !== 'string') throw new Exit(`${name} must be text, found ${kindOf(value)}`);
    text = value;
  }
  return text;
}

/** Drop-ins are read into an untyped map, which has its kind only under the exact names. */
function checkDropIn(document: JsonObject, isJson: boolean, reading: Reading): void {
  if (isJson) refuseDuplicates(document);
  const exact = (name: string): string => {
    const value = document.members.findLast(({ key }) => key === name)?.value;
    return typeof value === 'string' ? value : '';
  };
  if (exact('kind') === '') throw new Exit('kind is missing');
  if (reading === 'drop-in') requireKind(exact('apiVersion'), exact('kind'));
}

function requireKind(apiVersion: string, kind: string): void {
  if (apiVersion === '') throw new Exit('apiVersion is missing');
  if (apiVersion !== GROUP_VERSION) throw new Exit(`apiVersion must be ${GROUP_VERSION}, found ${quote(apiVersion)}`);
  if (kind !== KIND) throw new Exit(`kind must be ${KIND}, found ${quote(kind)}`);
}

function refuseDuplicates(value: Json): void {
  if (Array.isArray(value)) {
    for (const item of value) refuseDuplicates(item);
    return;
  }
  if (value === null || !isObject(value)) return;
  const seen = new Set<string>();
  for (const { key, value: inner } of value.members) {
    if (seen.has(key)) throw new Exit(`the key ${quote(key)} stands twice`);
    seen.add(key);
    refuseDuplicates(inner);
  }
}

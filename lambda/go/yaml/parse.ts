/**
 * The first document of a YAML text as a tree of nodes (goyaml.v2, parserc.go and decode.go's parser).
 * Tested by test/go/yaml/compose.test.ts.
 */
import { DEEPEST } from '../json.ts';
import { Exit, Unknown } from '../outcome.ts';
import { broken } from './cursor.ts';
import { type Scanner, scanner, type Token } from './queue.ts';
import { peekToken, skipToken } from './scan.ts';

export type Node = ScalarNode | SequenceNode | MappingNode | AliasNode;
export type ScalarNode = { kind: 'scalar'; value: string; tag: string; implicit: boolean };
type SequenceNode = { kind: 'sequence'; items: Node[] };
export type MappingNode = { kind: 'mapping'; pairs: [key: Node, value: Node][] };
type AliasNode = { kind: 'alias'; name: string; target: Node };

type Parser = { scan: Scanner; tags: Map<string, string>; anchors: Map<string, Node> };

/** goyaml.v2 decodes its input in pieces of this size; a forbidden character is found with its piece. */
const PIECE = 512;

/** Anything but tab, line feed, carriage return, NEL and what Unicode calls printable. */
const FORBIDDEN = /(?![\t\n\r\u0085])[\p{Cc}\p{Cs}\ufffe\uffff]/u;

/** Reads the first document; undefined is an empty text. Throws Exit where it is not YAML, Unknown beyond our bounds. */
export function parseFirst(text: string): Node | undefined {
  const scan = scanner(text);
  const root = parseDocument({ scan, tags: new Map(), anchors: new Map() });
  // The end of the document has to be scanned, but not what follows.
  if (root) peekToken(scan);
  const forbidden = text.search(FORBIDDEN);
  if (forbidden !== -1 && forbidden < Math.ceil((scan.at + 1) / PIECE) * PIECE) {
    throw new Exit('not YAML: control characters are not allowed');
  }
  return root;
}

function parseDocument(parser: Parser): Node | undefined {
  const { scan } = parser;
  const { type } = peekToken(scan);
  if (type === 'stream-end') return undefined;
  if (type !== 'version' && type !== 'tag-directive' && type !== 'document-start') {
    addDefaultTags(parser);
    return parseNode(parser, 0, true, false);
  }
  readDirectives(parser);
  if (peekToken(scan).type !== 'document-start') throw broken(scan, 'expected the start of a document');
  skipToken(scan);
  const ends = ['version', 'tag-directive', 'document-start', 'document-end', 'stream-end'];
  return ends.includes(peekToken(scan).type) ? empty() : parseNode(parser, 0, true, false);
}

function readDirectives(parser: Parser): void {
  const { scan, tags } = parser;
  let versions = 0;
  for (let token = peekToken(scan); ; token = peekToken(scan)) {
    if (token.type === 'version') {
      versions += 1;
      if (versions > 1) throw broken(scan, 'a second %YAML directive');
      if (token.version !== '1.1') throw broken(scan, `YAML ${token.version} instead of 1.1`);
    } else if (token.type === 'tag-directive') {
      if (tags.has(token.handle)) throw broken(scan, 'a second %TAG directive of the same handle');
      tags.set(token.handle, token.prefix);
    } else break;
    skipToken(scan);
  }
  addDefaultTags(parser);
}

function addDefaultTags({ tags }: Parser): void {
  if (!tags.has('!')) tags.set('!', '!');
  if (!tags.has('!!')) tags.set('!!', 'tag:yaml.org,2002:');
}

function empty(): ScalarNode {
  return { kind: 'scalar', value: '', tag: '', implicit: true };
}

function parseNode(parser: Parser, depth: number, block: boolean, indentless: boolean): Node {
  const { scan, anchors } = parser;
  if (depth > DEEPEST) throw new Unknown(`YAML nested deeper than ${DEEPEST} levels is not evaluated`);
  const first = peekToken(scan);
  if (first.type === 'alias') {
    const target = anchors.get(first.name);
    if (target === undefined) throw broken(scan, `unknown anchor ${JSON.stringify(first.name.slice(0, 60))}`);
    skipToken(scan);
    return { kind: 'alias', name: first.name, target };
  }
  const { anchor, tag } = readProperties(parser);
  const node = parseContent(parser, depth, block, indentless, tag, (created) => {
    if (anchor !== undefined) anchors.set(anchor, created);
  });
  if (node) return node;
  if (anchor === undefined && tag === '') throw broken(scan, 'expected a value');
  const scalar: ScalarNode = { kind: 'scalar', value: '', tag, implicit: tag === '' };
  if (anchor !== undefined) anchors.set(anchor, scalar);
  return scalar;
}

/** An anchor and a tag, in either order. */
function readProperties({ scan, tags }: Parser): { anchor: string | undefined; tag: string } {
  let anchor: string | undefined;
  let tag = '';
  let tagged = false;
  for (let token = peekToken(scan); ; token = peekToken(scan)) {
    if (token.type === 'anchor' && anchor === undefined) anchor = token.name;
    else if (token.type === 'tag' && !tagged) {
      tagged = true;
      const prefix = token.handle === '' ? '' : tags.get(token.handle);
      if (prefix === undefined) throw broken(scan, 'an undefined tag handle');
      tag = prefix + token.suffix;
    } else return { anchor, tag };
    skipToken(scan);
  }
}

/** The node itself; `created` hears of it before its children are read, as an alias in them may mean it. */
function parseContent(
  parser: Parser,
  depth: number,
  block: boolean,
  indentless: boolean,
  tag: string,
  created: (node: Node) => void,
): Node | undefined {
  const { scan } = parser;
  const token = peekToken(scan);
  if (token.type === 'scalar') {
    const implicit = (tag === '' && token.plain) || tag === '!';
    const scalar: ScalarNode = { kind: 'scalar', value: token.value, tag, implicit };
    created(scalar);
    skipToken(scan);
    return scalar;
  }
  if (isSequence(token, block, indentless)) {
    const sequence: SequenceNode = { kind: 'sequence', items: [] };
    created(sequence);
    if (token.type === '[') parseFlowSequence(parser, depth, sequence);
    else if (token.type === 'block-sequence') parseBlockSequence(parser, depth, sequence);
    else parseIndentless(parser, depth, sequence);
    return sequence;
  }
  if (token.type !== '{' && !(block && token.type === 'block-mapping')) return undefined;
  const mapping: MappingNode = { kind: 'mapping', pairs: [] };
  created(mapping);
  if (token.type === '{') parseFlowMapping(parser, depth, mapping);
  else parseBlockMapping(parser, depth, mapping);
  return mapping;
}

function isSequence({ type }: Token, block: boolean, indentless: boolean): boolean {
  return type === '[' || (block && type === 'block-sequence') || (indentless && type === 'block-entry');
}

/** A node, or an empty one before one of these tokens. */
function parseUnless(parser: Parser, depth: number, block: boolean, stops: readonly Token['type'][]): Node {
  if (stops.includes(peekToken(parser.scan).type)) return empty();
  return parseNode(parser, depth, block, block && stops.includes('key'));
}

function parseBlockSequence(parser: Parser, depth: number, { items }: SequenceNode): void {
  const { scan } = parser;
  skipToken(scan);
  while (peekToken(scan).type === 'block-entry') {
    skipToken(scan);
    items.push(parseUnless(parser, depth + 1, true, ['block-entry', 'block-end']));
  }
  if (peekToken(scan).type !== 'block-end') throw broken(scan, "expected '-'");
  skipToken(scan);
}

function parseIndentless(parser: Parser, depth: number, { items }: SequenceNode): void {
  const { scan } = parser;
  while (peekToken(scan).type === 'block-entry') {
    skipToken(scan);
    const stops: Token['type'][] = ['block-entry', 'key', 'value', 'block-end'];
    items.push(stops.includes(peekToken(scan).type) ? empty() : parseNode(parser, depth + 1, true, false));
  }
}

function parseBlockMapping(parser: Parser, depth: number, { pairs }: MappingNode): void {
  const { scan } = parser;
  const stops: Token['type'][] = ['key', 'value', 'block-end'];
  skipToken(scan);
  while (peekToken(scan).type === 'key') {
    skipToken(scan);
    const key = parseUnless(parser, depth + 1, true, stops);
    if (peekToken(scan).type === 'value') {
      skipToken(scan);
      pairs.push([key, parseUnless(parser, depth + 1, true, stops)]);
    } else pairs.push([key, empty()]);
  }
  if (peekToken(scan).type !== 'block-end') throw broken(scan, 'expected a key');
  skipToken(scan);
}

function parseFlowSequence(parser: Parser, depth: number, { items }: SequenceNode): void {
  const { scan } = parser;
  skipToken(scan);
  for (let first = true; peekToken(scan).type !== ']'; first = false) {
    if (!first) {
      if (peekToken(scan).type !== 'flow-entry') throw broken(scan, "expected ',' or ']'");
      skipToken(scan);
    }
    const { type } = peekToken(scan);
    if (type === 'key') items.push(parseSinglePair(parser, depth));
    else if (type !== ']') items.push(parseNode(parser, depth + 1, false, false));
  }
  skipToken(scan);
}

/** `[a: b]` is a list of one mapping. */
function parseSinglePair(parser: Parser, depth: number): MappingNode {
  const { scan } = parser;
  const stops: Token['type'][] = ['flow-entry', ']'];
  skipToken(scan);
  const { type } = peekToken(scan);
  let key: Node;
  if (type === 'value' || type === 'flow-entry' || type === ']') {
    // libyaml drops the token that follows an empty key.
    skipToken(scan);
    key = empty();
  } else key = parseNode(parser, depth + 2, false, false);
  if (peekToken(scan).type !== 'value') return { kind: 'mapping', pairs: [[key, empty()]] };
  skipToken(scan);
  return { kind: 'mapping', pairs: [[key, parseUnless(parser, depth + 2, false, stops)]] };
}

function parseFlowMapping(parser: Parser, depth: number, { pairs }: MappingNode): void {
  const { scan } = parser;
  skipToken(scan);
  for (let first = true; peekToken(scan).type !== '}'; first = false) {
    if (!first) {
      if (peekToken(scan).type !== 'flow-entry') throw broken(scan, "expected ',' or '}'");
      skipToken(scan);
    }
    const { type } = peekToken(scan);
    if (type === 'key') {
      skipToken(scan);
      const key = parseUnless(parser, depth + 1, false, ['value', 'flow-entry', '}']);
      const valued = peekToken(scan).type === 'value';
      if (valued) skipToken(scan);
      pairs.push([key, valued ? parseUnless(parser, depth + 1, false, ['flow-entry', '}']) : empty()]);
    } else if (type !== '}') pairs.push([parseNode(parser, depth + 1, false, false), empty()]);
  }
  skipToken(scan);
}

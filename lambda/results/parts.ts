/**
 * Reading a line of findings part by part: most findings and settings are byte by byte the same on thousands of nodes, so
 * that a part which was read before is not parsed again, and is one frozen object for all lines. The line is what JSON.parse
 * gives: parts are whole JSON by themselves, and so is what is left without them. Any other line is not read here.
 */
import type * as v from 'valibot';
import { type Finding, FindingSchema } from '../criteria/rule.ts';
import { frozen } from '../kubelet/shared.ts';
import { isDeep } from './lines.ts';
import { type EvaluatedLine, NodeLineSchema, SettingsSchema } from './node-line.ts';
import { quickCheck } from './quick-check.ts';

/** A fleet has some hundred kinds of parts, and a few on each node that are its own. Of one generation; in all twice as much. */
const MOST = 4_096;
const MOST_BYTES = 2 * 1024 * 1024;
const LONGEST = 8_192;
/** New parts of a line that are kept: all of a kind's are after some lines, and a line of which all are its own costs little more than one that is read whole. */
const MOST_NEW = 8;
/** Parts that were seen behind the same one, which are tried first: to compare bytes takes less than to find where they end. */
const MOST_FOLLOWERS = 16;

type Part<Value> = { bytes: Buffer; value: Value; followers: Part<Value>[] };

const COMMA = 0x2c;

/** Reads parts, whose texts `whole` makes JSON, and knows those of the last two generations: what is asked for again stays. */
function partReader<Value>(
  schema: v.GenericSchema,
  whole: (text: string) => string,
  endOf: (line: Buffer, start: number) => number,
) {
  const fits = quickCheck(schema);
  let [young, old] = [new Map<string, Part<Value>>(), new Map<string, Part<Value>>()];
  let bytes = 0;
  let firsts: Part<Value>[] = [];
  const keep = (name: string, part: Part<Value>) => {
    if (young.size >= MOST || bytes + part.bytes.length > MOST_BYTES) {
      [young, old, bytes, firsts] = [new Map(), young, 0, []];
      for (const each of old.values()) each.followers = [];
    }
    young.set(name, part);
    bytes += part.bytes.length;
  };
  const find = (name: string): Part<Value> | undefined => {
    const known = young.get(name);
    if (known) return known;
    const older = old.get(name);
    if (older) keep(name, older);
    return older;
  };
  const expected = (followers: readonly Part<Value>[], line: Buffer, start: number): Part<Value> | undefined => {
    for (const part of followers) {
      const end = start + part.bytes.length;
      if (end <= line.length && line.compare(part.bytes, 0, part.bytes.length, start, end) === 0) return part;
    }
    return undefined;
  };

  /** The values of the parts from a place on, between commas, and where the last ends. Throws where one is not what it should be. */
  return (line: Buffer, start: number): { values: Value[]; end: number } => {
    const values: Value[] = [];
    let followers = firsts;
    let kept = 0;
    for (let at = start; ; at += 1) {
      let part = expected(followers, line, at);
      if (part) at += part.bytes.length;
      else {
        const end = endOf(line, at);
        if (end <= at) throw new SyntaxError('no part');
        const name = line.toString('latin1', at, end);
        part = find(name);
        if (part) {
          // Met again: what is a node's own is never, and would only push others out.
          if (followers.push(part) > MOST_FOLLOWERS) followers.shift();
        } else {
          if (isDeep(line.subarray(at, end))) throw new SyntaxError('too deep');
          const value = JSON.parse(whole(line.toString('utf8', at, end))) as Value;
          if (!fits(value)) throw new SyntaxError('another shape');
          values.push(value);
          if (kept < MOST_NEW && name.length <= LONGEST) {
            keep(name, { bytes: Buffer.from(line.subarray(at, end)), value: frozen(value), followers: [] });
            kept += 1;
          }
        }
        at = end;
      }
      if (part) {
        values.push(part.value);
        followers = part.followers;
      }
      if (line[at] !== COMMA) return { values, end: at };
    }
  };
}

const [FINDINGS, FINDING] = [Buffer.from(',"findings":['), Buffer.from(',{"rule":"')];
/** How a line of findings begins that has any, and how each ends. */
const FIRST_FINDING = Buffer.from(',"findings":[{"rule":"');
const END = Buffer.from(']}');
const [SETTINGS, SETTING] = [Buffer.from(',"settings":{'), Buffer.from(':{"value":')];
/** The one setting that is each node's own (kubelet.config.k8s.io/v1beta1, `providerID`: the instance's id). */
const OWN_SETTING = Buffer.from('"providerID":{"value":');
/** What stands behind the settings, which are the last of what is told of a kubelet. */
const BEHIND = /\}\}(?:$|,"(?:benchmark|certificates|notes|findings)":)/;
/** Stands in the place of all settings while the rest is read. */
const ANY = 'any setting';
const ANY_SETTING = `"${ANY}":{"value":0,"source":{"kind":"default"}}`;

const readFindings = partReader<Finding>(FindingSchema, (text) => text, endOfFinding);
const readSettings = partReader<v.InferOutput<typeof SettingsSchema>>(
  SettingsSchema,
  // Between two commas, or before the first, blanks are no setting.
  (text) => (text.trim() === '' ? text : `{${text}}`),
  endOfSettings,
);
const fits = quickCheck(NodeLineSchema);

/** The line that bytes are; undefined where only who reads it as a whole can say what it is, or what is wrong with it. */
export function readParts(line: Buffer): EvaluatedLine | undefined {
  const start = line.indexOf(FIRST_FINDING);
  if (start < 0) return undefined;
  try {
    const { values, end } = readFindings(line, start + FINDINGS.length);
    if (line.compare(END, 0, END.length, end) !== 0) return undefined;
    // Nothing else closes what is open there, so this list is the line's own, and of several of this name the last.
    return withSettings(line.subarray(0, start), values);
  } catch {
    return undefined;
  }
}

/** Reads the rest of a line, which is what stands before its findings, with its settings. */
function withSettings(before: Buffer, findings: Finding[]): EvaluatedLine | undefined {
  const start = before.indexOf(SETTINGS) + SETTINGS.length;
  if (start < SETTINGS.length) return withFindings(before.toString(), findings);
  const { values, end } = readSettings(before, start);
  const [left, right] = [before.toString('utf8', 0, start), before.toString('utf8', end)];
  // Nothing else is called so, however it is spelt: where it is found is where the settings stand.
  if (`${left}${right}`.includes(ANY) || `${left}${right}`.includes('\\u')) return undefined;
  const line = withFindings(`${left}${ANY_SETTING}${right}`, findings);
  const { kubelet } = line ?? {};
  if (!kubelet?.settings || Object.keys(kubelet.settings).join() !== ANY) return undefined;
  const [settings, ...others] = values;
  kubelet.settings = others.length === 0 ? (settings ?? {}) : Object.assign({}, settings, ...others);
  return line;
}

/** The line that begins so. A list fits where each of its items does, if there may be one. */
function withFindings(before: string, findings: Finding[]): EvaluatedLine | undefined {
  // Which is short where it is one of ours; how deep a longer one nests is looked at where it is read whole.
  if (before.length > LONGEST) return undefined;
  const line = JSON.parse(`${before}}`) as EvaluatedLine;
  line.findings = findings.slice(0, 1);
  if (!fits(line)) return undefined;
  line.findings = findings;
  return line;
}

/** Before the comma in front of the next finding, or where the list ends if there is none. */
function endOfFinding(line: Buffer, start: number): number {
  const next = line.indexOf(FINDING, start);
  return next < 0 ? line.length - END.length : next;
}

/** The same of settings: a node's own, or all those up to it. */
function endOfSettings(line: Buffer, start: number): number {
  const all = line.toString('latin1', start).search(BEHIND);
  const end = all < 0 ? line.length : start + all;
  const own = line.indexOf(OWN_SETTING, start);
  if (own < 0 || own > end) return end;
  if (own > start) return own - 1;
  const next = line.indexOf(SETTING, own + OWN_SETTING.length);
  return next < 0 || next > end ? end : line.lastIndexOf(',"', next);
}

/**
 * Reading a line of findings part by part: most findings and settings are letter by letter the same on thousands of nodes, so
 * that a part which was read before is not parsed again, and is one frozen object for all lines. The line is what JSON.parse
 * gives: parts are whole JSON by themselves, and so is what is left without them. Any other line is not read here.
 */
import type * as v from 'valibot';
import { type Finding, FindingSchema } from '../criteria/rule.ts';
import { textOf } from './lines.ts';
import { type EvaluatedLine, NodeLineSchema, SettingsSchema } from './node-line.ts';
import { quickCheck } from './quick-check.ts';
import { frozen } from './shared.ts';

/** A fleet has some hundred kinds of parts, and a few on each node that are its own. Of one generation; in all twice as much. */
const MOST = 4_096;
const MOST_CHARACTERS = 2 * 1024 * 1024;
const LONGEST = 8_192;
/** New parts of a line that are kept: all of a kind's are after some lines, and a line of which all are its own costs little more than one that is read whole. */
const MOST_NEW = 8;
/** Parts of one mark. */
const MOST_ALIKE = 4;
const SAMPLES = 8;

type Part<Value> = { mark: number; text: string; value: Value };

/** What texts are told apart by before they are compared: to hash all of a text takes several times as long. */
function markOf(text: string, start: number, end: number): number {
  const step = (end - start) / SAMPLES;
  let mark = end - start;
  for (let at = start; at < end; at += step) mark = (mark * 31 + text.charCodeAt(at)) | 0;
  return mark;
}

/** Reads parts, whose texts `whole` makes JSON, and knows those of the last two generations: what is asked for again stays. */
function partReader<Value>(schema: v.GenericSchema, whole: (text: string) => string) {
  const fits = quickCheck(schema);
  let [young, old] = [new Map<number, Part<Value>[]>(), new Map<number, Part<Value>[]>()];
  let characters = 0;
  const keep = (part: Part<Value>) => {
    if (young.size >= MOST || characters + part.text.length > MOST_CHARACTERS) {
      [young, old, characters] = [new Map(), young, 0];
    }
    const alike = young.get(part.mark);
    if (!alike) young.set(part.mark, [part]);
    else if (alike.unshift(part) > MOST_ALIKE) alike.pop();
    characters += part.text.length;
  };
  const find = (mark: number, text: string): Value | undefined => {
    const known = young.get(mark)?.find((part) => part.text === text);
    if (known) return known.value;
    const older = old.get(mark)?.find((part) => part.text === text);
    if (older) keep(older);
    return older?.value;
  };

  /** The values of the parts between each two of these places and a comma. Throws where one is not what it should be. */
  return (text: string, places: readonly number[]): Value[] => {
    const values: Value[] = [];
    let kept = 0;
    for (let index = 1; index < places.length; index += 1) {
      const [start, end] = [places[index - 1] as number, (places[index] as number) - 1];
      const [mark, part] = [markOf(text, start, end), text.slice(start, end)];
      let value = find(mark, part);
      if (value === undefined) {
        value = JSON.parse(whole(textOf(part))) as Value;
        if (!fits(value)) throw new SyntaxError('another shape');
        if (kept < MOST_NEW && part.length <= LONGEST) {
          // Written anew, because a text that is cut out keeps all of what it is cut from.
          keep({ mark, text: JSON.parse(JSON.stringify(part)), value: frozen(value) });
          kept += 1;
        }
      }
      values.push(value);
    }
    return values;
  };
}

const readFindings = partReader<Finding>(FindingSchema, (text) => text);
const readSettings = partReader<v.InferOutput<typeof SettingsSchema>>(SettingsSchema, (text) => `{${text}}`);
const fits = quickCheck(NodeLineSchema);

const FINDINGS = ',"findings":[';
const FINDING = ',{"rule":"';
const SETTINGS = ',"settings":{';
const SETTING = ':{"value":';
/** The one setting that is each node's own (kubelet.config.k8s.io/v1beta1, `providerID`: the instance's id). */
const OWN_SETTING = ',"providerID":{"value":';
/** What stands behind the settings, which are the last of what is told of a kubelet. */
const BEHIND = /\}\},"(?:benchmark|certificates|notes|findings)":/g;
/** Stands in the place of all settings while the rest is read. */
const ANY = 'any setting';
const ANY_SETTING = `"${ANY}":{"value":0,"source":{"kind":"default"}}`;

/** The line that a text is; undefined where only who reads it as a whole can say what it is, or what is wrong with it. */
export function readParts(text: string): EvaluatedLine | undefined {
  const start = text.indexOf(`${FINDINGS}${FINDING.slice(1)}`);
  if (start < 0 || !text.endsWith(']}')) return undefined;
  try {
    const findings = readFindings(text, findingPlaces(text, start + FINDINGS.length));
    // Nothing else closes what is open there, so this list is the line's own, and of several of this name the last.
    return withSettings(`${text.slice(0, start)}${FINDINGS}]}`, findings);
  } catch {
    return undefined;
  }
}

/** Reads the rest of a line, with its settings. */
function withSettings(text: string, findings: Finding[]): EvaluatedLine | undefined {
  const start = text.indexOf(SETTINGS) + SETTINGS.length;
  BEHIND.lastIndex = start;
  const end = BEHIND.exec(text)?.index;
  if (start < SETTINGS.length || end === undefined) return withFindings(JSON.parse(textOf(text)), findings);
  // Nothing else is called so, however it is spelt: where it is found is where the settings stand.
  if (text.includes(ANY) || text.includes('\\u')) return undefined;
  const line = withFindings(JSON.parse(textOf(`${text.slice(0, start)}${ANY_SETTING}${text.slice(end)}`)), findings);
  const { kubelet } = line ?? {};
  if (!kubelet?.settings || Object.keys(kubelet.settings).join() !== ANY) return undefined;
  const [settings, ...others] = readSettings(text, settingPlaces(text, start, end));
  kubelet.settings = others.length === 0 ? (settings ?? {}) : Object.assign({}, settings, ...others);
  return line;
}

/** A list fits where each of its items does, if there may be one. */
function withFindings(line: EvaluatedLine, findings: Finding[]): EvaluatedLine | undefined {
  line.findings = findings.slice(0, 1);
  if (!fits(line)) return undefined;
  line.findings = findings;
  return line;
}

/** Where each finding begins, and behind the comma that would follow the last. */
function findingPlaces(text: string, start: number): number[] {
  const places = [start];
  for (let at = text.indexOf(FINDING, start); at >= 0; at = text.indexOf(FINDING, at + 1)) places.push(at + 1);
  places.push(text.length - ']}'.length + 1);
  return places;
}

/** The same of settings: a node's own, those before it and those behind it. */
function settingPlaces(text: string, start: number, end: number): number[] {
  const own = text.indexOf(OWN_SETTING, start);
  if (own < 0 || own > end) return [start, end + 1];
  const next = text.indexOf(SETTING, own + OWN_SETTING.length);
  if (next < 0 || next > end) return [start, own + 1, end + 1];
  return [start, own + 1, text.lastIndexOf(',"', next) + 1, end + 1];
}

/**
 * The data inside the page: every text, finding, list of findings and set of settings is kept once, because nodes of
 * one kind are alike. That is what lets 10,000 nodes with all their evidence fit into one file.
 * Tested by test/formats/html.test.ts.
 */

import type { Finding } from '../../criteria/rule.ts';
import { onceOf } from '../../kubelet/shared.ts';
import { risksOf } from '../../results/at-risk.ts';
import { aboutRule } from '../../results/catalog.ts';
import type { NodeChanges } from '../../results/compare.ts';
import type { NodeLine } from '../../results/node-line.ts';
import type { Head } from '../format.ts';
import { printable } from '../text.ts';

/** A page with more text than this would be too slow to open; what is left out is said. Bytes. */
const mostText = 8 * 1024 * 1024;
/** Nodes without anything to tell are left out of a page beyond this many. */
const mostNodes = 20_000;

const leftOut = 'Left out of this page to keep it small; findings.csv and the findings folder have it.';

/** Collects nodes; `json` is the page's data, `omitted` the number of clean nodes that are not in it. */
export function collector() {
  const texts = table<string>((text) => text);
  const findings = table<unknown[]>();
  const sets = table<number[]>();
  const settings = table<number[][]>();
  const opens = table<[number, number, number][]>();
  const lives = table<[string, number, number, number][]>();
  const notes = table<number[]>();
  const nodes: string[] = [];
  const rules = new Set<string>();
  let length = 0;
  let omitted = 0;

  const text = (value: string | undefined): number => {
    const visible = printable(value ?? '');
    const known = texts.find(visible);
    if (known !== undefined) return known;
    const size = Buffer.byteLength(safe(JSON.stringify(visible)));
    if (length + size > mostText) return texts.add(leftOut);
    length += size;
    return texts.add(visible);
  };

  const addFinding = (each: Finding, isRisk: boolean): number => {
    rules.add(each.rule);
    const controls = each.controls.map(({ benchmark, control }) => `${benchmark} ${control}`).join(', ');
    const { waiver } = each;
    return findings.add([
      text(each.rule),
      each.status,
      each.audit ?? '',
      text(each.reason),
      (each.remediation ?? []).map((one) => [text(one.text), one.command === undefined ? -1 : text(one.command)]),
      each.advisories.map((advisory) => [text(advisory.id), text(advisory.text)]),
      text(controls),
      waiver ? text(`${waiver.reason} (${waiver.owner}, until ${waiver.until})`) : -1,
      isRisk ? 1 : 0,
    ]);
  };

  const calm = onceOf((each: Finding) => addFinding(each, false));
  const risky = onceOf((each: Finding) => addFinding(each, true));
  const written = onceOf((each: AnySetting) => settingCells(each, text));
  const addSettings = onceOf((each: object) => settings.add(settingRows(each, text, written)));

  return {
    rules,

    add(line: NodeLine, changes: NodeChanges | undefined, isClean: boolean): void {
      if (isClean && nodes.length >= mostNodes) {
        omitted += 1;
        return;
      }
      const { node, kubelet } = line;
      const risks = risksOf(line);
      const stops = risks.flatMap(({ on }) => on ?? [])[0];
      const atRisk = new Set(risks.map((risk) => risk.finding));
      // At the first scan everything is new, which tells nobody anything.
      const news = changes?.changes.filter(({ change, cause }) => change === 'new' && cause !== 'first-scan');
      const fresh = new Set(news?.map(({ rule }) => rule));
      const since = Object.entries(changes?.open ?? {}).map(([rule, date]): [number, number, number] => [
        text(rule),
        text(date.slice(0, 10)),
        fresh.has(rule) ? 1 : 0,
      ]);
      nodes.push(
        JSON.stringify([
          text(node.id),
          text(node.account),
          text(node.region),
          text(node.cluster),
          text(node.group),
          text(node.owner),
          text(node.name),
          text(node.privateDnsName),
          line.coverage === 'evaluated' ? -1 : text(line.reason ?? 'unreachable'),
          text(line.detail),
          text(kubelet?.version),
          line.coverage === 'evaluated'
            ? sets.add(line.findings.map((each) => (atRisk.has(each) ? risky : calm)(each)))
            : -1,
          kubelet?.settings ? addSettings(kubelet.settings) : -1,
          opens.add(since),
          lives.add(livesOf(line, text)),
          text(stops?.slice(0, 10)),
          text(line.benchmark?.reason),
          notes.add((line.notes ?? []).map(text)),
        ]),
      );
    },

    get omitted() {
      return omitted;
    },

    /** JSON in pieces; `<` is escaped, so that no text can end the script element that holds it. */
    *json({ summary, catalog }: Head): Generator<string> {
      const known = [...rules].flatMap((rule) => {
        const about = aboutRule(catalog, rule);
        return about
          ? [[rule, [about.title, about.why, about.severity, about.references[0] ?? '', about.failureTitle]] as const]
          : [];
      });
      yield `{"now":${safe(JSON.stringify(summary.startedAt))},"scan":${safe(JSON.stringify(summary.scanId))},"catalog":${safe(JSON.stringify(Object.fromEntries(known)))}`;
      for (const [name, rows] of [
        ['strings', texts.rows],
        ['findings', findings.rows],
        ['sets', sets.rows],
        ['settings', settings.rows],
        ['opens', opens.rows],
        ['lives', lives.rows],
        ['notes', notes.rows],
      ] as const) {
        yield `,"${name}":[`;
        yield* joined(rows);
        yield ']';
      }
      yield ',"nodes":[';
      yield* joined(nodes);
      yield ']}';
    },
  };
}

function* joined(rows: readonly string[]): Generator<string> {
  for (const [index, row] of rows.entries()) yield index === 0 ? safe(row) : `,${safe(row)}`;
}

function safe(json: string): string {
  return json.replaceAll('<', '\\u003c');
}

/** Distinct values as JSON, each with its number. */
function table<T>(nameOf: (value: T) => string = (value) => JSON.stringify(value)) {
  const numbers = new Map<string, number>();
  const rows: string[] = [];
  return {
    rows,
    find: (value: T): number | undefined => numbers.get(nameOf(value)),
    add(value: T): number {
      const name = nameOf(value);
      const known = numbers.get(name);
      if (known !== undefined) return known;
      numbers.set(name, rows.length);
      rows.push(JSON.stringify(value));
      return rows.length - 1;
    },
  };
}

/** Role, path, the end, and whether it is renewed: 1, 0, or -1 where that is somebody else's matter. */
function livesOf({ certificates = [] }: NodeLine, text: (value: string) => number): [string, number, number, number][] {
  return certificates.map(({ role, path, notAfter, renews }) => [
    role,
    text(path),
    text(notAfter),
    renews === undefined ? -1 : Number(renews),
  ]);
}

type Source = { kind: string; where?: string };
type Written = { value: unknown; source: Source; place?: string };
type AnySetting = Written & { overrode?: Written[] };

/** Path, value, and a sentence about its source: `line 3 of /etc/… (instead of true from line 12 of /etc/…)`. */
function settingRows(settings: object, text: (value: string) => number, written: (of: AnySetting) => number[]) {
  return Object.entries(settings as Record<string, AnySetting>).map(([path, own]) => [text(path), ...written(own)]);
}

function settingCells({ overrode = [], ...own }: AnySetting, text: (value: string) => number): number[] {
  const others = overrode.map((each) => `${show(each.value)} from ${placeOf(each)}`);
  const instead = others.length === 0 ? '' : ` (instead of ${others.join(', ')})`;
  return [text(show(own.value)), text(`${placeOf(own)}${instead}`)];
}

/** As the command `explain` says it; archives of earlier versions have no lines. */
function placeOf({ place, source: { kind, where } }: Written): string {
  return place ?? (where === undefined ? kind : `${kind} ${where}`);
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

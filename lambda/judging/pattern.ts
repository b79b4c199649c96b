/**
 * Texts of JSON that are letter by letter the same but in a few open places. Such a text is read by what stands there: all else was
 * read before, and is there once, frozen, for whoever reads such a text. What is read is what JSON.parse gives.
 */

/** Where a value stands: keys of objects, and positions in lists. */
export type Path = readonly (string | number)[];

/** Reads the value that stands between two places of a text, which has a sign for each byte; undefined where it is not of the pattern, or another sort of value stands in an open place. */
export type Pattern = (bytes: string, start: number, end: number) => unknown;

/** Of a value the position of its place among those that are open; of what has such in it, those by key. */
type Open = number | Map<string | number, Open>;

/** Stands in open places while the text around them is written. */
const MARK = '\u0000open\u0000';
/** By so many signs the end of a place is looked for: to look for longer ones takes more time than to compare the rest. */
const SOUGHT = 16;

/** The pattern of what is this but in these places; undefined where there is none. */
export function patternOf(sample: unknown, places: readonly Path[]): Pattern | undefined {
  const { value, open = new Map(), sorts } = opened(JSON.parse(JSON.stringify(sample)), places);
  const [first = '', ...others] = latin1(JSON.stringify(value)).split(JSON.stringify(MARK));
  const count = places.length;
  if (sorts.length !== count || others.length !== count) return undefined;
  const parts = others.map((text) => ({ text, sought: text.slice(0, SOUGHT) }));
  const last = others.at(-1) ?? '';
  return (bytes, start, end) => {
    // Most texts of another kind end in another way.
    if (bytes.slice(end - last.length, end) !== last || bytes.slice(start, start + first.length) !== first)
      return undefined;
    const found: string[] = [];
    let at = start + first.length;
    for (const { text, sought } of parts) {
      const to = found.length === count - 1 ? end - last.length : bytes.indexOf(sought, at);
      if (to < at || bytes.slice(to, to + text.length) !== text) return undefined;
      found.push(bytes.slice(at, to));
      at = to + text.length;
    }
    if (at !== end) return undefined;
    try {
      // Where what stands in each place is a value by itself, the text is the sample's with these values, wherever else a place might end.
      const values = found.map(parse);
      return values.every((each, index) => sortOf(each) === sorts[index]) ? filled(value, open, values) : undefined;
    } catch {
      return undefined;
    }
  };
}

/** A copy with marks in open places, frozen where nothing in it is open, and of what sort each value is that stood there. */
function opened(sample: unknown, places: readonly Path[]) {
  const sought = new Set(places.map((path) => JSON.stringify(path)));
  const sorts: string[] = [];
  const copyOf = (value: unknown, path: Path): { value: unknown; open?: Open } => {
    if (sought.has(JSON.stringify(path))) return { value: MARK, open: sorts.push(sortOf(value)) - 1 };
    if (typeof value !== 'object' || value === null) return { value };
    const isList = Array.isArray(value);
    const parts = Object.entries(value).map(([name, each]) => {
      const key = isList ? Number(name) : name;
      return { key, ...copyOf(each, [...path, key]) };
    });
    const copy = isList
      ? parts.map((part) => part.value)
      : Object.fromEntries(parts.map((part) => [part.key, part.value]));
    const open = new Map(parts.flatMap((part) => (part.open === undefined ? [] : [[part.key, part.open] as const])));
    return open.size > 0 ? { value: copy, open } : { value: Object.freeze(copy) };
  };
  return { ...copyOf(sample, []), sorts };
}

/** The value with these in its open places. */
function filled(value: unknown, open: Open, found: readonly unknown[]): unknown {
  if (typeof open === 'number') return found[open];
  const copy = (Array.isArray(value) ? value.slice() : { ...(value as object) }) as Record<string | number, unknown>;
  for (const [key, each] of open) copy[key] = filled(copy[key], each, found);
  return copy;
}

const sortOf = (value: unknown) => (Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value);

const latin1 = (text: string) => Buffer.from(text).toString('latin1');

const NOT_ASCII = /[^\0-\x7f]/;

function parse(bytes: string): unknown {
  return JSON.parse(NOT_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString() : bytes);
}

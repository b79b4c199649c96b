import { load, YAML11_SCHEMA } from 'js-yaml';
import { DEEPEST, type Json } from './json.ts';
import { Exit } from './outcome.ts';

/** The first document of a YAML text. */
export function parseYaml(text: string, strict: boolean): Json {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  const starts = lines.findIndex((line) => /^---(\s|$)/.test(line) || !/^\s*(#|$)/.test(line));
  const end = lines.findIndex((line, at) => at > starts && /^(---|\.\.\.)(\s|$)/.test(line));
  const first = lines.slice(0, end === -1 ? undefined : end).join('\n');
  try {
    return toJson(load(first, { schema: YAML11_SCHEMA, json: !strict, maxDepth: DEEPEST } as object));
  } catch (error) {
    throw new Exit(`not YAML: ${String(error)}`);
  }
}

function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return { number: String(value) };
  if (typeof value === 'string' && /^[0-9]+e[0-9]+$/.test(value)) return { number: String(Number(value)) };
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(toJson);
  return { members: Object.entries(value as object).map(([key, inner]) => ({ key, value: toJson(inner) })) };
}

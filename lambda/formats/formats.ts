/**
 * Every format that a scan can be written in besides JSON, by the name that settings and `--format` use. A new one is a file
 * and a line here.
 */
import { SettingsError } from '../settings.ts';
import { cklb } from './cklb.ts';
import { csv, csvBom } from './csv.ts';
import type { Format } from './format.ts';
import { html } from './html.ts';
import { ics } from './ics.ts';
import { ocsf } from './ocsf.ts';
import { oscal } from './oscal.ts';

export const FORMATS = { cklb, csv, 'csv-bom': csvBom, html, ics, ocsf, oscal } as const satisfies Record<
  string,
  Format
>;

export type FormatName = keyof typeof FORMATS;

/** All files of formats: each format's own, and those beside it. */
export function filesOf(names: readonly FormatName[]): Format[] {
  return names.flatMap((name) => {
    const format: Format = FORMATS[name];
    return [format, ...(format.beside ?? [])];
  });
}

/** Every file that a scan can have of them. */
export const ALL_FILES: readonly Format[] = filesOf(Object.keys(FORMATS) as FormatName[]);

/** JSON is always written, so to name it changes nothing. */
const JSON_NAME = 'json';

/** What settings may name. */
export const FORMAT_NAMES: readonly string[] = [JSON_NAME, ...Object.keys(FORMATS)];

/** The formats that settings name, besides JSON. Throws a SettingsError for a name that none has. */
export function formatsNamed(names: readonly string[]): FormatName[] {
  return names
    .filter((name) => name !== JSON_NAME)
    .map((name) => {
      if (!Object.hasOwn(FORMATS, name)) {
        throw new SettingsError(`formats must name some of ${FORMAT_NAMES.join(', ')}, but names ${name}`);
      }
      return name as FormatName;
    });
}

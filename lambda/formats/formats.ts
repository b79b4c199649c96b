/**
 * Every format a scan can be written in besides JSON, by the name that settings and `--format` use.
 * Tested by test/archive/seal.test.ts.
 */
import { csv } from './csv.ts';
import type { Format } from './format.ts';
import { html } from './html.ts';
import { ocsf } from './ocsf.ts';
import { oscal } from './oscal.ts';

export const formats = { csv, html, ocsf, oscal } as const satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;

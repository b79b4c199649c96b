/** The published JSON schemas as whoever reads an archive uses them. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
addFormats.default(ajv);

/** What tells whether a value fits the schema of this name; `ajv.errorsText()` then says why it does not. */
export function published(name: string): (value: unknown) => boolean {
  const path = new URL(`../../lambda/results/schemas/${name}.schema.json`, import.meta.url);
  if (!ajv.getSchema(name)) ajv.addSchema(JSON.parse(readFileSync(path, 'utf8')), name);
  return (value) => ajv.validate(name, value) === true;
}

/** The formats of `check`, by the names that people give. Tested by test/cli/formats/formats.test.ts. */
import type { CheckFormat } from './format.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { sarif } from './sarif.ts';

export const CHECK_FORMATS: Readonly<Record<'json' | 'junit' | 'md' | 'sarif', CheckFormat>> = {
  json: ({ line }) => `${JSON.stringify(line, null, 2)}\n`,
  junit,
  md: markdown,
  sarif,
};

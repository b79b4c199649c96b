/** `claim.json`: which execution scans a scheduled time, since when, and after which scan. Tested by test/archive/lies.test.ts. */
import * as v from 'valibot';
import { everySeconds } from '../results/shapes.ts';
import { LinkSchema } from './previous.ts';

export const ClaimSchema = v.object({
  execution: v.string(),
  startedAt: v.string(),
  everySeconds,
  link: LinkSchema,
});

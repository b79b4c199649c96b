/**
 * The external id of one target, which its role asks for: made of the word that all share, so that whoever was told one does
 * not know the others. Tested by test/scan/handler.test.ts.
 */
import { createHmac } from 'node:crypto';
import type { Target } from '../settings.ts';

/** 32 hexadecimal digits; STS takes 2 to 1,224 characters. */
export function externalIdOf(word: string, { account, region }: Target): string {
  return createHmac('sha256', word).update(`${account}/${region}`).digest('hex').slice(0, 32);
}

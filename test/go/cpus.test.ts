import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cpusProblem } from '../../lambda/go/cpus.ts';

describe('lists of CPUs', () => {
  const cases: Record<string, string | undefined> = {
    '': undefined,
    '0-3,8': undefined,
    '1-1': undefined,
    a: 'strconv.Atoi: parsing "a": invalid syntax',
    '0-': 'strconv.Atoi: parsing "": invalid syntax',
    '0-1-2': 'strconv.Atoi: parsing "1-2": invalid syntax',
    '3-1': 'invalid range "3-1" (3 > 1)',
    '99999999999999999999': 'strconv.Atoi: parsing "99999999999999999999": value out of range',
  };
  for (const [text, expected] of Object.entries(cases)) {
    test(JSON.stringify(text), () => assert.equal(cpusProblem(text, 30), expected));
  }
  test('up to 1.27 in other words', () => assert.equal(cpusProblem('3-1', 27), 'invalid range "3-1" (3 >= 1)'));
});

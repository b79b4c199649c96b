import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InputError, problemOf } from '../../cli/problems.ts';
import { EvidenceFormatError } from '../../lambda/judging/errors.ts';
import { ArchiveError } from '../../lambda/results/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-problems-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function thrown(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const refused = Object.assign(new Error('EFBIG: file too large, write'), { code: 'EFBIG', syscall: 'write' });
const denied = Object.assign(new Error('S3 GetObject was refused\n with 403'), { $metadata: {} });
const cases: [name: string, error: Error, said: string | undefined][] = [
  [
    'a file that is not there',
    thrown(() => readFileSync(join(folder, 'x'))),
    `${folder}/x: there is no such file or directory (ENOENT)`,
  ],
  ['a directory in the place of a file', thrown(() => readFileSync(folder)), 'it is a directory (EISDIR)'],
  ['a folder that is there', thrown(() => mkdirSync(folder)), `${folder}: it is there already (EEXIST)`],
  ['a refusal without a path', refused, 'no larger file may be written (EFBIG)'],
  ['what AWS refuses, on one line', denied, 'S3 GetObject was refused with 403'],
  ['mistakes of a person, a line each', new InputError('one\ntwo'), 'one\ntwo'],
  ['what an archive holds', new ArchiveError('it is\n damaged'), 'it is damaged'],
  [
    'evidence of another format',
    new EvidenceFormatError('its evidence has the format 1'),
    'the archive cannot be judged: its evidence has the format 1',
  ],
  [
    'no credentials',
    Object.assign(new Error('Could not load.'), { name: 'CredentialsProviderError' }),
    'Could not load: log in to AWS first, or name a profile in AWS_PROFILE',
  ],
  [
    'a connection',
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
    'connect ECONNREFUSED',
  ],
  ['a defect of ours is none', new TypeError('x is not a function'), undefined],
  ['nor is a wrong call of Node', thrown(() => writeFileSync(join(folder, 'x'), 1 as never)), undefined],
];

for (const [name, error, said] of cases) {
  test(`${name} ${said === undefined ? 'keeps its stack' : 'has a sentence'}`, async () => {
    const profile = process.env.AWS_PROFILE;
    delete process.env.AWS_PROFILE;
    assert.equal(await problemOf(error), said);
    if (profile !== undefined) process.env.AWS_PROFILE = profile;
  });
}

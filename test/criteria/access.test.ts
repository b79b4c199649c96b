import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessOf } from '../../lambda/criteria/access.ts';
import type { FileEvidence } from '../../lambda/kubelet/evidence.ts';

const file = (path: string, access?: FileEvidence['access']): FileEvidence => ({
  path,
  role: 'config',
  state: 'file',
  ...(access && { access }),
});

const LINUX = 'The CIS benchmarks are for Linux nodes, and this one runs Windows, whose files have no modes';

const told: [what: string, files: FileEvidence[], sentence: string][] = [
  ['nothing where no list was read', [file('C:\\a')], `${LINUX}.`],
  ['nothing without files', [], `${LINUX}.`],
  [
    'well-known accounts by their names, others by their identifiers',
    [file('C:\\a', { owner: 'S-1-5-32-544', writers: ['S-1-5-18', 'S-1-1-0', 'S-1-5-21-1-2-3-1001'] })],
    `${LINUX}: C:\\a is owned by Administrators, and may be written by SYSTEM, Everyone, S-1-5-21-1-2-3-1001.`,
  ],
  [
    'an owner who is not known, and files that nobody may write',
    [file('C:\\a', { owner: '-', writers: [] }), file('C:\\b', { owner: 'S-1-5-18', writers: ['S-1-5-32-545'] })],
    `${LINUX}: C:\\a is owned by an account that could not be read, and may be written by nobody; C:\\b is owned by SYSTEM, and may be written by Users.`,
  ],
];

for (const [what, files, sentence] of told) test(what, () => assert.equal(accessOf(files), sentence));

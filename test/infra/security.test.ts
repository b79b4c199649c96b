import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { listing } from './listing.ts';
import type { Template } from './policies.ts';
import { FLEET, synthesise } from './synth.ts';

const FILE = new URL('../../docs/security.md', import.meta.url);
const BEGIN = '<!-- permissions: written by UPDATE_DOCS=1 npx node --test test/infra/security.test.ts -->\n\n';
const END = '\n<!-- end of permissions -->';

it('docs/security.md lists the permissions that the templates give', () => {
  const stacks = synthesise(FLEET);
  const hub = stacks.kubevigil as Template;
  const member = stacks['kubevigil-member'] as Template;
  const expected = listing([
    [hub, 'ScanRole', 'The function that scans a target'],
    [hub, 'CoordinateRole', 'The function that coordinates several targets'],
    [member, 'Role', 'The role in a member account and region'],
    [hub, 'ScheduleRole', 'The schedule'],
    [hub, 'SlackRole', 'The Slack channel'],
  ]);
  const text = readFileSync(FILE, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  assert.ok(begin >= BEGIN.length && end >= begin, 'the marks of the listing are missing');
  if (process.env.UPDATE_DOCS) writeFileSync(FILE, text.slice(0, begin) + expected + text.slice(end));
  else assert.equal(text.slice(begin, end), expected);
});

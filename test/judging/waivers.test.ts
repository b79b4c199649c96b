import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseWaivers } from '../../lambda/judging/waivers.ts';

const FILE = `# accepted by the platform board
waivers:
  - rule: cis-kubernetes-1.5.1/4.2.11
    nodes: {cluster: staging-*, tag: {Team: [data, "ml-*"]}}
    reason: the clusters are rebuilt weekly
    owner: platform@example.com
    until: 2026-12-31
  - rule: hostname-override
    nodes:
      id: "*"
    reason: names come from the provider
    owner: ops
    until: 2026-11-23
`;

test('a waivers file is read with the line of each waiver', () => {
  assert.deepEqual(parseWaivers(FILE, 'waivers.yaml'), [
    {
      rule: 'cis-kubernetes-1.5.1/4.2.11',
      nodes: { cluster: ['staging-*'], tag: { Team: ['data', 'ml-*'] } },
      reason: 'the clusters are rebuilt weekly',
      owner: 'platform@example.com',
      until: '2026-12-31',
      line: 3,
    },
    {
      rule: 'hostname-override',
      nodes: { id: ['*'] },
      reason: 'names come from the provider',
      owner: 'ops',
      until: '2026-11-23',
      line: 8,
    },
  ]);
  assert.deepEqual(parseWaivers('waivers: []\n', 'w.yaml'), []);
});

const mistakes: Record<string, [change: [string, string], expected: RegExp]> = {
  'a date that is none': [
    ['2026-12-31', 'soon'],
    /^w\.yaml:7: waivers\[0\]\.until must be a date such as .*, got "soon"$/,
  ],
  'a day that no calendar has': [
    ['2026-12-31', '2026-02-30'],
    /^w\.yaml:7: .*must be a day that the calendar has, got/,
  ],
  'a missing owner': [
    ['    owner: ops\n', ''],
    /^w\.yaml:8: waivers\[1\]\.owner must be a person or team.*, but is missing$/,
  ],
  'an empty reason': [['names come from the provider', '""'], /^w\.yaml:11: waivers\[1\]\.reason must be a sentence/],
  'a misspelt key': [['owner: ops', 'owmer: ops'], /^w\.yaml:12: waivers\[1\]\.owmer is not known here/m],
  'no nodes at all': [
    ['{cluster: staging-*, tag: {Team: [data, "ml-*"]}}', '{}'],
    /^w\.yaml:4: waivers\[0\]\.nodes must be an object with id/,
  ],
  'tags without a key, which every node would match': [
    ['{cluster: staging-*, tag: {Team: [data, "ml-*"]}}', '{tag: {}}'],
    /^w\.yaml:4: waivers\[0\]\.nodes\.tag must be an object of tag keys with patterns/,
  ],
  'nodes that are a word': [
    ['{cluster: staging-*, tag: {Team: [data, "ml-*"]}}', 'all'],
    /^w\.yaml:4: waivers\[0\]\.nodes must be an object with id.*got "all"$/,
  ],
  'an unknown selector': [
    ['{cluster: staging-*', '{name: staging-*'],
    /^w\.yaml:4: waivers\[0\]\.nodes\.name is not known here/,
  ],
  'an empty list of patterns': [['[data, "ml-*"]', '[]'], /^w\.yaml:4: waivers\[0\]\.nodes\.tag\.Team must be/],
  'a list where an object belongs': [['waivers:\n', '- waivers:\n'], /^w\.yaml:\d+: /],
  'broken YAML': [['reason: the', 'reason: "the'], /^w\.yaml:\d+: must be YAML without aliases: /],
  'an alias': [['rule: hostname-override', 'rule: *x'], /^w\.yaml:\d+: must be YAML without aliases: /],
};

for (const [name, [[from, to], expected]] of Object.entries(mistakes)) {
  test(`waivers: ${name} is named with file and line`, () => {
    assert.ok(FILE.includes(from));
    assert.throws(() => parseWaivers(FILE.replace(from, to), 'w.yaml'), { name: 'Error', message: expected });
  });
}

test('waivers: an empty file says what belongs there', () => {
  assert.throws(() => parseWaivers('', 'w.yaml'), /^Error: w\.yaml:1: /);
  assert.throws(() => parseWaivers('waivers:\n', 'w.yaml'), /w\.yaml:1: waivers must be a list of waivers/);
});

test('waivers: any text gives waivers or one kind of error', () => {
  const noise = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc
      .array(
        fc.constantFrom(
          'waivers:',
          '\n',
          '  - ',
          'rule: x',
          '{',
          ']',
          '&a',
          '*a',
          '"',
          '\t',
          ': ',
          '---',
          '__proto__: ',
        ),
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(noise, (text) => {
      try {
        assert.ok(Array.isArray(parseWaivers(text, 'w.yaml')));
      } catch (error) {
        assert.match(String(error), /^Error: w\.yaml:\d+: /);
      }
    }),
  );
});

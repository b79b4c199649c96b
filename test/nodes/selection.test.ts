import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { filtersOf, inWords, isSelected, targetsOf } from '../../lambda/nodes/selection.ts';
import { NODE_TAGS, type Tag, type Tags } from '../../lambda/settings.ts';

test('each alternative is a command, and a beginning of keys stands for those that nodes have', () => {
  const keys = new Set(['kubernetes.io/cluster/a', 'kubernetes.io/cluster/b', 'team', 'eks:cluster-name']);
  const cases: [Tags, [key: string, ...values: string[]][][]][] = [
    [[{ key: 'team' }], [[['tag-key', 'team']]]],
    [
      [{ key: 'team', values: ['a', 'b'] }, { key: 'x' }],
      [
        [
          ['tag:team', 'a', 'b'],
          ['tag-key', 'x'],
        ],
      ],
    ],
    [
      [[{ key: 'team' }], [{ key: 'x' }]],
      [[['tag-key', 'team']], [['tag-key', 'x']]],
    ],
    [
      [{ keys: ['kubernetes.io/cluster/*', 'eks:cluster-name', 'nobody'] }],
      [[['tag-key', 'eks:cluster-name', 'kubernetes.io/cluster/a', 'kubernetes.io/cluster/b']]],
    ],
    [[{ keys: ['nobody/*'] }, { key: 'team' }], []],
  ];
  for (const [tags, expected] of cases) {
    const commands = targetsOf(tags, keys).map((targets) => targets.map(({ Key, Values = [] }) => [Key, ...Values]));
    assert.deepEqual(commands, expected, inWords(tags));
  }
});

test('more keys than a target takes are several commands', () => {
  const keys = new Set(Array.from({ length: 120 }, (_, index) => `kubernetes.io/cluster/${index}`));
  const commands = targetsOf(NODE_TAGS, keys);
  assert.deepEqual(
    commands.map(([target]) => target?.Values?.length),
    [50, 50, 20],
  );
});

test('filters take the beginning of a key for what it is, and all else literally', () => {
  assert.deepEqual(filtersOf([{ keys: ['a?b', 'c*'] }]), [{ Name: 'tag-key', Values: ['a\\?b', 'c*'] }]);
});

test('words', () => {
  assert.equal(
    inWords([[{ key: 'team', values: ['a', 'b'] }, { keys: ['x', 'y/*'] }], [{ key: 'z' }]]),
    'team=a|b and x or y/*, or z',
  );
});

test('EC2, Run Command and we select the same nodes', () => {
  const name = fc.constantFrom('a', 'b', 'c/1', 'c/2', 'd');
  const condition: fc.Arbitrary<Tag> = fc.oneof(
    fc.record({ key: name }),
    fc.record({ key: name, values: fc.uniqueArray(fc.constantFrom('1', '2'), { minLength: 1 }) }),
    fc.record({ keys: fc.uniqueArray(fc.oneof(name, fc.constant('c/*')), { minLength: 1 }) }),
  );
  const tags: fc.Arbitrary<Tags> = fc.array(fc.array(condition, { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 3,
  });
  const node = fc.dictionary(name, fc.constantFrom('1', '2'));
  fc.assert(
    fc.property(tags, fc.array(node, { maxLength: 6 }), (tags, nodes) => {
      const keys = new Set(nodes.flatMap((each) => Object.keys(each)));
      const commands = targetsOf(tags, keys);
      for (const of of nodes) {
        const reached = commands.some((targets) =>
          targets.every(({ Key = '', Values = [] }) =>
            Key === 'tag-key' ? Values.some((key) => key in of) : Values.includes(of[Key.slice('tag:'.length)] ?? ''),
          ),
        );
        assert.equal(reached, isSelected(tags, of));
      }
    }),
  );
});

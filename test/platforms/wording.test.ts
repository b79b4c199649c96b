/** What a node sends becomes one bounded, oneLine line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capital, listed, listedCode, oneLine, origin, shown } from '../../lambda/platforms/wording.ts';

const cases: [given: string, wanted: string][] = [
  [oneLine('/etc/kubelet.yaml'), '/etc/kubelet.yaml'],
  [oneLine('a\n\u001b[2Jb\u202ec'), 'a [2Jb c'],
  [oneLine('x'.repeat(161)), `${'x'.repeat(160)}…`],
  [capital('restart'), 'Restart'],
  [capital(''), ''],
  [listed(['a', 'b', 'c', 'd', 'e']), 'a, b, c, d, e'],
  [listed(['a', 'b', 'c', 'd', 'e', 'f', 'g'], ' and '), 'a and b and c and d and e and 2 more'],
  [listedCode(['--a', '--b\n']), '`--a` and `--b `'],
  [listedCode(['x'.repeat(200)]), `\`${'x'.repeat(160)}…\``],
  [shown(true), 'true'],
  [shown(''), '""'],
  [shown('5m0s'), '5m0s'],
  [shown(['A', 'B']), '[A, B]'],
  [shown({ a: 1 }), '{"a":1}'],
  [shown(null), 'null'],
  [origin({ kind: 'flag', where: '--a=b' }), 'flag --a=b'],
  [origin({ kind: 'drop-in', where: '/d/1.conf' }), 'drop-in /d/1.conf'],
  [origin({ kind: 'file', where: '/c.yaml' }), '/c.yaml'],
  [origin({ kind: 'default' }), "the kubelet's default"],
  [origin({ kind: 'legacy-default' }), "the kubelet's default without a config file"],
];

for (const [given, wanted] of cases) test(`wording: ${wanted.slice(0, 40)}`, () => assert.equal(given, wanted));

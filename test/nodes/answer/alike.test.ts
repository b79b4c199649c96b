import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readAlike, readAnswerAsJson } from '../../../lambda/nodes/answer/alike.ts';
import { readAnswer, readRecords } from '../../../lambda/nodes/answer/evidence.ts';
import { corpus } from '../../../simulator/hostile/corpus.ts';
import { envelope } from '../../../simulator/hostile/envelope.ts';

/** What a node has for itself. */
type Own = { name: string; address: string; time: string; count: string; content: string[] };

/** Kinds of nodes: as EKS, kubeadm and Bottlerocket make them, and one with a proxy; the last says the same thing twice. */
const KINDS: readonly ((own: Own) => string[])[] = [
  ({ name, address, time, count, content }) => [
    `time ${count}`,
    'os amzn 2023 -',
    `hostname ${name}`,
    `address ${address}`,
    `process kubelet ${count}`,
    `started ${time} 1.01`,
    `arg --node-ip=${address}`,
    `arg ${name}`,
    'version v1.32.3-eks-473151a',
    `file config file 644 0 0 ${count} ${time} - /etc/kubernetes/kubelet/config.json`,
    'content',
    ...content,
    `file kubeconfig file 644 0 0 541 ${time} - /var/lib/kubelet/kubeconfig`,
    'content',
    '|current-context: a',
    '|contexts: [{name: a, context: {cluster: c, user: kubelet}}]',
    '|clusters: [{name: c, cluster: {server: REDACTED}}]',
    '|users: [{name: kubelet, user: {exec: {command: aws}}}]',
    `file serving-certificate file 600 0 0 854 ${time} link /pki/kubelet-server-current.pem`,
    'certificate serving-certificate /pki/kubelet-server-current.pem',
    'issuer CN=kubernetes',
    `from ${count}`,
    'to 1825207200',
    `subject CN=system:node:${name},O=system:nodes`,
    `name DNS:${name}`,
    `name IP:${address}`,
    `serial ${count}`,
  ],
  ({ name, address, time, count, content }) => [
    `time ${count}`,
    'process kubelet 912',
    'arg --kubeconfig=/etc/kubernetes/kubelet.conf',
    `file kubeconfig file 600 0 0 ${count} ${time} - /etc/kubernetes/kubelet.conf`,
    'content',
    `|current-context: system:node:${name}@c`,
    `|contexts: [{name: "system:node:${name}@c", context: {cluster: c, user: "system:node:${name}"}}]`,
    '|clusters: [{name: c, cluster: {server: REDACTED}}]',
    ...content,
    `file folder directory 755 0 0 4096 ${time} - /etc`,
    `file authority missing - - - - - - /${name}`,
    'process proxy 77',
    `arg ${address}`,
    'file proxy-config file 644 0 0 10 1 - /c',
    'content',
    ...content,
  ],
  ({ address, count, content }) => [
    `time ${count}`,
    'process kubelet 0',
    'settings',
    ...content,
    '|{"os":{"version_id":"1","variant_id":"v"},"settings":{"kubernetes":{"cluster-name":"c"}}}',
    `address ${address}`,
  ],
  ({ name, count, time }) => [
    `hostname ${name}`,
    `time ${count}`,
    `hostname ${count}`,
    'process kubelet 5',
    `started ${time} ${count}`,
    'certificate client-ca /c',
    `subject ${name}`,
    `subject ${count}`,
    `from ${count}`,
    'from 5',
    `file named file 644 0 0 ${count} ${count} - /${count}`,
  ],
];

const name = fc.constantFrom('a', 'b.example', 'ip-10-0-0-1', 'open0', 'open1', '"', '\\', 'ü🧀', '\u0001', '|', '');
const own: fc.Arbitrary<Own> = fc.record({
  name,
  address: fc.constantFrom('10.0.0.1', '10.0.0.2', 'fd00:0:0:0:0:0:0:1', ':', '', 'x@h/'),
  time: fc.constantFrom('1764000000', '1764000001.25', '1764000001.250', '0.0000001', '-', '1e3', ''),
  count: fc.constantFrom('0', '1', '007', '900000000000001', '9999999999999999', '-1', '1795830514', ''),
  content: fc.array(
    fc.constantFrom('|', '|x', '|{', `|"providerID": "aws:///a/i-1",`, '|# é', '', 'note x', '|\u0000open0\u0000'),
    { maxLength: 3 },
  ),
});
/** Damage: a line that comes, goes, or has something else in it. */
const damage = fc.record({
  at: fc.nat(),
  removed: fc.nat(1),
  added: fc.constantFrom(
    ...[
      [],
      [''],
      ['|x'],
      ['content'],
      ['refused x'],
      ['process kubelet 7'],
      ['arg  '],
      ['arg'],
      ['time'],
      ['time 5 6'],
    ],
    ...[['name URI:x'], ['certificate authority /d'], ['subject x'], ['settings'], ['started 5'], ['started 5 6 7']],
    ...[['file kubeconfig file 600 0 0 1 1 - /k', 'content'], ['file a b'], ['withheld x'], ['process proxy 1 2']],
  ),
});

test('whatever was read before, an answer becomes the JSON of what it becomes by itself', () => {
  const answer = fc.record({ kind: fc.nat(KINDS.length - 1), own, damages: fc.array(damage, { maxLength: 1 }) });
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 12 }), (answers) => {
      for (const { kind, own, damages } of answers) {
        const lines = KINDS[kind]?.(own) ?? [];
        for (const { at, removed, added } of damages) lines.splice(at % (lines.length + 1), removed, ...added);
        const output = envelope(`${lines.join('\n')}\n`);
        const alone = readAnswer(output);
        const expected = 'evidence' in alone ? { evidence: JSON.stringify(alone.evidence) } : alone;
        assert.deepEqual(readAnswerAsJson(output), expected, lines.join('\n'));
      }
    }),
    { numRuns: 500 },
  );
});

test('a secret in a place where nodes differ is replaced, too', () => {
  for (const secret of ['a', 'b', 'hunter2']) {
    const [first] = KINDS;
    const lines = first?.({ name: `https://me:${secret}@h`, address: '::1', time: '1', count: '1', content: [] }) ?? [];
    assert.ok(!JSON.stringify(readAnswerAsJson(envelope(lines.join('\n')))).includes(`${secret}@`));
  }
});

test('hostile answers become what they become by themselves', () => {
  for (const { name, output } of corpus) {
    const alone = readAnswer(output);
    const expected = 'evidence' in alone ? { evidence: JSON.stringify(alone.evidence) } : alone;
    assert.deepEqual(readAnswerAsJson(output), expected, name);
  }
});

test('what is no answer is told as it is', () => {
  assert.deepEqual(readAnswerAsJson(''), { problem: 'the answer is empty' });
});

/** A node of a kind, with what is its own; what stands in a path is no place, and the second kind has its name there. */
function textOf(kind: number, number: number): string {
  const name = kind === 1 ? 'n' : `ip-10-0-0-${number}`;
  const own = { name, address: `10.0.0.${number}`, time: `176400000${number}`, count: `${number}`, content: [] };
  return `${(KINDS[kind] ?? assert.fail())(own).join('\n')}\n`;
}

/** Whether a text was read by itself, of no known kind. */
function isReadAlone(text: string): boolean {
  let count = 0;
  const answer = readAlike(text, (given) => {
    count += 1;
    return readRecords(given);
  });
  const alone = readRecords(text);
  assert.deepEqual(answer, 'evidence' in alone ? { evidence: JSON.stringify(alone.evidence) } : alone);
  return count > 0;
}

test('of a kind the first two nodes are read, the others recognised', () => {
  for (const kind of [0, 1, 2]) {
    const alone = [1, 2, 3, 4].filter((number) => isReadAlone(`note a kind of its own\n${textOf(kind, number)}`));
    assert.deepEqual(alone, [1, 2], `kind ${kind}`);
  }
});

test('a kind whose nodes keep coming stays known, however many mimic it', () => {
  for (const number of [1, 2]) readAlike(textOf(0, number));
  const alone: number[] = [];
  for (let mimic = 0; mimic < 100; mimic += 1) {
    for (const number of [1, 2]) readAlike(`${textOf(0, number)}note mimic ${mimic}\n`);
    if (isReadAlone(textOf(0, 3))) alone.push(mimic);
  }
  assert.deepEqual(alone, []);
});

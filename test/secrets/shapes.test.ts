/**
 * Files with secrets that look like the structure around them, written in every style that a YAML library knows: whatever
 * the collector lets through of them, none of the secrets, and no other credentials than the file has.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { unwrap } from '../../lambda/nodes/answer/envelope.ts';
import { readAnswer } from '../../lambda/nodes/answer/evidence.ts';
import { collect } from '../../simulator/collector.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { shells } from '../nodes/collector/shells.ts';
import { CANARY } from './nodes.ts';

/** Nodes a shell, with as many files each as the collector reads kubelets of. */
const NODES = process.env.KUBEVIGIL_SOAK ? 100 : 4;
const FILES = 20;

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-shapes-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const KEYS = [
  'name',
  'user',
  'users',
  'cluster',
  'context',
  'command',
  'client-certificate',
  'current-context',
  'token',
];
const piece = fc.constantFrom(
  ...KEYS.flatMap((key) => [
    `${key}: `,
    `"${key}": "`,
    `'${key}': `,
    `${key}:`,
    `- ${key}: `,
    `{${key}: `,
    `,"${key}":"`,
  ]),
  ...['\n', '\n  ', '\n      ', '\r\n', '\t', '---\n', ' ', '"', "'", '\\', '{', '}', '[', ']', ',', '#', ' #', ': '],
  ...['|', '>', '&a ', '*a', '!!str ', '? ', '- ', '%', '@', 'a', 'abc def', 'é'],
);
const secret = fc.oneof(
  fc
    .tuple(fc.array(piece, { maxLength: 8 }), fc.array(piece, { maxLength: 3 }))
    .map(([before, behind]) => before.join('') + CANARY + behind.join('')),
  fc
    .tuple(fc.constantFrom('', 'a\n', 'abc def, '), fc.constantFrom(...KEYS))
    .map(([a, key]) => `${a}${key}: ${CANARY}`),
);
const value = fc.oneof(
  secret,
  fc.array(secret, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('a', 'extra'), secret),
  fc.array(fc.dictionary(fc.constantFrom('a', 'value'), secret), { maxLength: 2 }),
);

/** The text of a value in any style, keys in any order. */
const written = <T extends object>(values: fc.Arbitrary<T>) =>
  fc
    .record({
      value: values,
      json: fc.constantFrom(undefined, undefined, undefined, 0, 2),
      turned: fc.boolean(),
      options: fc.record({
        flowLevel: fc.constantFrom(-1, -1, -1, -1, 0, 1, 2, 4, 5),
        lineWidth: fc.constantFrom(5, 20, 40, 80, -1),
        indent: fc.constantFrom(2, 3, 4, 6),
        quoteStyle: fc.constantFrom('single', 'double'),
        forceQuotes: fc.boolean(),
        seqNoIndent: fc.boolean(),
        seqInlineFirst: fc.boolean(),
        quoteFlowKeys: fc.boolean(),
        flowSkipCommaSpace: fc.boolean(),
        flowSkipColonSpace: fc.boolean(),
      }),
    })
    .map(({ value, json, turned, options }) => {
      const ordered = turned ? Object.fromEntries(Object.entries(value).reverse()) : value;
      return { value, text: json === undefined ? dump(ordered, options) : JSON.stringify(ordered, null, json) };
    });

const kubeconfig = fc
  .record({
    texts: fc.dictionary(fc.constantFrom('token', 'password', 'username', 'client-key-data'), secret),
    others: fc.dictionary(fc.constantFrom('as', 'as-groups', 'x'), value),
    exec: fc.option(
      fc.record({
        command: fc.constant('aws'),
        args: fc.array(secret, { maxLength: 3 }),
        env: fc.array(fc.record({ name: fc.constant('A'), value: secret }), { maxLength: 2 }),
        installHint: secret,
      }),
    ),
    plugin: fc.option(fc.record({ name: fc.constant('x'), config: fc.dictionary(fc.constantFrom('a', 'b'), secret) })),
    extensions: fc.option(fc.array(fc.record({ name: fc.constant('e'), extension: value }))),
  })
  .map(({ texts, others, exec, plugin, extensions }) => ({
    apiVersion: 'v1',
    kind: 'Config',
    preferences: extensions ? { extensions } : {},
    clusters: [{ name: 'k', cluster: { server: 'https://10.0.0.1:6443' } }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    'current-context': 'c',
    users: [
      { name: 'other', user: { token: CANARY } },
      { name: 'u', user: { ...texts, ...others, ...(exec && { exec }), ...(plugin && { 'auth-provider': plugin }) } },
    ],
  }));

const header = fc.constantFrom('staticPodURLHeader', 'StaticPodURLHeader', 'staticpodurlheader');
const configuration = fc
  .tuple(
    header,
    fc.dictionary(
      fc.constantFrom('Authorization', 'X-Token', 'a'),
      fc.array(fc.oneof(secret, fc.constant(`Bearer ${CANARY}`)), { maxLength: 2 }),
    ),
  )
  .map(([key, headers]) => ({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    featureGates: { A: true },
    [key]: headers,
    staticPodURL: `https://user:${CANARY}@host/pods?token=${CANARY}`,
    maxPods: 7,
  }));

/** What the collector prints of a node whose kubelets have one of the files each. */
async function printed(flag: string, texts: string[], shell: string): Promise<string> {
  const root = join(folder, 'node');
  rmSync(root, { recursive: true, force: true });
  writeRoot(root, {
    os: { id: 'ubuntu', version: '24.04' },
    version: 'v1.32.1',
    processes: texts.map((_, index) => ({
      pid: 40 + index,
      name: 'kubelet',
      exe: '/usr/bin/kubelet',
      startedAt: 1_763_000_000,
      argv: ['/usr/bin/kubelet', `--${flag}=/f${index}`],
    })),
    files: Object.fromEntries(texts.map((text, index) => [`/f${index}`, text])),
  });
  return (await collect(root, { simulated: true, shell })).stdout;
}

/**
 * Lets the collector read each file as that of a kubelet of its own, as many on a node as it reads, and gives back what
 * became of it: nothing of a secret is among what was printed.
 */
async function* readBack<T>(flag: string, files: { value: T; text: string }[], shell: string) {
  for (let start = 0; start < files.length; start += FILES) {
    const some = files.slice(start, start + FILES);
    const texts = some.map(({ text }) => text);
    const stdout = await printed(flag, texts, shell);
    const unwrapped = unwrap(stdout);
    assert.ok('text' in unwrapped, JSON.stringify(unwrapped));
    const sections = unwrapped.text.split(/^process /m).slice(1);
    const answer = readAnswer(stdout);
    assert.ok('evidence' in answer, JSON.stringify(answer));
    for (const [at, { value, text }] of some.entries()) {
      assert.ok(!sections[at]?.includes(CANARY), `${text}\n→\n${sections[at]}`);
      const kubelet = answer.evidence.kubelets[at];
      assert.ok(kubelet, text);
      yield { value, text, kubelet };
    }
  }
}

for (const [index, { shell, missing }] of shells.entries()) {
  const options = missing ? { skip: missing } : {};
  const seed = process.env.KUBEVIGIL_SOAK ? Date.now() : index;
  const numRuns = NODES * FILES;

  test(`kubeconfigs under ${shell} (seed ${seed})`, options, async () => {
    let read = 0;
    const files = fc.sample(written(kubeconfig), { numRuns, seed });
    for await (const { value, text, kubelet } of readBack('kubeconfig', files, shell)) {
      const [shape] = kubelet.kubeconfigs;
      assert.ok(shape, text);
      if (shape.state !== 'read') continue;
      read += 1;
      const user = value.users[1]?.user as Record<string, object>;
      assert.equal(shape.user, 'u', text);
      assert.equal(shape.exec?.command, user.exec && 'aws', text);
      assert.equal(shape.token === true, 'token' in user, text);
      assert.equal(shape.other !== undefined, 'username' in user || 'auth-provider' in user, text);
    }
    assert.ok(read > numRuns / 4, `only ${read} were read`);
  });

  test(`configurations under ${shell} (seed ${seed})`, options, async () => {
    let read = 0;
    const files = fc.sample(written(configuration), { numRuns, seed });
    for await (const { kubelet } of readBack('config', files, shell)) {
      if (kubelet.files[0]?.content !== undefined) read += 1;
    }
    assert.ok(read > numRuns / 10, `only ${read} were read`);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { unwrap } from '../../../lambda/nodes/answer/envelope.ts';
import { envelope } from '../../../simulator/hostile/envelope.ts';

const text = 'time 1764000000\nos amzn 2023 -\n';

test('an answer that arrives whole is unpacked', async (t) => {
  const cases: [string, string][] = [
    ['as collect.sh prints it', envelope(text)],
    ['without a line break at its end', envelope(text).trimEnd()],
    ['with a carriage return', envelope(text).replace('\n', '\r\n')],
    ['behind what a login profile printed', `Welcome to this node\n${envelope(text)}`],
    ['from a node without gzip', envelope(text, { packed: Buffer.from(text) })],
    ['without the signs that fill its base64 up', envelope(text, { packed: Buffer.from(text) }).replace(/=+\n/, '\n')],
  ];
  for (const [name, output] of cases) {
    await t.test(name, () => assert.deepEqual(unwrap(output), { text }));
  }
});

test('an answer that is not whole is refused and says why', async (t) => {
  const whole = envelope(text);
  const cases: [string, string, RegExp][] = [
    ['empty', '', /^the answer is empty$/],
    ['something else', 'sh: not found\n', /no line "kubevigil\/1 …"/],
    ['the word in the middle of a line', `echo ${whole}`, /no line "kubevigil\/1 …"/],
    ['cut by SSM', `${whole.slice(0, 120)}\n---Output truncated---`, /cut or garbled/],
    ['cut within base64', whole.slice(0, -20), /cut or garbled/],
    ['not a sign of base64', whole.replace(/ \S*$/m, ' '), /cut or garbled/],
    ['base64 for addresses', envelope('>>>', { packed: Buffer.from('>>>') }).replace('+', '-'), /cut or garbled/],
    ['no digest', 'kubevigil/1 12 abc H4sI', /cut or garbled/],
    ['another digest', envelope(text, { digest: '0'.repeat(64) }), /altered: its SHA-256 digest does not match/],
    ['another length', envelope(text, { bytes: 5 }), /does not unpack to 5 bytes/],
    ['a longer length', envelope(text, { bytes: 500 }), /does not unpack to 500 bytes/],
    [
      'a longer length, not packed',
      envelope(text, { packed: Buffer.from(text), bytes: 500 }),
      /unpacks to 31 of 500 bytes/,
    ],
    ['a bomb that says so', envelope('', { bytes: 999_999_999 }), /declares 999999999 bytes, more than 163840/],
    ['a bomb that lies', envelope(text, { packed: gzipSync(Buffer.alloc(50_000_000)) }), /longer than|does not unpack/],
    ['not gzip', envelope(text, { packed: Buffer.from('1f8b0000', 'hex') }), /does not unpack/],
    ['too long a line', `kubevigil/1 1 ${'0'.repeat(64)} ${'A'.repeat(24_000)}`, /longer than 24000 characters/],
  ];
  for (const [name, output, expected] of cases) {
    await t.test(name, () => {
      const result = unwrap(output);
      assert.ok('problem' in result);
      assert.match(result.problem, expected);
    });
  }
});

test('any text survives the envelope, and any damage to it is found', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 500 }), (any) => {
      assert.deepEqual(unwrap(envelope(any)), { text: any });
    }),
  );
  fc.assert(
    fc.property(fc.nat(envelope(text).length - 2), fc.constantFrom('A', 'z', '0', ' ', '\n'), (position, character) => {
      const whole = envelope(text);
      const damaged = whole.slice(0, position) + character + whole.slice(position + 1);
      const result = unwrap(damaged);
      // Some positions of a gzip header (time, system) do not change what it unpacks to.
      assert.ok('problem' in result || result.text === text);
    }),
  );
});

test('arbitrary output never throws', () => {
  fc.assert(
    fc.property(fc.string(), (any) => {
      unwrap(any);
      unwrap(`kubevigil/1 ${any}`);
    }),
  );
});

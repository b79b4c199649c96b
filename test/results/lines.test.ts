import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import * as v from 'valibot';
import { ArchiveError } from '../../lambda/results/errors.ts';
import { readLineBytes, readLines } from '../../lambda/results/lines.ts';

/** Lines as long as a few characters or several of the pieces in which they are unpacked. */
const lines = fc.array(
  fc
    .tuple(fc.string({ unit: 'grapheme' }), fc.constantFrom(1, 1, 40, 4_000, 60_000))
    .map(([text, times]) => JSON.stringify(text.repeat(times))),
  { maxLength: 20 },
);
/** In how many gzip files, one after the other, and in what pieces they come. */
const way = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(9, 500, 70_000), fc.boolean());

test('lines come back as they were written, however they were packed and come', async () => {
  await fc.assert(
    fc.asyncProperty(lines, way, async (written, [files, size, isEnded]) => {
      const text = Buffer.from(written.join('\n') + (isEnded && written.length > 0 ? '\n' : ''));
      const part = Math.ceil(text.length / files);
      const packed = Buffer.concat(
        Array.from({ length: files }, (_, file) => gzipSync(text.subarray(file * part, (file + 1) * part))),
      );
      const stream = () =>
        Readable.from(
          Array.from({ length: Math.ceil(packed.length / size) }, (_, at) =>
            packed.subarray(at * size, (at + 1) * size),
          ),
        );
      const bytes: string[] = [];
      for await (const some of readLineBytes(stream(), 'x')) for (const line of some) bytes.push(line.toString());
      assert.deepEqual(bytes, written);
      const parsed = await Array.fromAsync(readLines(stream(), 'x', v.string()));
      assert.deepEqual(
        parsed,
        written.map((line) => JSON.parse(line)),
      );
    }),
    { numRuns: 40 },
  );
});

test('a line that is kept for later is empty then, and not of other bytes', async () => {
  const packed = gzipSync(Array.from({ length: 9 }, (_, line) => `"${`${line}`.repeat(90_000)}"\n`).join(''));
  const kept: Buffer[] = [];
  const bytes: string[] = [];
  for await (const some of readLineBytes(Readable.from([packed]), 'x')) {
    kept.push(...some);
    bytes.push(...some.map(String));
  }
  assert.equal(bytes.length, 9);
  assert.ok(kept.some(({ length }) => length === 0));
  for (const [at, line] of kept.entries()) assert.ok(line.length === 0 || `${line}` === bytes[at]);
});

test('what no scan writes is refused, with its place', async () => {
  const nested = (deep: number) => `${'['.repeat(deep)}${']'.repeat(deep)}`;
  for (const [text, said] of [
    ['"a"\n\n"b"\n', 'x, line 2: is empty'],
    ['\n', 'x, line 1: is empty'],
    [`"a"\n${nested(513)}\n`, 'x, line 2: nested more than 512 deep'],
    ['"a"\n\ufeff"b"\n', /^x, line 2: not JSON/],
  ] as const) {
    const read = Array.fromAsync(readLines(Readable.from([gzipSync(text)]), 'x', v.unknown()));
    await assert.rejects(read, { message: said, constructor: ArchiveError });
  }
  const [whole] = await Array.fromAsync(readLines(Readable.from([gzipSync(nested(512))]), 'x', v.unknown()));
  assert.equal(JSON.stringify(whole), nested(512));
});

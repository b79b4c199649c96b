import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { Evidence } from '../../lambda/kubelet/evidence.ts';
import { readAlikeLine } from '../../lambda/results/evidence-line.ts';
import { judgeLine } from '../../lambda/results/judge-line.ts';
import { NODES, STARTED_AT } from '../../simulator/fleet/node-types.ts';

const read = (text: string) => readAlikeLine(Buffer.from(text));

/** A node of that kind, with what is its own. */
function lineOf(type: string, number: number): string {
  const { kubelet, os } = NODES[type] ?? assert.fail(type);
  const host = `ip-10-0-0-${number}`;
  const process = {
    ...{ ...kubelet, pid: 100 + number, startedAt: STARTED_AT + number },
    argv: [...kubelet.argv, `--node-ip=10.0.0.${number}`],
    files: kubelet.files.map((file) => ({ ...file, modifiedAt: STARTED_AT - number - 0.5, size: number })),
    servingCertificates: [{ path: '/a.pem', subject: `CN=${host}`, names: [`DNS:${host}`] }],
  };
  const proxies = [{ pid: number, argv: ['--config=/ö'], cwd: '/', files: [] }];
  const own = { collectedAt: STARTED_AT + 9 * number, hostname: host, addresses: [`10.0.0.${number}`] };
  const evidence: Evidence = { format: 2, ...own, os, kubelets: [process], proxies, notes: ['…'] };
  return JSON.stringify({ node: { id: `i-${number}`, name: `Nödé ${number}` }, tags: { Name: host }, evidence });
}

const TYPES = Object.keys(NODES);

/** The kinds are known once the first nodes of each were judged. */
before(() => {
  for (const type of TYPES)
    for (const number of [1, 2, 3]) judgeLine(JSON.parse(lineOf(type, number)), { now: STARTED_AT });
});

test('a line of a kind that is known is read as it is', () => {
  let found = 0;
  for (const type of TYPES) {
    for (const number of [4, 5]) {
      const text = lineOf(type, number);
      const line = read(text);
      if (line) assert.equal(JSON.stringify(line), text);
      if (line) found += 1;
    }
  }
  // A program of another name, whose process is not seen, has no argument that could be its own.
  assert.ok(found > TYPES.length, `${found} of ${TYPES.length}`);
});

test('another line is not read here', () => {
  const text = lineOf('eks-al2023', 6);
  assert.ok(read(text));
  const others = {
    silent: '{"node":{"id":"i-1"},"tags":{},"reason":"timed-out","detail":"…"}',
    'no object': text.slice(0, -1),
    'more behind it': `${text.slice(0, -1)},"x":1}`,
    'no node': text.replace('"node":', '"nod":'),
    'an id that is none': text.replace('"id":"i-6"', '"id":6'),
    'tags that are none': text.replace('"Name":"ip-10-0-0-6"', '"Name":6'),
    'of another kind by its tags': text.replace('"tags":{', '"tags":{"eks:cluster-name":"a",'),
    'written after the start': text.replaceAll(`"modifiedAt":${STARTED_AT - 6.5}`, `"modifiedAt":${STARTED_AT + 99}`),
    'a file without anything': text.replaceAll('"size":6', '"size":0'),
    'an address that stands for none': text.replace('--node-ip=10.0.0.6', '--node-ip=fd00::6'),
    'no process that was seen': text.replace('"pid":106', '"pid":0'),
    'a number that is none': text.replace('"pid":106', '"pid":"106"'),
  };
  for (const [what, other] of Object.entries(others)) {
    assert.notEqual(other, text, what);
    assert.equal(read(other), undefined, what);
  }
});

test('whatever somebody has made of a line, it is what JSON.parse gives', () => {
  const type = fc.constantFrom(...TYPES);
  const signs = fc.constantFrom(
    ...[
      '',
      ',"evidence":',
      '"',
      '\\"',
      ',',
      '}',
      ']',
      '1',
      '0',
      'é',
      '\u00e2',
      ',"tags":{}',
      '"pid":1,',
      '[',
      '{"a":1}',
    ],
  );
  const place = fc.nat({ max: 100_000 });
  fc.assert(
    fc.property(type, place, fc.nat({ max: 12 }), signs, (name, somewhere, length, sign) => {
      const bytes = Buffer.from(lineOf(name, 7));
      const at = somewhere % bytes.length;
      const changed = Buffer.concat([bytes.subarray(0, at), Buffer.from(sign, 'latin1'), bytes.subarray(at + length)]);
      const line = readAlikeLine(changed);
      if (line) assert.equal(JSON.stringify(line), JSON.stringify(JSON.parse(changed.toString())));
    }),
    { numRuns: 1_000 },
  );
});

test('a kind whose nodes keep coming stays known, however many others there are', () => {
  const other = (note: number) => lineOf('eks-al2023', 7).replace('"notes":["…"]', `"notes":["${note}"]`);
  for (let note = 0; note < 150; note += 1) {
    judgeLine(JSON.parse(other(note)), { now: STARTED_AT, rules: ['read-only-port'] });
    assert.ok(read(lineOf('eks-al2023', 8)), `after ${note + 1} others`);
  }
});

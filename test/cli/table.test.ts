import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atRiskList, nodeTable } from '../../cli/table.ts';
import { fitted, helpText, wrap } from '../../cli/wrap.ts';
import { evaluated, finding } from '../archive/samples.ts';

const line = evaluated('i-01', [
  finding('anonymous-auth', 'fail', { reason: 'authentication.anonymous.enabled is true from the kubelet’s default.' }),
]);

test('a node that will stop passes nothing without a word, and is named at the end', () => {
  const certificate = { role: 'client', path: '/a.pem', notAfter: '2026-12-05T00:00:00.000Z', renews: false } as const;
  const findings = [finding('rotate-client-certificates', 'pass'), finding('client-certificate-expiry', 'fail')];
  const passing = { ...evaluated('i-02', findings), certificates: [certificate] };
  assert.match(nodeTable([passing], 'rotate-client-certificates', 120), /^i-02.* {2}pass, at risk {2}/m);
  assert.match(
    atRiskList([passing, line]),
    /^At risk, 1 of 2 nodes:\n {2}2026-12-05 {9}i-02 .*: client-certificate-expiry\n$/,
  );
  assert.equal(atRiskList([line]), '');
});

test('many nodes with one verdict are one row, unless all are wanted', () => {
  const nodes = Array.from({ length: 41 }, (_, index) => ({ ...line, node: { ...line.node, id: `i-${index}` } }));
  assert.equal(nodeTable(nodes, 'anonymous-auth', 200).trimEnd().split('\n').length, 2);
  assert.match(nodeTable(nodes, 'anonymous-auth', 200), / and 40 more /);
  assert.equal(nodeTable(nodes, 'anonymous-auth', 200, true).trimEnd().split('\n').length, 42);
  assert.equal(nodeTable(nodes.slice(1), 'anonymous-auth', 200).trimEnd().split('\n').length, 41);
});

test('verdicts stand in columns where these fit, else below each other', () => {
  for (const columns of [undefined, 120]) assert.match(nodeTable([line], 'anonymous-auth', columns), /^NODE +CLUSTER/);
  const narrow = nodeTable([line], 'anonymous-auth', 40);
  assert.match(narrow, /^fail .*i-01.*\n {2}authentication/);
  for (const each of narrow.trimEnd().split('\n').slice(1)) assert.ok(each.length <= 40, each);
});

test('a word that is too long breaks behind a separator, and where it has none at the edge', () => {
  const path = '/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf';
  assert.deepEqual(wrap(`from ${path} it`, 44), ['from /etc/kubernetes/kubelet/config.json.d/', '40-nodeadm.conf it']);
  assert.deepEqual(wrap('--tls-cipher-suites=A,B', 12), ['--tls-', 'cipher-', 'suites=A,B']);
  assert.deepEqual(wrap('x'.repeat(25), 10), ['x'.repeat(10), 'x'.repeat(10), 'x'.repeat(5)]);
});

test('help breaks where the terminal ends, not where its source does', () => {
  const help = `Tells all of a thing in a
sentence of two lines.

Usage: program [options]
       program other [options]

  --long FILE  what this option is for, in
               two lines
  --short      brief
  --none
  --also FILE, of which nobody says more
Exit codes: 0 it ran, 2 it
could not.`;
  assert.equal(
    helpText(help, 60),
    `Tells all of a thing in a sentence of two lines.

Usage: program [options]
       program other [options]

  --long FILE  what this option is for, in two lines
  --short      brief
  --none
  --also FILE, of which nobody says more
Exit codes: 0 it ran, 2 it could not.`,
  );
});

test('a text that is read as it is goes on below its beginning where a line is too long', () => {
  const text = 'Totals:\n  - HIGH a: Set `rotateCertificates: true`\n\n    in a file';
  assert.equal(
    fitted(text, 34, '  '),
    '  Totals:\n    - HIGH a: Set\n      `rotateCertificates: true`\n\n      in a file',
  );
  assert.equal(fitted(text, undefined), text);
});

test('no line of a table is longer than the terminal is wide', () => {
  const path = `/etc/${'very-'.repeat(12)}long.conf`;
  const long = { ...line, findings: line.findings.map((each) => ({ ...each, reason: `false from ${path}.` })) };
  for (const columns of [40, 80, 120]) {
    for (const each of nodeTable([long], 'anonymous-auth', columns).split('\n'))
      assert.ok(each.length <= columns, each);
  }
});

test('in a table of options a line goes on in its second column, where that leaves half of the room', () => {
  const text = 'Usage\n\n  --out DIR   where the report goes, which may be long\n  -h  help';
  assert.equal(
    fitted(text, 40),
    'Usage\n\n  --out DIR   where the report goes,\n              which may be long\n  -h  help',
  );
  assert.equal(fitted('  --a-long-option VALUE   what it does', 30), '  --a-long-option VALUE   what\n  it does');
});

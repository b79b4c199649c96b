import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameworks, requirementsOf } from '../../lambda/judging/frameworks.ts';
import { catalog, rules } from '../../lambda/judging/index.ts';

test('frameworks name rules that exist', () => {
  for (const { name, rules: mapped } of frameworks) {
    for (const rule of Object.keys(mapped)) assert.ok(Object.hasOwn(catalog, rule), `${name} names ${rule}`);
  }
  assert.deepEqual(
    frameworks.map(({ name }) => name),
    ['nist-800-53', 'cis-controls-v8', 'pci-dss-4'],
  );
});

// The STIG's CCI-000213 is AC-3; ComplianceAsCode maps the same rule to CM-6 and its PCI DSS 4.0 has 2.2.5 for certificates.
test('a rule serves requirements of several frameworks', () => {
  assert.deepEqual(requirementsOf('anonymous-auth'), [
    'nist-800-53/AC-3',
    'nist-800-53/CM-6',
    'nist-800-53/CM-6(1)',
    'cis-controls-v8/3.3',
    'cis-controls-v8/5.3',
  ]);
  assert.deepEqual(requirementsOf('tls-serving-certificate').slice(-2), ['pci-dss-4/2.2.5', 'pci-dss-4/2.2.7']);
  assert.deepEqual(requirementsOf('constructor'), []);
});

test('the catalog has them beside each rule', () => {
  for (const { name } of rules) assert.deepEqual(catalog[name]?.requirements, requirementsOf(name));
});

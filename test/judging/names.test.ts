import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanings, resolveRule } from '../../lambda/judging/index.ts';

const known: [name: string, rule: string][] = [
  ['rotate-client-certificates', 'rotate-client-certificates'],
  ['cis-kubernetes-1.5.1/4.2.11', 'rotate-client-certificates'],
  ['cis-kubernetes-1.5/4.2.11', 'rotate-client-certificates'],
  ['cis-kubernetes-1.12/4.2.11', 'rotate-server-certificate'],
  ['cis-eks-1.8.0/3.2.8', 'rotate-client-certificates'],
  ['4.2.1', 'anonymous-auth'],
  ['4.3.1', 'kube-proxy-metrics-bind-address'],
  ['client-certificate-expiry', 'client-certificate-expiry'],
  // As people spell it.
  ['cis-kubernetes-1.5.1 / 4.2.11', 'rotate-client-certificates'],
  [' CIS-Kubernetes-1.5.1/4.2.11 ', 'rotate-client-certificates'],
  ['Rotate_Client_Certificates', 'rotate-client-certificates'],
  ['cis-eks-1.8/3.2.8', 'rotate-client-certificates'],
];

for (const [name, rule] of known) {
  test(`${name} means ${rule}`, () => {
    const meaning = resolveRule(name);
    assert.ok('rule' in meaning, JSON.stringify(meaning));
    assert.equal(meaning.rule.name, rule);
  });
}

const unknown: [name: string, problem: RegExp][] = [
  [
    '4.2.11',
    /^control 4\.2\.11 means different rules.*rotate-client-certificates in cis-kubernetes-1\.5\.1 .*rotate-server-certificate in/,
  ],
  ['rotate-client', /did you mean rotate-client-certificates\?$/],
  [
    'RotateCertificate',
    /^"RotateCertificate" is not a rule, nor a control: expected .*mean rotate-client-certificates\?$/,
  ],
  ['rotateCertificates', /did you mean rotate-client-certificates\?$/],
  ['rotateServerCertificates', /did you mean rotate-server-certificate\?$/],
  ['xyz', /4\.2\.11$/],
  ['cis-kubernetes-1.5.1', /^cis-kubernetes-1\.5\.1 is a whole benchmark: name one of its controls/],
  ['cis-kubernetes-1/4.2.11', /^there is no benchmark cis-kubernetes-1:/],
  ['cis-eks-1.8.0/4.2.11', /^benchmark cis-eks-1\.8\.0 has no control 4\.2\.11/],
  ['cis-eks-3/4.2.11', /^there is no benchmark cis-eks-3: expected one of/],
  ['', /is not a rule/],
  ['__proto__', /is not a rule/],
  ['constructor/4.2.1', /there is no benchmark constructor/],
  ['a\nb', /^"a b" is not a rule/],
];

for (const [name, problem] of unknown) {
  test(`${JSON.stringify(name)} is explained`, () => {
    const meaning = resolveRule(name);
    assert.ok('problem' in meaning);
    assert.match(meaning.problem, problem);
  });
}

test('all meanings of a number are found, with the control that each is', () => {
  const found = meanings('4.2.11');
  assert.deepEqual([...new Set(found.map(({ rule }) => rule.name))].toSorted(), [
    'rotate-client-certificates',
    'rotate-server-certificate',
  ]);
  assert.deepEqual(found[0]?.control, { benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11' });
});

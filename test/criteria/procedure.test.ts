import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { type Demand, DemandSchema, demandText, follow } from '../../lambda/criteria/procedure.ts';
import { byFlag, type Case, inDropIn, inFile, node } from '../rules/node.ts';

type Row = [what: string, demands: Demand[], given: Case, says: 'pass' | 'fail' | undefined, own?: 'pass' | 'fail'];

const argv = (...added: string[]): Case => ({ kubelet: { argv: ['--config=/c', ...added] } });
const PORT = 'readOnlyPort';
const IDLE = 'streamingConnectionIdleTimeout';

const rows: Row[] = [
  // DISA, V-242391: the option's presence is a finding, and the file must say false.
  ['an argument that must not be there is not', [{ argument: 'anonymous-auth', absent: true }], argv(), 'pass'],
  [
    'it is there, harmless as it is',
    [{ argument: 'anonymous-auth', absent: true }],
    argv('--anonymous-auth=false'),
    'fail',
  ],
  ['however it is spelt', [{ argument: 'anonymous-auth', absent: true }], argv('--anonymous_auth', '--v=2'), 'fail'],
  // DISA, V-242392: only the argument counts.
  [
    'the argument has the value',
    [{ argument: 'authorization-mode', equals: 'Webhook' }],
    argv('--authorization-mode', 'Webhook'),
    'pass',
  ],
  [
    'the file has it instead',
    [{ argument: 'authorization-mode', equals: 'Webhook' }],
    { settings: { 'authorization.mode': inFile('Webhook') } },
    'fail',
  ],
  [
    'the last of two counts',
    [{ argument: 'authorization-mode', equals: 'Webhook' }],
    argv('--authorization-mode=Webhook', '--authorization-mode=AlwaysAllow'),
    'fail',
  ],
  ['the file says it', [{ file: PORT, equals: 0 }], { settings: { [PORT]: inFile(0) } }, 'pass'],
  [
    'the file says it beneath a flag',
    [{ file: PORT, equals: 0 }],
    { settings: { [PORT]: { ...byFlag(1, '--read-only-port=1'), overrode: [inFile(0)] } } },
    'pass',
  ],
  [
    'a drop-in is no file of --config',
    [{ file: PORT, equals: 0 }],
    { settings: { [PORT]: inDropIn(0, '/d.conf') } },
    'fail',
  ],
  ['absence is not the value', [{ file: PORT, equals: 0 }], {}, 'fail'],
  ['absence will do', [{ file: PORT, equals: 0, orAbsent: true }], {}, 'pass'],
  [
    'a wrong value is worse than none',
    [{ file: PORT, equals: 0, orAbsent: true }],
    { settings: { [PORT]: inFile(10255) } },
    'fail',
  ],
  [
    'named, as something',
    [{ file: 'tlsCertFile', differs: '' }],
    { settings: { tlsCertFile: inFile('/s.crt') } },
    'pass',
  ],
  ['not named', [{ file: 'tlsCertFile', differs: '' }], {}, 'fail'],
  ['a value that must not be there is not', [{ file: 'staticPodPath', absent: true }], {}, 'pass'],
  ['it is there', [{ file: 'staticPodPath', absent: true }], { settings: { staticPodPath: inFile('/m') } }, 'fail'],
  [
    'it is there, and empty',
    [{ file: 'staticPodPath', absent: true }],
    { settings: { staticPodPath: inFile('') } },
    'pass',
  ],
  // DISA, V-245541: less than five minutes or not configured is a finding.
  ['long enough', [{ file: IDLE, atLeast: '5m' }], { settings: { [IDLE]: inFile('5m0s') } }, 'pass'],
  ['too short', [{ file: IDLE, atLeast: '5m' }], { settings: { [IDLE]: inFile('4m59s') } }, 'fail'],
  [
    'zero in the file, though the kubelet takes 4h',
    [{ file: IDLE, atLeast: '5m' }],
    { settings: { [IDLE]: { value: '4h0m0s', source: { kind: 'default' }, overrode: [inFile('0s')] } } },
    'fail',
  ],
  ['not configured', [{ file: IDLE, atLeast: '5m' }], {}, 'fail'],
  [
    'by the argument',
    [{ written: PORT, equals: 0 }],
    { settings: { [PORT]: byFlag(0, '--read-only-port=0') } },
    'pass',
  ],
  ['by the default alone', [{ written: PORT, equals: 0 }], {}, 'fail'],
  [
    'something else than AlwaysAllow',
    [{ written: 'authorization.mode', differs: 'AlwaysAllow' }],
    { settings: { 'authorization.mode': inFile('Webhook') } },
    'pass',
  ],
  [
    'a gate by name',
    [{ gate: 'RotateKubeletServerCertificate', equals: true }],
    { settings: { featureGates: inFile({ RotateKubeletServerCertificate: true }) } },
    'pass',
  ],
  ['a gate that nobody names', [{ gate: 'RotateKubeletServerCertificate', equals: true }], {}, 'fail'],
  [
    'a gate of a strange name',
    [{ gate: 'toString', equals: true }],
    { settings: { featureGates: inFile({}) } },
    'fail',
  ],
  [
    "the rule's own audit besides",
    [{ argument: 'client-ca-file', absent: true }, { rule: 'passes' }],
    argv(),
    'pass',
    'pass',
  ],
  ['which fails', [{ argument: 'client-ca-file', absent: true }, { rule: 'passes' }], argv(), 'fail', 'fail'],
  ['which cannot be followed', [{ argument: 'client-ca-file', absent: true }, { rule: 'passes' }], argv(), undefined],
  [
    'one of several fails',
    [
      { argument: 'read-only-port', absent: true },
      { file: PORT, equals: 0 },
    ],
    argv(),
    'fail',
  ],
  [
    'nothing is said of inputs that start no kubelet',
    [{ written: PORT, equals: 0 }],
    { error: 'unknown flag: --x' },
    undefined,
  ],
];

for (const [what, demands, given, says, own] of rows) {
  test(`a procedure: ${what}`, () => {
    for (const demand of demands) assert.deepEqual(v.parse(DemandSchema, demand), demand);
    assert.equal(follow(demands, node(given), own), says);
  });
}

test('a demand that nobody knows does not load', () => {
  for (const demand of [{ argument: 'x' }, { file: 'nosuch', equals: 1 }, { file: PORT, equals: 0, or: true }, {}]) {
    assert.ok(!v.is(DemandSchema, demand), JSON.stringify(demand));
  }
});

test('people read what a procedure asks for', () => {
  const demands: Demand[] = [
    { argument: 'read-only-port', absent: true },
    { argument: 'authorization-mode', equals: 'Webhook' },
    { file: PORT, equals: 0, orAbsent: true },
    { file: 'tlsCertFile', differs: '' },
    { file: IDLE, atLeast: '5m' },
    { file: 'staticPodPath', absent: true },
    { written: 'authorization.mode', differs: 'AlwaysAllow' },
    { gate: 'RotateKubeletServerCertificate', equals: true },
    { rule: 'passes' },
  ];
  assert.deepEqual(demandText(demands).split('; '), [
    '--read-only-port is not given',
    '--authorization-mode=Webhook is given',
    'in the file readOnlyPort is 0, or not set',
    'in the file tlsCertFile is set',
    'in the file streamingConnectionIdleTimeout is at least 5m',
    'in the file staticPodPath is not set',
    'authorization.mode is set, not to AlwaysAllow',
    'the gate RotateKubeletServerCertificate is true by name',
  ]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Evidence, KubeletProcess } from '../../../lambda/kubelet/evidence.ts';
import { takeSettings } from '../../../lambda/nodes/answer/settings.ts';

function taken(text: string) {
  const evidence = { os: { id: 'amzn' } } as Evidence;
  const kubelet = {} as KubeletProcess;
  takeSettings(evidence, kubelet, text);
  return { os: evidence.os, ...kubelet };
}

const os = { version_id: '1.50.0', variant_id: 'aws-k8s-1.34', arch: null };

test('settings that are given, by name; null is none', () => {
  const kubernetes = {
    'authentication-mode': 'aws',
    'credential-providers': { 'ecr-credential-provider': { enabled: true } },
    'event-qps': 0,
    'hostname-override': null,
    'hostname-override-source': 'private-dns-name',
  };
  assert.deepEqual(taken(JSON.stringify({ os, settings: { kubernetes } })), {
    os: { id: 'bottlerocket', version: '1.50.0', variant: 'aws-k8s-1.34' },
    settings: {
      'os.version_id': '1.50.0',
      'os.variant_id': 'aws-k8s-1.34',
      'authentication-mode': 'aws',
      'event-qps': 0,
      'credential-providers.ecr-credential-provider.enabled': true,
    },
  });
});

for (const [name, text] of Object.entries({
  'no JSON': '{',
  'another type': JSON.stringify({ os, settings: { kubernetes: { 'event-qps': '5' } } }),
  'a number that JSON does not keep': `{"os": ${JSON.stringify(os)}, "settings": {"kubernetes": {"pod-pids-limit": 1e999}}}`,
  'a fraction': JSON.stringify({ os, settings: { kubernetes: { 'event-qps': 0.5 } } }),
  'a list that does not end': JSON.stringify({
    os,
    settings: { kubernetes: { 'allowed-unsafe-sysctls': Array(257).fill('net.*') } },
  }),
  'a name that does not end': JSON.stringify({
    os,
    settings: { kubernetes: { 'allowed-unsafe-sysctls': ['n'.repeat(254)] } },
  }),
  'a release that does not end': JSON.stringify({
    os: { ...os, version_id: '1'.repeat(1025) },
    settings: { kubernetes: {} },
  }),
  'no release': JSON.stringify({ os: {}, settings: { kubernetes: {} } }),
  'a list': '[]',
  'a name of an object': JSON.stringify({ os, settings: { kubernetes: { 'seccomp-default': { __proto__: null } } } }),
})) {
  test(`${name} leaves the kubelet unread, and the node as it was`, () => {
    const { os: kept, unread, settings } = taken(text);
    assert.deepEqual([kept, settings], [{ id: 'amzn' }, undefined]);
    assert.match(unread ?? '', /does not know/);
  });
}

test('what is taken is the same when it was archived', () => {
  const number = fc.oneof(fc.double(), fc.constantFrom('1e999', '-1e999', '-0', '9007199254740993'));
  const kept = fc.property(number, (limit) => {
    const { settings } = taken(
      `{"os": ${JSON.stringify(os)}, "settings": {"kubernetes": {"pod-pids-limit": ${String(limit)}}}}`,
    );
    assert.deepEqual(settings && JSON.parse(JSON.stringify(settings)), settings);
  });
  fc.assert(kept);
});

test('whatever a node says, nothing is thrown', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => taken(text) !== undefined));
});

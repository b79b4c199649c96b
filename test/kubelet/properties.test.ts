/** What holds for every evidence, however hostile. Long because each property needs the generator of a whole node. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { isNumber, isObject, type Json, parseJson } from '../../lambda/go/json.ts';
import { Exit, Unknown } from '../../lambda/go/outcome.ts';
import { parseYaml } from '../../lambda/go/yaml/compose.ts';
import type { EffectiveConfiguration } from '../../lambda/kubelet/configuration.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import { flagsOf } from '../../lambda/kubelet/tables.ts';
import { configFile, dropIn, kubeletProcess } from '../../simulator/fleet/node-types.ts';
import { print } from './print.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const JSON_HEAD = '"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration"';

/** Pieces that YAML and JSON give a meaning to. */
const PIECES = [
  ...'{}[],:?-#&*!|>\'"%@`~ \t\n\r\\/+.0123456789eExo_',
  '\n  ',
  '\n- ',
  ': ',
  '---\n',
  '...\n',
  '<<: ',
  '&a ',
  '*a ',
  '!!int ',
  '|2-\n',
  '>+\n',
  'yes',
  'null',
  'rotateCertificates: ',
  'authentication:\n  anonymous:\n    enabled: ',
  'featureGates: ',
  'streamingConnectionIdleTimeout: ',
  '__proto__: ',
  'constructor',
  '"\\u0041"',
  '\u0085',
  '\u2028',
  '\ufeff',
  '😀',
  '\0',
];
const FLAGS = [...new Set([20, 24, 30, 37].flatMap((minor) => [...flagsOf(minor).keys()]))];
const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(''));
const argument = fc.oneof(
  text,
  fc.tuple(fc.constantFrom(...FLAGS), text).map(([name, value]) => `--${name}=${value}`),
  fc.constantFrom(...FLAGS).map((name) => `--${name.replaceAll('-', '_')}`),
);
const version = fc.oneof(
  fc.integer({ min: 18, max: 38 }).map((minor) => `v1.${minor}.0`),
  text,
);

/** The outcome is one that derive.ts means, not one that its last resort made of an unexpected error. */
function expected(derived: EffectiveConfiguration): void {
  const reason = derived.starts === 'unknown' ? derived.problem : derived.starts ? '' : derived.error;
  assert.doesNotMatch(reason, /could not be evaluated/);
}

function ours(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof Exit || error instanceof Unknown, String(error));
  }
}

function withConfig(content: string, minor = 32): EffectiveConfiguration {
  return derive(
    kubeletProcess({ version: `v1.${minor}.0`, argv: ['--config=/c'], files: [configFile('/c', content)] }),
  );
}

describe('nothing but our own errors', () => {
  test('of any text as YAML or JSON', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (content) => {
        ours(() => parseYaml(content, false));
        ours(() => parseYaml(content, true));
        ours(() => parseJson(content));
      }),
      { numRuns: 3000 },
    );
  });

  test('of any arguments, files and version', () => {
    fc.assert(
      fc.property(version, fc.array(argument, { maxLength: 8 }), text, text, (kubelet, argv, base, patch) => {
        expected(
          derive(
            kubeletProcess({
              version: kubelet,
              argv: [...argv, '--config=/c', '--config-dir=/d'],
              dropInEnvironment: true,
              files: [configFile('/c', HEAD + base), dropIn('/d/a.conf', HEAD + patch)],
              dropInDirectories: [{ path: '/d', state: 'directory' }],
            }),
          ),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('bounded work', () => {
  const many = Array.from({ length: 100_000 }, (_, at) => `key${at}`);

  test('100,000 keys in YAML', () => {
    const derived = withConfig(`${HEAD}${many.map((key) => `${key}: ${key}\n`).join('')}rotateCertificates: true\n`);
    assert.equal(derived.starts === true && derived.settings.rotateCertificates.value, true);
    assert.ok(derived.notes.join().length < 2000, 'the notes stay short');
  });

  test('100,000 keys in JSON', () => {
    const derived = withConfig(`{${JSON_HEAD},${many.map((key) => `"${key}":1`).join(',')}}`);
    assert.equal(derived.starts, true);
  });

  test('100,000 gates in a drop-in', () => {
    const gates = many.map((key) => `"${key}":true`).join(',');
    const derived = derive(
      kubeletProcess({
        argv: ['--config-dir=/d'],
        files: [dropIn('/d/a.conf', `{${JSON_HEAD},"featureGates":{${gates}}}`)],
        dropInDirectories: [{ path: '/d', state: 'directory' }],
      }),
    );
    assert.equal(derived.starts, false);
    assert.ok(JSON.stringify(derived).length < 2000, 'the answer stays short');
  });

  test('10,000 flags', () => {
    const argv = Array.from({ length: 10_000 }, (_, at) => `--feature-gates=Gate${at}=true`);
    expected(derive(kubeletProcess({ argv })));
    assert.equal(derive(kubeletProcess({ argv: Array(10_000).fill('--rotate-certificates') })).starts, true);
  });

  for (const [name, open, close] of [
    ['flow lists', '[', ']'],
    ['flow maps', '{a: ', '}'],
    ['block lists', '- ', ''],
    ['keys', '? ', ''],
  ] as const) {
    test(`100,000 levels of ${name}`, () => {
      const nested = `${open.repeat(100_000)}${close.repeat(100_000)}`;
      assert.equal(withConfig(`${HEAD}x:\n  ${nested}\n`).starts, 'unknown');
    });
  }

  test('100,000 levels of JSON', () => {
    assert.equal(withConfig(`{${JSON_HEAD},"x":${'['.repeat(100_000)}`).starts, 'unknown');
  });

  const digits = '1'.repeat(500_000);
  for (const [name, value] of [
    ['digits of a duration', digits],
    ['digits of a fraction', `.${digits}x`],
    ['units of a duration', '1m'.repeat(250_000)],
    ['digits of a number', `"${digits}x"`],
  ] as const) {
    test(`500,000 ${name}`, () => {
      expected(withConfig(`${HEAD}streamingConnectionIdleTimeout: ${value}\n`));
      expected(withConfig(`${HEAD}memoryThrottlingFactor: ${value}\n`));
      expected(derive(kubeletProcess({ argv: [`--streaming-connection-idle-timeout=${value}`] })));
      expected(derive(kubeletProcess({ version: 'v1.20.0', argv: [`--chaos-chance=${value}`] })));
    });
  }

  test('aliases of aliases', () => {
    const levels = Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} {x: *a${at}, z: *a${at}}\n`);
    const derived = withConfig(`${HEAD}a0: &a0 1\n${levels.join('')}`);
    assert.notEqual(derived.starts, true);
    expected(derived);
  });

  test('many aliases of a long list', () => {
    const list = `a: &a [${Array(2000).fill('1').join()}]\n`;
    const derived = withConfig(`${HEAD}${list}b: [${Array(2000).fill('*a').join()}]\n`);
    assert.notEqual(derived.starts, true);
    expected(derived);
  });
});

describe('no prototype is touched', () => {
  const poison = '{"polluted": true, "enabled": true}';
  const texts = {
    YAML: `${HEAD}__proto__: ${poison}\nauthentication: {__proto__: ${poison}, anonymous: {__proto__: ${poison}}}\nfeatureGates: {__proto__: true, constructor: false}\n`,
    JSON: `{${JSON_HEAD},"__proto__":${poison},"authentication":{"__proto__":${poison}},"constructor":{"prototype":${poison}},"featureGates":{"__proto__":true,"constructor":false}}`,
  };
  for (const [name, content] of Object.entries(texts)) {
    for (const minor of [28, 30, 32]) {
      test(`by ${name}, nor by a drop-in of 1.${minor}`, () => {
        // OpenShift's kubelets do not mind gates that they do not know.
        const derived = derive(
          kubeletProcess({
            version: `v1.${minor}.0+f67aeb3`,
            argv: ['--config=/c', '--config-dir=/d', '--feature-gates=__proto__=true'],
            dropInEnvironment: true,
            files: [configFile('/c', content), dropIn('/d/a.conf', content)],
            dropInDirectories: [{ path: '/d', state: 'directory' }],
          }),
        );
        assert.equal(derived.starts, true, JSON.stringify(derived));
        if (derived.starts !== true) return;
        assert.equal('polluted' in {}, false);
        assert.equal(derived.settings['authentication.anonymous.enabled'].value, false);
        const gates = derived.settings.featureGates.value;
        assert.deepEqual(Object.keys(gates).toSorted(), ['__proto__', 'constructor']);
        assert.equal(Object.getPrototypeOf(gates), Object.prototype);
      });
    }
  }
});

describe('round trips', () => {
  /** Letters that need quotes, escapes or folding in YAML, but no control characters, which YAML cannot hold. */
  const word = fc.string({ unit: fc.constantFrom(...'aZ09 :#-\'"\\{}[],&*!|>%@`~=éß😀/.'), maxLength: 12 });
  const path = fc.oneof(
    fc.constant(''),
    word.map((name) => `/${name.replaceAll(/[./]/g, '')}x`),
  );
  const settings = fc.record({
    rotateCertificates: fc.boolean(),
    serverTLSBootstrap: fc.boolean(),
    readOnlyPort: fc.integer({ min: 0, max: 65_535 }),
    authentication: fc.record({
      anonymous: fc.record({ enabled: fc.boolean() }),
      webhook: fc.record({ enabled: fc.boolean() }),
      x509: fc.record({ clientCAFile: path }),
    }),
    authorization: fc.record({ mode: fc.constantFrom('Webhook', 'AlwaysAllow', 'x y', '') }),
    tlsCertFile: path,
    tlsPrivateKeyFile: path,
    tlsCipherSuites: fc.subarray(['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_RSA_WITH_RC4_128_SHA']),
    tlsMinVersion: fc.constantFrom('', 'VersionTLS10', 'VersionTLS12', 'VersionTLS13'),
    streamingConnectionIdleTimeout: fc.constantFrom('0', '5m', '90s', '-1s', '1.5h', '2562047h', '10µs'),
    makeIPTablesUtilChains: fc.boolean(),
    eventRecordQPS: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    podPidsLimit: fc.integer({ min: -5, max: Number.MAX_SAFE_INTEGER }),
    protectKernelDefaults: fc.boolean(),
    featureGates: fc.dictionary(fc.constantFrom('APIResponseCompression'), fc.boolean(), {
      noNullPrototype: true,
    }),
    seccompDefault: fc.boolean(),
  });

  test('printing a derived configuration and deriving it again gives the same values', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 20, max: 37 }), fc.boolean(), (given, minor, asJson) => {
        const head = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' };
        const content = asJson ? JSON.stringify({ ...head, ...given }) : dump({ ...head, ...given });
        const argv = ['--container-runtime-endpoint=unix:///run/cri.sock', '--config=/c'];
        const first = derive(kubeletProcess({ version: `v1.${minor}.0`, argv, files: [configFile('/c', content)] }));
        assert.equal(first.starts, true, JSON.stringify(first));
        if (first.starts !== true) return;
        const files = [configFile('/c', print(first.settings))];
        const second = derive(kubeletProcess({ version: `v1.${minor}.0`, argv, files }));
        assert.equal(second.starts, true, JSON.stringify(second));
        if (second.starts !== true) return;
        for (const [name, { value }] of Object.entries(first.settings)) {
          assert.deepEqual(second.settings[name]?.value, value, name);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what another program writes as YAML is read as it was', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        word,
        fc.constantFrom('yes', '0x1', '1e3', '010', '~', '1_0', '.inf', '2001-01-01', '<<', '', 'multi\nline\n', ' x '),
        fc.boolean(),
        fc.integer(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.oneof(word, fc.constant('y')), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(value, fc.constantFrom(-1, 0, 2), (given, flowLevel) => {
        // In brackets YAML 1.2 allows plain scalars that libyaml does not.
        const quoted = flowLevel >= 0;
        const written = dump(given, { flowLevel, forceQuotes: quoted, quoteFlowKeys: quoted });
        assert.deepEqual(plain(parseYaml(written, true)), given);
      }),
      { numRuns: 1500 },
    );
  });
});

function plain(value: Json): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  if (isNumber(value)) return Number(value.number);
  return isObject(value) ? Object.fromEntries(value.members.map((member) => [member.key, plain(member.value)])) : value;
}

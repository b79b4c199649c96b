/**
 * Random questions for a kubelet: arguments, a file and drop-ins with good and bad values of every flag, setting and gate.
 * Tested by test/tools/oracle.test.ts.
 */
import fc from 'fast-check';
import { schemaOf, type Type } from '../../lambda/kubelet/schema.ts';
import { type Flag, flagsOf, gatesOf } from '../../lambda/kubelet/tables.ts';

/** A question as the oracle takes it. */
export type Question = { argv: string[]; env?: Record<string, string>; files: Record<string, string> };

const HEAD = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' };

/** Words that some setting or flag takes; for all others they are wrong. */
const WORDS = [
  ...['', 'x', '/a', '/a/', 'a b', 'none', 'pods', 'system-reserved', 'kube-reserved', 'Webhook', 'AlwaysAllow'],
  ...[
    'static',
    'restricted',
    'container',
    'pod',
    'hairpin-veth',
    'json',
    'text',
    'LimitedSwap',
    'NoSwap',
    'NeverVerify',
  ],
  ...[
    'VersionTLS12',
    'TLS_AES_128_GCM_SHA256',
    '0-3',
    '3-1',
    'unix:///x',
    'localhost:4317',
    'http://x',
    'external',
    '::',
  ],
];
const NUMBERS = [0, 1, -1, -2, 2, 5, 31, 32, 100, 101, 300, 65_535, 65_536, 131_072, 1000, -1001, 2 ** 31, 2 ** 32];
const DURATIONS = ['0s', '1s', '-1s', '500ms', '2m', '3s', '10m0s', '301s', '1us', '5', 'x'];
const QUANTITIES = ['1Gi', '0', '-1', '5%', '0%', '100%', '101%', '1.5Gi', '100m', 'x', ''];
const KEYS = ['memory.available', 'nodefs.available', 'memory.free', 'cpu', 'memory', 'pid', 'storage', 'net.core.x'];

const pick = <T>(values: readonly T[]) => fc.constantFrom(...values);
const WRONG = pick<unknown>(['x', 1, true, null, [], {}, [1], { a: 1 }, 1.5]);

function valuesOf(type: Type, gates: readonly string[]): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'list':
      return fc.array(valuesOf(type.item, gates), { maxLength: 2 });
    case 'object':
      return fc.record(Object.fromEntries([...type.fields].map(([name, field]) => [name, valuesOf(field, gates)])), {
        requiredKeys: [],
      });
    case 'map': {
      const isGates = type.value.kind === 'scalar' && type.value.scalar === 'bool';
      const key = isGates ? pick([...gates, 'NoSuchGate']) : pick(KEYS);
      const value: fc.Arbitrary<unknown> = isGates ? fc.boolean() : pick([...QUANTITIES, ...DURATIONS]);
      return fc.dictionary(key, value, { maxKeys: 2, noNullPrototype: true });
    }
    case 'scalar':
      return scalarOf(type.scalar);
  }
}

function scalarOf(scalar: Extract<Type, { kind: 'scalar' }>['scalar']): fc.Arbitrary<unknown> {
  switch (scalar) {
    case 'bool':
      return fc.boolean();
    case 'string':
      return pick(WORDS);
    case 'duration':
    case 'duration-or-number':
      return pick(DURATIONS);
    case 'quantity':
      return pick(QUANTITIES.filter((text) => !text.endsWith('%')));
    case 'time':
      return fc.constant(null);
    case 'float64':
      return pick([0, 0.5, 0.9, 1, 1.1, -0.1]);
    default:
      return pick(NUMBERS);
  }
}

/** A file with a few settings; one that stands below others is written with them. */
function fileOf(minor: number): fc.Arbitrary<string> {
  const { settings } = schemaOf(minor);
  const gates = [...gatesOf(minor).keys()];
  const entry = pick([...settings]).chain(([path, type]) =>
    fc
      .oneof({ weight: 15, arbitrary: valuesOf(type, gates) }, { weight: 1, arbitrary: WRONG })
      .map((value) => [path, value] as const),
  );
  return fc.array(entry, { maxLength: 3 }).map((entries) => {
    const document: Record<string, unknown> = { ...HEAD };
    for (const [path, value] of entries) put(document, path.split('.'), value);
    return JSON.stringify(document);
  });
}

function put(object: Record<string, unknown>, [name = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) object[name] = value;
  else {
    const inner = object[name];
    const next = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
    object[name] = next;
    put(next as Record<string, unknown>, rest, value);
  }
}

/** These name files of their own, or end the process. */
const NOT_ASKED = new Set(['config', 'config-dir', 'help', 'version', 'cloud-config']);

function argumentOf(minor: number): fc.Arbitrary<string[]> {
  const gates = [...gatesOf(minor).keys()];
  const flags = [...flagsOf(minor)].filter(([name]) => !NOT_ASKED.has(name));
  return pick(flags).chain(([name, flag]) =>
    fc
      .oneof({ weight: 12, arbitrary: textOf(flag, gates) }, { weight: 1, arbitrary: pick(WORDS) })
      .map((text) => [`--${name}=${text}`]),
  );
}

function textOf({ type }: Flag, gates: readonly string[]): fc.Arbitrary<string> {
  switch (type) {
    case 'bool':
      return pick(['true', 'false', '1', 'F', 'yes']);
    case 'duration':
      return pick(DURATIONS);
    case 'langleMap':
      return fc.tuple(pick(KEYS), pick(QUANTITIES)).map((pair) => pair.join('<'));
    case 'mapStringString':
    case 'pairMap':
      return fc.tuple(pick(KEYS), pick([...QUANTITIES, ...DURATIONS])).map((pair) => pair.join('='));
    case 'mapStringBool':
      return fc.tuple(pick(gates), fc.boolean()).map((pair) => pair.join('='));
    case 'labels':
      return pick(['a=b', 'a', 'a=b c', 'kubernetes.io/x=y', 'node.kubernetes.io/x=y', 'x/y/z=1', 'Example/a=b']);
    case '[]v1.Taint':
      return pick(['a=b:NoSchedule', 'a=b', 'a=b:x', 'a b=c:NoSchedule', 'a:NoExecute,a:NoExecute', '']);
    case 'reserved-memory':
      return pick(['0:memory=1Gi', '0:cpu=1', 'x:memory=1', '0:memory', '']);
    case 'string':
    case 'stringSlice':
    case 'ip':
      return pick(WORDS);
    default:
      return pick([...NUMBERS.map(String), '0x10', '010', 'x', ...QUANTITIES]);
  }
}

/** Questions for a minor. */
export function questions(minor: number): fc.Arbitrary<Question> {
  const runtime = '--container-runtime-endpoint=unix:///x';
  const config = fc.option(fileOf(minor), { freq: 4 });
  const patches = fc.array(fileOf(minor), { maxLength: minor >= 28 ? 2 : 0 });
  const uses = fc.array(argumentOf(minor), { maxLength: 2 });
  return fc.tuple(config, patches, uses).map(([text, dropIns, given]) => {
    const files: Record<string, string> = {};
    const argv = [runtime];
    if (text !== null) {
      argv.push('--config=/case/config.json');
      files['/case/config.json'] = text;
    }
    if (dropIns.length > 0) argv.push('--config-dir=/case/conf.d');
    for (const [at, patch] of dropIns.entries()) files[`/case/conf.d/${at}.conf`] = patch;
    const question: Question = { argv: [...argv, ...given.flat()], files };
    return dropIns.length > 0 && minor <= 29 ? { ...question, env: { KUBELET_CONFIG_DROPIN_DIR_ALPHA: '' } } : question;
  });
}

/**
 * What the kubelet's flags make of their texts, by the type of their value, and the words with which they refuse one.
 * Sources: spf13/pflag; k8s.io/component-base/cli/flag; k8s.io/component-base/logs/api/v1/pflags.go;
 * kubernetes pkg/util/flag/flags.go, pkg/util/taints/taints.go. Tested by test/kubelet/facts.test.ts.
 */
import { isAddress } from './address.ts';
import {
  durationProblem,
  fits,
  formatDuration,
  parseBool,
  parseDuration,
  parseFloat64,
  parseInteger,
  parseList,
  trimSpace,
} from './literals.ts';
import { nameProblems, valueProblems } from './names.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';
import { goQuote } from './quoting.ts';

/** An object of a list, by the names of its fields. */
export type Item = Readonly<Record<string, unknown>>;

/** What one use of a flag says. */
export type FlagValue = boolean | number | string | readonly string[] | readonly Item[] | ReadonlyMap<string, unknown>;

/** A text that the flag refuses, and why. */
export class BadValue extends Error {}

type Reader = (text: string) => FlagValue;

function syntax(call: string, text: string, why = 'invalid syntax'): BadValue {
  return new BadValue(`${call}: parsing ${goQuote(text)}: ${why}`);
}

const readBool: Reader = (text) => {
  const value = parseBool(text);
  if (value === undefined) throw syntax('strconv.ParseBool', text);
  return value;
};

const integer =
  (bits: 32 | 64): Reader =>
  (text) => {
    const value = parseInteger(text, 0);
    if (value === undefined) throw syntax('strconv.ParseInt', text);
    if (!fits(value, bits)) throw syntax('strconv.ParseInt', text, 'value out of range');
    return Number(value);
  };

function readUnsigned(text: string, base: 0 | 10, bits: bigint): number {
  const value = /^[+-]/.test(text) ? undefined : parseInteger(text, base);
  if (value === undefined) throw syntax('strconv.ParseUint', text);
  if (value >= 2n ** bits) throw syntax('strconv.ParseUint', text, 'value out of range');
  return Number(value);
}

const readDuration: Reader = (text) => {
  const value = parseDuration(text);
  if (value === undefined) throw new BadValue(durationProblem(text));
  return formatDuration(value);
};

const readSlice: Reader = (text) => {
  const list = parseList(text);
  if (list !== undefined) return list;
  const quote = text.indexOf('"');
  if (quote === -1) throw new BadValue('EOF');
  const why =
    quote > 0 && text[quote - 1] !== ',' ? 'bare " in non-quoted field' : 'extraneous or missing " in quoted-field';
  throw new BadValue(`parse error on line 1, column ${quote + 1}: ${why}`);
};

/** `a=1,b=2`; a text that is not split is one pair. */
function pairs(text: string, separator: '=' | '<' | ':', kind: string, split = true): [string, string][] {
  const items = split ? text.split(',').filter((item) => item !== '') : [text];
  return items.map((item) => {
    const at = item.indexOf(separator);
    if (at === -1) throw new BadValue(`malformed pair, expect string${separator}${kind}`);
    return [trimSpace(item.slice(0, at)), trimSpace(item.slice(at + 1))];
  });
}

const readGates: Reader = (text) =>
  new Map(
    pairs(text, '=', 'bool').map(([name, value]): [string, boolean] => {
      const on = parseBool(value);
      if (on !== undefined) return [name, on];
      throw new BadValue(`invalid value of ${name}: ${value}, err: ${syntax('strconv.ParseBool', value).message}`);
    }),
  );

/** Labels never fail here: one without a value has an empty one. */
const readLabels: Reader = (text) =>
  new Map(
    text
      .split(',')
      .filter((item) => item !== '')
      .map((item): [string, string] => {
        const [name = '', ...rest] = item.split('=');
        return [trimSpace(name), trimSpace(rest.join('='))];
      }),
  );

const readAddress: Reader = (text) => {
  if (text !== '' && !isAddress(text)) throw new BadValue(`${goQuote(text)} is not a valid IP address`);
  return text;
};

const readQuantity: Reader = (text) => {
  const value = parseQuantity(text);
  if (typeof value === 'string') throw new BadValue(value);
  return formatQuantity(value);
};

const readPatterns: Reader = (text) =>
  text
    .split(',')
    .filter((item) => item !== '')
    .map((item) => {
      const [filePattern = '', level = '', ...more] = item.split('=');
      if (filePattern === '' || level === '' || more.length > 0) {
        throw new BadValue(`${goQuote(item)} does not have the pattern=N format`);
      }
      try {
        return { filePattern, verbosity: readUnsigned(level, 10, 31n) };
      } catch (error) {
        throw new BadValue(`parsing verbosity in ${goQuote(item)}: ${(error as BadValue).message}`);
      }
    });

/** `file.go:234` (k8s.io/klog/v2, traceLocation.Set). */
const readLocation: Reader = (text) => {
  if (text === '') return text;
  const [file = '', line = '', ...more] = text.split(':');
  if (!text.includes(':') || more.length > 0 || !file.includes('.')) {
    throw new BadValue('syntax error: expect file.go:234');
  }
  const value = parseInteger(line, 10);
  if (value === undefined || !fits(value, 64)) throw new BadValue('syntax error: expect file.go:234');
  if (value <= 0n) throw new BadValue('negative or zero value for level');
  return text;
};

const EFFECTS = new Set(['NoSchedule', 'PreferNoSchedule', 'NoExecute']);

/** A taint that ends in a dash would be removed: it is checked, and adds nothing. */
const readTaints: Reader = (text) => {
  const seen = new Set<string>();
  const specs = text === '' ? [] : text.split(',');
  return specs.flatMap((spec) => {
    const removes = spec.endsWith('-');
    const taint = readTaint(removes ? spec.slice(0, -1) : spec);
    if (removes) return [];
    if (taint.effect === '') throw new BadValue(`invalid taint spec: ${spec}`);
    const identity = `${taint.effect} ${taint.key}`;
    if (seen.has(identity)) {
      throw new BadValue(
        `duplicated taints with the same key and effect: {${taint.key} ${taint.value} ${taint.effect} <nil>}`,
      );
    }
    seen.add(identity);
    return [taint];
  });
};

function readTaint(spec: string): { key: string; value: string; effect: string } {
  const [pair = '', effect = '', ...more] = spec.split(':');
  const hasEffect = spec.includes(':');
  if (more.length > 0) throw new BadValue(`invalid taint spec: ${spec}`);
  if (hasEffect && !EFFECTS.has(effect))
    throw new BadValue(`invalid taint effect: ${effect}, unsupported taint effect`);
  const [key = '', value = '', ...rest] = hasEffect ? pair.split('=') : [pair];
  if (rest.length > 0) throw new BadValue(`invalid taint spec: ${spec}`);
  const problems = valueProblems(value);
  if (problems.length > 0) throw new BadValue(`invalid taint spec: ${spec}, ${problems.join('; ')}`);
  const unnamed = nameProblems(key);
  if (unnamed.length > 0) throw new BadValue(`invalid taint spec: ${spec}, ${unnamed.join('; ')}`);
  return { key, value, effect };
}

const RESERVED_FORMAT =
  'the reserved memory has incorrect format, expected numaNodeID:type=quantity[,type=quantity...], got';

const readReservedMemory: Reader = (text) =>
  (text === '' ? [] : text.split(';')).map((reservation) => {
    const [node = '', limits, ...more] = reservation.split(':');
    if (limits === undefined || more.length > 0) throw new BadValue(`${RESERVED_FORMAT} ${reservation}`);
    const id = parseInteger(node, 10);
    if (id === undefined || !fits(id, 64)) {
      throw new BadValue(`failed to convert the NUMA node ID, expected integer, got ${node}`);
    }
    return { numaNode: Number(BigInt.asIntN(32, id)), limits: new Map(limits.split(',').map(readLimit)) };
  });

function readLimit(text: string): [string, string] {
  const [type = '', amount, ...more] = text.split('=');
  if (amount === undefined || more.length > 0) {
    throw new BadValue(`the reserved limit has incorrect value, expected type=quantity, got ${text}`);
  }
  if (type !== 'memory' && !type.startsWith('hugepages-')) {
    throw new BadValue(`memory type conversion error, unknown type: ${goQuote(type)}`);
  }
  const quantity = parseQuantity(amount);
  if (typeof quantity === 'string') throw new BadValue(`failed to parse the quantity: ${amount}`);
  return [type, formatQuantity(quantity)];
}

/** A name that comes twice gets both values (component-base cli/flag, colon_separated_multimap_string_string.go). */
function readMultimap(text: string): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(pairs(text, ':', 'string'), ([name]) => name);
  return new Map([...groups].map(([name, entries]) => [name, entries.map(([, value]) => value)]));
}

const anything: Reader = (text) => text;

const READERS: Readonly<Record<string, Reader>> = {
  bool: readBool,
  version: (text) => (text === 'raw' || text.startsWith('v') ? text : readBool(text)),
  string: anything,
  labels: readLabels,
  '[]v1.Taint': readTaints,
  'reserved-memory': readReservedMemory,
  colonSeparatedMultimapStringString: readMultimap,
  traceLocation: readLocation,
  int: integer(64),
  int32: integer(32),
  int64: integer(64),
  uint64: (text) => readUnsigned(text, 0, 64n),
  Level: (text) => readUnsigned(text, 10, 31n),
  float64: (text) => {
    const value = parseFloat64(text);
    if (value === undefined) throw syntax('strconv.ParseFloat', text);
    return value;
  },
  duration: readDuration,
  stringSlice: readSlice,
  quantity: readQuantity,
  ip: readAddress,
  mapStringString: (text) => new Map(pairs(text, '=', 'string')),
  pairMap: (text) => new Map(pairs(text, '=', 'string', false)),
  langleMap: (text) => new Map(pairs(text, '<', 'string')),
  mapStringBool: readGates,
  severity: (text) => {
    if (/^(info|warning|error|fatal)$/i.test(text) || parseInteger(text, 10) !== undefined) return text;
    throw syntax('strconv.ParseInt', text);
  },
  'pattern=N,...': readPatterns,
};

/** What a flag of that type makes of a text. Throws BadValue where it refuses it. */
export function readFlag(type: string, text: string): FlagValue {
  return (READERS[type] ?? anything)(text);
}

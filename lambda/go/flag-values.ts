/** Which texts the kubelet's flags accept, by the type of their value. Tested by test/kubelet/agreement.test.ts. */
import { isAddress } from './address.ts';
import {
  fits,
  isQuantity,
  parseBool,
  parseDuration,
  parseFloat64,
  parseInteger,
  parseList,
  trimSpace,
} from './literals.ts';

export type ValueType = keyof typeof CHECKS;

type Check = { expected: string; accepts: (text: string) => boolean };

const integer = (bits: 32 | 64): Check => ({
  expected: `an integer of ${bits} bits`,
  accepts: (text) => {
    const value = parseInteger(text, 0);
    return value !== undefined && fits(value, bits);
  },
});
const anything: Check = { expected: 'any text', accepts: () => true };
const pairs = (separator: string): Check => ({
  expected: `a list of name${separator}value`,
  accepts: (text) => text.split(',').every((item) => item === '' || item.includes(separator)),
});

/**
 * Sources: spf13/pflag; k8s.io/component-base/cli/flag; k8s.io/component-base/logs/api/v1; klog.
 * Labels never fail here. Taints, memory reservations and headers (which the collector replaces, because they may hold
 * secrets) are not looked at: no exit is predicted from them.
 */
const CHECKS = {
  bool: { expected: 'a boolean', accepts: (text) => parseBool(text) !== undefined },
  version: {
    expected: 'a boolean, raw or a version',
    accepts: (text) => parseBool(text) !== undefined || text === 'raw' || text.startsWith('v'),
  },
  string: anything,
  labels: anything,
  taints: anything,
  'reserved-memory': anything,
  headers: anything,
  'trace-location': anything,
  int: integer(64),
  int32: integer(32),
  int64: integer(64),
  uint: {
    expected: 'a positive integer',
    accepts: (text) => {
      const value = /^[+-]/.test(text) ? undefined : parseInteger(text, 0);
      return value !== undefined && value < 2n ** 64n;
    },
  },
  /** VerbosityLevel.Set since 1.23; klog's own flag accepted negative ones. */
  level: {
    expected: 'a positive integer',
    accepts: (text) => {
      const value = /^[0-9]/.test(text) ? parseInteger(text, 10) : undefined;
      return value !== undefined && fits(value, 32);
    },
  },
  float64: { expected: 'a number', accepts: (text) => parseFloat64(text) !== undefined },
  duration: { expected: 'a duration with a unit', accepts: (text) => parseDuration(text) !== undefined },
  strings: { expected: 'a comma-separated list', accepts: (text) => parseList(text) !== undefined },
  quantity: { expected: 'a quantity', accepts: isQuantity },
  ip: {
    expected: 'an IP address',
    accepts: (text) => text === '' || isAddress(text),
  },
  pairs: pairs('='),
  pair: { expected: 'name=value', accepts: (text) => text.includes('=') },
  'less-than-pairs': pairs('<'),
  gates: { expected: 'a list of name=boolean', accepts: (text) => parseGates(text) !== undefined },
  severity: {
    expected: 'INFO, WARNING, ERROR, FATAL or a number',
    accepts: (text) => /^(info|warning|error|fatal)$/i.test(text) || parseInteger(text, 10) !== undefined,
  },
  vmodule: {
    expected: 'a list of pattern=level',
    accepts: (text) => text.split(',').every((item) => item === '' || /^[^=]+=[0-9]{1,9}$/.test(item)),
  },
} satisfies Record<string, Check>;

/** What was expected, if the text is not acceptable. */
export function checkValue(type: ValueType, text: string): string | undefined {
  const { accepts, expected }: Check = CHECKS[type];
  return accepts(text) ? undefined : expected;
}

/** `A=true,B=f`; undefined is a syntax error (k8s.io/component-base/cli/flag/map_string_bool.go). */
export function parseGates(text: string): [name: string, value: boolean][] | undefined {
  const gates: [string, boolean][] = [];
  for (const item of text.split(',')) {
    if (item === '') continue;
    const equals = item.indexOf('=');
    const value = equals === -1 ? undefined : parseBool(trimSpace(item.slice(equals + 1)));
    if (value === undefined) return undefined;
    gates.push([trimSpace(item.slice(0, equals)), value]);
  }
  return gates;
}

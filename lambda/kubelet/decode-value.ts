/**
 * Single values of a document as Go decodes them, and its words where it refuses one.
 * Source: encoding/json, UnmarshalTypeError; k8s.io/apimachinery/pkg/apis/meta/v1/duration.go and pkg/api/resource.
 * Tested by test/kubelet/facts.test.ts.
 */
import { type Given, isNumber, type Json, kindOf } from '../go/json.ts';
import { durationProblem, fits, formatDuration, parseDuration, parseFloat64, parseInteger } from '../go/literals.ts';
import { Exit } from '../go/outcome.ts';
import { formatQuantity, parseQuantity } from '../go/quantity.ts';
import type { ObjectType, ScalarName, Type } from './schema.ts';
import type { Value } from './values.ts';

/** One value that is no list or map. Throws Exit where it is of a wrong type. */
export function readValue(value: Json, type: Type, path: string, holder: ObjectType, given: Given | undefined): Value {
  if (type.kind !== 'scalar') throw mismatch(value, holder, path, goType(type), given);
  const wrong = () => mismatch(value, holder, path, goName(type.scalar), given);
  switch (type.scalar) {
    case 'bool':
      if (typeof value === 'boolean') return value;
      throw wrong();
    case 'string':
      if (typeof value === 'string') return value;
      throw wrong();
    case 'int32':
      return readInteger(value, 32, wrong);
    case 'int64':
      return readInteger(value, 64, wrong);
    case 'uint32': {
      const number = readInteger(value, 64, wrong);
      if (number < 0 || number >= 2 ** 32) throw wrong();
      return number;
    }
    case 'duration':
      return readDuration(value, path, holder, given);
    case 'duration-or-number':
      return typeof value === 'string' ? readDuration(value, path, holder, given) : readInteger(value, 64, wrong);
    case 'quantity':
      return readQuantity(value, path, given);
    case 'time':
      if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) return value;
      throw wrong();
    case 'float64': {
      const number = isNumber(value) ? parseFloat64(value.number) : undefined;
      if (number === undefined) throw wrong();
      return number;
    }
  }
}

function readInteger(value: Json, bits: 32 | 64, wrong: () => Exit): number {
  const number = isNumber(value) ? parseInteger(value.number, 10) : undefined;
  if (number === undefined || !fits(number, bits)) throw wrong();
  return Number(number);
}

function readDuration(value: Json, path: string, holder: ObjectType, given: Given | undefined): string {
  if (typeof value !== 'string') throw mismatch(value, holder, path, 'string', given);
  const duration = parseDuration(value);
  if (duration === undefined) throw refused(durationProblem(value), path, given);
  return formatDuration(duration);
}

function readQuantity(value: Json, path: string, given: Given | undefined): string {
  const text = typeof value === 'string' ? value.trim() : isNumber(value) ? value.number : kindOf(value);
  const quantity = parseQuantity(text);
  if (typeof quantity === 'string') throw refused(quantity, path, given);
  return formatQuantity(quantity);
}

function goName(scalar: ScalarName): string {
  return scalar === 'time' ? 'time.Time' : scalar === 'duration-or-number' ? 'time.Duration' : scalar;
}

/** How Go names a type. */
export function goType(type: Type, isMap = false): string {
  const own =
    type.kind === 'scalar'
      ? goName(type.scalar)
      : type.kind === 'object'
        ? type.name
        : type.kind === 'list'
          ? `[]${goType(type.item)}`
          : 'map';
  return isMap ? `map[string]${own}` : own;
}

/** A kind, of numbers that do not fit with their text: hostile ones are cut. */
function shown(value: Json, expected: string): string {
  return isNumber(value) && /^u?int|^float/.test(expected) ? `number ${value.number.slice(0, 30)}` : kindOf(value);
}

/** encoding/json's UnmarshalTypeError. */
export function mismatch(
  value: Json,
  holder: ObjectType,
  path: string,
  expected: string,
  given: Given | undefined,
): Exit {
  const field = `Go struct field ${holder.name}.${path}`;
  return refused(`json: cannot unmarshal ${shown(value, expected)} into ${field} of type ${expected}`, path, given);
}

/** An exit over a setting, and over the drop-in that gave it. */
export function refused(message: string, path: string, given: Given | undefined): Exit {
  const where = given === undefined ? undefined : ({ kind: 'drop-in', where: given.where } as const);
  return new Exit(message, { about: [where === undefined ? { setting: path } : { setting: path, where }] });
}

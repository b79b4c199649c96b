/**
 * A quick "yes" to whether a value has the shape of a schema, for lines of which an archive has millions: some twenty times quicker
 * than the schema itself, which is asked where the answer is not yes. Knows those parts of valibot (1.5) that change no value.
 */
import type * as v from 'valibot';

/** Of a value of JSON: true only where the schema takes it and gives it back as it is; false where it does not, or that is not known. */
export type QuickCheck = (value: unknown) => boolean;

/** What is read of a schema or of an action in its pipe: all that the parts below have. */
type Part = {
  kind: string;
  type: string;
  pipe?: readonly [Part, ...Part[]];
  entries?: Readonly<Record<string, Part>>;
  rest?: Part;
  wrapped?: Part;
  item?: Part;
  key?: Part;
  value?: Part;
  options?: readonly unknown[];
  literal?: unknown;
  '~run'(dataset: { typed: true; value: unknown }, config: object): { issues?: unknown };
};

const never: QuickCheck = () => false;
const known = new WeakMap<object, QuickCheck>();

/** The check of a schema; made once. */
export function quickCheck(schema: v.GenericSchema): QuickCheck {
  const made = known.get(schema) ?? checkOf(schema as unknown as Part);
  known.set(schema, made);
  return made;
}

function checkOf(part: Part): QuickCheck {
  if (part.pipe) {
    const [first, ...actions] = part.pipe;
    return all([checkOf(first), ...actions.filter(({ kind }) => kind !== 'metadata').map(actionOf)]);
  }
  const { options = [] } = part;
  switch (part.type) {
    case 'string':
    case 'boolean':
      return (value) => typeof value === part.type;
    case 'number':
      return (value) => typeof value === 'number' && !Number.isNaN(value);
    case 'unknown':
      return () => true;
    case 'literal':
      return (value) => value === part.literal;
    case 'picklist':
      return (value) => options.includes(value);
    case 'union':
    case 'variant': {
      const checks = (options as readonly Part[]).map(checkOf);
      return (value) => checks.some((check) => check(value));
    }
    case 'array':
      return arrayOf(part.item as Part);
    case 'record':
      return recordOf(part.key as Part, part.value as Part);
    case 'strict_object':
      return objectOf(part.entries ?? {}, never);
    case 'loose_object':
      return objectOf(part.entries ?? {}, () => true);
    case 'object_with_rest':
      return objectOf(part.entries ?? {}, checkOf(part.rest as Part));
    default:
      return never;
  }
}

function actionOf(action: Part): QuickCheck {
  if (action.kind === 'validation') return (value) => action['~run']({ typed: true, value }, {}).issues === undefined;
  return action.type === 'readonly' ? () => true : never;
}

function all(checks: readonly QuickCheck[]): QuickCheck {
  const [first = never, ...others] = checks;
  return others.length === 0 ? first : (value) => checks.every((check) => check(value));
}

function arrayOf(item: Part): QuickCheck {
  const check = checkOf(item);
  return (value) => Array.isArray(value) && value.every(check);
}

/** Names that valibot drops from records and from what rests of an object. */
const DROPPED: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function recordOf(key: Part, item: Part): QuickCheck {
  const [checkKey, check] = [checkOf(key), checkOf(item)];
  return (value) =>
    isPlain(value) && Object.keys(value).every((name) => !DROPPED.has(name) && checkKey(name) && check(value[name]));
}

/** `others` is asked for the values of names that are none of the entries. */
function objectOf(entries: Readonly<Record<string, Part>>, others: QuickCheck): QuickCheck {
  const names = Object.keys(entries);
  const isRequired = names.map((name) => entries[name]?.type !== 'exact_optional');
  const checks = names.map((name, index) => {
    const entry = entries[name] as Part;
    return checkOf(isRequired[index] ? entry : (entry.wrapped as Part));
  });
  const isEntry = new Set(names);
  return (value) => {
    if (!isPlain(value)) return false;
    let found = 0;
    for (let index = 0; index < names.length; index += 1) {
      const one = value[names[index] as string];
      if (one === undefined ? isRequired[index] : !(checks[index] as QuickCheck)(one)) return false;
      if (one !== undefined) found += 1;
    }
    const own = Object.keys(value);
    return (
      own.length === found || own.every((name) => isEntry.has(name) || (!DROPPED.has(name) && others(value[name])))
    );
  };
}

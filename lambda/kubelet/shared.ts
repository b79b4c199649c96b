/**
 * Values that many lines share. A fleet of thousands says the same few things on each node; what is the same is one frozen object,
 * and what follows from it alone is worked out once. Tested by test/results/parts.test.ts.
 */

/** Freezes a value of JSON in all its depth. */
export function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(Object.freeze(value))) frozen(part);
  return value;
}

/** The same function, which works out only once what it gives for a frozen object; others are nobody's but their line's. */
export function onceOf<Of extends object, Value>(work: (of: Of) => Value): (of: Of) => Value {
  const known = new WeakMap<Of, { value: Value }>();
  return (of) => {
    const found = known.get(of);
    if (found) return found.value;
    const value = work(of);
    if (Object.isFrozen(of)) known.set(of, { value });
    return value;
  };
}

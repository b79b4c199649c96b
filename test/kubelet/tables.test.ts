import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { schemaOf } from '../../lambda/kubelet/schema.ts';
import {
  defaultsWithFile,
  defaultsWithoutFile,
  FIRST_WITH_ALL_GATES,
  flagsOf,
  gatesOf,
  life,
  NEWEST_MINOR,
  OLDEST_MINOR,
  typesOf,
} from '../../lambda/kubelet/tables.ts';
import { fromTable, isAbsent, isOmitted, toPlain, toTree, zeroOf } from '../../lambda/kubelet/values.ts';

const MINORS = Array.from({ length: NEWEST_MINOR - OLDEST_MINOR + 1 }, (_, at) => OLDEST_MINOR + at);

describe('the tables', () => {
  test('have what a kubelet always had', () => {
    for (const minor of MINORS) {
      assert.equal(flagsOf(minor).get('config')?.type, 'string');
      assert.ok(gatesOf(minor).has('AllBeta'), `1.${minor}`);
      assert.ok(typesOf(minor).size > 100, `1.${minor}`);
    }
  });

  test('name a setting of the same minor behind every flag that has one', () => {
    for (const minor of MINORS.filter((each) => each >= FIRST_WITH_ALL_GATES)) {
      const { settings } = schemaOf(minor);
      for (const [name, { setting }] of flagsOf(minor)) {
        if (setting === undefined) continue;
        assert.ok(settings.has(setting), `1.${minor} --${name} ${setting}`);
      }
    }
  });

  test('give every default to a setting of its type', () => {
    for (const minor of MINORS) {
      const { settings } = schemaOf(minor);
      for (const [path, value] of [...defaultsWithFile(minor), ...defaultsWithoutFile(minor)]) {
        const type = settings.get(path);
        // Objects that are written although they are empty.
        if (type === undefined) assert.deepEqual(value, {}, `1.${minor} ${path}`);
        else if (type.kind === 'scalar' && value !== null) {
          const zero = zeroOf({ ...type, pointer: false });
          assert.ok(zero === null || path === 'logging.flushFrequency' || typeof zero === typeof value, path);
        }
      }
    }
  });

  test('name gates that others need', () => {
    for (const minor of MINORS) {
      for (const [name, { needs = [] }] of gatesOf(minor)) {
        for (const need of needs) assert.ok(gatesOf(minor).has(need), `1.${minor} ${name} needs ${need}`);
      }
    }
  });

  test('know when something came and went', () => {
    assert.deepEqual(life('flags', 'container-runtime'), { first: 20, last: 26 });
    assert.deepEqual(life('gates', 'RotateKubeletClientCertificate'), { first: 20, last: 20 });
    assert.equal(life('flags', 'nope'), undefined);
    assert.equal(life('gates', 'constructor'), undefined);
  });
});

describe('values', () => {
  const types = schemaOf(37).settings;
  const type = (path: string) => {
    const found = types.get(path);
    assert.ok(found, path);
    return found;
  };

  test('zero is absence only where the type has no null', () => {
    assert.equal(isAbsent(type('maxPods'), 0), true);
    assert.equal(isAbsent(type('registryPullQPS'), 0), false);
    assert.equal(isAbsent(type('registryPullQPS'), null), true);
    assert.equal(isAbsent(type('enforceNodeAllocatable'), []), false);
    assert.equal(isAbsent(type('logging.flushFrequency'), '0s'), true);
  });

  test('JSON leaves out zeros, but no durations', () => {
    assert.equal(isOmitted(type('maxPods'), 0), true);
    assert.equal(isOmitted(type('seccompDefault'), false), false);
    assert.equal(isOmitted(type('syncFrequency'), '0s'), false);
    assert.equal(isOmitted(type('evictionHard'), new Map()), true);
  });

  test('are plain at the end', () => {
    assert.deepEqual(toPlain(fromTable({ a: '1' })), { a: '1' });
    assert.deepEqual(toPlain([new Map([['__proto__', 'x']]), { key: 'k' }]), [
      Object.fromEntries([['__proto__', 'x']]),
      { key: 'k' },
    ]);
    assert.deepEqual(toTree(2 ** 63), { number: '9223372036854775807' });
    assert.deepEqual(toTree({ key: 'k', timeAdded: null }), { members: [{ key: 'key', value: 'k' }] });
  });

  test('an item of a list begins with zeros', () => {
    const taints = type('registerWithTaints');
    assert.ok(taints.kind === 'list');
    assert.deepEqual(zeroOf(taints.item), { effect: '', key: '', timeAdded: null, value: '' });
  });
});

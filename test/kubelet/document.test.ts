import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Reading, readDocument } from '../../lambda/kubelet/document.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const TWICE = `${HEAD}readOnlyPort: 1\nreadOnlyPort: 2\n`;

/** The port that a text sets, or why it is refused. */
function portOf(text: string, reading: Reading): unknown {
  try {
    return readDocument(text, reading).members.find(({ key }) => key === 'readOnlyPort')?.value;
  } catch (error) {
    return (error as Error).message;
  }
}

test('a text says the same each time, and each way of reading has its own answer', () => {
  const refused = portOf(TWICE, 'drop-in');
  assert.match(String(refused), /"readOnlyPort" stands twice/);
  const second = portOf(TWICE, 'file');
  assert.deepEqual(
    (['drop-in', 'file', 'any-kind', 'file', 'drop-in'] as const).map((reading) => portOf(TWICE, reading)),
    [refused, second, refused, second, refused],
  );
  assert.deepEqual(portOf(`${HEAD}readOnlyPort: 3\n`, 'file'), portOf(`${HEAD}readOnlyPort: 3\n`, 'drop-in'));
  assert.notDeepEqual(portOf(`${HEAD}readOnlyPort: 3\n`, 'file'), second);
  assert.equal(readDocument(TWICE, 'file').members.length, 3);
});

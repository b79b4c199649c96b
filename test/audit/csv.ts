/** Reading our own CSV back: rows by the names of their columns. */
import assert from 'node:assert/strict';

export function readCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^,\r\n"]*)(,|\r\n)/y;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    const [, raw = '', end] = match;
    rows.at(-1)?.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === '\r\n') rows.push([]);
    if (cell.lastIndex === text.length) break;
  }
  assert.deepEqual(rows.pop(), [], 'every row ends with a line end');
  const [head = [], ...body] = rows;
  return body.map((row) => {
    assert.equal(row.length, head.length, row.join(','));
    return Object.fromEntries(row.map((value, index) => [head[index] ?? '', value]));
  });
}

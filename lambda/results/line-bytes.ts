/** A line as it is written. What nodes of a kind have alike, most of a line, is made bytes once. */
import { isOfKind } from '../judging/alike.ts';

const known = new WeakMap<object, Uint8Array>();

/** What stands between most of them. */
const COMMA = Buffer.from(',');

/** The text that JSON.stringify gives of plain data, and the end of the line, in UTF-8. */
export function lineBytes(line: object): Buffer {
  const parts: Uint8Array[] = [];
  let text = '';
  const addMember = (member: unknown) => {
    if (!isPart(member)) {
      text += JSON.stringify(member) ?? 'null';
      return;
    }
    const bytes = known.get(member) ?? Buffer.from(JSON.stringify(member));
    known.set(member, bytes);
    parts.push(text === ',' ? COMMA : Buffer.from(text), bytes);
    text = '';
  };
  const addMembers = (value: object, add: (member: unknown) => void) => {
    const isList = Array.isArray(value);
    let before = isList ? '[' : '{';
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined && !isList) continue;
      text += isList ? before : `${before}${JSON.stringify(key)}:`;
      before = ',';
      add(member);
    }
    text += `${before === ',' ? '' : before}${isList ? ']' : '}'}`;
  };
  addMembers(line, (member) => {
    if (isMixed(member)) addMembers(member, addMember);
    else addMember(member);
  });
  return Buffer.concat([...parts, Buffer.from(`${text}\n`)]);
}

const isPart = (value: unknown): value is object => typeof value === 'object' && value !== null && isOfKind(value);

const isMixed = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !isOfKind(value) && Object.values(value).some(isPart);

/** A line as it is written. What nodes of a kind have alike, most of a line, is made bytes once. */
import { isOfKind } from '../judging/alike.ts';

/** Text, or its bytes in UTF-8. */
export type Piece = string | Uint8Array;

/** What parts are, and the comma that stands before most of them. */
const known = new WeakMap<object, Buffer>();

/** The text that JSON.stringify gives of plain data, and the end of the line: texts, and bytes of what was one before. */
export function linePieces(line: object): Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  const addMember = (member: unknown) => {
    if (!isPart(member)) {
      text += JSON.stringify(member) ?? 'null';
      return;
    }
    const bytes = known.get(member) ?? Buffer.from(`,${JSON.stringify(member)}`);
    known.set(member, bytes);
    if (text === ',') pieces.push(bytes);
    else pieces.push(text, bytes.subarray(1));
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
  pieces.push(`${text}\n`);
  return pieces;
}

const isPart = (value: unknown): value is object => typeof value === 'object' && value !== null && isOfKind(value);

const isMixed = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !isOfKind(value) && Object.values(value).some(isPart);

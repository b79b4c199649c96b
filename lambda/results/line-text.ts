/** A line as it is written. What nodes of a kind have alike, most of a line, is made text once. */
import { isOfKind } from '../judging/alike.ts';

const texts = new WeakMap<object, string>();

/** The same text as JSON.stringify gives of plain data. */
export function lineText(line: object): string {
  return ofMembers(line, (member) => {
    const isMixed = typeof member === 'object' && member !== null && Object.values(member).some(isPart);
    return isMixed && !isPart(member) ? ofMembers(member, partText) : partText(member);
  });
}

const isPart = (value: unknown): value is object => typeof value === 'object' && value !== null && isOfKind(value);

function partText(value: unknown): string {
  if (!isPart(value)) return JSON.stringify(value);
  const text = texts.get(value) ?? JSON.stringify(value);
  texts.set(value, text);
  return text;
}

function ofMembers(value: object, textOf: (member: unknown) => string): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  let text = '';
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${textOf(member)}`;
  }
  return `{${text}}`;
}

/** The two ways in which a derivation ends early; only derive.ts catches them. */

/** A kubelet with these inputs exits. The message is one sentence: what is wrong and where. */
export class Exit extends Error {}

/** The evidence does not suffice to say what the kubelet does: a file was not readable, or it is beyond our bounds. */
export class Unknown extends Error {}

const LONGEST_QUOTE = 80;

/** Hostile text for a sentence: quoted, on one line, cut. */
export function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}

/**
 * The two ways in which a derivation ends early; derive.ts makes a result of them.
 * Tested by test/go/yaml/compose.test.ts.
 */

/** A kubelet with these inputs exits. The message is one sentence: what is wrong and where. */
export class Exit extends Error {}

/** The evidence does not suffice to say what the kubelet does: a file was not readable, or it is beyond our bounds. */
export class Unknown extends Error {}

/** What `read` returns; an early end of it says where: `config file /etc/…: …`. */
export function within<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Exit) throw new Exit(`${where}: ${error.message}`);
    if (error instanceof Unknown) throw new Unknown(`${where}: ${error.message}`);
    throw error;
  }
}

const LONGEST_QUOTE = 80;

/** Hostile text for a sentence: quoted, on one line, cut. */
export function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}

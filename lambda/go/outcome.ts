/**
 * The two ways in which a derivation ends early; derive.ts makes a result of them.
 * Tested by test/kubelet/sources.test.ts.
 */

/** How far a kubelet comes before it refuses its input. */
export type Stage = 'flags' | 'decoding' | 'gates' | 'validation' | 'late' | 'panic' | 'exit';

/** What an error speaks of: an argument or file, and the setting or gate in it where it is one. */
export type About = {
  setting?: string;
  gate?: string;
  where?: { kind: 'flag' | 'drop-in' | 'file' | 'setting' | 'default' | 'legacy-default'; where?: string };
};

export type ExitDetails = {
  stage?: Stage;
  /** The single errors of validation. */
  messages?: readonly string[];
  about?: readonly About[];
};

/** A kubelet with these inputs exits. The message is what it says, without its quotes. */
export class Exit extends Error {
  readonly details: ExitDetails;

  constructor(message: string, details: ExitDetails = {}) {
    super(message);
    this.details = details;
  }
}

/** The evidence does not suffice to say what the kubelet does: a file was not readable, or it is beyond our bounds. */
export class Unknown extends Error {}

/** What `read` returns; an early end of it says where, in words around its own: `failed to load …: %w`. */
export function within<T>(around: (message: string) => string, about: About, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Exit) {
      const { details } = error;
      const found = (details.about ?? [{}]).map((each) => (each.where ? each : { ...about, ...each }));
      throw new Exit(around(error.message), { ...details, about: found });
    }
    const { kind, where } = about.where ?? {};
    if (error instanceof Unknown && where !== undefined && !error.message.includes(where)) {
      throw new Unknown(`${kind === 'file' ? 'config file' : kind} ${where}: ${error.message}`);
    }
    throw error;
  }
}

const LONGEST_QUOTE = 80;

/** Hostile text for a sentence: quoted, on one line, cut. */
export function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}

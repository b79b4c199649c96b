/** What is wrong with what an archive holds. Tested by test/archive/verify.test.ts. */

/** An archive that is not what it should be; the message is one sentence for people. Another try would find the same. */
export class ArchiveError extends Error {
  readonly isFinal = true;
}

/** What was written by a newer version than this one, which does not know what it means. */
export class NewerFormatError extends ArchiveError {}

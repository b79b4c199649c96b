/** What judging refuses. Tested by test/judging/judge.test.ts. */

/** Evidence of a format that this version does not read; the message is one sentence for people. */
export class EvidenceFormatError extends Error {}

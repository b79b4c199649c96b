/** How durable steps are tried again. The SDK's clients have retried passing faults already when a step fails. */

const ATTEMPTS = 4;
/** Seconds before the second, third and fourth try: long enough for a throttled or restarting service. */
const PAUSES = [10, 30, 60];

/**
 * A retry strategy for `context.step`: what the caller did wrong (an HTTP status of 4xx but 429, our own refusals) is
 * final, everything else may pass. Durable execution keeps the pauses, they cost nothing.
 */
import { ArchiveError } from '../results/errors.ts';
export function retryStrategy(error: unknown, attempt: number): { shouldRetry: boolean; delay?: { seconds: number } } {
  if (attempt >= ATTEMPTS || isFinal(error)) return { shouldRetry: false };
  return { shouldRetry: true, delay: { seconds: PAUSES[attempt - 1] ?? 60 } };
}

/**
 * Faults with a status of 4xx that pass: throttling, credentials or page tokens that ran out.
 * The answer to a HEAD has no body and so no code: its errors are unknown ones.
 */
const PASSING = /throttl|toomanyrequests|requestlimit|ratelimit|slowdown|expired|nexttoken|timeout|^unknown$/i;

type Refusal = { name?: string; $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean } };

/** True for a mistake of ours or of the caller, which another try would only repeat. */
export function isFinal(error: unknown): boolean {
  if (error instanceof ArchiveError) return true;
  const { name = '', $metadata } = error as Refusal;
  // Our clock was wrong; the SDK has learned by how much from the answer, but a client that tries once does not use it.
  if ($metadata?.clockSkewCorrected) return false;
  const status = $metadata?.httpStatusCode ?? 500;
  return status >= 400 && status < 500 && status !== 429 && !PASSING.test(name);
}

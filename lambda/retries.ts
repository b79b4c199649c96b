/**
 * How what fails is tried again: every policy, from a request to a step of a durable execution. What is transient is the
 * AWS SDK's own judgement (@smithy/core/retry), with what it does not know added here.
 */
import { isClockSkewCorrectedError, isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';

/**
 * For clients of EC2, Systems Manager, KMS and STS. Adaptive: the client slows down when a service throttles (AWS SDKs and
 * Tools Reference Guide, Retry behavior). Without these timeouts, in milliseconds, the SDK waits for ever for a connection
 * that has gone silent; a request that ran into one is tried again.
 */
export const REQUEST_RETRIES = {
  retryMode: 'adaptive',
  maxAttempts: 8,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
} as const;

/** For S3, which answers when a whole object has arrived: the largest reports have hundreds of megabytes. */
export const OBJECT_RETRIES = {
  ...REQUEST_RETRIES,
  requestHandler: { ...REQUEST_RETRIES.requestHandler, requestTimeout: 300_000 },
} as const;

/** For what must not be done twice: whoever uses such a client looks before it tries again. */
export const TRIED_ONCE = { ...REQUEST_RETRIES, maxAttempts: 1 } as const;

/**
 * For SNS. The SDK's backoff between six tries is up to about three seconds in all: that outlasts throttling and lost
 * connections, and is nothing to pay for. What lasts longer is for the durable step around it, which waits without cost.
 */
export const MESSAGE_RETRIES = {
  maxAttempts: 6,
  requestHandler: { connectionTimeout: 10_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

/** Five tries to put an object, 1.5 s of waiting in all: a lost race (409) is over when the other write is. */
const PUTS = 5;
const FIRST_PUT_PAUSE_MILLISECONDS = 100;

/**
 * Puts an object, and tries again where the SDK does not: it repeats neither a 409 nor a request whose body is a stream.
 * `put` opens its body anew at each try. Throws the last error.
 */
export async function putRepeatedly(put: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await put();
      return;
    } catch (error) {
      if (attempt === PUTS || !(isRetriable(error) || statusOf(error) === 409)) throw error;
      await pause(FIRST_PUT_PAUSE_MILLISECONDS * 2 ** (attempt - 1));
    }
  }
}

/**
 * Seconds before each further try of a step: long enough for a throttled or restarting service, and for permissions of a
 * role that was deployed just now (IAM User Guide, "Changes that I make are not always immediately visible").
 */
const STEP_PAUSES = [10, 30, 60, 120];

/** Tries of a step, the first one included. */
export const STEP_TRIES = STEP_PAUSES.length + 1;

/**
 * Seconds after which a command that may have been sent is looked for: it may be listed late, and whoever looks too early
 * sends a second one.
 */
const LISTED_SECONDS = 300;

/**
 * A retry strategy for `context.step`: what is final is given up at once, everything else may pass. The SDK's clients have
 * retried passing faults already when a step fails. Durable execution keeps the pauses, they cost nothing.
 */
export function retryStep(error: unknown, attempt: number): { shouldRetry: boolean; delay?: { seconds: number } } {
  const seconds = STEP_PAUSES[attempt - 1];
  return seconds === undefined || isFinal(error) ? { shouldRetry: false } : { shouldRetry: true, delay: { seconds } };
}

/** The same for the step that sends commands: after a request whose answer nobody saw, it looks again much later. */
export function retrySend(error: unknown, attempt: number): ReturnType<typeof retryStep> {
  const decision = retryStep(error, attempt);
  return decision.shouldRetry && mayHaveBeenDone(error)
    ? { ...decision, delay: { seconds: LISTED_SECONDS } }
    : decision;
}

/** Whether a request may have been done although it failed with `error`: nobody has refused it. */
function mayHaveBeenDone(error: unknown): boolean {
  const status = statusOf(error) ?? 0;
  return status < 400 || status >= 500;
}

/**
 * Refusals that pass although the SDK does not repeat them: credentials and page tokens that ran out, permissions that are
 * not there yet, and throttling by names that are not on its list. The answer to a HEAD has no body and so no code: its errors are unknown ones.
 */
const PASSING = /throttl|toomanyrequests|ratelimit|expired|nexttoken|accessdenied|unauthorized|^unknown$/i;

/**
 * True for a mistake of ours or of the caller, which another try would only repeat; such errors of ours say so. What has no
 * request id AWS did not answer: a proxy between may refuse one request and let the next one pass.
 */
export function isFinal(error: unknown): boolean {
  if ((error as { isFinal?: boolean }).isFinal) return true;
  const { httpStatusCode: status = 500, requestId } = metadataOf(error);
  const refused = status >= 400 && status < 500 && requestId !== undefined;
  return refused && !isRetriable(error) && !PASSING.test((error as Error).name);
}

/** Throttling, a fault of the service, or a broken connection. */
function isRetriable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Our clock was wrong; the SDK has learned by how much from the answer, but a client that tries once does not use it.
  return [isClockSkewCorrectedError, isThrottlingError, isTransientError, isServerError].some((is) =>
    is(error as never),
  );
}

function statusOf(error: unknown): number | undefined {
  return metadataOf(error).httpStatusCode;
}

function metadataOf(error: unknown): { httpStatusCode?: number; requestId?: string } {
  return (error as { $metadata?: { httpStatusCode?: number; requestId?: string } } | undefined)?.$metadata ?? {};
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

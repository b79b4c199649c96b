/**
 * An error that AWS would answer with: HTTP status, error code, message.
 * Tested by test/simulator/aws/endpoints.test.ts.
 */

export type Failure = Error & { status: number; code: string; headers?: Record<string, string> };

/** Makes an error to throw from an operation; the router writes it in the protocol of the caller. */
export function failure(status: number, code: string, message: string, headers?: Record<string, string>): Failure {
  return Object.assign(new Error(message), { status, code, ...(headers && { headers }) });
}

/** Tells an intended answer from a defect. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && 'status' in error && 'code' in error && typeof error.status === 'number';
}

/** What a file system says where nothing more can be written, or nothing may (errno(3)). */
const REFUSALS: ReadonlySet<unknown> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'EMFILE',
]);

/** Tells what this machine's file system refused from errors of AWS, of the network and of ours. */
export function isRefusal(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && REFUSALS.has(error.code);
}

/** The answer to anything that AWS knows and these endpoints do not. */
export function notImplemented(what: string): Failure {
  return failure(501, 'NotImplemented', `The embedded AWS endpoints do not implement ${what}.`);
}

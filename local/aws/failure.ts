/** An error that AWS would answer with: HTTP status, error code, message. */

export type Failure = Error & { status: number; code: string; headers?: Record<string, string> };

/** Makes an error to throw from an operation; the router writes it in the protocol of the caller. */
export function failure(status: number, code: string, message: string, headers?: Record<string, string>): Failure {
  return Object.assign(new Error(message), { status, code, ...(headers && { headers }) });
}

/** Tells an intended answer from a defect. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && 'status' in error && 'code' in error && typeof error.status === 'number';
}

/** The answer to anything that AWS knows and these endpoints do not. */
export function notImplemented(what: string): Failure {
  return failure(501, 'NotImplemented', `The embedded AWS endpoints do not implement ${what}.`);
}

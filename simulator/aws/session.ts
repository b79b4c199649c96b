/**
 * Who a request comes from, by its access key: the endpoints' own credentials, or those that AssumeRole gave.
 * Tested by test/simulator/aws/endpoints.test.ts.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { failure } from './failure.ts';
import type { Caller } from './service.ts';

export type Session = {
  accessKeyId: string;
  secretAccessKey: string;
  /** Absent for the account's own user. */
  token?: string;
  account: string;
  arn: string;
  userId: string;
  /** Milliseconds since the epoch. */
  expiresAt?: number;
};

export type Sessions = Map<string, Session>;

/** What a request was signed for. The signature itself is not verified: every key here is public. */
export type Scope = { accessKeyId: string; region: string; service: string };

/** Reads the SigV4 credential scope; undefined where the request is not signed. */
export function readScope(headers: IncomingHttpHeaders): Scope | undefined {
  const scope = /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request[, ]/.exec(
    headers.authorization ?? '',
  );
  return scope ? { accessKeyId: scope[1] ?? '', region: scope[2] ?? '', service: scope[3] ?? '' } : undefined;
}

/** Error codes for bad credentials differ by service. */
const REFUSALS = {
  json: { unknown: [400, 'UnrecognizedClientException'], expired: [400, 'ExpiredTokenException'] },
  query: { unknown: [403, 'InvalidClientTokenId'], expired: [403, 'ExpiredToken'] },
  rest: { unknown: [403, 'UnrecognizedClientException'], expired: [403, 'ExpiredTokenException'] },
  ec2: { unknown: [401, 'AuthFailure'], expired: [400, 'RequestExpired'] },
  s3: { unknown: [403, 'InvalidAccessKeyId'], expired: [400, 'ExpiredToken'] },
} as const;

/** Finds the caller, or throws what the service answers to credentials that are unknown or have expired. */
export function findCaller(
  { accessKeyId, region }: Scope,
  headers: IncomingHttpHeaders,
  sessions: Sessions,
  { now, protocol, foreignAccount }: { now: Date; protocol: keyof typeof REFUSALS; foreignAccount: string | undefined },
): Caller {
  const session = sessions.get(accessKeyId);
  if (!session && foreignAccount !== undefined) {
    return { account: foreignAccount, region, arn: `arn:aws:iam::${foreignAccount}:root`, userId: foreignAccount };
  }
  if (!session || (session.token !== undefined && headers['x-amz-security-token'] !== session.token)) {
    const [status, code] = REFUSALS[protocol].unknown;
    throw failure(status, code, 'The security token included in the request is invalid.');
  }
  if (session.expiresAt !== undefined && session.expiresAt <= now.getTime()) {
    const [status, code] = REFUSALS[protocol].expired;
    throw failure(status, code, 'The security token included in the request is expired');
  }
  return { account: session.account, region, arn: session.arn, userId: session.userId };
}

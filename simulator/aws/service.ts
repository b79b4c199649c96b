/**
 * The shape of a service: how its requests and answers are written, and what each operation does.
 * Tested by test/simulator/aws/endpoints.test.ts.
 */
import type { State, TargetState } from './state.ts';

/** Who calls, and where. */
export type Caller = { account: string; region: string; arn: string; userId: string };

/** What an operation gets. `target` is the caller's account in the region that the request was signed for. */
export type Request = { caller: Caller; target: TargetState; state: State; input: unknown };

/** A request of a REST service, as it came. */
export type RestRequest = {
  method: string;
  url: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
};

/** What a REST service answers: its body is written as JSON. */
export type RestAnswer = { status: number; headers?: Readonly<Record<string, string>>; body?: unknown };

/** Returns the answer's data (JSON services), its XML (query services) or a RestAnswer; throws a failure. */
export type Operation = (request: Request) => unknown;

export type Service = {
  /** `json`: AWS JSON 1.1. `query`: form in, XML out. `ec2`: the same, with EC2's own envelope. `rest`: JSON by path. */
  protocol: 'json' | 'query' | 'ec2' | 'rest';
  /** Which operation a request asks for, for REST services. */
  route?(request: RestRequest): { name: string; input: unknown };
  /** Prefix of X-Amz-Target, for JSON services. */
  target?: string;
  /** XML namespace, for the others. */
  namespace?: string;
  operations: Readonly<Record<string, Operation>>;
};

/**
 * One HTTP server for all services: the credential scope of a request says which service and region it is for.
 * Tested by test/simulator/aws/endpoints.test.ts.
 */
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Failure, failure, isFailure, isRefusal, notImplemented } from './failure.ts';
import type { Store } from './s3/store.ts';
import { answerS3, readS3Call } from './s3.ts';
import type { Caller, RestAnswer, Service } from './service.ts';
import { findCaller, readScope, type Scope, type Sessions } from './session.ts';
import { type State, targetOf } from './state.ts';
import { element, escapeXml, wrap } from './xml.ts';

export type Context = {
  state: State;
  sessions: Sessions;
  store: Store;
  services: Readonly<Record<string, Service>>;
  /** Requests by `service.operation`. */
  calls: Record<string, number>;
  /** The first thing that this machine's file system refused. */
  refusal?: NodeJS.ErrnoException;
};

/** Largest request but for S3: a batch of 6 MB of findings fits, which Security Hub then measures itself. */
const LARGEST_BODY = 8 * 1024 * 1024;

const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Answers one request; whatever goes wrong in here becomes an answer as well. */
export async function handle(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const scope = readScope(request.headers);
  const service = scope && context.services[scope.service];
  const protocol = scope?.service === 's3' ? 's3' : (service?.protocol ?? 'query');
  try {
    if (!scope) throw failure(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
    if (protocol === 's3') await handleS3(request, response, context, scope);
    else if (service) await handleRpc(request, response, context, scope, service);
    else throw notImplemented(`the service ${scope.service}, only s3 and ${Object.keys(context.services).join(', ')}`);
  } catch (error) {
    request.resume();
    if (isRefusal(error)) context.refusal ??= error;
    if (response.headersSent || response.destroyed) response.destroy();
    else
      sendFailure(response, protocol, isFailure(error) ? error : defect(error), request.method, context.state.uuid());
  }
}

/** A defect of the endpoints themselves: the SDK retries it, and then shows the text. A full disk stays full. */
function defect(error: unknown): Failure {
  if (isRefusal(error)) return failure(400, 'FileSystemError', error.message);
  return failure(
    500,
    'InternalError',
    `The embedded AWS endpoints failed: ${error instanceof Error ? error.stack : error}`,
  );
}

async function handleRpc(
  request: IncomingMessage,
  response: ServerResponse,
  context: Context,
  scope: Scope,
  service: Service,
): Promise<void> {
  const { state } = context;
  const { name, input } = readRpc(request, await readBody(request), service);
  const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
  const caller = admit(request, context, scope, name, service.protocol);
  if (!operation) {
    const known = Object.keys(service.operations).join(', ');
    throw notImplemented(`${scope.service}:${name}, only ${known}`);
  }
  const fault = await consult(request, response, context, {
    service: scope.service,
    operation: name,
    caller,
    input,
  });
  if (fault === 'ended') return;
  const target = targetOf(state, caller.account, caller.region);
  const output = await operation({ caller, target, state, input });
  if (fault === 'late') return;
  if (fault === 'lost') response.destroy();
  else sendRpc(response, service, name, output, state.uuid());
}

async function handleS3(
  request: IncomingMessage,
  response: ServerResponse,
  context: Context,
  scope: Scope,
): Promise<void> {
  const { state, store } = context;
  const call = readS3Call(request);
  const caller = admit(request, context, scope, call.operation, 's3');
  const input = { Bucket: call.bucket, Key: call.key, ...Object.fromEntries(call.query) };
  const fault = await consult(request, response, context, {
    service: scope.service,
    operation: call.operation,
    caller,
    input,
  });
  if (fault === 'ended') return;
  const { status, headers, xml, file } = await answerS3(request, { call, caller, state, store });
  if (fault === 'late') return;
  if (fault === 'lost') {
    response.destroy();
    return;
  }
  const ids = { 'x-amz-request-id': state.uuid() };
  if (xml !== undefined) {
    const text = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="${S3_NAMESPACE}">${xml}</ListBucketResult>`;
    response.writeHead(status, { ...headers, ...ids, 'content-type': 'application/xml' }).end(text);
    return;
  }
  response.writeHead(status, { ...headers, ...ids });
  if (file === undefined) response.end();
  else await pipeline(createReadStream(file), response);
}

/** Counts the call and finds out who makes it. */
function admit(
  { headers }: IncomingMessage,
  { state, sessions, calls }: Context,
  scope: Scope,
  operation: string,
  protocol: Service['protocol'] | 's3',
): Caller {
  const name = `${scope.service}.${operation}`;
  calls[name] = (calls[name] ?? 0) + 1;
  const { foreignAccount } = state.options;
  return findCaller(scope, headers, sessions, { now: state.now(), protocol, foreignAccount });
}

/** Asks the options' `intercept`; anything but `lost` ends the call here. */
async function consult(
  request: IncomingMessage,
  response: ServerResponse,
  { state }: Context,
  { service, operation, caller, input }: { service: string; operation: string; caller: Caller; input: unknown },
): Promise<'ended' | 'lost' | 'late' | undefined> {
  const attempt = Number(/attempt=(\d+)/.exec(String(request.headers['amz-sdk-request'] ?? ''))?.[1] ?? 1);
  const { account, region } = caller;
  const fault = await state.options.intercept?.({ service, operation, account, region, input, attempt });
  if (typeof fault === 'object' && 'body' in fault) {
    response.writeHead(fault.status, fault.headers).end(fault.body);
    return 'ended';
  }
  if (typeof fault === 'object') throw failure(fault.status, fault.code, fault.message);
  const wait = state.options.latency?.[service] ?? 0;
  if (wait > 0) await sleep(wait);
  throttle(state, `${account}/${region}/${service}.${operation}`, `${service}.${operation}`);
  if (fault === 'reset') request.socket.destroy();
  return fault === 'reset' || fault === 'timeout' ? 'ended' : fault;
}

/** A token bucket for each operation of a target, as the services' own request limits are made. */
function throttle({ options, buckets }: State, bucket: string, operation: string): void {
  const rate = options.rates?.[operation];
  if (rate === undefined) return;
  const now = performance.now();
  const { tokens, at } = buckets.get(bucket) ?? { tokens: 2 * rate, at: now };
  const left = Math.min(2 * rate, tokens + ((now - at) / 1000) * rate);
  buckets.set(bucket, { tokens: left >= 1 ? left - 1 : left, at: now });
  if (left < 1) throw failure(400, 'ThrottlingException', 'Rate exceeded');
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_BODY)
      throw failure(413, 'RequestEntityTooLarge', `Requests are limited to ${LARGEST_BODY} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function readRpc(request: IncomingMessage, body: string, service: Service): { name: string; input: unknown } {
  const { headers, method = '', url = '' } = request;
  if (service.route) return service.route({ method, url, headers, body });
  if (service.protocol !== 'json') {
    const { Action: name = '', Version: _, ...input } = Object.fromEntries(new URLSearchParams(body));
    return { name, input };
  }
  const [prefix, name = ''] = String(headers['x-amz-target'] ?? '').split('.');
  if (prefix !== service.target) throw failure(400, 'UnknownOperationException', '');
  try {
    return { name, input: JSON.parse(body || '{}') };
  } catch {
    throw failure(400, 'SerializationException', 'The request body is not JSON');
  }
}

function sendRpc(response: ServerResponse, service: Service, name: string, output: unknown, requestId: string): void {
  if (service.protocol === 'json') {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId };
    response.writeHead(200, headers).end(JSON.stringify(output));
    return;
  }
  if (service.protocol === 'rest') {
    const { status, headers, body } = output as RestAnswer;
    const ids = { 'content-type': 'application/json', 'x-amzn-requestid': requestId };
    response.writeHead(status, { ...headers, ...ids }).end(body === undefined ? undefined : JSON.stringify(body));
    return;
  }
  const inner =
    service.protocol === 'ec2'
      ? element('requestId', requestId) + output
      : wrap(`${name}Result`, String(output)) + wrap('ResponseMetadata', element('RequestId', requestId));
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<${name}Response xmlns="${service.namespace}">${inner}</${name}Response>`;
  response.writeHead(200, { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId }).end(xml);
}

/** Writes an error as each protocol has it; an answer to HEAD has no body. */
function sendFailure(
  response: ServerResponse,
  protocol: Service['protocol'] | 's3',
  { status, code, message, headers }: Failure,
  method: string | undefined,
  requestId: string,
): void {
  const name = protocol === 's3' ? 'x-amz-request-id' : 'x-amzn-requestid';
  const type =
    { json: 'application/x-amz-json-1.1', rest: 'application/json' }[protocol as string] ?? 'application/xml';
  const body = failureBody(protocol, code, message, requestId);
  response.writeHead(status, { ...headers, [name]: requestId, 'content-type': type });
  response.end(method === 'HEAD' ? undefined : body);
}

function failureBody(protocol: Service['protocol'] | 's3', code: string, message: string, requestId: string): string {
  if (protocol === 'json' || protocol === 'rest') return JSON.stringify({ __type: code, message });
  const [Code, Message] = [element('Code', code), `<Message>${escapeXml(message)}</Message>`];
  const error = wrap('Error', Code, Message);
  if (protocol === 's3')
    return `<?xml version="1.0" encoding="UTF-8"?>\n${wrap('Error', Code, Message, element('RequestId', requestId))}`;
  if (protocol === 'ec2') return wrap('Response', wrap('Errors', error), element('RequestID', requestId));
  return wrap(
    'ErrorResponse',
    wrap('Error', element('Type', 'Sender'), Code, Message),
    element('RequestId', requestId),
  );
}

/**
 * What a request to AWS that failed says of itself: service, operation, status, code, request id, who answered if it was not
 * AWS, and what to do. Every answer of AWS has a request id (AWS SDKs and Tools Reference Guide, "Request IDs"), which a
 * proxy or a firewall that answers in its place does not know.
 */

/** Longest text of another's that is repeated, in characters. */
const SAID = 200;

/** What the SDK keeps of an answer that it could not read (@smithy/core, deserializerMiddleware). */
type Refusal = Error & {
  code?: string;
  $metadata?: { httpStatusCode?: number; requestId?: string };
  $response?: { headers?: Record<string, string> };
};

export type Request = { service: string; operation: string; host: string };

/** Codes of Node.js for connections that never were (errno(3), TLS), and what to do about each. */
const UNCONNECTED: readonly [RegExp, string][] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'its name is not known here: check the DNS, the region, and the VPC endpoints'],
  [
    /^(ECONNREFUSED|ECONNRESET|EPIPE|EHOSTUNREACH|ENETUNREACH)$/,
    'check the network between: proxy, firewall, VPC endpoint',
  ],
  [/CERT|SIGNATURE|ISSUER|SELF_SIGNED/, 'something between opens TLS: add its authority by NODE_EXTRA_CA_CERTS'],
  [/timed?out/i, 'check the network between: proxy, firewall, VPC endpoint'],
];

const REMEDIES: readonly [RegExp, string][] = [
  [
    /accessdenied|unauthorized|authorizationerror|notauthorized/i,
    'allow this action, or look for a service control policy or boundary that denies it',
  ],
  [/expiredtoken|requestexpired|invalidclienttokenid|unrecognizedclient/i, 'renew the credentials'],
  [/optinrequired|authfailure/i, 'enable this region in the account'],
  [/throttl|toomanyrequests|requestlimit|slowdown/i, 'scan at another time, or ask AWS for a higher request rate'],
];

/** The sentence of a failure. What others say in it is bounded and on one line. */
export function sentenceOf(error: unknown, { service, operation, host }: Request): string {
  const { name, message, code, $metadata, $response } = error as Refusal;
  const { httpStatusCode, requestId } = $metadata ?? {};
  const said = oneLine(message.split('\n')[0] ?? '');
  const call = `${service} ${operation}`;
  if (httpStatusCode === undefined) {
    const advice = UNCONNECTED.find(([pattern]) => pattern.test(code ?? name))?.[1];
    return advice
      ? `${call}: ${host} did not answer (${code ?? name}: ${said}); ${advice}.`
      : `${call} could not be asked: ${code ?? name}: ${said}`;
  }
  if (requestId === undefined) {
    const { server, via, 'content-type': type } = $response?.headers ?? {};
    const who = [server, via, type].flatMap((text) => (text ? [oneLine(text)] : [])).join(', ');
    return `${call}: not AWS but something between answered with ${httpStatusCode}${who ? ` (${who})` : ''}; let the proxy or firewall pass requests to ${host}.`;
  }
  const advice = REMEDIES.find(([pattern]) => pattern.test(name))?.[1];
  return `${call} was refused with ${httpStatusCode} ${name}: ${said || 'no more is said'} (request ${requestId})${advice ? `; ${advice}` : ''}.`;
}

function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, SAID);
}

type Context = { clientName?: string; commandName?: string; endpointV2?: { url: URL } };

/** A middleware that makes the message of each failure its sentence; name and metadata stay as they are. */
const explaining =
  <Input, Answer>(next: (input: Input) => Promise<Answer>, context: object) =>
  async (input: Input): Promise<Answer> => {
    try {
      return await next(input);
    } catch (error) {
      const { clientName = '', commandName = '', endpointV2 } = context as Context;
      const [service, operation] = [clientName.replace(/Client$/, ''), commandName.replace(/Command$/, '')];
      const host = endpointV2?.url.host ?? `the endpoint of ${service}`;
      if (error instanceof Error) error.message = sentenceOf(error, { service, operation, host });
      throw error;
    }
  };

/** Around the SDK's own retries, so that only what they gave up with is told. */
const AROUND = { step: 'initialize', priority: 'high', name: 'kubevigilFailures' } as const;

type Stack = { add(middleware: never, options: typeof AROUND): void; remove(name: string): boolean };

/** The same client, which throws each failure as its sentence. */
export function explained<Client extends { middlewareStack: Stack }>(client: Client): Client {
  client.middlewareStack.add(explaining as never, AROUND);
  // The SDK's own log walks through each answer, hiding what is sensitive, for a logger that nobody has given it.
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}

/**
 * Bodies of AWS's answers that are read here before the SDK reads them.
 * Tested by test/nodes/reservations.test.ts and test/nodes/run-command.test.ts.
 */

/** Where `readingBody` stands in the middleware of a command: nearer to the network than what reads the answer. */
export const BEFORE_SDK = { step: 'deserialize', priority: 'low', name: 'kubevigilBody' } as const;

/**
 * Middleware that lets `read` have the body of an answer, unless it is a refusal. What it returns is left for the SDK: all of
 * the body where it has a form that is not known.
 */
export const readingBody =
  (read: (body: Buffer) => Buffer) =>
  <Request, Result extends { response: unknown }>(next: (request: Request) => Promise<Result>) =>
  async (request: Request): Promise<Result> => {
    const result = await next(request);
    const response = result.response as { statusCode: number; body: AsyncIterable<Uint8Array> | Uint8Array };
    if (response.statusCode !== 200) return result;
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body as AsyncIterable<Uint8Array>) pieces.push(piece);
    response.body = read(Buffer.concat(pieces));
    return result;
  };

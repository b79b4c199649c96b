/**
 * Reads a request's parameters; what does not fit becomes the error that AWS gives for it.
 * Tested by test/simulator/aws/endpoints.test.ts.
 */
import * as v from 'valibot';
import { type Failure, failure, notImplemented } from './failure.ts';

/**
 * Checks input against a schema whose messages are AWS's constraints ("Member must have value greater than or equal to
 * 30"). Throws ValidationException as AWS JSON services word it, or 501 for parameters that exist in AWS only.
 */
export function readInput<S extends v.GenericSchema>(schema: S, input: unknown, operation: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const unknown = parsed.issues.find((issue) => issue.type === 'strict_object' && issue.expected === 'never');
  if (unknown) throw notImplemented(`the parameter ${v.getDotPath(unknown)} of ${operation}`);
  throw validation(parsed.issues);
}

function validation(issues: readonly v.BaseIssue<unknown>[]): Failure {
  const texts = issues.map((issue) => {
    const path = (v.getDotPath(issue) ?? 'input').replace(/^./, (first) => first.toLowerCase());
    return `Value '${JSON.stringify(issue.input)}' at '${path}' failed to satisfy constraint: ${issue.message}`;
  });
  const count = `${texts.length} validation error${texts.length === 1 ? '' : 's'} detected: `;
  return failure(400, 'ValidationException', count + texts.join('; '));
}

/** An integer between two bounds, with AWS's words. */
export function integer(minimum: number, maximum: number) {
  return v.pipe(
    v.number('Member must be an integer'),
    v.integer('Member must be an integer'),
    v.minValue(minimum, `Member must have value greater than or equal to ${minimum}`),
    v.maxValue(maximum, `Member must have value less than or equal to ${maximum}`),
  );
}

/** Text of bounded length (characters), and of a pattern where one is given. */
export function text(minimum: number, maximum: number, pattern: RegExp = /^/) {
  return v.pipe(
    v.string('Member must not be null'),
    v.minLength(minimum, `Member must have length greater than or equal to ${minimum}`),
    v.maxLength(maximum, `Member must have length less than or equal to ${maximum}`),
    v.regex(pattern, `Member must satisfy regular expression pattern: ${pattern.source}`),
  );
}

/** A list of bounded length. */
export function list<S extends v.GenericSchema>(item: S, minimum: number, maximum: number) {
  return v.pipe(
    v.array(item, 'Member must be a list'),
    v.minLength(minimum, `Member must have length greater than or equal to ${minimum}`),
    v.maxLength(maximum, `Member must have length less than or equal to ${maximum}`),
  );
}

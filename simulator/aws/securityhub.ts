/**
 * Security Hub: BatchImportFindings with the default product of the caller's own account; REST with JSON (API version 2018-10-26).
 * Limits by the API reference of BatchImportFindings and AwsSecurityFinding, and by the partner guide, "Guidelines for using the
 * BatchImportFindings API": a finding that breaks one is refused by itself.
 */
import * as v from 'valibot';
import { failure, notImplemented } from './failure.ts';
import { FindingSchema, type HubFinding } from './securityhub/finding.ts';
import type { Operation, RestAnswer, RestRequest, Service } from './service.ts';

/** Findings of a batch; bytes of a finding and of a batch. */
const MOST = 100;
const LARGEST_FINDING = 240 * 1024;
const LARGEST_BATCH = 6 * 1024 * 1024;

function route({ method, url, body }: RestRequest): { name: string; input: unknown } {
  const { pathname } = new URL(url, 'http://endpoint');
  if (method !== 'POST' || pathname !== '/findings/import') throw notImplemented(`securityhub: ${method} ${pathname}`);
  if (Buffer.byteLength(body) > LARGEST_BATCH) throw failure(413, 'RequestEntityTooLargeException', 'Request too long');
  try {
    return { name: 'BatchImportFindings', input: JSON.parse(body) };
  } catch {
    throw failure(400, 'InvalidInputException', 'Invalid JSON');
  }
}

/** Creates or updates each finding. Errors of the request: InvalidInputException, InvalidAccessException, AccessDeniedException. */
const batchImportFindings: Operation = ({ input, target, caller }): RestAnswer => {
  const { Findings, ...others } = input as { Findings?: unknown };
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw notImplemented(`the parameter ${unknown} of BatchImportFindings`);
  if (!Array.isArray(Findings) || Findings.length === 0 || Findings.length > MOST)
    throw failure(400, 'InvalidInputException', `Invalid parameter: Findings must have 1 to ${MOST} items`);
  const { account, region, findings } = target;
  if (!findings)
    throw failure(401, 'InvalidAccessException', `Account ${account} is not subscribed to AWS Security Hub`);
  const product = `arn:aws:securityhub:${region}:${account}:product/${account}/default`;
  const FailedFindings: { Id: string; ErrorCode: string; ErrorMessage: string }[] = [];
  for (const given of Findings as Record<string, unknown>[]) {
    // Another account's finding, or another's product.
    if (given.ProductArn !== product || given.AwsAccountId !== account) {
      const text = `User: ${caller.arn} is not authorized to perform: securityhub:BatchImportFindings`;
      throw failure(403, 'AccessDeniedException', text);
    }
    const parsed = v.safeParse(FindingSchema, given);
    const unknown = parsed.issues?.find(({ type, expected }) => type === 'strict_object' && expected === 'never');
    if (unknown) throw notImplemented(`${v.getDotPath(unknown)} of a finding`);
    const problem = parsed.success
      ? Buffer.byteLength(JSON.stringify(given)) > LARGEST_FINDING && 'data is larger than 240 KB'
      : `data.${v.getDotPath(parsed.issues[0])} ${parsed.issues[0].message}`;
    if (problem !== false || !parsed.success) {
      const ErrorMessage = `Finding does not adhere to Amazon Finding Format. ${problem}.`;
      FailedFindings.push({ Id: String(given.Id), ErrorCode: 'InvalidInput', ErrorMessage });
      continue;
    }
    const before = findings.get(parsed.output.Id);
    findings.set(parsed.output.Id, { ...parsed.output, Workflow: { Status: workflowOf(before, parsed.output) } });
  }
  const FailedCount = FailedFindings.length;
  return { status: 200, body: { FailedCount, SuccessCount: Findings.length - FailedCount, FailedFindings } };
};

/** Customers' own, but for what comes back: it is new again unless it is suppressed (API reference, Workflow). */
function workflowOf(before: HubFinding | undefined, now: v.InferOutput<typeof FindingSchema>): string {
  if (!before) return 'NEW';
  const isBack =
    (before.RecordState === 'ARCHIVED' && now.RecordState === 'ACTIVE') ||
    (before.Compliance?.Status === 'PASSED' && now.Compliance?.Status !== 'PASSED');
  return isBack && before.Workflow.Status !== 'SUPPRESSED' ? 'NEW' : before.Workflow.Status;
}

export const securityhub: Service = {
  protocol: 'rest',
  route,
  operations: { BatchImportFindings: batchImportFindings },
};

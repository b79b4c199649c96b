/** Imports findings into AWS Security Hub. Loaded when it is used, for its client is large. */
import { BatchImportFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';

import { explained } from '../failures.ts';
import type { AsffFinding } from '../formats/asff.ts';
import { REQUEST_RETRIES } from '../retries.ts';
import { type Delivery, deliver } from './delivery.ts';

/**
 * Findings and bytes of a request (AWS Security Hub partner guide, "Guidelines for using the BatchImportFindings API": 100 findings,
 * 6 MB a batch and 240 KB a finding, which lambda/formats/asff.ts stays far below; 10 requests a second, beyond which the client waits).
 */
const LIMITS = {
  items: 100,
  bytes: 5_000_000,
  sizeOf: (finding: AsffFinding) => Buffer.byteLength(JSON.stringify(finding)),
  idOf: ({ Id }: AsffFinding) => Id,
};

/**
 * Sends findings to the account and region of a product ARN; whoever calls must be that account. The same Id again updates the
 * finding. Throws the SDK's error when the last try of a request has failed.
 */
export function securityHub(
  productArn: string,
  retries: object = REQUEST_RETRIES,
  pauses?: readonly number[],
): Delivery<AsffFinding> {
  const [, , , region = ''] = productArn.split(':');
  const client = explained(new SecurityHubClient({ region, ...retries }));
  const delivery = deliver<AsffFinding>(
    async (findings) => {
      const { FailedFindings = [], FailedCount = 0 } = await client.send(
        new BatchImportFindingsCommand({ Findings: [...findings] }),
      );
      const byId = new Map(findings.map((finding) => [finding.Id, finding]));
      const refusals = FailedFindings.flatMap(({ Id = '', ErrorCode = '', ErrorMessage = '' }) => {
        const item = byId.get(Id);
        return item ? [{ item, code: ErrorCode, text: ErrorMessage }] : [];
      });
      if (refusals.length !== FailedCount)
        throw new Error(`${FailedCount} findings were refused, which ones is not said`);
      return refusals;
    },
    LIMITS,
    pauses,
  );
  return { ...delivery, close: () => client.destroy() };
}

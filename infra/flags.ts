/**
 * What new CDK apps get: the library keeps older behaviour unless asked. Its version is pinned, so this is, too.
 * Tested by test/infra/update.test.ts and test/infra/kubevigil.test.ts.
 */
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import type { Construct } from 'constructs';

/** Asks for it on a construct that has no children yet, and all below it; what somebody has set above stays as it is. */
export function preferNewBehaviour({ node }: Construct): void {
  for (const [flag, value] of Object.entries(flags)) {
    if (node.tryGetContext(flag) === undefined) node.setContext(flag, value);
  }
}

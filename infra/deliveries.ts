/**
 * What telling Security Hub and EventBridge takes, where the settings ask for it. Tested by test/infra/permissions.test.ts and
 * test/infra/stacks.test.ts.
 */
import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SOURCE } from '../lambda/alerts/event.ts';
import type { ScannerSettings } from './props.ts';

type Delivering = Pick<ScannerSettings, 'securityHub' | 'eventBusArn'>;

/**
 * The default product of an account, by which it imports findings of its own into Security Hub (AWS Security Hub user guide,
 * "Integrating Security Hub with custom products").
 */
function productArn(stack: Stack): string {
  const { account } = stack;
  return stack.formatArn({ service: 'securityhub', resource: 'product', resourceName: `${account}/default` });
}

/** What the function that closes a scan is told of it. */
export function deliverySettings(stack: Stack, { securityHub, eventBusArn }: Delivering): Record<string, string> {
  return { ...(securityHub && { productArn: productArn(stack) }), ...(eventBusArn !== undefined && { eventBusArn }) };
}

/** What it may do for it (Service Authorization Reference, AWS Security Hub and Amazon EventBridge). */
export function delivering(stack: Stack, { securityHub, eventBusArn }: Delivering): PolicyStatement[] {
  const imports = new PolicyStatement({
    sid: 'ImportFindings',
    actions: ['securityhub:BatchImportFindings'],
    resources: [productArn(stack)],
  });
  const puts = (bus: string) =>
    new PolicyStatement({
      sid: 'PutEvents',
      actions: ['events:PutEvents'],
      resources: [bus],
      // A request has several events, and each its source: a key of many values, which no value at all would satisfy (IAM user guide,
      // "Set operators for multivalued context keys").
      conditions: {
        'ForAllValues:StringEquals': { 'events:source': SOURCE },
        Null: { 'events:source': 'false' },
      },
    });
  return [...(securityHub ? [imports] : []), ...(eventBusArn === undefined ? [] : [puts(eventBusArn)])];
}

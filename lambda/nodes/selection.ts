/**
 * The tags that select nodes, as EC2's filters and as targets of Run Command: both must select the same nodes.
 * Tested by test/nodes/inventory.test.ts and test/nodes/send.test.ts.
 */
import type { Filter } from '@aws-sdk/client-ec2';
import type { Target as SsmTarget } from '@aws-sdk/client-ssm';
import type { Tag } from '../settings.ts';

/** EC2's filters, all of which an instance must pass. */
export function filtersOf(tags: readonly Tag[]): Filter[] {
  return tags.map(({ key, values }) =>
    values ? { Name: `tag:${key}`, Values: values.map(literal) } : { Name: 'tag-key', Values: [literal(key)] },
  );
}

/** Run Command's targets, all of which a node must match. */
export function targetsOf(tags: readonly Tag[]): SsmTarget[] {
  return tags.map(({ key, values }) =>
    values ? { Key: `tag:${key}`, Values: values } : { Key: 'tag-key', Values: [key] },
  );
}

/**
 * A value as EC2's filters take it literally: `*` and `?` are wildcards to them, which a backslash ends (EC2 User Guide,
 * List and filter your resources), but plain characters to the targets of Run Command.
 */
const literal = (value: string) => value.replaceAll(/[*?\\]/g, '\\$&');

/**
 * The tags that select nodes, as EC2's filters, as targets of Run Command, and in words: all must select the same nodes.
 *
 * Run Command knows no "or" between its targets and no wildcards, so each alternative is a command of its own, and a
 * beginning of keys stands for the keys that the listed nodes have. Batches of instance ids would say "or" too, but take
 * 200 commands for 10,000 nodes where one or two do.
 */
import type { Filter } from '@aws-sdk/client-ec2';
import type { Target as SsmTarget } from '@aws-sdk/client-ssm';
import type { Tag, Tags } from '../settings.ts';

/** Most values of one target (botocore ssm model, TargetValues). */
const TARGET_VALUES = 50;

/** Lists of conditions, one of which a node must meet. */
export function alternativesOf(tags: Tags): Tag[][] {
  return tags.some((each) => Array.isArray(each)) ? (tags as Tag[][]) : [tags as Tag[]];
}

/** EC2's filters for one alternative, all of which an instance must pass. */
export function filtersOf(conditions: readonly Tag[]): Filter[] {
  return conditions.map((condition) => {
    if ('keys' in condition) return { Name: 'tag-key', Values: condition.keys.map(beginning) };
    const { key, values } = condition;
    return values ? { Name: `tag:${key}`, Values: values.map(literal) } : { Name: 'tag-key', Values: [literal(key)] };
  });
}

/** Whether a node with these tags meets one of the alternatives. */
export function isSelected(tags: Tags, of: Readonly<Record<string, string>>): boolean {
  return alternativesOf(tags).some((conditions) => conditions.every((condition) => meets(condition, of)));
}

function meets(condition: Tag, of: Readonly<Record<string, string>>): boolean {
  if ('keys' in condition) return Object.keys(of).some((key) => condition.keys.some((each) => isKey(each, key)));
  const { key, values } = condition;
  return Object.hasOwn(of, key) && (values === undefined || values.includes(of[key] ?? ''));
}

const isKey = (pattern: string, key: string) =>
  pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern;

/**
 * The targets of the commands that reach all nodes: one command for each alternative, and more only where a beginning of
 * keys stands for more than 50 of them. `keys` are those that the listed nodes have.
 */
export function targetsOf(tags: Tags, keys: ReadonlySet<string>): SsmTarget[][] {
  return alternativesOf(tags).flatMap((conditions) => {
    let commands: SsmTarget[][] = [[]];
    for (const condition of conditions) {
      const targets = targetsOfCondition(condition, keys);
      commands = commands.flatMap((before) => targets.map((target) => [...before, target]));
    }
    return commands;
  });
}

function targetsOfCondition(condition: Tag, keys: ReadonlySet<string>): SsmTarget[] {
  if (!('keys' in condition)) {
    const { key, values } = condition;
    return [values ? { Key: `tag:${key}`, Values: values } : { Key: 'tag-key', Values: [key] }];
  }
  const found = [...keys].filter((key) => condition.keys.some((each) => isKey(each, key))).sort();
  return Array.from({ length: Math.ceil(found.length / TARGET_VALUES) }, (_, index) => ({
    Key: 'tag-key',
    Values: found.slice(index * TARGET_VALUES, (index + 1) * TARGET_VALUES),
  }));
}

/** `team=a|b and tier, or kubevigil`. */
export function inWords(tags: Tags): string {
  return alternativesOf(tags)
    .map((conditions) =>
      conditions
        .map((each) =>
          'keys' in each ? each.keys.join(' or ') : each.values ? `${each.key}=${each.values.join('|')}` : each.key,
        )
        .join(' and '),
    )
    .join(', or ');
}

/**
 * A value as EC2's filters take it literally: `*` and `?` are wildcards to them, which a backslash ends (EC2 User Guide,
 * List and filter your resources), but plain characters to the targets of Run Command.
 */
const literal = (value: string) => value.replaceAll(/[*?\\]/g, '\\$&');

const beginning = (key: string) => (key.endsWith('*') ? `${literal(key.slice(0, -1))}*` : literal(key));

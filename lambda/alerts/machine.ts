/**
 * The alert for programs (SQS, Lambda and every other subscription): JSON of one shape, which alert.schema.json
 * describes. Lists are cut to what one message may carry; their totals never are.
 * Tested by test/alerts/message.test.ts.
 */
import { createHash } from 'node:crypto';
import { type Alert, type AlertInput, type Failures, FIELD, type Listed } from './alert.ts';
import { phrases } from './headline.ts';
import { visible } from './text.ts';

/** Rules of all benchmarks together are fewer. */
const RULES = 100;

/** The JSON text with at most `most` items in each list. */
export function machine(input: AlertInput, most: number): string {
  const listed = <T>({ items, total }: Listed<T>): Listed<T> => ({ items: items.slice(0, most), total });
  const grouped = <T extends Failures>(all: T): T => ({
    ...all,
    groups: all.groups.slice(0, most),
    byRule: all.byRule.slice(0, Math.min(RULES, most)),
  });
  const each = <T>(both: { new: T; still: T }, cut: (one: T) => T) => ({ new: cut(both.new), still: cut(both.still) });
  const {
    targets,
    hazards,
    failures,
    unreachable,
    undecided,
    gone,
    left,
    lookalikes,
    skew,
    authorities,
    outliers,
    waivers,
    errors,
  } = input;
  const alert: Alert = {
    format: 2,
    tool: 'kubevigil',
    // The same for every delivery of one scan's alert: whoever has seen it may drop the next one.
    dedupeId: dedupeId(input),
    summary: phrases(input).join(', '),
    ...input,
    targets: listed({ items: targets, total: targets.length }),
    hazards: each(hazards, grouped),
    failures: { ...failures, ...each(failures, grouped), fixed: listed(failures.fixed) },
    unreachable: each(unreachable, listed),
    undecided: each(undecided, listed),
    gone: listed(gone),
    left: listed(left),
    lookalikes: listed(lookalikes),
    skew: listed(skew),
    authorities: listed(authorities),
    outliers: listed(outliers),
    waivers: each(waivers, listed),
    errors: listed(errors),
  };
  return JSON.stringify(alert, (_key, value: unknown) => (typeof value === 'string' ? visible(value, FIELD) : value));
}

/** At most 128 characters. */
export function dedupeId({ scan, topicArn }: AlertInput): string {
  if (topicArn === undefined) return visible(scan.id, 128);
  // Whoever subscribes to several topics must not drop the message of one for that of another.
  const topic = createHash('sha256').update(topicArn).digest('hex').slice(0, 16);
  return `${visible(scan.id, 110)}/${topic}`;
}

/**
 * The alert for programs (SQS, Lambda and every other subscription): JSON of one shape, which alert.schema.json
 * describes. Lists are cut to what one message may carry; their totals never are.
 * Tested by test/alerts/message.test.ts.
 */
import type { AlertInput, Failures, Listed } from './alert.ts';
import { phrases } from './headline.ts';
import { visible } from './text.ts';

/** Characters of one field; ARNs, paths and sentences fit. */
const FIELD = 500;
/** Rules of all benchmarks together are fewer. */
const RULES = 100;

/** The JSON text with at most `most` items in each list. */
export function machine(input: AlertInput, most: number): string {
  const { scan, report, targets, failures, unreachable, undecided, lost, benchmarks, certificates, waivers, errors } =
    input;
  const changes = <T>(both: { new: Listed<T>; still: Listed<T> }) => ({
    new: listed(both.new, most),
    still: listed(both.still, most),
  });
  return JSON.stringify(
    {
      format: 1,
      tool: 'kubevigil',
      // The same for every delivery of one scan's alert: whoever has seen it may drop the next one.
      dedupeId: dedupeId(input),
      summary: phrases(input).join(', '),
      scan,
      report,
      targets: listed({ items: targets, total: targets.length }, most),
      failures: {
        new: failed(failures.new, most),
        still: failed(failures.still, most),
        fixed: listed(failures.fixed, most),
        ...(failures.fingerprint === undefined ? {} : { fingerprint: failures.fingerprint }),
      },
      unreachable: changes(unreachable),
      undecided: listed(undecided, most),
      lost,
      benchmarks,
      certificates: changes(certificates),
      waivers: changes(waivers),
      errors: listed(errors, most),
    },
    (_key, value: unknown) => (typeof value === 'string' ? visible(value, FIELD) : value),
  );
}

/** At most 128 characters. */
export function dedupeId({ scan }: AlertInput): string {
  return visible(scan.id, 128);
}

function listed<T>({ items, total }: Listed<T>, most: number): Listed<T> {
  return { items: items.slice(0, most), total };
}

function failed({ byRule, ...failures }: Failures, most: number): Failures {
  return { ...listed(failures, most), byRule: byRule.slice(0, Math.min(RULES, most)) };
}

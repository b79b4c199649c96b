/** Where a scan meets a finding in its life, for those who keep a list of what is open. Tested by test/results/histories.test.ts. */
import { type NodeChanges, openSince } from './compare.ts';

/** Changes that end what was open or accepted. */
const ENDS: ReadonlySet<string | undefined> = new Set(['fixed', 'resolved', 'rejudged']);

/**
 * Whether a finding begins, lasts or ends with this scan; `none`: it neither is open or accepted nor was. `since` is when it was
 * seen first. A node that the inventory had lost had all of its findings ended by that.
 */
export function lifeOf(
  changes: NodeChanges | undefined,
  rule: string,
  scheduledAt: string,
): { life: 'begins' | 'lasts' | 'ends' | 'none'; since?: string } {
  const told = changes?.changes.find((each) => each.rule === rule);
  const open = openSince(changes?.open, rule);
  const accepted =
    changes?.accepted && Object.hasOwn(changes.accepted, rule) ? changes.accepted[rule]?.since : undefined;
  const since = open ?? accepted ?? told?.since;
  const wasThere = changes?.before !== undefined;
  const named = since !== undefined ? { since } : {};
  if (open !== undefined) {
    const begins = told?.change === 'rejudged' || (told?.change === 'new' && !told.cause?.startsWith('waiver-'));
    return { life: wasThere && !begins ? 'lasts' : 'begins', ...named };
  }
  if (accepted !== undefined) return { life: wasThere && accepted !== scheduledAt ? 'lasts' : 'begins', ...named };
  return { life: wasThere && ENDS.has(told?.change) ? 'ends' : 'none', ...named };
}

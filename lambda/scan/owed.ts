/**
 * What a delivery says to Security Hub, and what it still owes it afterwards: what was refused, and what is open where no scan could
 * look since Security Hub knows this scanner. Tested by test/scan/told.test.ts and test/scan/deliver.test.ts.
 */
import type { Owed, Refused } from '../archive/receipt.ts';
import { type AsffFinding, findingsOf, refusedFindings, targetFindings } from '../formats/asff.ts';
import { catalog } from '../judging/index.ts';
import type { Entry } from '../results/entry.ts';
import { returnedTargets, type Summary } from '../results/summary.ts';
import type { Target } from '../settings.ts';

/** The scanner, the ARN of Security Hub's product, and the key of the newest scan's manifest. */
export type Hub = { name: string; productArn: string; newest: string };

/** What a later scan has to send, whatever changed: findings that were refused, and accounts and regions of which all is. */
export type Debt = { refused: Refused[]; untold: string[] };

/**
 * The words of each scan, and what they leave owed. `told` are the positions of what was owed (`again`) that the parts before have
 * told of.
 */
export function hubWords(owed: Owed, { name, productArn, newest }: Hub, told: readonly number[]) {
  const again = new Map(owed.again.map(({ id, since }, index) => [id, { since, index }]));
  const heard = new Set(told);
  const untold = new Set(owed.untold);
  const isUntold = ({ account = '', region = '' }: Partial<Target>) =>
    owed.all || untold.has(account) || untold.has(`${account}/${region}`);
  const noted = (findings: AsffFinding[]) => {
    for (const { Id } of findings) {
      const index = again.get(Id)?.index;
      if (index !== undefined) heard.add(index);
    }
    return findings;
  };
  let [last, unknown]: [Summary | undefined, string[]] = [undefined, []];
  return {
    words(summary: Summary, key: string) {
      const isNewest = key === newest;
      const back = returnedTargets(summary);
      const to = { summary, catalog, scanner: name, productArn, all: owed.all };
      const changed = isNewest ? { ...to, again: new Set(again.keys()) } : to;
      const everything = { ...changed, all: true };
      const ofNode = (entry: Entry) => {
        const place = entry.line ? entry.line.node : entry.target;
        const isAll = (isNewest && isUntold(place)) || back.has(`${place.account}/${place.region}`);
        return findingsOf(entry, isAll ? everything : changed);
      };
      if (!isNewest) return { ofScan: targetFindings(changed), ofNode };
      last = summary;
      return {
        ofScan: noted(targetFindings(changed)),
        ofNode: (entry: Entry) => noted(ofNode(entry)),
        ofRest: () => {
          const rest = [...again].filter(([, { index }]) => !heard.has(index)).map(([id]) => id);
          const { ended, unknown: later } = refusedFindings(rest, changed);
          unknown = later;
          return ended;
        },
      };
    },

    /** Positions of what was owed and has been told of. */
    told: () => [...heard],

    /** What is owed after the newest scan; `refused` are the ids of what was refused in this delivery. */
    after(refused: readonly string[]): Debt {
      const { scheduledAt = '', targets = [] } = last ?? {};
      return {
        refused: [...new Set([...refused, ...unknown])].map((id) => ({
          id,
          since: again.get(id)?.since ?? scheduledAt,
        })),
        untold: targets.flatMap(({ account, region, error, allRegions }) => {
          if (error === undefined || !isUntold({ account, region })) return [];
          return [allRegions ? account : `${account}/${region}`];
        }),
      };
    },
  };
}

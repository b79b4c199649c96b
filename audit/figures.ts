/**
 * The numbers of the page, each with the command that gives it again from the archive itself, by openssl, jq and zcat alone. The
 * tests run what the page prints. Tested by test/audit/pack.test.ts.
 */
import { targetKeys } from '../lambda/archive/keys.ts';
import { assessed, type Night } from './period.ts';

/** `command` is run with $ARCHIVE, a copy of the archive, and $PACK, the folder of the pack, as absolute paths. */
export type Figure = { label: string; value: number; command: string };

/** What changes in a period count by, as lines of `changes/` say it. */
export type ChangeTally = { appeared: number; fixed: number; lost: number; accepted: number };

const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0);

/** Figures of one archive. `rule` is the only one that counts in findings, if it is given. */
export function figuresOf(name: string, nights: readonly Night[], changes: ChangeTally, rule?: string): Figure[] {
  const of = `cd "$PACK/verification/${name}" && find scans -name manifest.json -exec cat {} +`;
  const total = (path: string) => `${of} | jq -n '[inputs.counts${path}] | add'`;
  const counts = nights.map(({ summary }) => summary.totals);
  const figures: Figure[] = [
    { label: 'scans of the period that are verified', value: nights.length, command: `${of} | jq -s length` },
    {
      label: 'nodes, added up over these nights',
      value: sum(counts.map(({ nodes }) => nodes)),
      command: total('.nodes'),
    },
    {
      label: 'of them evaluated',
      value: sum(counts.map(({ evaluated }) => evaluated)),
      command: total('.evaluated'),
    },
  ];
  // Manifests count findings of all rules together.
  if (rule === undefined)
    figures.push({
      label: 'failures found in all these nights',
      value: sum(counts.map(({ findings }) => findings.fail)),
      command: total('.findings.fail'),
    });
  const last = nights.at(-1);
  if (!last) return [];
  const files = assessed(last).map((target) => `"$ARCHIVE/${targetKeys(last.summary, target).findings}"`);
  const only = rule === undefined ? '' : ` and .rule == "${rule}"`;
  const atEnd = (waived: string) =>
    `zcat ${files.join(' ')} | jq -n '[inputs.findings[] | select(.status == "fail" and (.waiver ${waived} null)${only})] | length'`;
  const byRule = (pick: (counts: { fail: number; waived: number }) => number) =>
    sum(
      Object.entries(last.summary.rules).flatMap(([each, own]) =>
        rule === undefined || each === rule ? [pick(own)] : [],
      ),
    );
  if (files.length > 0) {
    figures.push(
      {
        label: 'open findings in the last night',
        value: byRule(({ fail, waived }) => fail - waived),
        command: atEnd('=='),
      },
      { label: 'accepted by waivers in the last night', value: byRule(({ waived }) => waived), command: atEnd('!=') },
    );
  }
  const all = `(cd "$PACK/verification/${name}" && find scans -name manifest.json) | sed 's/manifest.json$/changes/' | while read -r folder; do find "$ARCHIVE/$folder" -name '*.gz' -exec zcat {} +; done`;
  const counted = (kind: string) =>
    `${all} | jq -n '[inputs.changes[] | select(.change == "${kind}"${only})] | length'`;
  figures.push(
    { label: 'findings that were new in a night', value: changes.appeared, command: counted('new') },
    { label: 'findings that were fixed', value: changes.fixed, command: counted('fixed') },
    { label: 'open findings that waivers accepted', value: changes.accepted, command: counted('accepted') },
    { label: 'open findings that went with their nodes', value: changes.lost, command: counted('lost') },
  );
  return figures;
}

/** The commands that verify the pack itself, from within its folder. */
export const PACK_COMMANDS = {
  signature: 'openssl dgst -sha256 -verify public-key.pem -signature pack.json.sig pack.json',
  files: `jq -r '.files[] | .sha256 + "  " + .path' pack.json | sha256sum --check --strict --quiet`,
} as const;

/** The commands that verify the manifests of one archive, from within `verification/NAME`: signatures, then the chain. */
export const CHAIN_COMMANDS = {
  signatures:
    'find scans -name manifest.json | while read -r m; do d=$(dirname "$m"); openssl dgst -sha256 -verify "$d/public-key.pem" -signature "$m.sig" "$m"; done | sort | uniq -c',
  chain: `find scans -name manifest.json -exec jq -r '.previous | select(.) | .sha256 + "  " + .key' {} + | sha256sum --check --strict --quiet --ignore-missing`,
  objects: `find scans -name manifest.json -exec jq -r '.objects[] | .sha256 + "  " + .key' {} + | (cd "$ARCHIVE" && sha256sum --check --strict --quiet)`,
} as const;

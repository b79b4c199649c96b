/**
 * `index.html` of a pack: one page that prints, loads nothing and runs nothing: conclusion, exceptions, how far the archive can be
 * trusted, how to make each number again, and what the other files hold. Tested by test/audit/pack.test.ts.
 */

import { createHash } from 'node:crypto';
import type { Verification } from '../lambda/archive/verification.ts';
import { type Html, html, markupOf } from '../lambda/formats/html/markup.ts';
import { catalog } from '../lambda/judging/index.ts';
import { titleOf } from '../lambda/results/catalog.ts';
import { ascending } from '../lambda/results/order.ts';
import type { MethodChange } from './changes.ts';
import type { Episode } from './episodes.ts';
import { CHAIN_COMMANDS, type Figure, PACK_COMMANDS } from './figures.ts';
import type { NightRow } from './nights.ts';
import { nodesOf } from './order.ts';
import type { Night } from './period.ts';
import type { Member } from './population.ts';
import { type Sample, sampleFile } from './samples.ts';
import type { WaiverRow } from './waivers.ts';

/** What the page says of one archive. */
export type Part = {
  name: string;
  nights: readonly Night[];
  rows: readonly NightRow[];
  verification: Verification;
  figures: readonly Figure[];
};

export type PageFacts = {
  period: { from: string; to: string };
  /** As it was asked for; and its rule. */
  control?: { name: string; rule: string };
  parts: readonly Part[];
  conclusion: string;
  exceptions: readonly string[];
  members: readonly Member[];
  episodes: readonly Episode[];
  waivers: readonly WaiverRow[];
  changes: readonly MethodChange[];
  samples: readonly Sample[];
  seed: string;
  /** SHA-256 of the key that signs the pack, absent where nobody does. */
  signedBy?: string;
  /** Keys that were given from outside, by their SHA-256; without any the archive was checked with its own. */
  trusted: readonly string[];
  version: string;
};

const STYLE = `
:root { color-scheme: light; --ink: #15202b; --soft: #4d5b69; --line: #d8dee4; --fail: #9c1620; --wash: #fdeaea; --pass: #125a2e; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.5rem 4rem; color: var(--ink); background: #fff;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; break-after: avoid; }
h3 { font-size: .95rem; margin: 1.2rem 0 .3rem; break-after: avoid; }
p, ul { margin: .4rem 0; }
.when, .note { color: var(--soft); }
.conclusion { font-size: 1.1rem; border-left: 4px solid var(--pass); padding: .3rem 0 .3rem 1rem; margin: 1.2rem 0; }
.conclusion.bad { border-color: var(--fail); }
.exceptions li { margin: .2rem 0; }
.exceptions { background: var(--wash); color: var(--fail); padding: .7rem 1rem .7rem 2.2rem; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .86rem; }
th, td { text-align: left; vertical-align: top; padding: .28rem .6rem .28rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td.n, th.n { text-align: right; white-space: nowrap; padding-right: 1rem; }
td.w { min-width: 6rem; }
td.d { white-space: nowrap; padding-right: 1rem; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
code { font: .8rem/1.45 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { margin: .3rem 0; padding: .5rem .7rem; background: #f5f7f9; border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
a { color: #1554b5; }
@page { size: A4; margin: 16mm 14mm; }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; } th, th.n { white-space: normal; } a { color: inherit; text-decoration: none; } }
`;

/** The whole page. */
export function pageOf(facts: PageFacts): string {
  const { period, control, conclusion, exceptions } = facts;
  const title = `Kubelets from ${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}`;
  const body = html`
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${digest(STYLE)}'; base-uri 'none'; form-action 'none'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>`;
  const main = html`
    <body>
    <h1>${title}</h1>
    <p class="when">Audit pack of kubevigil ${facts.version}${control && `; only ${control.name}, which the rule ${control.rule} answers`}</p>
    <p class="conclusion${exceptions.length > 0 && ' bad'}">${conclusion}</p>
    <h2>Exceptions</h2>
    ${exceptions.length === 0 && html`<p>None: every night that was due is there and verified, and every node answered on its last night.</p>`}
    ${exceptions.length > 0 && html`<ul class="exceptions">${exceptions.map((text) => html`<li>${text}</li>`)}</ul>`}
    ${open(facts)}
    ${acceptance(facts)}
    ${scope(facts)}
    ${facts.parts.map((part) => verificationOf(part, facts))}
    ${repeating(facts)}
    ${method(facts)}
    ${sampling(facts)}
    ${contents()}
    </body>
    </html>`;
  return `${markupOf(body)}\n<style>${STYLE}</style>\n</head>\n${markupOf(main)}\n`;
}

function scope({ parts, members, period }: PageFacts): Html {
  const targets = new Set(members.map(({ account, region }) => `${account} ${region}`));
  const clusters = new Set(members.flatMap(({ cluster }) => (cluster === '' ? [] : [cluster])));
  const late = members.filter((member) => member.late.length > 0);
  return html`
    <h2>Scope</h2>
    <table><tbody>
    <tr><th>Period</th><td>${period.from} to ${period.to}</td></tr>
    <tr><th>Archives</th><td>${parts.map(({ name }) => name).join(', ')}</td></tr>
    <tr><th>Accounts and regions</th><td>${[...targets].sort().join(', ')}</td></tr>
    <tr><th>Clusters</th><td>${[...clusters].sort().join(', ')}</td></tr>
    <tr><th>Nodes</th><td>${members.length} in all, see <a href="population.csv">population.csv</a>${late.length > 0 && `; ${late.length} of them joined after the inventory of a night was made, and answered all the same`}</td></tr>
    </tbody></table>`;
}

/** The most rows of a table on the page; the CSV beside it has all. */
const MOST_ROWS = 40;

function open({ episodes }: PageFacts): Html {
  const byRule = [...Map.groupBy(episodes, ({ rule }) => rule)].sort(([a], [b]) => ascending(a, b));
  const of = (all: readonly Episode[], how: string) => all.filter((each) => each.how === how).length;
  const rows = byRule.map(
    ([rule, all]) => html`
      <tr><td>${titleOf(catalog, rule, 'fail')}<br><code>${rule}</code></td><td class="n">${all.length}</td>
      <td class="n">${nodesOf(all).length}</td><td class="n">${of(all, 'fixed')}</td><td class="n">${of(all, 'waived')}</td>
      <td class="n">${of(all, 'lost')}</td><td class="n">${of(all, 'open')}</td>
      <td class="n">${Math.max(...all.map(({ days }) => Math.round(days)))}</td></tr>`,
  );
  return html`
    <h2>What was open</h2>
    ${rows.length === 0 && html`<p>Nothing.</p>`}
    ${rows.length > 0 && html`<table><thead><tr><th>Finding</th><th class="n">Times</th><th class="n">Nodes</th><th class="n">Fixed</th><th class="n">Accepted</th><th class="n">Lost</th><th class="n">Open at the end</th><th class="n">Longest, days</th></tr></thead><tbody>${rows}</tbody></table>`}
    <p class="note">Each time is a row of <a href="episodes.csv">episodes.csv</a>. Days are those on which a scan saw it open; silence is counted beside them.</p>`;
}

function verificationOf({ name, nights, verification, rows }: Part, { trusted }: PageFacts): Html {
  const keys = [...new Set(nights.map(({ manifest }) => manifest.signing?.publicKeySha256 ?? 'not signed'))];
  const [first, last] = [nights[0], nights.at(-1)];
  const of = (night: Night | undefined) => night && html`${night.manifest.scanId}<br><code>${night.sha256}</code>`;
  const { problems, notes, scans, objects, bytes } = verification;
  return html`
    <h2>Verification of ${name}</h2>
    <table><tbody>
    <tr><th>Checked</th><td>${scans} scans, ${objects} objects, ${bytes} bytes: sizes, digests, signatures, the chain of manifests, the schedule, and whether what follows from something else does</td></tr>
    <tr><th>Result</th><td>${problems.length === 0 ? 'Nothing is wrong.' : html`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}, listed in <a href="verification/${name}.json">verification/${name}.json</a>.`}</td></tr>
    <tr><th>Nights due</th><td>${rows.filter(({ night }) => night === undefined || night.manifest.everySeconds !== undefined).length}, of which ${rows.filter(({ status }) => status === 'verified').length} are verified; see <a href="nights.csv">nights.csv</a></td></tr>
    <tr><th>Key</th><td>${keys.map((key) => html`<code>${key}</code><br>`)}${trusted.length > 0 ? 'Given for this pack from outside the archive.' : 'From inside the archive: compare it with the key that you trust.'}</td></tr>
    <tr><th>First manifest</th><td>${of(first)}</td></tr>
    <tr><th>Last manifest</th><td>${of(last)}</td></tr>
    </tbody></table>
    ${notes.length > 0 && html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
    <p>Manifests, signatures and keys are in <code>verification/${name}</code>. From there, by openssl, jq and sha256sum alone (ARCHIVE is a copy of the archive):</p>
    <pre><code data-run="signatures" data-archive="${name}">${CHAIN_COMMANDS.signatures}</code></pre>
    <pre><code data-run="chain" data-archive="${name}">${CHAIN_COMMANDS.chain}</code></pre>
    <pre><code data-run="objects" data-archive="${name}">${CHAIN_COMMANDS.objects}</code></pre>`;
}

function repeating({ parts, signedBy }: PageFacts): Html {
  return html`
    <h2>How to make each number again</h2>
    <p>ARCHIVE is a copy of the archive (<code>aws s3 sync s3://BUCKET "$ARCHIVE"</code>), PACK this folder; both are absolute paths.</p>
    ${parts.map(
      ({ name, figures }) => html`
        <table><thead><tr><th class="n">Number</th><th>What it counts in ${name}, and the command that counts it</th></tr></thead><tbody>
        ${figures.map(
          ({ label, value, command }) => html`
            <tr><td class="n">${value}</td><td>${label}<pre><code data-value="${value}" data-archive="${name}">${command}</code></pre></td></tr>`,
        )}
        </tbody></table>`,
    )}
    <h3>The pack itself</h3>
    <p>${signedBy === undefined ? 'This pack is not signed: whoever had it in hands could have changed it. What its archives hold is.' : html`Signed with the key <code>${signedBy}</code> (SHA-256 of its DER form). From this folder:`}</p>
    ${signedBy !== undefined && html`<pre><code data-run="pack">${PACK_COMMANDS.signature}</code></pre>`}
    <pre><code data-run="pack">${PACK_COMMANDS.files}</code></pre>`;
}

function acceptance({ waivers }: PageFacts): Html {
  const shown = waivers.slice(0, MOST_ROWS);
  return html`
    <h2>What was accepted</h2>
    ${waivers.length === 0 && html`<p>Nothing.</p>`}
    ${
      waivers.length > 0 &&
      html`<table><thead><tr><th>Rule</th><th>By</th><th>Until</th><th>From night</th><th>To night</th><th>How it began and ended</th><th class="n">Findings</th></tr></thead><tbody>
    ${shown.map(
      ({ rule, owner, until, from, to, began, ended, most, reason }) => html`
        <tr><td>${rule}<br>${reason}</td><td class="w">${owner}</td><td class="d">${until}</td><td class="d">${from.slice(0, 10)}</td><td class="d">${to.slice(0, 10)}</td><td>${began}; ${ended}</td><td class="n">${most}</td></tr>`,
    )}</tbody></table>`
    }
    ${waivers.length > shown.length && html`<p class="note">${waivers.length - shown.length} more are in <a href="waivers.csv">waivers.csv</a>.</p>`}`;
}

function method({ changes, parts }: PageFacts): Html {
  const firsts = new Set(parts.flatMap(({ nights }) => nights.slice(0, 1).map(({ manifest }) => manifest.scanId)));
  const later = changes.filter(({ scan }) => !firsts.has(scan));
  const shown = later.slice(0, MOST_ROWS);
  return html`
    <h2>What changed in the method</h2>
    ${later.length === 0 && html`<p>Nothing: rules, benchmarks, settings, collector, key, schedule and targets are those of the first night, which <a href="changes.csv">changes.csv</a> states.</p>`}
    ${
      later.length > 0 &&
      html`<table><thead><tr><th>Night</th><th>What</th><th>Before</th><th>After</th></tr></thead><tbody>
    ${shown.map(
      ({ scheduledAt, what, before, after }) => html`
        <tr><td class="d">${scheduledAt.slice(0, 10)}</td><td>${what}</td><td>${cut(before)}</td><td>${cut(after)}</td></tr>`,
    )}</tbody></table>`
    }
    <p class="note">Whole values are in <a href="changes.csv">changes.csv</a>.</p>`;
}

function sampling({ samples, seed }: PageFacts): Html {
  const disagree = samples.filter(({ replayed }) => replayed === 'differs').length;
  return html`
    <h2>Samples</h2>
    <p>${samples.length} of ${samples[0]?.of ?? 0} findings, drawn by the seed <code>${seed}</code>: the k-th is the finding whose number is what <code>printf %s '${seed}:k' | sha256sum | cut -c1-16</code> says, as a hexadecimal number, modulo ${samples[0]?.of ?? 0}, in the order of archives, scans, accounts and regions, lines and findings; a number drawn twice counts once. Each file has the verdict, the rule, the settings it follows from and the evidence.${disagree > 0 && ` ${disagree} are judged otherwise by the same rules.`}</p>
    <table><thead><tr><th>File</th><th>Night</th><th>Node</th><th>Rule</th><th>Verdict</th><th>Judged again</th></tr></thead><tbody>
    ${samples.map(
      (sample) => html`
        <tr><td><a href="${sampleFile(sample)}">${sampleFile(sample).slice(8)}</a></td><td class="d">${sample.night.manifest.scheduledAt.slice(0, 10)}</td><td>${sample.line.node.id}</td><td>${sample.finding.rule}</td><td>${sample.finding.status}${sample.finding.waiver && ', accepted'}</td><td>${sample.replayed}</td></tr>`,
    )}</tbody></table>`;
}

const FILES: readonly [string, string][] = [
  [
    'nights.csv',
    'every night that was due: whether it is there, when it ran, whom it reached, by what, its digest, and why one is missing',
  ],
  [
    'population.csv',
    'every node: first and last night, nights evaluated, unreachable, idle and why, absent, joined after the inventory',
  ],
  [
    'episodes.csv',
    'each time that a finding was open on a node: since when, how it ended, days open and silent, how often it came back',
  ],
  ['controls.csv', 'each control on each night: passes, failures, accepted ones, and nodes of which nothing is known'],
  ['waivers.csv', 'who accepted what, from when to when, with every edit'],
  [
    'changes.csv',
    'rules, version, benchmarks, settings, collector, key, schedule, targets: as they began, and each change',
  ],
  ['samples/', 'random findings with everything that they follow from'],
  ['oscal/', 'OSCAL assessment results with risks, and a plan of action and milestones'],
  ['verification/', 'what verify said, and all manifests with signatures and keys'],
  ['pack.json', 'every file of this pack with its SHA-256'],
];

function contents(): Html {
  return html`
    <h2>What is in this pack</h2>
    <table><tbody>${FILES.map(([name, what]) => html`<tr><th><a href="${name}">${name}</a></th><td>${what}</td></tr>`)}</tbody></table>`;
}

function cut(text: string): string {
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

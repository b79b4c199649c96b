/**
 * The chat message: a custom notification of Amazon Q Developer in chat applications, which shows it in Slack.
 * Source of the shape: AWS Chatbot administrator guide, "Custom notifications" (event schema and field lengths);
 * of the escapes: Slack's "Formatting text for app surfaces" (`&`, `<`, `>` are the three control characters).
 * Tested by test/alerts/message.test.ts.
 */
import { createHash } from 'node:crypto';
import { type AlertInput, lostTargets } from './alert.ts';
import { remaining } from './email.ts';
import { anchor, coverage, phrases, reportLocation, reportUrl, scope, targetName } from './headline.ts';
import { type Section, sections } from './sections.ts';
import { clean, cut } from './text.ts';

export type CustomNotification = {
  version: '1.0';
  source: 'custom';
  id: string;
  content: {
    textType: 'client-markdown';
    title: string;
    description: string;
    nextSteps: string[];
    keywords: string[];
  };
  metadata: {
    threadId: string;
    summary: string;
    eventType: string;
    relatedResources: string[];
    additionalContext: Record<string, string>;
  };
};

/** Lengths in characters that the service allows. */
const TITLE = 250;
const DESCRIPTION = 8_000;
const NEXT_STEP = 350;
/** Ours: a channel is not a report. */
const SUMMARY = 250;
const NEXT_STEPS = 5;
const ENTRIES = 6;
const DETAIL = 360;
const URL = 2_000;

/** Renders the custom notification. */
export function chat(input: AlertInput): CustomNotification {
  const topics = sections(input);
  const url = slackUrl(reportUrl(input));
  const location = reportLocation(input) ?? plain(input.report.location, DETAIL);
  const report = url === undefined ? `Report: \`${location}\`` : `<${url}|Open the report>`;
  const head = coverage(input).map((line) => plain(line, DETAIL));
  const witness = anchor(input);
  const links = [report, ...(witness === undefined ? [] : [`Anchor: \`${plain(witness, DETAIL)}\``])];
  return {
    version: '1.0',
    source: 'custom',
    id: clean(input.scan.id, 128),
    content: {
      textType: 'client-markdown',
      title: plain(`kubevigil ${scope(input)}: ${phrases(input).join(', ')}`, TITLE),
      description: describe([...head, ...links], topics),
      nextSteps: steps(topics),
      keywords: ['kubevigil', ...topics.map(({ title }) => title.replace(/:.*/, '').toLowerCase())],
    },
    metadata: {
      threadId: thread(input),
      summary: plain(phrases(input).join(', '), SUMMARY),
      eventType: 'kubevigil-scan',
      relatedResources: resources(input),
      additionalContext: { scan: clean(input.scan.id, 128), report: location },
    },
  };
}

/** The sections one below the other, as many whole ones as fit; a section that does not fit is still counted. */
function describe(head: string[], topics: Section[]): string {
  const parts = [head.join('\n')];
  let length = head.join('\n').length;
  const below = (section: Section, entries: number) => `\n\n${sectionText(section, entries)}`;
  // Room for those that follow: a section without entries is its title and the line that counts the rest.
  let reserved = topics.reduce((sum, section) => sum + below(section, 0).length, 0);
  for (const section of topics) {
    reserved -= below(section, 0).length;
    let text = '';
    for (let entries = Math.min(ENTRIES, section.entries.length); entries >= 0; entries -= 1) {
      text = below(section, entries);
      if (length + text.length + reserved <= DESCRIPTION) break;
    }
    parts.push(text);
    length += text.length;
  }
  return parts.join('');
}

function sectionText(section: Section, shown: number): string {
  const rest = remaining(section, shown);
  return [
    `*${plain(section.title, DETAIL)}*`,
    ...section.entries.slice(0, shown).map(({ head, link }) => `• ${plain(head, DETAIL)}${opened(link)}`),
    ...(rest === undefined ? [] : [`• ${plain(rest, DETAIL)}`]),
  ].join('\n');
}

function opened(link: string | undefined): string {
  const url = slackUrl(link);
  return url === undefined ? '' : ` <${url}|Open>`;
}

/** What to do about the most urgent things, in full; the notification has a place of its own for it. */
function steps(topics: Section[]): string[] {
  const advice = topics.flatMap(({ entries }) => entries.flatMap(({ step }) => step ?? []));
  return [...new Set(advice.slice(0, NEXT_STEPS * 4).map((step) => plain(step, NEXT_STEP)))].slice(0, NEXT_STEPS);
}

/** The first nodes that something is new about. */
function resources({ hazards, failures }: AlertInput): string[] {
  const groups = [...hazards.new.groups, ...failures.new.groups].slice(0, 10);
  return [...new Set(groups.flatMap(({ examples }) => examples.map(({ id }) => plain(id, 64))))].slice(0, 10);
}

/**
 * Messages about one set of failing findings, and of targets that could not be scanned, share a thread; when the set
 * changes, a new message stands in the channel, where people see it. Without a fingerprint each scan has a thread of its
 * own.
 */
function thread(input: AlertInput): string {
  const set = [input.failures.fingerprint ?? input.scan.id, ...lostTargets(input).map(targetName).sort()];
  return `kubevigil-${createHash('sha256').update(set.join('\n')).digest('hex').slice(0, 32)}`;
}

/** Text that Slack shows and does nothing with: no mentions, no links, no formatting. */
function plain(text: string, length: number): string {
  const harmless = clean(text, length)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('`', "'")
    .replaceAll('*', '∗')
    .replaceAll('~', '∼')
    // `_` formats only at the edge of a word; KUBELET_CONFIG stays as it is.
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '＿')
    .replaceAll('@', '＠')
    .replaceAll('](', '] (');
  return cutEscaped(harmless, length);
}

/** Cuts without leaving half an escape behind. */
function cutEscaped(text: string, length: number): string {
  return text.length <= length ? text : `${cut(text, length).replace(/&[a-z]{0,3}…$/, '…')}`;
}

function slackUrl(url: string | undefined): string | undefined {
  // What Slack reads as the end of an address, or as a mention, is no part of one.
  const escaped = url?.replaceAll('&', '&amp;').replaceAll('@', '%40');
  return escaped !== undefined && escaped.length <= URL ? escaped : undefined;
}

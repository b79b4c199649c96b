/** One scan's alert in every form that its subscribers read, within the limits of Amazon SNS. */
import { type AlertInput, type AlertPolicy, isWorthSending } from './alert.ts';
import { CHANNEL_NAMES, CHANNELS, type ChannelName } from './channels.ts';
import { phrases, scope } from './headline.ts';
import { dedupeId } from './machine.ts';
import { clean } from './text.ts';

/** Each form of an alert by its protocol, and what all of them share. */
export type AlertMessage = Record<ChannelName, string> & {
  /** The same for every attempt to tell of this scan. */
  dedupeId: string;
  /** At most 99 printable ASCII characters. */
  subject: string;
};

/** SNS: fewer than 100 characters. */
const SUBJECT = 99;
/** SNS: 256 KiB for all forms together; the rest is for the message attributes. */
const MESSAGE_BYTES = 256 * 1024 - 2 * 1024;
/** Items in each list of the JSON; fewer are tried until the message fits. */
const MOST = [200, 100, 50, 20, 10, 5, 2, 1, 0];

/** What to publish about a scan, or undefined where the policy has nothing to tell. */
export function message(input: AlertInput, policy: AlertPolicy): AlertMessage | undefined {
  if (!isWorthSending(input, policy)) return undefined;
  const shared = { dedupeId: dedupeId(input), subject: subject(input) };
  for (const most of MOST) {
    const forms = CHANNEL_NAMES.map((name) => [name, CHANNELS[name](input, most)]);
    const whole: AlertMessage = { ...shared, ...(Object.fromEntries(forms) as Record<ChannelName, string>) };
    if (Buffer.byteLength(body(whole)) <= MESSAGE_BYTES) return whole;
  }
  throw new Error('An alert without any item is larger than a message may be');
}

/** The `Message` parameter for `MessageStructure: json`. */
export function body(message: AlertMessage): string {
  return JSON.stringify(Object.fromEntries(CHANNEL_NAMES.map((name) => [name, message[name]])));
}

/** Facts that a subject has. */
const FACTS = 3;

/** Where, how bad, and the first facts, as many as fit; the others are counted. */
function subject(input: AlertInput): string {
  const before = `kubevigil ${ascii(scope(input), 50)}: `;
  const all = phrases(input).map((phrase) => ascii(phrase, SUBJECT));
  for (let fit = Math.min(FACTS, all.length); fit > 0; fit -= 1) {
    const remaining = all.length - fit;
    const text = `${before}${all.slice(0, fit).join(', ')}${remaining === 0 ? '' : `, +${remaining} more`}`;
    if (text.length <= SUBJECT) return text;
  }
  return `${before}${all[0]}`.slice(0, SUBJECT - 3).concat('...');
}

function ascii(text: string, length: number): string {
  return clean(text, length)
    .replace(/…$/, '...')
    .replace(/[^\x20-\x7e]/g, '?');
}

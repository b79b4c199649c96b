/**
 * Every form in which an alert is told, by the protocol of the subscriptions that get it (Amazon SNS API reference, Publish,
 * MessageStructure: a protocol without a form of its own gets `default`). A new one is a file and a line here.
 * Tested by test/alerts/message.test.ts.
 */
import type { AlertInput } from './alert.ts';
import { chat } from './chat.ts';
import { email } from './email.ts';
import { machine } from './machine.ts';

/** Renders an alert. `most`: items in each list, for forms whose length grows with them. */
type Channel = (input: AlertInput, most: number) => string;

export const CHANNELS = {
  /** JSON for programs; alert.schema.json describes it. */
  default: machine,
  /** Plain text, at most 40 lines. */
  email,
  /** JSON: a custom notification of Amazon Q Developer in chat applications. */
  https: (input) => JSON.stringify(chat(input)),
} as const satisfies Record<string, Channel>;

export type ChannelName = keyof typeof CHANNELS;

export const CHANNEL_NAMES = Object.keys(CHANNELS) as ChannelName[];

/** Escaping on the way out, for names and texts come from nodes and tags, which are not trusted; and texts as bytes. */

/** Nearly every text is of these characters alone, and looking for them is several times faster. */
const PLAIN = /^[ -~]*$/;

/** Control and format characters (bidirectional overrides among them) as visible text: `\u{202e}`. */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for HTML, inside elements and quoted attributes. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign] as string);
}

/** The bytes of a text as UTF-8, a sign each: many short ones are put together several times faster so than as texts. */
export function bytesOf(text: string): string {
  return text === '' ? text : Buffer.from(text).toString('latin1');
}

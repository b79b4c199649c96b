/**
 * Writes XML as the query and REST protocols of AWS need it: elements without attributes, and escaped text.
 * Tested by test/simulator/aws/s3.test.ts.
 */

/** What an element can hold besides other elements; `undefined` leaves the element out. */
type Content = string | number | boolean | undefined;

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#xD;' };

/** Escapes text for an element's content. */
export function escapeXml(text: string): string {
  return /[&<>"\r]/.test(text) ? text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character) : text;
}

/** One element with text in it, or nothing at all where the text is undefined. */
export function element(name: string, text: Content): string {
  return text === undefined ? '' : `<${name}>${escapeXml(String(text))}</${name}>`;
}

/** One element around others that are already written. */
export function wrap(name: string, ...inner: string[]): string {
  return `<${name}>${inner.join('')}</${name}>`;
}

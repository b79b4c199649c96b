/**
 * Why Go cannot read an address, and its scheme where it can.
 * Source: net/url, Parse: getScheme, parseAuthority, parseHost, unescape. Tested by test/go/urls.test.ts.
 */
import { goQuote } from './quoting.ts';

export type Url = { scheme: string } | { problem: string };

/** url.Parse. */
export function parseUrl(text: string): Url {
  const failed = (why: string): Url => ({ problem: `parse ${goQuote(text)}: ${why}` });
  const [whole = ''] = text.split('#');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it refuses
  if (/[\u0000-\u001f\u007f]/.test(text)) return failed('net/url: invalid control character in URL');
  const [, scheme = '', rest = whole] = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/s.exec(whole) ?? [];
  if (whole.startsWith(':')) return failed('missing protocol scheme');
  const [place = ''] = rest.split('?');
  if (!place.startsWith('/')) {
    if (scheme !== '') return { scheme: scheme.toLowerCase() };
    if (place.split('/')[0]?.includes(':')) return failed('first path segment in URL cannot contain colon');
  }
  const hasAuthority = place.startsWith('//') && (scheme !== '' || !place.startsWith('///'));
  const slash = hasAuthority ? place.indexOf('/', 2) : 0;
  const authority = hasAuthority ? place.slice(2, slash === -1 ? undefined : slash) : '';
  const path = slash === -1 ? '' : place.slice(slash);
  const problem = hostProblem(authority) ?? escapeProblem(path);
  return problem === undefined ? { scheme: scheme.toLowerCase() } : failed(problem);
}

function hostProblem(authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  const user = at === -1 ? '' : authority.slice(0, at);
  const host = authority.slice(at + 1);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) return 'net/url: invalid userinfo';
  if (user !== '' && escapeProblem(user) !== undefined) return escapeProblem(user);
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end === -1) return "missing ']' in host";
    return portProblem(host.slice(end + 1)) ?? charactersProblem(host);
  }
  const colon = host.lastIndexOf(':');
  return (colon === -1 ? undefined : portProblem(host.slice(colon))) ?? charactersProblem(host);
}

function portProblem(port: string): string | undefined {
  return port === '' || /^:[0-9]*$/.test(port) ? undefined : `invalid port ${goQuote(port)} after host`;
}

/** In a host only the bytes of other alphabets may be escaped. */
function charactersProblem(host: string): string | undefined {
  for (let at = 0; at < host.length; at += 1) {
    const character = host.charAt(at);
    if (character === '%') {
      const code = host.slice(at, at + 3);
      if (!/^%[0-9a-fA-F]{2}$/.test(code)) return `invalid URL escape ${goQuote(code)}`;
      if (/^%[0-7]/.test(code) && code !== '%25') return `invalid URL escape ${goQuote(code)}`;
      at += 2;
    } else if (/[\0-\x7f]/.test(character) && !/[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]/.test(character)) {
      return `invalid character ${goQuote(character)} in host name`;
    }
  }
  return undefined;
}

function escapeProblem(text: string): string | undefined {
  for (let at = text.indexOf('%'); at !== -1; at = text.indexOf('%', at + 3)) {
    const code = text.slice(at, at + 3);
    if (!/^%[0-9a-fA-F]{2}$/.test(code)) return `invalid URL escape ${goQuote(code)}`;
  }
  return undefined;
}

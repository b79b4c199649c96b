/**
 * Paths as the kubelet's Go reads them on Linux (path/filepath: Clean, Join, Dir). Without Node.js, so that
 * configurations can be derived in a browser too, and so that no path depends on where this process runs.
 */

export function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}

/** What is clean already, as most paths are. */
const CLEAN = /^(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+$/;

/** The shortest form of a path: `/etc//kubernetes/../x/` is `/etc/x`, and nothing is `.`. */
export function clean(path: string): string {
  if (CLEAN.test(path)) return path;
  const rooted = isAbsolute(path);
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push('..');
  }
  const joined = parts.join('/');
  if (rooted) return `/${joined}`;
  return joined === '' ? '.' : joined;
}

/** The path as it is meant by what lies, or runs, in the directory. */
export function resolve(directory: string, path: string): string {
  return clean(isAbsolute(path) ? path : `${directory}/${path}`);
}

/** The directory that holds a file. */
export function directoryOf(path: string): string {
  return clean(path.slice(0, path.lastIndexOf('/') + 1));
}

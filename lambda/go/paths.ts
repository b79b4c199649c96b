/**
 * Paths as the kubelet's Go reads them (path/filepath: Clean, Join, Dir, Abs). Without Node.js, so that configurations can
 * be derived in a browser too, and so that no path depends on where this process runs. A folder or a whole path tells by its
 * drive that it is one of Windows, where a slash is a backslash (filepath/path_windows.go); of a text that may be a name
 * alone only the folder tells, because `C:\a` is a file's name on Linux.
 */

/** `C:\` or `C:/`. */
const DRIVE = /^[A-Za-z]:[\\/]/;

/** A whole path, or the folder in which something runs, is of Windows. */
export function isOfWindows(path: string): boolean {
  return DRIVE.test(path);
}

/** A path that stands for itself on Linux. */
export function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}

/** What is clean already, as most paths are. */
const CLEAN = /^(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+$/;

/** The shortest form of a path: `/etc//kubernetes/../x/` is `/etc/x`, and nothing is `.`. */
export function clean(path: string): string {
  if (CLEAN.test(path)) return path;
  if (isOfWindows(path)) return `${path.slice(0, 2)}\\${partsOf(path.slice(3).split(/[\\/]/), true).join('\\')}`;
  const rooted = isAbsolute(path);
  const joined = partsOf(path.split('/'), rooted).join('/');
  if (rooted) return `/${joined}`;
  return joined === '' ? '.' : joined;
}

function partsOf(all: readonly string[], rooted: boolean): string[] {
  const parts: string[] = [];
  for (const part of all) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push('..');
  }
  return parts;
}

/**
 * The path as it is meant by what runs in the directory (filepath.Abs). On Windows one that begins with a slash is on the
 * drive of that directory (GetFullPathNameW).
 */
export function resolve(directory: string, path: string): string {
  if (!isOfWindows(directory)) return clean(isAbsolute(path) ? path : `${directory}/${path}`);
  if (isOfWindows(path)) return clean(path);
  return clean(`${/^[\\/]/.test(path) ? directory.slice(0, 2) : directory}\\${path}`);
}

/**
 * The path as it is meant by a file that lies in the directory (filepath.Join where not filepath.IsAbs). On Windows nothing is
 * absolute without its drive, so that `/etc/x` is below the directory too.
 */
export function beside(directory: string, path: string): string {
  if (!isOfWindows(directory)) return resolve(directory, path);
  return clean(isOfWindows(path) ? path : `${directory}\\${path}`);
}

/** The directory that holds a file. */
export function directoryOf(path: string): string {
  const end = isOfWindows(path) ? Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) : path.lastIndexOf('/');
  return clean(path.slice(0, end + 1));
}

/** A clean path lies below a clean directory; names of Windows have no case. */
export function isBelow(path: string, directory: string): boolean {
  if (!isOfWindows(directory)) return path.startsWith(directory === '/' ? directory : `${directory}/`);
  return path.toLowerCase().startsWith(`${directory.replace(/\\$/, '').toLowerCase()}\\`);
}

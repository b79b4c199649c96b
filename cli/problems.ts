/** What went wrong, in words for the person at the terminal: what the system, the network or AWS refused, and what to do. */
import { EvidenceFormatError } from '../lambda/judging/errors.ts';
import { ArchiveError } from '../lambda/results/errors.ts';
import { didYouMean } from './nearest.ts';

/** Something the person at the terminal can mend; each line of its message is one mistake. */
export class InputError extends Error {}

/** What a file system says (errno(3)), by what it means to who asked. */
const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'this user has no permission',
  EDQUOT: "this user's quota of the disk is used up",
  EEXIST: 'it is there already',
  EFBIG: 'no larger file may be written',
  EIO: 'the disk failed',
  EISDIR: 'it is a directory',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'there is no such file or directory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is not a directory',
  EPERM: 'this user has no permission',
  EROFS: 'its file system is read-only',
};

/** The sentence of an error that the system, the network or AWS gave; undefined for a defect of ours. */
export async function problemOf(error: Error): Promise<string | undefined> {
  if (error instanceof InputError) return error.message;
  if (error instanceof EvidenceFormatError) return `the archive cannot be judged: ${error.message}`;
  if (error instanceof ArchiveError) return error.message.replaceAll(/\s*\n\s*/g, ' ');
  if (error.name === 'CredentialsProviderError') return credentials(error);
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && code in SYSTEM) return systemProblem(error);
  const isOfNetwork = typeof code === 'string' && 'syscall' in error;
  return isOfNetwork || '$metadata' in error ? error.message.replaceAll(/\s*\n\s*/g, ' ') : undefined;
}

/** What the file system refused: the path, what it means, and its code for who searches for it. */
export function systemProblem(error: NodeJS.ErrnoException): string {
  const { code = '', path, message } = error;
  const words = SYSTEM[code];
  return words === undefined ? message : `${path === undefined ? '' : `${path}: `}${words} (${code})`;
}

async function credentials({ message }: Error): Promise<string> {
  const why = message.replace(/^.*CredentialsProviderError: /, '').replace(/\.$/, '');
  return (await unknownProfile()) ?? `${why}: log in to AWS first, or name a profile in AWS_PROFILE`;
}

/** What is wrong with the profile that AWS_PROFILE names; undefined where nothing is, or none is named. */
export async function unknownProfile(): Promise<string | undefined> {
  const { AWS_PROFILE: name } = process.env;
  if (!name) return undefined;
  const { loadSharedConfigFiles } = await import('@smithy/core/config');
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  // What is no profile has its kind before its name: `sso-session.ours`.
  const known = [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])].filter(
    (each) => !each.includes('.') || each === name,
  );
  if (known.includes(name)) return undefined;
  const others = known.length === 0 ? 'no profile is configured' : `there are ${known.slice(0, 10).join(', ')}`;
  return `AWS_PROFILE names ${JSON.stringify(name)}, which is no profile of this user: ${others}${didYouMean(name, known)}`;
}

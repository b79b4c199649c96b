/**
 * Who may write a file of Windows, which has access control lists in place of modes: told, and judged by nobody, because the
 * benchmarks ask for modes. Well-known security identifiers: Microsoft, "Security identifiers" (learn.microsoft.com).
 * Tested by test/criteria/access.test.ts.
 */
import type { FileEvidence } from '../kubelet/evidence.ts';
import { listed, oneLine } from '../platforms/wording.ts';

const NAMES: ReadonlyMap<string, string> = new Map([
  ['S-1-1-0', 'Everyone'],
  ['S-1-3-0', 'whoever creates it'],
  ['S-1-5-4', 'whoever is logged on'],
  ['S-1-5-11', 'every user who is logged on'],
  ['S-1-5-18', 'SYSTEM'],
  ['S-1-5-19', 'LOCAL SERVICE'],
  ['S-1-5-20', 'NETWORK SERVICE'],
  ['S-1-5-32-544', 'Administrators'],
  ['S-1-5-32-545', 'Users'],
  ['S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464', 'TrustedInstaller'],
]);

const nameOf = (identifier: string) => NAMES.get(identifier) ?? identifier;

const texts = {
  linux: 'The CIS benchmarks are for Linux nodes, and this one runs Windows, whose files have no modes',
  access: (path: string, owner: string, writers: string) =>
    `${path} is owned by ${owner}, and may be written by ${writers}`,
  nobody: 'nobody',
  unknown: 'an account that could not be read',
};

/** One sentence: that no mode or owner is judged, and who owns these files and may write them. */
export function accessOf(files: readonly FileEvidence[]): string {
  const told = files.flatMap(({ path, access }) => {
    if (!access) return [];
    const owner = access.owner === '-' ? texts.unknown : nameOf(access.owner);
    const writers = access.writers.length === 0 ? texts.nobody : listed(access.writers.map(nameOf));
    return [texts.access(oneLine(path), owner, writers)];
  });
  return told.length === 0 ? `${texts.linux}.` : `${texts.linux}: ${told.join('; ')}.`;
}

/**
 * Judges permission bits: a file keeps to a maximum if it sets no bit beyond it.
 * Tested by test/rules/kubelet-config-permissions.test.ts.
 */
import type { FileEvidence } from '../kubelet/evidence.ts';
import { fileAttribute } from './file-attribute.ts';
import type { Rule } from './rule.ts';
import type { FindSubject } from './subject.ts';

/** The strictest maximum of any benchmark, for a caller that names none. */
const STRICTEST = '600';

/** A check that passes where no file has a permission beyond the benchmark's maximum mode. */
export function fileMode(find: FindSubject): Rule['check'] {
  return fileAttribute(find, {
    name: 'mode',
    show: (file) => (file.mode !== undefined && /^[0-7]{1,4}$/.test(file.mode) ? `mode ${file.mode}` : undefined),
    keeps: (file, { maximumMode = STRICTEST }) =>
      (Number.parseInt(file.mode ?? '', 8) & ~Number.parseInt(maximumMode, 8)) === 0,
    wanted: ({ maximumMode = STRICTEST }) => `at most ${maximumMode}`,
    command: (files, { maximumMode = STRICTEST }) => `chmod ${taking(files, maximumMode)}`,
  });
}

/**
 * The maximum itself where each file has all of it already; else what is too much, by letters: a file of mode 660 must
 * not become readable by everybody because 644 is allowed.
 */
function taking(files: FileEvidence[], maximum: string): string {
  const most = Number.parseInt(maximum, 8);
  if (files.every(({ mode = '' }) => (Number.parseInt(mode, 8) & most) === most)) return maximum;
  const excess = files.reduce((bits, { mode = '' }) => bits | (Number.parseInt(mode, 8) & ~most), 0);
  const parts = (['u', 'g', 'o'] as const).flatMap((who, index) => {
    const bits = (excess >> (6 - 3 * index)) & 7;
    const special = who !== 'o' && (excess & (who === 'u' ? 0o4000 : 0o2000)) !== 0 ? 's' : '';
    const letters = `${bits & 4 ? 'r' : ''}${bits & 2 ? 'w' : ''}${bits & 1 ? 'x' : ''}${special}`;
    return letters === '' ? [] : [`${who}-${letters}`];
  });
  return [...parts, ...(excess & 0o1000 ? ['-t'] : [])].join(',');
}

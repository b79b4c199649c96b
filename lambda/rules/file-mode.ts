/** Judges permission bits: a file keeps to a maximum if it sets no bit beyond it. */
import { fileAttribute } from './file-attribute.ts';
import type { Rule } from './rule.ts';
import type { FindSubject } from './subject.ts';

/** The strictest maximum of any benchmark, for a caller that names none. */
const STRICTEST = '600';

/** A check that passes where no file has a permission beyond the benchmark's maximum mode. */
export function fileMode(find: FindSubject): Rule['check'] {
  return fileAttribute(find, {
    show: (file) => (file.mode !== undefined && /^[0-7]{1,4}$/.test(file.mode) ? `mode ${file.mode}` : undefined),
    keeps: (file, { maximumMode = STRICTEST }) =>
      (Number.parseInt(file.mode ?? '', 8) & ~Number.parseInt(maximumMode, 8)) === 0,
    wanted: ({ maximumMode = STRICTEST }) => `at most ${maximumMode}`,
    command: ({ maximumMode = STRICTEST }) => `chmod ${maximumMode}`,
  });
}

/** A terminal that remembers what was written to it. */
import type { Terminal } from '../../cli/terminal.ts';

export function capture(): Terminal & { stdout: string; stderr: string } {
  const kept = {
    stdout: '',
    stderr: '',
    isInteractive: false,
    out: (text: string) => {
      kept.stdout += text;
    },
    err: (text: string) => {
      kept.stderr += text;
    },
  };
  return kept;
}

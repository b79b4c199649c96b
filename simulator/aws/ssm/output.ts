/**
 * How much of a script's output reaches the API. Bytes, not characters: the agent counts in Go strings.
 * Tested by test/simulator/aws/ssm-answers.test.ts.
 */

/** Capacity of CommandPlugins[].Output (amazon-ssm-agent agent/framework/processor/executer/iohandler/iohandler.go). */
const OUTPUT = 2500;

/** MaxStdoutLength and MaxStderrLength of the same file. */
const STDOUT = 24_000;
const STDERR = 8000;

const OUT_CUT = '\n---Output truncated---';
const ERROR_CUT = '\n---Error truncated----';
const ERROR_TITLE = '\n----------ERROR-------\n';

/** The agent's TruncateOutput: both streams in one; a text must be shorter than the capacity to be left whole. */
export function combinedOutput(stdout: string, stderr: string): string {
  const out = Buffer.byteLength(stdout);
  const error = Buffer.byteLength(stderr);
  const title = error > 0 ? ERROR_TITLE : '';
  const space = OUTPUT - title.length;
  if (out + error < space) return stdout + title + stderr;
  if (out > space / 2 && error > space / 2) {
    const half = Math.floor((space - ERROR_CUT.length - OUT_CUT.length) / 2);
    return prefix(stdout, half) + OUT_CUT + title + prefix(stderr, half) + ERROR_CUT;
  }
  if (out < space / 2) return stdout + title + prefix(stderr, space - ERROR_CUT.length - out) + ERROR_CUT;
  return prefix(stdout, space - OUT_CUT.length - error) + OUT_CUT + title + stderr;
}

/** StandardOutputContent of GetCommandInvocation. */
export function standardOutput(text: string): string {
  return cut(text, STDOUT);
}

/** StandardErrorContent of GetCommandInvocation. */
export function standardError(text: string): string {
  return cut(text, STDERR);
}

/** The agent's StringPrefix with its OutputTruncatedSuffix (agent/plugins/pluginutil/pluginutil.go). */
function cut(text: string, limit: number): string {
  const suffix = '--output truncated--';
  return Buffer.byteLength(text) < limit ? text : prefix(text, limit - suffix.length) + suffix;
}

/** The first bytes of a text; a character cut in two becomes U+FFFD, as Go's JSON encoder writes it. */
function prefix(text: string, bytes: number): string {
  return Buffer.from(text).subarray(0, bytes).toString();
}

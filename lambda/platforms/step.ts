/**
 * What to do on a node, one action a step, and how a step becomes a line of text.
 * Tested by test/platforms/step.test.ts.
 */
import * as v from 'valibot';

/** One action. */
export const StepSchema = v.strictObject({
  text: v.pipe(v.string(), v.description('What to do, as one sentence.')),
  command: v.exactOptional(
    v.pipe(v.string(), v.description('The command for a POSIX shell that does it, whole and quoted.')),
  ),
});

export type Step = v.InferOutput<typeof StepSchema>;

/** A step with the command that does it, where one does. */
export function step(text: string, command?: string): Step {
  return command === undefined ? { text } : { text, command };
}

/** The same step, which is to be done on a condition: `If there are none, restart the kubelet.` */
export function given(condition: string, { text, ...rest }: Step): Step {
  return { text: `${condition} ${text.charAt(0).toLowerCase()}${text.slice(1)}`, ...rest };
}

/** A step as one sentence: ``Restart the kubelet: `systemctl restart kubelet`.`` */
export function sentence({ text, command }: Step): string {
  return command === undefined ? text : `${text.replace(/[.:]$/, '')}: \`${command}\`.`;
}

/** All steps in one line; several are numbered. */
export function inOneLine(steps: readonly Step[]): string {
  if (steps.length === 1) return steps.map(sentence).join('');
  return steps.map((each, index) => `${index + 1}. ${sentence(each)}`).join(' ');
}

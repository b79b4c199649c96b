/** A short name of what is to be done, by which remedies are told apart. Tested by test/scan/notify.test.ts. */
import { hash } from 'node:crypto';
import type { Finding } from '../criteria/rule.ts';
import { onceOf } from '../kubelet/shared.ts';

/** Equal for steps that are equal, and for no others. */
export const stepsId = onceOf((steps: NonNullable<Finding['remediation']>) =>
  hash('sha256', JSON.stringify(steps), 'base64'),
);

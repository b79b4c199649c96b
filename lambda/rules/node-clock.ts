import { duration } from '../criteria/certificate.ts';
import { skew } from '../criteria/clock.ts';
import { onNode } from '../criteria/on-node.ts';
import type { NodeView, Rule } from '../criteria/rule.ts';
import { platformOf } from '../platforms/index.ts';
import { given, type Step, step } from '../platforms/step.ts';

const texts = {
  unknown: 'The collector did not say what time it was on the node.',
  look: 'Compare the clock of the node with that of the machine that scans; set the one that is wrong.',
  right: "The node's clock agrees with the scan's.",
  off: (by: string, side: string) =>
    `The node's clock is ${by} ${side} the scan's: certificates that are valid elsewhere are not valid here or the other way round, they are renewed at the wrong time, and AWS refuses signed requests.`,
  behind: 'behind',
  ahead: 'ahead of',
  tracking: 'Look from where the node takes its time.',
  set: step('Let it take its time from Amazon Time Sync (169.254.169.123) or another source.'),
  last: 'When the clock is right,',
};

/** Certificates are as good as the clocks that they are held against. Ours: no benchmark has it. */
export const nodeClock: Rule = {
  name: 'node-clock',
  title: "The node's clock is right",
  failureTitle: "The node's clock is wrong",
  why: "A kubelet verifies the API server's certificate and decides when to renew its own by the node's clock. With a wrong clock a node drops out of its cluster although every certificate is in order, and its logs lie.",
  severity: 'medium',
  withoutArguments: true,
  references: [
    'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-time.html',
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html',
  ],
  check(node) {
    if (node.evidence.collectedAt === 0) {
      return { status: 'error', reason: texts.unknown, advisories: [], remediation: looks(node).slice(0, 1) };
    }
    const seconds = skew(node);
    if (seconds === 0) return { status: 'pass', reason: texts.right, advisories: [] };
    const reason = texts.off(duration(Math.abs(seconds)), seconds < 0 ? texts.behind : texts.ahead);
    const restart = given(texts.last, platformOf(node).restart(node));
    return { status: 'fail', reason, advisories: [], remediation: [...looks(node), texts.set, restart] };
  },
};

function looks(node: NodeView): Step[] {
  return [onNode(node, texts.look, 'timedatectl'), onNode(node, texts.tracking, 'chronyc tracking')];
}

/**
 * What became of a node that did not answer: SSM's word on its invocation, on the whole command, or on its agent → one
 * reason and one sentence. Words: AWS Systems Manager User Guide, "Understanding command statuses"; texts of the agent:
 * amazon-ssm-agent, agent/framework/runpluginutil and agent/framework/processor/executer/outofproc.
 */
import type { UnreachableReason } from '../results/node-line.ts';
import { redact } from './answer/redact.ts';

/** What a document allows one node, in seconds; ours (lambda/nodes/document.ts) and AWS-RunShellScript are given the same. */
export const EXECUTION_SECONDS = 60;

/** `again`: the silence may be SSM's or ours, or may pass, so it is worth asking this node once more. */
export type Outcome = { reason: UnreachableReason; detail: string; again?: true };

/** Statuses are spelled with and without spaces. */
export const word = (status: string) => status.toLowerCase().replaceAll(/[^a-z]/g, '');

const OUTCOMES: Record<string, Outcome> = {
  deliverytimedout: {
    reason: 'delivery-timed-out',
    detail:
      'The command was not delivered in time; check that the SSM agent of this node runs and reaches its endpoints.',
    again: true,
  },
  executiontimedout: {
    reason: 'execution-timed-out',
    detail: `The collector did not end within ${EXECUTION_SECONDS} seconds; check this node's load and disks.`,
    again: true,
  },
  undeliverable: {
    reason: 'undeliverable',
    detail: 'SSM could not deliver the command; check that the SSM agent of this node is running and up to date.',
    again: true,
  },
  terminated: {
    reason: 'terminated',
    detail: 'SSM stopped the command before it was sent to this node.',
    again: true,
  },
  cancelled: { reason: 'terminated', detail: 'The command was cancelled before this node answered.', again: true },
  cancelling: { reason: 'terminated', detail: 'The command was cancelled before this node answered.', again: true },
  rateexceeded: {
    reason: 'not-sent',
    detail: 'SSM did not send the command to this node: the account has too many pending invocations.',
    again: true,
  },
  invalidplatform: { reason: 'unsupported-platform', detail: 'The document is for another platform than this node.' },
  accessdenied: {
    reason: 'access-denied',
    detail: 'The scanner may not send the command to this node; check its tags and the scanner’s policy.',
  },
  pending: {
    reason: 'delivery-timed-out',
    detail: 'The command was still waiting for delivery when the scan ended.',
    again: true,
  },
  delayed: {
    reason: 'delivery-timed-out',
    detail: 'The command was still delayed when the scan ended.',
    again: true,
  },
  inprogress: {
    reason: 'execution-timed-out',
    detail: 'The collector was still running when the scan ended.',
    again: true,
  },
};

/** The outcome of a status that carries no answer; undefined for Success and Failed, whose output is looked at. */
export function outcomeOf(status: string): Outcome | undefined {
  const key = word(status);
  if (key === 'success' || key === 'failed') return undefined;
  return (
    OUTCOMES[key] ?? {
      reason: 'undeliverable',
      detail: `SSM reports the status ${JSON.stringify(status)}, which this version does not know.`,
      again: true,
    }
  );
}

/** What the shell and the agent say when a script could not run or did not end, and what to do about each. */
const ENDS: readonly { said: RegExp; code?: number; advice: string }[] = [
  // What Windows PowerShell says where a policy binds it (Microsoft, about_Language_Modes and about_Execution_Policies).
  {
    said: /language mode|running scripts is disabled|is not digitally signed/i,
    advice:
      'A policy of this node keeps PowerShell from running the script of its SSM agent (AppLocker, App Control, or an execution policy): allow what the agent runs.',
  },
  {
    said: /plugin\b.*\bnot found|no space left on device|read-only file system/i,
    advice: 'The SSM agent could not write or load what it runs: check for a full or read-only disk (df -h, df -i).',
  },
  {
    said: /document worker (timed out|exited|crash)|worker.*(timed out|timeout)/i,
    advice: 'The SSM agent’s worker did not start: check the node’s memory, and restart its SSM agent.',
  },
  {
    said: /permission denied/i,
    code: 126,
    advice: 'The agent’s directory is on a file system that runs no programs: mount /var without noexec.',
  },
  {
    said: /no such file or directory|not found/i,
    code: 127,
    advice: 'This node has no /bin/sh, or not the programs that a collector needs.',
  },
  {
    said: /signal: killed|\bkilled\b/i,
    code: 137,
    advice: 'Something killed it: check the kernel’s log for the out-of-memory killer.',
  },
];

/** Longest word of SSM that is repeated, in characters. */
const SAID = 200;
/** Between the two streams of a plugin's output, and where they were cut (amazon-ssm-agent, iohandler.go). */
const FRAME = /^(-{3}(Output|Error) truncated-{3,4}|-{10}ERROR-{7})$/;

/**
 * A collector that ended without its answer: the status, the exit code, the last line that SSM has of it, and what that
 * kind of end means. What SSM repeats may come from the node, so it is bounded and quoted.
 */
export function withoutAnswer(status: string, code: number | undefined, output: string): Outcome {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !FRAME.test(line.trim()));
  const last = redact(lines.at(-1)?.trim() ?? '');
  const end = ENDS.find(({ said }) => lines.some((line) => said.test(line))) ?? ENDS.find((each) => each.code === code);
  const exit = code === undefined || code < 0 ? '' : `, exit code ${code}`;
  const said = last === '' ? 'SSM says nothing more' : `SSM says ${JSON.stringify(last.slice(0, SAID))}`;
  return {
    reason: 'bad-answer',
    detail: `The collector ended without an answer (status ${JSON.stringify(status)}${exit}; ${said}). ${end?.advice ?? 'The runbook has the kinds of such ends.'}`,
    again: true,
  };
}

/** Why a command as a whole ended before its nodes were asked, by the word of ListCommands. */
const COMMAND_ENDS: Record<string, string> = {
  rateexceeded: 'its targets were more than the account may have pending invocations, so it was cancelled before any',
  noinstancesintag: 'it found no managed instance with these tags',
  incomplete: 'it was tried on all nodes and some of them never began',
  cancelled: 'somebody cancelled it',
  cancelling: 'somebody cancelled it',
  accessdenied: 'its sender may not send to these nodes',
};

/** A node that runs, whose agent is online, and to which SSM sent nothing; `ends` is how its commands ended. */
export function notSent(ends: readonly string[]): Outcome {
  const told = [...new Set(ends)].filter((end) => !['success', 'failed', ''].includes(word(end)));
  const why = told.map((end) => {
    const meaning = COMMAND_ENDS[word(end)];
    return `${JSON.stringify(end)}${meaning === undefined ? '' : ` (${meaning})`}`;
  });
  return {
    reason: 'not-sent',
    detail:
      why.length > 0
        ? `SSM did not send the command to this node although its agent is online: the command ended as ${why.join(', ')}.`
        : 'SSM did not send the command to this node although its agent is online.',
    again: true,
  };
}

/** The principal by which EC2 names EKS Auto Mode, the operator of its nodes (EC2 API reference, OperatorResponse). */
const AUTO_MODE = 'eks.amazonaws.com';

/**
 * What SSM knows of the agent of a node that got nothing; undefined where it is online. Instances of EKS Auto Mode take no
 * software of their users (EKS User Guide, Learn about Amazon EKS Auto Mode Managed instances), but their kubelets answer
 * the API server.
 */
export function agentOutcome(ping: string | undefined, operator?: string): Outcome | undefined {
  if (ping === 'Online') return undefined;
  if (ping !== undefined) {
    return { reason: 'connection-lost', detail: `The SSM agent of this node does not answer (ping status ${ping}).` };
  }
  if (operator === AUTO_MODE) {
    return {
      reason: 'not-managed',
      detail:
        'EKS Auto Mode manages this instance and lets nobody run commands on it, so it cannot be scanned. Its kubelet tells its configuration through the API server (kubectl get --raw /api/v1/nodes/NODE/proxy/configz, where NODE is its name in the cluster); AWS answers for the rest.',
    };
  }
  if (operator !== undefined) {
    return {
      reason: 'not-managed',
      detail: `${operator} manages this instance and lets nobody run commands on it, so it cannot be scanned.`,
    };
  }
  return {
    reason: 'not-managed',
    detail:
      'No SSM agent has registered this node. Install the agent and give the instance profile AmazonSSMManagedInstanceCore; for a system that takes no agent, such as Talos, docs/nodes.md says how to read it.',
  };
}

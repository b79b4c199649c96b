/**
 * The shape of a rule and of its answer. A rule is data plus one pure function.
 * Tested by test/rules/catalogue.test.ts.
 */
import * as v from 'valibot';
import type { NodeFacts } from '../platforms/platform.ts';
import { StepSchema } from '../platforms/step.ts';

export const STATUSES = ['pass', 'fail', 'manual', 'not-applicable', 'error'] as const;

export type Status = (typeof STATUSES)[number];

/** The most urgent first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** Whether something is as severe as this, or more. */
export function isAtLeast(severity: Severity, minimum: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(minimum);
}

/** A hazard that the benchmark does not see; `id` is stable, `text` is for people. */
const AdvisorySchema = v.strictObject({ id: v.string(), text: v.string() });

export type Advisory = v.InferOutput<typeof AdvisorySchema>;

/** A numbered recommendation of a benchmark version: `{benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11'}`. */
const ControlReferenceSchema = v.strictObject({ benchmark: v.string(), control: v.string() });

export type ControlReference = v.InferOutput<typeof ControlReferenceSchema>;

const audit = (description: string) =>
  v.exactOptional(v.pipe(v.picklist(['pass', 'fail']), v.description(description)));

/** A control that a finding answers. */
const AnsweredControlSchema = v.strictObject({
  ...ControlReferenceSchema.entries,
  manual: v.exactOptional(
    v.pipe(
      v.literal(true),
      v.description('The benchmark leaves this control to people; that it is decided all the same is ours.'),
    ),
  ),
  audit: audit("What this control's own procedure says, where it is not what the finding's audit says."),
});

export type AnsweredControl = v.InferOutput<typeof AnsweredControlSchema>;

/** What a rule sees: one kubelet of one node, and the node around it. */
export type NodeView = NodeFacts & {
  /** Seconds since the epoch; injected, so that a replay gives the same answer. */
  now: number;
  /** Asks what `compute` says of this node or said of another of its kind; see ofKind. Absent where nothing is known of others. */
  ofKind?: <T>(name: string, compute: (node: NodeView) => T) => T;
};

/** What a rule answers. */
const VerdictSchema = v.strictObject({
  status: v.picklist(STATUSES),
  audit: audit("What the benchmark's own audit procedure literally says; absent where it cannot be run."),
  reason: v.pipe(v.string(), v.description('One sentence with the value and where it came from.')),
  advisories: v.pipe(v.array(AdvisorySchema), v.description('Hazards that the benchmark does not see.')),
  remediation: v.exactOptional(
    v.pipe(
      v.array(StepSchema),
      v.minLength(1),
      v.readonly(),
      v.description('What to do on this node, one action a step; absent where there is nothing to do.'),
    ),
  ),
});

export type Verdict = v.InferOutput<typeof VerdictSchema>;

/** One rule's answer for one node. */
export const FindingSchema = v.strictObject({
  rule: v.pipe(v.string(), v.description('Our stable name of the check.')),
  severity: v.exactOptional(v.pipe(v.picklist(SEVERITIES), v.description('How bad it is where the rule fails.'))),
  controls: v.array(AnsweredControlSchema),
  ...VerdictSchema.entries,
  waiver: v.exactOptional(v.strictObject({ reason: v.string(), owner: v.string(), until: v.string() })),
});

export type Finding = v.InferOutput<typeof FindingSchema>;

/** Parameters that benchmark versions and settings give to rules. */
export type Parameters = {
  /** Largest mode the benchmark allows for a file, octal: `644`. */
  maximumMode?: string;
  /** The cipher suites that the benchmark accepts. */
  suites?: readonly string[];
  /** Rotation of the serving certificate needs serverTLSBootstrap besides the gate. */
  bootstrap?: true;
  /** `client-certificate-expiry` fails within this many days. */
  expiryDays: number;
};

/** What stops a node: one of its certificates runs out, or its kubelet's next start fails or cannot authenticate. */
export type Hazard = 'client-certificate' | 'serving-certificate' | 'authority-certificate' | 'next-start';

/**
 * What judges a node, and what its verdict rests on where the arguments of a kubelet are hidden: files alone, or settings
 * (v1beta1 paths), one of which an argument or a file that was seen must then decide.
 */
export type Check = {
  (node: NodeView, parameters: Parameters): Verdict;
  restsOn?: 'files' | readonly string[];
};

/** The same check, whose verdict `adapt` completes. */
export function adapted(check: Check, adapt: (verdict: Verdict, node: NodeView) => Verdict): Check {
  return Object.assign(
    (node: NodeView, parameters: Parameters) => adapt(check(node, parameters), node),
    check.restsOn && { restsOn: check.restsOn },
  );
}

export type Rule = {
  name: string;
  /** What is so where it passes; it names the rule wherever no finding is spoken of. */
  title: string;
  /** What is so where it fails: an open finding is shown by it, so that no title contradicts its status. */
  failureTitle: string;
  /** Why it matters, in our own words. */
  why: string;
  severity: Severity;
  /** What an open finding says will stop the node, which puts it at risk. Only rules of our own have it. */
  hazard?: Hazard;
  /**
   * What the benchmarks want to see, and the command of their audit; absent for rules of our own. `$config`, `$kubeconfig`,
   * `$service`, `$client-ca`, `$proxy-kubeconfig`, `$proxy-config` stand for the node's files, `$unit` for its unit, `$mode`
   * for the benchmark's largest mode.
   */
  procedure?: { expected: string; command: string };
  /** It rests on no argument of the kubelet, so it is judged where a program of another name hides these, too. */
  withoutArguments?: true;
  /** Why it means nothing on Windows, as what follows "and"; absent where it is judged there too, or its check says so itself. */
  linuxOnly?: string;
  /** Sources of the facts it implements: public addresses. */
  references: string[];
  check: Check;
};

/**
 * The shape of a rule and of its answer. A rule is data plus one pure function.
 * Tested by test/rules/catalogue.test.ts.
 */
import type { NodeFacts } from '../platforms/platform.ts';

export type Status = 'pass' | 'fail' | 'manual' | 'not-applicable' | 'error';

export type Severity = 'critical' | 'high' | 'medium' | 'low';

/** A hazard that the benchmark does not see; `id` is stable, `text` is for people. */
export type Advisory = { id: string; text: string };

/** A numbered recommendation of a benchmark version: `{benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11'}`. */
export type ControlReference = { benchmark: string; control: string };

/** A control that a finding answers. */
export type AnsweredControl = ControlReference & {
  /** The benchmark leaves it to people; that it is decided all the same is ours. */
  manual?: true;
  /** What this control's own procedure says, where it is not what the finding's `audit` says. */
  audit?: 'pass' | 'fail';
};

/** What a rule sees: one kubelet of one node, and the node around it. */
export type NodeView = NodeFacts & {
  /** Seconds since the epoch; injected, so that a replay gives the same answer. */
  now: number;
};

export type Verdict = {
  status: Status;
  /** What the benchmark's own audit procedure literally says; absent where it cannot be run. */
  audit?: 'pass' | 'fail';
  /** One sentence with the value and where it came from. */
  reason: string;
  advisories: Advisory[];
  /** What to do on this node, in one or a few sentences; absent where there is nothing to do. */
  remediation?: string;
};

/** One rule's answer for one node. */
export type Finding = Verdict & {
  rule: string;
  controls: AnsweredControl[];
  waiver?: { reason: string; owner: string; until: string };
};

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
export type Hazard = 'client-certificate' | 'serving-certificate' | 'next-start';

export type Rule = {
  name: string;
  title: string;
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
  /** Sources of the facts it implements: public addresses. */
  references: string[];
  check(node: NodeView, parameters: Parameters): Verdict;
};

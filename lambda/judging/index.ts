/**
 * The rule core: judges what kubelets are effectively configured to do against the CIS benchmarks. Pure functions on
 * plain data: no input or output, no AWS, nothing of Node, so it also runs in a browser.
 * Tested by test/judging/evaluate.test.ts.
 */

export { clientCertificate } from '../criteria/client-certificate.ts';
export type {
  Advisory,
  AnsweredControl,
  ControlReference,
  Finding,
  NodeView,
  Parameters,
  Rule,
  Severity,
  Status,
  Verdict,
} from '../criteria/rule.ts';
export { isEks } from '../platforms/eks.ts';
export {
  type Benchmark,
  benchmark,
  benchmarks,
  type Choice,
  type Control,
  chooseBenchmark,
  controlsOf,
  type OtherControl,
  rangeOf,
  readBenchmark,
} from './benchmarks.ts';
export {
  automaticBenchmark,
  type EvaluationInput,
  type EvaluationOptions,
  evaluate,
} from './evaluate.ts';
export { frameworks, requirementsOf } from './frameworks.ts';
export { catalog, type Meaning, meanings, resolveRule, rules } from './names.ts';
export { expired, reviewWaivers, usedWaivers, type Waiver, type WaiverReview, type WaiverTarget } from './waive.ts';

/**
 * One line of the findings file: a node, what became of it, and every finding. `check --json` prints the same shape.
 * Tested by test/results/schemas.test.ts.
 */

import * as v from 'valibot';
import type { Finding } from '../criteria/rule.ts';
import { type CertificateLife, certificateRoles } from '../judging/certificates.ts';
import type { KubeletVersion, Settings } from '../kubelet/configuration.ts';
import { time } from './shapes.ts';

/** Why a node has no answer; sources of each in lambda/nodes/run-command.ts. */
export const unreachableReasons = [
  'not-managed',
  'connection-lost',
  'delivery-timed-out',
  'execution-timed-out',
  'undeliverable',
  'access-denied',
  'terminated',
  'unsupported-platform',
  'no-kubelet',
  'bad-answer',
  'gone',
] as const;

export type UnreachableReason = (typeof unreachableReasons)[number];

/** The node as EC2 knows it; a node that is checked locally has only an id. */
export type NodeIdentity = {
  /** Instance id: `i-0abc…`. */
  id: string;
  account?: string;
  region?: string;
  /** From `eks:cluster-name` or `kubernetes.io/cluster/<name>`. */
  cluster?: string;
  /** The Name tag. */
  name?: string;
  /** Which nodes it is alike with: its EKS node group, Karpenter node pool or Auto Scaling group. */
  group?: string;
  /** Who owns it, by its tag Owner or Team. */
  owner?: string;
  /** Private DNS name, by which Kubernetes usually knows it. */
  privateDnsName?: string;
};

export type NodeLine = {
  node: NodeIdentity;
  coverage: 'evaluated' | 'unreachable';
  /** Only where unreachable. */
  reason?: UnreachableReason;
  /** One sentence for people: what happened and what to look at. */
  detail?: string;
  /** The kubelet that was judged (the first where there are several); absent where it would not start. */
  kubelet?: { pid: number; version?: KubeletVersion['text']; settings?: Settings };
  /** The benchmark that was chosen for this node, and why; absent where the settings name all of them. */
  benchmark?: { name: string; reason: string };
  /** The certificates that this node lives by, as far as their dates were seen; absent where none were. */
  certificates?: CertificateLife[];
  /** What the collector could not read of an evaluated node, in its words; absent where it read everything. */
  notes?: string[];
  findings: Finding[];
};

/** Counts of one scan or of one target. */
export type Counts = {
  nodes: number;
  evaluated: number;
  /** By reason; reasons that did not occur are absent. */
  unreachable: Partial<Record<UnreachableReason, number>>;
  /** Findings by status. */
  findings: Record<Finding['status'], number>;
  /** Failures that a waiver accepts; they are counted as failures too. */
  waived: number;
};

const text = v.exactOptional(v.string());
const source = v.looseObject({ kind: v.string(), where: text });

/** A node line as it is read back. Settings are only for showing, so their values may be anything. */
export const NodeLineSchema = v.strictObject({
  node: v.strictObject({
    id: v.string(),
    account: text,
    region: text,
    cluster: text,
    name: text,
    group: text,
    owner: text,
    privateDnsName: text,
  }),
  coverage: v.picklist(['evaluated', 'unreachable']),
  reason: v.exactOptional(v.picklist(unreachableReasons)),
  detail: text,
  benchmark: v.exactOptional(v.strictObject({ name: v.string(), reason: v.string() })),
  notes: v.exactOptional(v.array(v.string())),
  certificates: v.exactOptional(
    v.array(
      v.strictObject({
        role: v.picklist(certificateRoles),
        path: v.string(),
        notAfter: time,
        renews: v.exactOptional(v.boolean()),
      }),
    ),
  ),
  kubelet: v.exactOptional(
    v.strictObject({
      pid: v.number(),
      version: text,
      settings: v.exactOptional(
        v.record(
          v.string(),
          v.looseObject({
            value: v.unknown(),
            source,
            overrode: v.exactOptional(v.array(v.looseObject({ value: v.unknown(), source }))),
          }),
        ),
      ),
    }),
  ),
  findings: v.array(
    v.strictObject({
      rule: v.string(),
      controls: v.array(
        v.strictObject({
          benchmark: v.string(),
          control: v.string(),
          manual: v.exactOptional(v.literal(true)),
          audit: v.exactOptional(v.picklist(['pass', 'fail'])),
        }),
      ),
      status: v.picklist(['pass', 'fail', 'manual', 'not-applicable', 'error']),
      audit: v.exactOptional(v.picklist(['pass', 'fail'])),
      reason: v.string(),
      advisories: v.array(v.strictObject({ id: v.string(), text: v.string() })),
      remediation: text,
      waiver: v.exactOptional(v.strictObject({ reason: v.string(), owner: v.string(), until: v.string() })),
    }),
  ),
}) as unknown as v.GenericSchema<unknown, NodeLine>;

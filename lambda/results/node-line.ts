/**
 * One line of the findings file: a node, what became of it, and every finding. `check --json` prints the same shape.
 * Tested by test/results/schemas.test.ts.
 */
import * as v from 'valibot';
import { FindingSchema } from '../criteria/rule.ts';
import { CertificateLifeSchema } from '../judging/certificates.ts';
import { SettingValuesSchema, SourceSchema } from '../kubelet/configuration.ts';
import { ScanColumns } from './shapes.ts';

/** Why a node has no answer; sources of each in lambda/nodes/outcome.ts. */
export const UNREACHABLE_REASONS = [
  'not-running',
  'not-managed',
  'connection-lost',
  'delivery-timed-out',
  'execution-timed-out',
  'undeliverable',
  'not-sent',
  'access-denied',
  'terminated',
  'unsupported-platform',
  'no-kubelet',
  'bad-answer',
  'gone',
  'joined-later',
] as const;

export type UnreachableReason = (typeof UNREACHABLE_REASONS)[number];

const text = (description: string) => v.exactOptional(v.pipe(v.string(), v.description(description)));

/** The node as EC2 knows it; a node that is checked locally has only an id. */
export const NodeIdentitySchema = v.strictObject({
  id: v.pipe(v.string(), v.description('Id of the EC2 instance, or of the managed node outside of EC2 (mi-…).')),
  account: v.exactOptional(v.string()),
  region: v.exactOptional(v.string()),
  cluster: text('From the tag eks:cluster-name or kubernetes.io/cluster/<name>.'),
  name: text('The Name tag.'),
  group: text('Which nodes it is alike with: its EKS node group, Karpenter node pool or Auto Scaling group.'),
  owner: text('Who owns it, by its tag Owner, else Team.'),
  privateDnsName: text('By which Kubernetes usually knows it.'),
  image: text('The machine image that it was started from.'),
});

export type NodeIdentity = v.InferOutput<typeof NodeIdentitySchema>;

const place = text('Where it stands, with the line where that was seen, as `explain` says it; absent for a default.');

/** What a setting replaced may have been anything, and so may be a setting that another version of ours knew. */
function settingOf(value: v.GenericSchema) {
  return v.strictObject({
    value,
    source: SourceSchema,
    place,
    overrode: v.exactOptional(
      v.pipe(
        v.array(v.strictObject({ value: v.unknown(), source: SourceSchema, place })),
        v.description('What this value replaced, nearest first; defaults are not listed.'),
      ),
    ),
  });
}

/** Settings as they are archived. */
export const SettingsSchema = v.objectWithRest(
  Object.fromEntries(
    Object.entries(SettingValuesSchema.entries).map(([path, value]) => [path, v.exactOptional(settingOf(value))]),
  ),
  settingOf(v.unknown()),
);

const KubeletSchema = v.strictObject({
  pid: v.pipe(v.number(), v.integer(), v.minValue(0)),
  version: text('As `kubelet --version` prints it.'),
  settings: v.exactOptional(
    v.pipe(
      SettingsSchema,
      v.description('Each setting as this kubelet computes it, by its v1beta1 path. Durations as Go prints them.'),
    ),
  ),
});

const absent = v.exactOptional(v.never());

const UnreachableSchema = v.strictObject({
  ...ScanColumns,
  node: NodeIdentitySchema,
  coverage: v.literal('unreachable'),
  reason: v.picklist(UNREACHABLE_REASONS),
  detail: text('One sentence: what happened and what to look at.'),
  kubelet: absent,
  benchmark: absent,
  certificates: absent,
  notes: absent,
  findings: v.pipe(v.array(FindingSchema), v.maxLength(0)),
});

const EvaluatedSchema = v.strictObject({
  ...ScanColumns,
  node: NodeIdentitySchema,
  coverage: v.literal('evaluated'),
  reason: absent,
  detail: absent,
  kubelet: v.exactOptional(
    v.pipe(
      KubeletSchema,
      v.description(
        'The kubelet that was judged (the first where there are several); without settings where they are not known.',
      ),
    ),
  ),
  benchmark: v.exactOptional(
    v.pipe(
      v.strictObject({
        name: v.string(),
        reason: v.pipe(
          v.string(),
          v.description('One sentence: which versions of Kubernetes it covers, and which this node is.'),
        ),
      }),
      v.description('The benchmark that was chosen for this node; absent where the settings name all of them.'),
    ),
  ),
  certificates: v.exactOptional(
    v.pipe(
      v.array(CertificateLifeSchema),
      v.description(
        'The certificates that this node lives by, as far as their dates were seen, the first to end first.',
      ),
    ),
  ),
  notes: v.exactOptional(
    v.pipe(
      v.array(v.string()),
      v.description('What the collector could not read, in its words; absent where it read everything.'),
    ),
  ),
  findings: v.array(FindingSchema),
});

/** A node that did not answer has a reason and no finding; one that was evaluated has no reason. */
export const NodeLineSchema = v.pipe(
  v.variant('coverage', [EvaluatedSchema, UnreachableSchema]),
  v.title('Node line'),
  v.description(
    'One line of findings/<account>-<region>.ndjson.gz, and what `check --json` prints: a node, what became of it, and every finding.',
  ),
);

export type NodeLine = v.InferOutput<typeof NodeLineSchema>;

export type EvaluatedLine = v.InferOutput<typeof EvaluatedSchema>;

export type UnreachableLine = v.InferOutput<typeof UnreachableSchema>;

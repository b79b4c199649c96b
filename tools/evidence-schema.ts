/**
 * What lines of `evidence/` and `inventory/` are, as schemas: for JSON Schema only, because what nodes told is checked when it is read
 * (lambda/nodes/answer). The compiler holds them to the types. Tested by test/results/schemas.test.ts.
 */
import * as v from 'valibot';
import type { Evidence } from '../lambda/kubelet/evidence.ts';
import type { InventoryNode } from '../lambda/nodes/inventory.ts';
import type { EvidenceLine } from '../lambda/results/evidence-line.ts';
import { NodeIdentitySchema, UNREACHABLE_REASONS } from '../lambda/results/node-line.ts';

const text = v.exactOptional(v.string());
const number = v.exactOptional(v.number());
const flag = v.exactOptional(v.literal(true));
const digits = v.pipe(v.number(), v.integer());
const seconds = v.exactOptional(v.pipe(v.number(), v.description('Seconds since the epoch.')));

const ROLES = [
  ...(['config', 'drop-in', 'kubeconfig', 'client-ca', 'client-certificate', 'client-key'] as const),
  ...(['serving-certificate', 'serving-key', 'authority', 'service', 'environment', 'folder', 'program'] as const),
  ...(['static-pods', 'credential-provider', 'volume-plugins', 'cni', 'named', 'proxy-kubeconfig'] as const),
  'proxy-config' as const,
];

const FileSchema = v.strictObject({
  path: v.string(),
  role: v.picklist(ROLES),
  state: v.picklist(['file', 'missing', 'directory', 'unreadable', 'other']),
  symlink: flag,
  mode: v.exactOptional(v.pipe(v.string(), v.description('Permission bits, octal.'))),
  access: v.exactOptional(
    v.pipe(
      v.strictObject({ owner: v.string(), writers: v.array(v.string()) }),
      v.description(
        'On Windows, in place of mode and owners: security identifiers of its owner and of those who may write it.',
      ),
    ),
  ),
  uid: number,
  gid: number,
  size: v.exactOptional(v.pipe(v.number(), v.description('Bytes.'))),
  modifiedAt: seconds,
  content: v.exactOptional(
    v.pipe(v.string(), v.description('What the allow-list lets out, printed anew; other values are REDACTED or null.')),
  ),
  withheld: v.exactOptional(v.pipe(v.string(), v.description('Why the text was not sent.'))),
  flags: v.exactOptional(v.array(v.strictObject({ name: v.string(), line: digits }))),
});

const KubeconfigSchema = v.strictObject({
  path: v.string(),
  state: v.picklist(['read', 'missing', 'unreadable', 'refused']),
  problem: text,
  user: text,
  exec: v.exactOptional(v.strictObject({ command: v.string() })),
  token: flag,
  tokenFile: text,
  clientCertificate: text,
  clientCertificateData: flag,
  clientKey: text,
  certificateAuthority: text,
  certificateAuthorityData: flag,
  other: text,
});

const CertificateSchema = v.strictObject({
  path: v.string(),
  subject: text,
  issuer: text,
  serial: text,
  notBefore: seconds,
  notAfter: seconds,
  fingerprint: v.exactOptional(v.pipe(v.string(), v.description('SHA-256 of the DER form.'))),
  names: v.exactOptional(v.array(v.string())),
  problem: text,
  damaged: flag,
});

const KubeletSchema = v.strictObject({
  pid: digits,
  host: v.picklist(['kubelet', 'hyperkube', 'k3s', 'microk8s']),
  argv: v.array(v.string()),
  settings: v.exactOptional(
    v.pipe(
      v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.array(v.string())])),
      v.description("What Bottlerocket's API said of settings.kubernetes: arguments and files follow from these."),
    ),
  ),
  unread: text,
  exe: text,
  cwd: v.string(),
  contained: flag,
  startedAt: seconds,
  startedWithin: number,
  version: text,
  dropInEnvironment: flag,
  unit: text,
  files: v.array(FileSchema),
  dropInDirectories: v.array(
    v.strictObject({ path: v.string(), state: v.picklist(['directory', 'missing', 'unreadable', 'other']) }),
  ),
  kubeconfigs: v.array(KubeconfigSchema),
  clientCertificates: v.array(CertificateSchema),
  servingCertificates: v.array(CertificateSchema),
  authorities: v.array(v.strictObject({ ...CertificateSchema.entries, of: v.picklist(['kubeconfig', 'client-ca']) })),
});

const ProxySchema = v.strictObject({
  pid: digits,
  argv: v.array(v.string()),
  cwd: v.string(),
  unread: v.exactOptional(
    v.pipe(v.string(), v.description("Why its arguments are not known, or whether it is the node's own.")),
  ),
  contained: flag,
  files: v.array(FileSchema),
});

const EvidenceSchema = v.strictObject({
  format: v.literal(2),
  collectedAt: v.pipe(v.number(), v.description("Seconds since the epoch, by the node's clock.")),
  os: v.strictObject({ id: text, version: text, variant: text }),
  cgroup: v.exactOptional(v.picklist([1, 2])),
  runtime: v.exactOptional(v.strictObject({ name: v.string(), version: text })),
  hostname: text,
  addresses: v.exactOptional(v.array(v.string())),
  kubelets: v.array(KubeletSchema),
  proxies: v.array(ProxySchema),
  notes: v.array(v.string()),
});

const tags = v.record(v.string(), v.string());
const about = { node: NodeIdentitySchema, tags };

export const EvidenceLineDocument = v.pipe(
  v.union([
    v.strictObject({ ...about, evidence: EvidenceSchema }),
    v.strictObject({ ...about, reason: v.picklist(UNREACHABLE_REASONS), detail: v.string() }),
  ]),
  v.title('Evidence line'),
  v.description(
    'One line of evidence/<account>-<region>.ndjson.gz: what a node told, redacted, or why there is nothing of it.',
  ),
);

export const InventoryLineDocument = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.description('Id of the EC2 instance, or of the managed node outside of EC2 (mi-…).')),
    cluster: text,
    name: text,
    group: text,
    owner: text,
    privateDnsName: text,
    image: v.exactOptional(v.pipe(v.string(), v.description('AMI from which it was started.'))),
    windows: flag,
    state: v.exactOptional(v.pipe(v.string(), v.description('Of the instance, where it is not running.'))),
    why: text,
    operator: text,
    tags,
  }),
  v.title('Inventory line'),
  v.description('One line of inventory/<account>-<region>.ndjson.gz: a node that must be accounted for.'),
);

/** A type without what no JSON shows: `readonly`, and whether it was written as one object or as several. */
type Plain<T> = T extends readonly (infer E)[]
  ? Plain<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Plain<T[K]> }
    : T;
/** Types that are one, optional properties included: where each can stand for the other, one may lack those. */
type Same<A, B> = Identical<Plain<A>, Plain<B>>;
type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
/** Does not compile where a schema and its type differ. */
export const HELD: [
  Same<v.InferOutput<typeof EvidenceSchema>, Evidence>,
  Same<v.InferOutput<typeof InventoryLineDocument>, InventoryNode>,
  Same<v.InferOutput<typeof EvidenceLineDocument>, EvidenceLine>,
] = [true, true, true];

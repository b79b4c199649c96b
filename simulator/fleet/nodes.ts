/**
 * The embedded fleet: one node for each thing that a nightly scan meets.
 * Tested by test/simulator/fleet/serve.test.ts.
 */
import type { TargetAccess } from '../../lambda/settings.ts';
import {
  certificateAuthority,
  configuration,
  eksAl2,
  eksAl2023,
  type Image,
  kubeadm,
  successorAuthority,
} from './images.ts';
import type { SimulatedRoot } from './root.ts';

const DAY = 86_400;

export type SimulatedNode = {
  id: string;
  name: string;
  privateDnsName: string;
  tags: Record<string, string>;
  /** It runs Windows: the name of the recorded answer that its collector gives (windows.ts). */
  windows?: string;
  /** Whether an SSM agent has registered, and whether it answers. */
  agent: 'online' | 'lost' | 'absent';
  /** What its collector finds; absent where nothing can be sent. */
  root?: SimulatedRoot;
  /** What becomes of its answer on the way. */
  answer?: 'cut' | 'Execution Timed Out';
};

export const ACCOUNT = '111122223333';
const MEMBER = '444455556666';
export const REGION = 'eu-central-1';

/** The role that the scan assumes in the other account. */
export const MEMBER_ROLE = 'kubevigil-member';

/** `denied`: nobody may list its instances, so that the target as a whole cannot be scanned. */
export type FleetTarget = TargetAccess & { denied?: true };

const roleArn = `arn:aws:iam::${MEMBER}:role/${MEMBER_ROLE}`;

/**
 * Where the simulated nodes are: in one account and region, or spread over two accounts × two regions; `kinds` has a node of
 * each kind instead of those that a night meets.
 */
export const FLEETS = {
  one: [{ account: ACCOUNT, region: REGION }],
  kinds: [{ account: ACCOUNT, region: REGION }],
  several: [
    { account: ACCOUNT, region: REGION },
    { account: ACCOUNT, region: 'us-east-1' },
    { account: MEMBER, region: REGION, roleArn },
    { account: MEMBER, region: 'us-east-1', roleArn, denied: true },
  ],
} as const satisfies Record<string, readonly FleetTarget[]>;

export type FleetName = keyof typeof FLEETS;

/** The authority of its cluster is being rotated: this node trusts the successor already. */
function rotating(root: SimulatedRoot): SimulatedRoot {
  const path = '/etc/kubernetes/pki/ca.crt';
  return { ...root, files: { ...root.files, [path]: certificateAuthority + successorAuthority } };
}

/** The nodes, whose kubelets started 20 days before `now` (seconds). */
export function embeddedFleet(now: number): SimulatedNode[] {
  const startedAt = now - 20 * DAY;
  const nodes: SimulatedNode[] = [];
  const add = (
    cluster: string,
    name: string,
    root: ((image: Omit<Image, 'version'>) => SimulatedRoot) | undefined,
    more: Partial<SimulatedNode> = {},
  ) => {
    const number = nodes.length + 1;
    const privateDnsName = `ip-10-0-${number}-${10 + number}.${REGION}.compute.internal`;
    const tags: Record<string, string> = { Name: name, kubevigil: 'scan' };
    if (cluster === 'shop') tags['eks:cluster-name'] = cluster;
    else tags[`kubernetes.io/cluster/${cluster}`] = 'owned';
    const group = name === 'shop-legacy-al2' ? 'shop-legacy' : `${cluster}-workers`;
    if (root) tags[cluster === 'shop' ? 'eks:nodegroup-name' : 'aws:autoscaling:groupName'] = group;
    nodes.push({
      id: `i-0${number.toString(16).padStart(2, '0')}c4f1a9d2e7b630`,
      name,
      privateDnsName,
      tags,
      agent: 'online',
      ...(root ? { root: root({ host: privateDnsName, startedAt }) } : {}),
      ...more,
    });
  };
  const eks = 'v1.32.3-eks-473151a';
  const v = 'v1.31.6';

  add('shop', 'shop-workers-1', (image) => rotating(eksAl2023({ ...image, version: eks })));
  add('shop', 'shop-workers-2', (image) =>
    rotating(
      eksAl2023(
        { ...image, version: eks },
        // A gate that is always on since 1.31 and gone in 1.33: its user's NodeConfig comes along to the next image.
        {
          maxPods: 58,
          logging: { verbosity: 3 },
          featureGates: { DisableKubeletCloudCredentialProviders: true },
        },
      ),
    ),
  );
  add('shop', 'shop-rotation-forced', (image) => eksAl2023({ ...image, version: eks }, { rotateCertificates: true }));
  add('shop', 'shop-legacy-al2', (image) => eksAl2({ ...image, version: 'v1.29.15-eks-3abbec1' }));
  add('payments', 'payments-good', (image) => kubeadm({ ...image, version: v }));
  add('payments', 'payments-flag-false', (image) =>
    kubeadm({ ...image, version: v }, { extraArguments: ['--rotate-certificates=false'] }),
  );
  add('payments', 'payments-flag-underscore', (image) =>
    // Some hours more than twelve days from now, so that every count of days says twelve.
    kubeadm({ ...image, version: v }, { extraArguments: ['--rotate_certificates=0'], expiresDaysAfter: 32.125 }),
  );
  add('payments', 'payments-drop-in', (image) =>
    kubeadm(
      { ...image, version: v },
      {
        dropIns: {
          '10-defaults.conf': configuration('maxPods: 110'),
          '90-hotfix.conf': configuration('rotateCertificates: false'),
        },
      },
    ),
  );
  add('payments', 'payments-unset', (image) =>
    kubeadm({ ...image, version: v }, { config: configuration('cgroupDriver: systemd'), expiresDaysAfter: 90 }),
  );
  add('payments', 'payments-external-ca', (image) =>
    kubeadm(
      { ...image, version: v },
      { certificate: '/etc/corporate-pki/node.pem', bootstraps: false, config: configuration('cgroupDriver: systemd') },
    ),
  );
  add('payments', 'payments-broken-config', (image) =>
    kubeadm(
      { ...image, version: v },
      { config: configuration('rotateCertificates: "true"'), configModifiedAt: now - DAY },
    ),
  );
  add('payments', 'payments-no-agent', undefined, { agent: 'absent' });
  add('payments', 'payments-agent-lost', undefined, { agent: 'lost' });
  add('payments', 'payments-bastion', () => ({ os: { id: 'ubuntu', version: '24.04' }, processes: [], files: {} }));
  add('payments', 'payments-cut-answer', (image) => kubeadm({ ...image, version: v }), { answer: 'cut' });
  add('payments', 'payments-overloaded', undefined, { answer: 'Execution Timed Out' });
  return nodes;
}

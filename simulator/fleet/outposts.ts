/**
 * A node of a local EKS cluster on an Outpost: Amazon Linux 2023 whose kubelet has a client certificate, asked for by IAM
 * (awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go, withOutpostSetup, and kubeconfig.go, writeKubeconfig).
 * Tested by test/simulator/fleet/outposts.test.ts.
 */
import { clientCertificate } from './certificate.ts';
import { certificateKubeconfig, eksAl2023, execKubeconfig, type Image } from './images.ts';
import type { SimulatedRoot } from './root.ts';

const DAY = 86_400;
const PKI = '/var/lib/kubelet/pki';
const BOOTSTRAP = '/var/lib/kubelet/bootstrap-kubeconfig';

/** `config` is the user's, which nodeadm writes into a drop-in; `expiresDaysAfter` counts from the kubelet's start. */
export function eksOutpost(
  image: Image,
  { config, expiresDaysAfter = 335 }: { config?: Record<string, unknown>; expiresDaysAfter?: number } = {},
): SimulatedRoot {
  const root = eksAl2023(image, config);
  const { host, startedAt } = image;
  const client = clientCertificate(host, startedAt - 30 * DAY, startedAt + expiresDaysAfter * DAY, 'kubernetes');
  const own = `${PKI}/kubelet-client-2026-10-24-02-00-00.pem`;
  return {
    ...root,
    processes: root.processes.map((each) => ({ ...each, argv: [...each.argv, `--bootstrap-kubeconfig=${BOOTSTRAP}`] })),
    files: {
      ...root.files,
      [BOOTSTRAP]: execKubeconfig('aws-iam-authenticator', ['token', '-i', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0']),
      '/var/lib/kubelet/kubeconfig': {
        text: certificateKubeconfig(host, `${PKI}/kubelet-client-current.pem`),
        mode: '600',
      },
      [own]: { text: client.certificate + client.key, mode: '600' },
    },
    links: { ...root.links, [`${PKI}/kubelet-client-current.pem`]: own },
  };
}

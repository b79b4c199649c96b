/**
 * A node that runs Bottlerocket, as Run Command meets it: its control container, in which there is no kubelet and no file
 * of the host, but the client of its API (bottlerocket-os/bottlerocket-control-container, Dockerfile; bottlerocket-core-kit,
 * sources/host-ctr). Its defaults are those of the variant aws-k8s.
 * Tested by test/simulator/fleet/bottlerocket.test.ts.
 */
import { certificateAuthority } from './images.ts';
import type { SimulatedRoot } from './root.ts';

export type BottlerocketOptions = {
  release?: string;
  variant?: string;
  /** Below `settings.kubernetes.`; null takes one of the defaults away. */
  settings?: Record<string, string | number | boolean | string[] | null>;
};

/** What no answer may show. */
export const TOKEN = 'abcdef.0123456789abcdef';

export function bottlerocket({
  release = '1.50.0',
  variant = 'aws-k8s-1.34',
  settings = {},
}: BottlerocketOptions = {}): SimulatedRoot {
  const kubernetes = {
    'api-server': 'https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com',
    'authentication-mode': 'aws',
    'bootstrap-token': TOKEN,
    'cloud-provider': 'external',
    'cluster-certificate': Buffer.from(certificateAuthority).toString('base64'),
    'cluster-domain': 'cluster.local',
    'cluster-name': 'shop',
    'credential-providers.ecr-credential-provider.enabled': true,
    'hostname-override': 'ip-10-0-3-4.eu-central-1.compute.internal',
    'hostname-override-source': 'private-dns-name',
    'server-tls-bootstrap': true,
    'standalone-mode': false,
    ...settings,
  };
  const api: Record<string, unknown> = {
    'os.arch': 'x86_64',
    'os.build_id': '98b6ac7a',
    'os.pretty_name': `Bottlerocket OS ${release} (${variant})`,
    'os.variant_id': variant,
    'os.version_id': release,
    'settings.host-containers.admin.user-data': Buffer.from(TOKEN).toString('base64'),
    ...(variant.includes('-k8s-') &&
      Object.fromEntries(Object.entries(kubernetes).map(([name, value]) => [`settings.kubernetes.${name}`, value]))),
  };
  const lines = Object.entries(api)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .sort();
  return {
    os: { id: 'amzn', version: '2' },
    processes: [],
    files: {
      '/.bottlerocket/api': `${lines.join('\n')}\n`,
      '/usr/local/bin/apiclient': { text: '', mode: '755' },
    },
  };
}

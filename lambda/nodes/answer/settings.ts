/**
 * What Bottlerocket's API says of a node: its release and variant, and the settings that its kubelet is made from. Its
 * shape is that of `apiclient get` (bottlerocket-core-kit, sources/api/apiclient/src/get.rs), with null for what the
 * collector did not let out.
 */
import * as v from 'valibot';
import type { Evidence, KubeletProcess } from '../../kubelet/evidence.ts';

/** A release, a variant, a name: as the collector lets them out. */
const Name = v.pipe(v.string(), v.maxLength(1024));
const Text = v.nullish(Name);
const Switch = v.nullish(v.boolean());
/** A number that JSON keeps as it is, which -0 is not, so that what is archived is judged alike. */
const Amount = v.nullish(
  v.pipe(
    v.number(),
    v.safeInteger(),
    v.transform((number) => number + 0),
  ),
);
/** As many and as long as a kubelet's own list of them could need. */
const Sysctls = v.nullish(v.pipe(v.array(v.pipe(v.string(), v.maxLength(253))), v.maxLength(256)));

const ApiSchema = v.object({
  os: v.object({ version_id: Name, variant_id: Name }),
  settings: v.object({
    kubernetes: v.object({
      'allowed-unsafe-sysctls': Sysctls,
      'authentication-mode': Text,
      'cloud-provider': Text,
      'cluster-certificate': Text,
      'cluster-name': Text,
      'credential-providers': v.nullish(
        v.object({ 'ecr-credential-provider': v.nullish(v.object({ enabled: Switch })) }),
      ),
      'event-qps': Amount,
      'hostname-override': Text,
      'memory-swap-behavior': Text,
      'pod-pids-limit': Amount,
      'seccomp-default': Switch,
      'server-certificate': Text,
      'server-tls-bootstrap': Switch,
      'standalone-mode': Switch,
      'static-pods-enabled': Switch,
    }),
  }),
});

/** Puts them into the evidence; of what has another form nothing is taken, and the kubelet is unread. Never throws. */
export function takeSettings(evidence: Evidence, kubelet: KubeletProcess, text: string): void {
  const parsed = v.safeParse(ApiSchema, json(text));
  if (!parsed.success) {
    kubelet.unread = "what Bottlerocket's API said has a form that this version does not know";
    return;
  }
  const { os, settings } = parsed.output;
  evidence.os = { id: 'bottlerocket', version: os.version_id, variant: os.variant_id };
  const { 'credential-providers': providers, ...rest } = settings.kubernetes;
  const enabled = providers?.['ecr-credential-provider']?.enabled;
  const given = {
    'os.version_id': os.version_id,
    'os.variant_id': os.variant_id,
    ...rest,
    'credential-providers.ecr-credential-provider.enabled': enabled,
  };
  kubelet.settings = Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, value]])),
  );
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

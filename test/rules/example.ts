/**
 * Examples as the pages of docs/rules write them: a node in a few lines of YAML and what the rule must say of it. They
 * run through the real derivation and evaluation.
 */
import { load } from 'js-yaml';
import * as v from 'valibot';
import type { EvaluationInput } from '../../lambda/judging/index.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { Evidence, FileEvidence, KubeconfigShape, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { NOW } from './node.ts';

const DAY_SECONDS = 86_400;
const HEADER = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

/** Kinds of nodes to start from. */
const PRESETS = {
  kubeadm: {
    version: 'v1.32.3',
    os: { id: 'ubuntu', version: '24.04' },
    config: '/var/lib/kubelet/config.yaml',
    kubeconfig: '/etc/kubernetes/kubelet.conf',
    credentials: 'certificate',
    argv: [
      '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
      '--kubeconfig=/etc/kubernetes/kubelet.conf',
    ],
  },
  eks: {
    version: 'v1.32.3-eks-473151a',
    os: { id: 'amzn', version: '2023' },
    config: '/etc/kubernetes/kubelet/config.json',
    kubeconfig: '/var/lib/kubelet/kubeconfig',
    credentials: 'exec',
    argv: ['--kubeconfig=/var/lib/kubelet/kubeconfig'],
  },
  bottlerocket: {
    version: 'v1.32.3-eks-473151a',
    os: { id: 'bottlerocket', version: '1.40.0', variant: 'aws-k8s-1.32' },
    config: '/etc/kubernetes/kubelet/config',
    kubeconfig: '/etc/kubernetes/kubelet/kubeconfig',
    credentials: 'exec',
    argv: ['--kubeconfig', '/etc/kubernetes/kubelet/kubeconfig', '--cert-dir', '/var/lib/kubelet/pki'],
  },
} as const;

const file = v.strictObject({
  text: v.optional(v.string()),
  mode: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String)), '600'),
  owner: v.optional(v.tuple([v.number(), v.number()]), [0, 0]),
  state: v.optional(v.picklist(['file', 'missing', 'directory', 'unreadable', 'other']), 'file'),
});

const schema = v.strictObject({
  node: v.optional(v.picklist(['kubeadm', 'eks', 'bottlerocket']), 'kubeadm'),
  version: v.optional(v.string()),
  host: v.optional(v.picklist(['kubelet', 'hyperkube', 'k3s', 'microk8s']), 'kubelet'),
  /** Arguments after those of the node's kind. */
  flags: v.optional(v.array(v.string()), []),
  /** Text of the config file without apiVersion and kind; `none`: no --config. */
  config: v.optional(v.string(), ''),
  /** Drop-ins by path, without apiVersion and kind. */
  dropIns: v.optional(v.record(v.string(), v.string()), {}),
  /** How the kubeconfig authenticates. */
  credentials: v.optional(v.picklist(['certificate', 'embedded', 'exec', 'token', 'external', 'unreadable', 'none'])),
  /** Days from now between which the client certificate is valid. */
  certificate: v.optional(v.tuple([v.number(), v.number()])),
  /** The same of the one that the kubeconfig embeds. */
  embedded: v.optional(v.tuple([v.number(), v.number()])),
  /** kubelet-client-current.pem is a link, as the kubelet makes it, or a file. */
  current: v.optional(v.picklist(['link', 'file']), 'link'),
  /** Days from now between which the serving certificate is valid, and the names that it is for. */
  serving: v.optional(
    v.strictObject({
      path: v.string(),
      valid: v.optional(v.tuple([v.number(), v.number()])),
      names: v.optional(v.array(v.string())),
    }),
  ),
  /** The authorities that the kubelet trusts, with the days from now between which they are valid. */
  authorities: v.optional(
    v.array(
      v.strictObject({
        of: v.picklist(['kubeconfig', 'client-ca']),
        valid: v.tuple([v.number(), v.number()]),
      }),
    ),
    [],
  ),
  /** Of the client certificate. */
  subject: v.optional(v.string()),
  /** Seconds by which the node's clock is ahead. */
  clock: v.optional(v.number(), 0),
  /** The node's own host name and addresses. */
  hostname: v.optional(v.string()),
  addresses: v.optional(v.array(v.string())),
  /** The bootstrap kubeconfig, which kubeadm removes once the node has joined. */
  bootstrap: v.optional(v.picklist(['missing', 'present']), 'missing'),
  /** Modes and owners, by role; the paths are those of the node's kind. */
  files: v.optional(v.record(v.picklist(['config', 'kubeconfig', 'client-ca', 'service', 'drop-in']), file), {}),
  proxy: v.optional(
    v.strictObject({
      argv: v.array(v.string()),
      config: v.optional(v.string()),
      kubeconfig: v.optional(file),
    }),
  ),
  /** Seconds between the kubelet's start and the change of its config file. */
  changedAfter: v.optional(v.number()),
  benchmarks: v.optional(v.array(v.string())),
  status: v.picklist(['pass', 'fail', 'manual', 'not-applicable', 'error']),
  audit: v.optional(v.picklist(['pass', 'fail'])),
  /** What the reason must contain. */
  reason: v.string(),
  advisories: v.optional(v.array(v.string()), []),
  /** What the remediation must contain. */
  remediation: v.optional(v.string()),
});

export type Example = v.InferOutput<typeof schema>;

/** Reads one fenced block; throws where a key is unknown. */
export function readExample(text: string): Example {
  return v.parse(schema, load(text));
}

export function inputOf(example: Example): EvaluationInput {
  const kubelet = kubeletOf(example);
  const evidence: Evidence = {
    format: 2,
    collectedAt: NOW + example.clock,
    os: PRESETS[example.node].os,
    kubelets: [kubelet],
    proxies: proxiesOf(example),
    notes: [],
    ...(example.hostname !== undefined && { hostname: example.hostname }),
    ...(example.addresses && { addresses: example.addresses }),
  };
  return { evidence, kubelets: [{ process: kubelet, configuration: derive(kubelet) }], now: NOW };
}

function kubeletOf(example: Example): KubeletProcess {
  const preset = PRESETS[example.node];
  const standalone = example.credentials === 'none';
  const dropIns = Object.entries(example.dropIns);
  const path =
    example.credentials === 'external' ? '/etc/pki/node.pem' : '/var/lib/kubelet/pki/kubelet-client-current.pem';
  return {
    pid: 812,
    host: example.host,
    argv: [
      ...(standalone
        ? []
        : preset.argv.filter((argument) => example.credentials !== 'external' || !argument.includes('bootstrap'))),
      ...(example.config === 'none' ? [] : [`--config=${preset.config}`]),
      ...(dropIns.length > 0 ? [`--config-dir=${preset.config}.d`] : []),
      ...example.flags,
    ],
    cwd: '/',
    startedAt: NOW - DAY_SECONDS,
    version: example.version ?? preset.version,
    unit: 'kubelet.service',
    files: filesOf(example),
    dropInDirectories: dropIns.length > 0 ? [{ path: `${preset.config}.d`, state: 'directory' }] : [],
    kubeconfigs: standalone ? [] : [kubeconfigOf(example, path), bootstrapOf(example)],
    clientCertificates: [
      ...(example.embedded ? [{ path: preset.kubeconfig, ...dates(example.embedded) }] : []),
      ...(example.certificate
        ? [{ path, ...dates(example.certificate), ...(example.subject && { subject: example.subject }) }]
        : []),
    ],
    servingCertificates: servingOf(example),
    authorities: example.authorities.map(({ of, valid }) => ({
      of,
      path: '/etc/kubernetes/pki/ca.crt',
      subject: 'CN=kubernetes',
      ...dates(valid),
    })),
  };
}

function dates([from, to]: readonly [number, number]): { notBefore: number; notAfter: number } {
  return { notBefore: NOW + from * DAY_SECONDS, notAfter: NOW + to * DAY_SECONDS };
}

function filesOf(example: Example): FileEvidence[] {
  const preset = PRESETS[example.node];
  const modifiedAt = NOW - DAY_SECONDS + (example.changedAfter ?? -DAY_SECONDS);
  const text = (body: string) => (body.trimStart().startsWith('{') || body.includes('kind:') ? body : HEADER + body);
  const seen = (role: keyof Example['files'], path: string): FileEvidence => {
    const { mode, owner, state } = example.files[role] ?? {
      mode: '600',
      owner: [0, 0] as const,
      state: 'file' as const,
    };
    const facts = state === 'file' || state === 'directory' ? { mode, uid: owner[0], gid: owner[1] } : {};
    return { path, role, state, modifiedAt, ...facts };
  };
  const readable = (evidence: FileEvidence, content: string): FileEvidence =>
    evidence.state === 'file' ? { ...evidence, content } : evidence;
  return [
    ...(example.config === 'none' ? [] : [readable(seen('config', preset.config), text(example.config))]),
    ...Object.entries(example.dropIns).map(([path, body]) => readable(seen('drop-in', path), text(body))),
    ...(example.credentials === 'none' ? [] : [seen('kubeconfig', preset.kubeconfig)]),
    seen('client-ca', '/etc/kubernetes/pki/ca.crt'),
    seen('service', '/etc/systemd/system/kubelet.service'),
    ...(example.certificate && example.credentials !== 'external' ? [currentOf(example)] : []),
    ...(example.serving
      ? [
          {
            path: example.serving.path,
            role: 'serving-certificate' as const,
            state: example.serving.valid ? ('file' as const) : ('missing' as const),
            modifiedAt: NOW - 2 * DAY_SECONDS,
            ...(example.serving.path.endsWith('-current.pem') && { symlink: true as const }),
          },
        ]
      : []),
  ];
}

function servingOf({ serving }: Example): KubeletProcess['servingCertificates'] {
  if (!serving?.valid) return [];
  return [{ path: serving.path, ...dates(serving.valid), ...(serving.names && { names: serving.names }) }];
}

function currentOf({ current }: Example): FileEvidence {
  const path = '/var/lib/kubelet/pki/kubelet-client-current.pem';
  return { path, role: 'client-certificate', state: 'file', ...(current === 'link' && { symlink: true }) };
}

function bootstrapOf({ bootstrap }: Example): KubeconfigShape {
  const path = '/etc/kubernetes/bootstrap-kubelet.conf';
  return bootstrap === 'missing' ? { path, state: 'missing' } : { path, state: 'read', user: 'kubelet', token: true };
}

function kubeconfigOf(example: Example, certificate: string): KubeconfigShape {
  const preset = PRESETS[example.node];
  const base = { path: preset.kubeconfig, state: 'read' as const, user: 'kubelet' };
  switch (example.credentials ?? preset.credentials) {
    case 'exec':
      return { ...base, exec: { command: 'aws' } };
    case 'token':
      return { ...base, token: true };
    case 'embedded':
      return { ...base, clientCertificateData: true };
    case 'unreadable':
      return { path: preset.kubeconfig, state: 'unreadable', problem: `${preset.kubeconfig}: permission denied` };
    default:
      return { ...base, clientCertificate: certificate };
  }
}

function proxiesOf({ proxy }: Example): Evidence['proxies'] {
  if (!proxy) return [];
  const { kubeconfig, config } = proxy;
  const files: FileEvidence[] = [];
  if (config !== undefined) {
    files.push({ path: '/var/lib/kube-proxy-config/config', role: 'proxy-config', state: 'file', content: config });
  }
  if (kubeconfig) {
    const { mode, owner, state } = kubeconfig;
    files.push({
      path: '/var/lib/kube-proxy/kubeconfig',
      role: 'proxy-kubeconfig',
      state,
      ...(state === 'file' && { mode, uid: owner[0], gid: owner[1] }),
    });
  }
  return [{ pid: 1203, argv: proxy.argv, cwd: '/', files }];
}

/** The rule on the next start of a kubelet. Long because it is one table of cases. */
import type { FileEvidence, KubeconfigShape, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { kubeletRestart } from '../../lambda/rules/kubelet-restart.ts';
import { byFlag, type Case, CONFIG, certificate, DAY, inDropIn, inFile, NOW } from './node.ts';
import { table } from './table.ts';

const KUBECONFIG = '/etc/kubernetes/kubelet.conf';
const BOOTSTRAP = '/etc/kubernetes/bootstrap-kubelet.conf';
const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';
const CA = '/etc/kubernetes/pki/ca.crt';

const shape = (given: Partial<KubeconfigShape>): KubeconfigShape => ({ path: KUBECONFIG, state: 'read', ...given });
const file = (role: FileEvidence['role'], path: string, state: FileEvidence['state'] = 'file'): FileEvidence => ({
  path,
  role,
  state,
});
const bootstrapped = { 'bootstrap-kubeconfig': byFlag(BOOTSTRAP, `--bootstrap-kubeconfig=${BOOTSTRAP}`) };
const joined: KubeconfigShape[] = [
  shape({ clientCertificate: CURRENT, clientKey: CURRENT, certificateAuthority: 'pki/ca.crt' }),
  { path: BOOTSTRAP, state: 'missing' },
];
/** What kubeadm leaves: a link that rotates, and no bootstrap kubeconfig any more. */
const kubeadm = (given: Partial<KubeletProcess> = {}): Pick<Case, 'kubelet' | 'flags' | 'settings'> => ({
  settings: { rotateCertificates: inFile(true) },
  flags: bootstrapped,
  kubelet: { kubeconfigs: joined, ...certificate(-30, 335), ...given },
});
const tls = {
  ...kubeadm().settings,
  tlsCertFile: inFile('/pki/tls.crt'),
  tlsPrivateKeyFile: inFile('/pki/tls.key'),
};
const PROVIDERS = '/etc/eks/image-credential-provider';
/** Credentials for images, as EKS asks for them, and what lies there. */
const providers = (
  files: FileEvidence[],
  given: Pick<Case, 'version' | 'settings'> = {},
  left: 'config' | 'bin-dir' | 'both' = 'both',
): Case => ({
  ...kubeadm({ files }),
  flags: {
    ...bootstrapped,
    ...(left !== 'bin-dir' && {
      'image-credential-provider-config': byFlag(`${PROVIDERS}/config.json`, '--image-credential-provider-config=…'),
    }),
    ...(left !== 'config' && {
      'image-credential-provider-bin-dir': byFlag(PROVIDERS, '--image-credential-provider-bin-dir=…'),
    }),
  },
  ...given,
});
const provided = file('credential-provider', `${PROVIDERS}/config.json`);
const programs = file('credential-provider', PROVIDERS, 'directory');
const eks: Case = {
  credentials: { kind: 'exec', command: 'aws', where: '/var/lib/kubelet/kubeconfig' },
  flags: { kubeconfig: byFlag('/var/lib/kubelet/kubeconfig', '--kubeconfig=/var/lib/kubelet/kubeconfig') },
  bootstraps: false,
  kubelet: { kubeconfigs: [shape({ path: '/var/lib/kubelet/kubeconfig', exec: { command: 'aws' } })] },
};

table(kubeletRestart, {
  'what kubeadm leaves starts again': { ...kubeadm(), status: 'pass', reason: /^The kubelet would start again/ },
  'an EKS node starts again': { ...eks, status: 'pass', reason: /would start again/ },
  'a standalone kubelet asks nobody': {
    credentials: { kind: 'none' },
    flags: { kubeconfig: byFlag('', '') },
    status: 'pass',
    reason: /no --kubeconfig/,
  },
  'an argument that this version no longer has, and where it is written': {
    error: 'failed to parse kubelet flag: unknown flag: --containerd',
    refusal: { about: [{ where: { kind: 'flag', where: '--containerd=/run/c.sock' } }] },
    kubelet: {
      files: [
        { path: '/etc/default/kubelet', role: 'environment', state: 'file', flags: [{ name: 'containerd', line: 3 }] },
      ],
    },
    status: 'fail',
    reason:
      /^A kubelet would not start with the inputs found on this node: failed to parse kubelet flag: unknown flag: --containerd \(argument --containerd=\/run\/c\.sock, written in \/etc\/default\/kubelet line 3\); it runs with these arguments, so its program was replaced since it started\.$/,
    remediation:
      /^Remove argument --containerd=\/run\/c\.sock, written in \/etc\/default\/kubelet line 3 before the kubelet restarts: with it the node would not come back\./,
  },
  'a value of the file, by its line, and since when': {
    error: 'failed to validate kubelet configuration, error: invalid configuration: maxPods (--max-pods) -1 must not',
    refusal: { about: [{ setting: 'maxPods', where: { kind: 'file', where: CONFIG } }] },
    kubelet: {
      files: [{ path: CONFIG, role: 'config', state: 'file', content: '# maxPods: 1\nport: 10250\nmaxPods: -1\n' }],
    },
    changedAfterStart: [CONFIG],
    status: 'fail',
    reason:
      /maxPods \(--max-pods\) -1 must not \(line 3 of \S+config\.yaml \(maxPods\)\); \S+config\.yaml changed after the kubelet started, so it does not run with the present content/,
    remediation: /^Correct line 3 of \S+config\.yaml \(maxPods\) before the kubelet restarts/,
  },
  'a gate of a drop-in that was removed; the time of the file says nothing': {
    error: 'panic: … unrecognized feature gate: DevicePlugins',
    refusal: {
      stage: 'panic',
      about: [{ setting: 'featureGates', gate: 'DevicePlugins', where: { kind: 'drop-in', where: '/d/a.conf' } }],
    },
    kubelet: {
      files: [{ path: '/d/a.conf', role: 'drop-in', state: 'file', content: 'featureGates:\n  DevicePlugins: true\n' }],
    },
    status: 'fail',
    reason:
      /\(line 2 of \/d\/a\.conf \(DevicePlugins\)\); it runs, so it was started with other input: a file changed since\.$/,
    remediation: /^Remove line 2 of \/d\/a\.conf \(DevicePlugins\)/,
  },
  'what lets it exit when it sets up its server': {
    later: [
      {
        stage: 'late',
        error: 'failed to run Kubelet: unknown authorization mode RBAC',
        messages: [],
        about: [{ setting: 'authorization.mode', where: { kind: 'flag', where: '--authorization-mode=RBAC' } }],
      },
    ],
    status: 'fail',
    reason: /unknown authorization mode RBAC \(argument --authorization-mode=RBAC\)/,
    remediation: /^Correct argument --authorization-mode=RBAC/,
  },
  'words and places of a node stay one bounded line': {
    error: `unknown flag: --${'x'.repeat(5000)}\n\u001b[31m`,
    refusal: {
      about: Array.from({ length: 40 }, (_, at) => ({ where: { kind: 'flag' as const, where: `--a${at}\n` } })),
    },
    status: 'fail',
    reason: /^[\P{Cc}]{700,1500}$/u,
    remediation: /^[\P{Cc}]{50,900}$/u,
  },
  'a file that could not be read says nothing about the kubelet': {
    problem: 'config file /etc/k.yaml: permission denied',
    status: 'error',
    reason: /cannot be computed: config file \/etc\/k\.yaml: permission denied\.$/,
    remediation: /Let the collector read/,
  },
  // kubernetes/kubernetes issue 99645, kubeadm issue 2054.
  'an embedded certificate has expired and the bootstrap kubeconfig is gone, whatever lies in --cert-dir': {
    ...kubeadm({
      kubeconfigs: [shape({ clientCertificateData: true }), { path: BOOTSTRAP, state: 'missing' }],
      clientCertificates: [
        ...certificate(-400, -35, KUBECONFIG).clientCertificates,
        ...certificate(-30, 335).clientCertificates,
      ],
    }),
    credentials: { kind: 'embedded-certificate', where: KUBECONFIG },
    status: 'fail',
    reason:
      /next start of this kubelet would fail: the client certificate \/etc\/kubernetes\/kubelet\.conf has expired, so it would need the bootstrap kubeconfig, and the bootstrap kubeconfig \S+ does not exist\.$/,
    remediation:
      /Write a bootstrap kubeconfig with a valid token to \S+bootstrap-kubelet\.conf .*kubelet-client-current\.pem/,
  },
  'the same without --bootstrap-kubeconfig: nobody looks at the embedded one': {
    ...kubeadm({
      kubeconfigs: [shape({ clientCertificateData: true })],
      clientCertificates: [
        ...certificate(-400, -35, KUBECONFIG).clientCertificates,
        ...certificate(-30, 335).clientCertificates,
      ],
    }),
    credentials: { kind: 'embedded-certificate', where: KUBECONFIG },
    flags: {},
    bootstraps: false,
    status: 'pass',
    reason: /would start again/,
  },
  'the same with a bootstrap kubeconfig that can be read: the kubeconfig is written anew': {
    ...kubeadm({
      kubeconfigs: [shape({ clientCertificateData: true }), { path: BOOTSTRAP, state: 'read', token: true }],
      clientCertificates: [
        ...certificate(-400, -35, KUBECONFIG).clientCertificates,
        ...certificate(-30, 335).clientCertificates,
      ],
    }),
    credentials: { kind: 'embedded-certificate', where: KUBECONFIG },
    status: 'pass',
    reason:
      /has expired, so it would write the kubeconfig anew from \S+bootstrap-kubelet\.conf .* its own certificate, which is valid/,
  },
  'its own certificate was removed: only the token of the bootstrap kubeconfig is left': {
    ...kubeadm({
      kubeconfigs: [joined[0] as KubeconfigShape, { path: BOOTSTRAP, state: 'read', token: true }],
      clientCertificates: [],
      files: [file('client-certificate', CURRENT, 'missing')],
    }),
    status: 'manual',
    reason:
      /would ask for a new certificate by the bootstrap kubeconfig \S+, because the client certificate \S+ does not exist/,
    remediation: /kubeadm token list/,
  },
  'the link leads to a file that is gone': {
    ...kubeadm({
      clientCertificates: [],
      files: [{ ...file('client-certificate', CURRENT, 'missing'), symlink: true }],
    }),
    status: 'fail',
    reason: /the client certificate \S+current\.pem does not exist, so it would need the bootstrap kubeconfig/,
  },
  'a kubelet that is still bootstrapping': {
    ...kubeadm({
      kubeconfigs: [
        { path: KUBECONFIG, state: 'missing' },
        { path: BOOTSTRAP, state: 'read', token: true },
      ],
      clientCertificates: [],
    }),
    credentials: { kind: 'bootstrap', where: BOOTSTRAP },
    status: 'pass',
    reason: /is bootstrapping by/,
  },
  'the kubeconfig is gone, and so is the bootstrap kubeconfig': {
    ...kubeadm({
      kubeconfigs: [
        { path: KUBECONFIG, state: 'missing' },
        { path: BOOTSTRAP, state: 'missing' },
      ],
    }),
    credentials: { kind: 'bootstrap', where: BOOTSTRAP },
    status: 'fail',
    reason: /the kubeconfig \S+ does not exist, so it would need the bootstrap kubeconfig/,
  },
  // sigs.k8s.io/yaml: n is a boolean.
  'a kubeconfig that the kubelet refuses': {
    ...eks,
    kubelet: {
      kubeconfigs: [
        shape({ path: '/var/lib/kubelet/kubeconfig', state: 'refused', problem: 'contexts.context.user is a boolean' }),
      ],
    },
    credentials: { kind: 'unknown', problem: 'contexts.context.user is a boolean', cause: 'unusable' },
    status: 'fail',
    reason: /the kubeconfig \/var\/lib\/kubelet\/kubeconfig cannot be used \(contexts\.context\.user is a boolean\)/,
  },
  'a kubeconfig that the collector could not read': {
    ...eks,
    kubelet: { kubeconfigs: [shape({ path: '/var/lib/kubelet/kubeconfig', state: 'unreadable', problem: 'line 3' })] },
    credentials: { kind: 'unknown', problem: 'line 3' },
    status: 'error',
    reason: /unknown: \/var\/lib\/kubelet\/kubeconfig could not be read: line 3\.$/,
    remediation: /^Let the collector read \/var\/lib\/kubelet\/kubeconfig, then scan/,
  },
  'a user without any credentials': {
    ...eks,
    kubelet: { kubeconfigs: [shape({ path: '/var/lib/kubelet/kubeconfig' })] },
    credentials: { kind: 'unknown', problem: 'its user has no credentials', cause: 'unusable' },
    status: 'fail',
    reason: /cannot authenticate to the API server: its user has no credentials/,
    remediation: /^Look at the user of the kubeconfig/,
  },
  'the authority that the kubeconfig names is gone': {
    ...kubeadm({ files: [file('authority', CA, 'missing')] }),
    flags: {},
    status: 'fail',
    reason: /the certificate authority \/etc\/kubernetes\/pki\/ca\.crt does not exist/,
    remediation: /Put back or replace \/etc\/kubernetes\/pki\/ca\.crt/,
  },
  'its own certificate is damaged': {
    ...kubeadm({ clientCertificates: [{ path: CURRENT, problem: 'no certificate in it', damaged: true }] }),
    flags: {},
    status: 'fail',
    reason: /current\.pem holds no certificate that can be read/,
  },
  // awslabs/amazon-eks-ami issue 207.
  'exec credentials and rotation on': {
    ...eks,
    settings: { rotateCertificates: inDropIn(true, '/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf') },
    kubelet: {
      ...eks.kubelet,
      argv: ['--config=/etc/kubernetes/kubelet/config.json', '--kubeconfig=/var/lib/kubelet/kubeconfig'],
      version: 'v1.32.3-eks-473151a',
    },
    status: 'fail',
    reason: /40-nodeadm\.conf: with rotation on the kubelet drops the exec plugin aws, .* cannot authenticate/,
    remediation: /rotateCertificates: false.*spec\.kubelet\.config of the NodeConfig/,
    never: /rotateCertificates: true|rotate-certificates=true/,
  },
  'the same with its gate off (kubelets before 1.19): nothing breaks': {
    ...eks,
    settings: { rotateCertificates: inFile(true) },
    gates: { RotateKubeletClientCertificate: inFile(false) },
    version: { text: 'v1.18.9', minor: 18, known: true },
    status: 'pass',
    reason: /would start again/,
  },
  'a token and rotation on by flag': {
    ...eks,
    credentials: { kind: 'token', where: '/var/lib/kubelet/kubeconfig' },
    settings: { rotateCertificates: byFlag(true, '--rotate-certificates') },
    kubelet: { kubeconfigs: [shape({ path: '/var/lib/kubelet/kubeconfig', token: true })] },
    status: 'fail',
    reason: /--rotate-certificates: with rotation on the kubelet drops the token/,
    never: /=true/,
  },
  'a token, rotation on and a valid certificate of its own': {
    ...eks,
    credentials: { kind: 'token', where: '/var/lib/kubelet/kubeconfig' },
    settings: { rotateCertificates: inFile(true) },
    kubelet: {
      kubeconfigs: [shape({ path: '/var/lib/kubelet/kubeconfig', token: true })],
      ...certificate(-30, 335),
    },
    status: 'pass',
    reason: /would start again/,
  },
  'its own certificate has expired: that has a finding of its own': {
    ...kubeadm(certificate(-400, -35)),
    flags: {},
    status: 'pass',
    reason: /what the rule client-certificate-expiry tells/,
  },
  'the client CA file is gone': {
    ...kubeadm({ files: [file('client-ca', CA, 'missing')] }),
    settings: { rotateCertificates: inFile(true), 'authentication.x509.clientCAFile': inFile(CA) },
    status: 'fail',
    reason: /the client CA file \/etc\/kubernetes\/pki\/ca\.crt does not exist/,
  },
  'the client CA file is a directory': {
    ...kubeadm({ files: [file('client-ca', CA, 'directory')] }),
    settings: { rotateCertificates: inFile(true), 'authentication.x509.clientCAFile': inFile(CA) },
    status: 'fail',
    reason: /is no file/,
  },
  // kubernetes pkg/credentialprovider/plugin/plugin.go, RegisterCredentialProviderPlugins.
  'credentials for images by a provider': {
    ...providers([provided, programs]),
    status: 'pass',
    reason: /would start again/,
  },
  'the configuration of the providers is gone': {
    ...providers([{ ...provided, state: 'missing' }, programs]),
    status: 'fail',
    reason: /the configuration of the image credential providers \S+config\.json does not exist/,
  },
  'the configuration of the providers is empty': {
    ...providers([{ ...provided, size: 0 }, programs]),
    status: 'fail',
    reason: /config\.json cannot be used \(it is empty\)/,
  },
  'a directory for the configuration of the providers, before 1.34': {
    ...providers([{ ...provided, state: 'directory' }, programs], {
      version: { text: 'v1.33.13', minor: 33, known: true },
    }),
    status: 'fail',
    reason: /config\.json is no file/,
  },
  'a directory for the configuration of the providers, in 1.34': {
    ...providers([{ ...provided, state: 'directory' }, programs], {
      version: { text: 'v1.34.4', minor: 34, known: true },
    }),
    status: 'pass',
    reason: /would start again/,
  },
  'the directory of the providers is gone': {
    ...providers([provided, { ...programs, state: 'missing' }]),
    status: 'fail',
    reason: /the directory of the image credential providers \/etc\/eks\/image-credential-provider does not exist/,
    remediation: /^Put back or replace \/etc\/eks\/image-credential-provider /,
  },
  'a file for the directory of the providers': {
    ...providers([provided, { ...programs, state: 'file' }]),
    status: 'fail',
    reason: /image-credential-provider is no directory/,
  },
  'a configuration of providers without their directory': {
    ...providers([provided], {}, 'config'),
    status: 'fail',
    reason: /is named without what belongs to it \(--image-credential-provider-bin-dir is not given\)/,
  },
  'a directory of providers without their configuration': {
    ...providers([programs], {}, 'bin-dir'),
    status: 'fail',
    reason: /is named without what belongs to it \(--image-credential-provider-config is not given\)/,
  },
  'in 1.25 the gate of the providers can be off': {
    ...providers([{ ...provided, state: 'missing' }, programs], {
      version: { text: 'v1.25.16', minor: 25, known: true },
      settings: { rotateCertificates: inFile(true), featureGates: inFile({ KubeletCredentialProviders: false }) },
    }),
    status: 'pass',
    reason: /would start again/,
  },
  'one of the certificates in the client CA file cannot be parsed': {
    ...kubeadm({
      authorities: [
        { path: CA, of: 'client-ca', subject: 'CN=a', notBefore: NOW - DAY, notAfter: NOW + 999 * DAY },
        { path: CA, of: 'client-ca', problem: 'its certificate is damaged', damaged: true },
      ],
    }),
    settings: { rotateCertificates: inFile(true), 'authentication.x509.clientCAFile': inFile(CA) },
    status: 'fail',
    reason: /the client CA file \S+ holds a certificate that cannot be parsed, for which the whole file is refused/,
  },
  'one of the certificates in the CA of the kubeconfig cannot be parsed: client-go passes over it': {
    ...kubeadm({
      authorities: [
        { path: CA, of: 'kubeconfig', problem: 'its certificate is damaged', damaged: true },
        { path: CA, of: 'kubeconfig', subject: 'CN=a', notBefore: NOW - DAY, notAfter: NOW + 999 * DAY },
      ],
    }),
    status: 'pass',
    reason: /would start again/,
  },
  'no certificate in the CA of the kubeconfig can be parsed': {
    ...kubeadm({
      authorities: [{ path: CA, of: 'kubeconfig', problem: 'its certificate is damaged', damaged: true }],
    }),
    flags: {},
    status: 'fail',
    reason: /the certificate authority \S+ca\.crt holds no certificate that can be read/,
  },
  'one that is larger than is read': {
    ...kubeadm({ authorities: [{ path: CA, of: 'kubeconfig', problem: 'larger than is read' }] }),
    flags: {},
    status: 'error',
    reason: /unknown: the certificates in \S+ca\.crt were not judged: larger than is read/,
    remediation:
      /^Look at the certificates in \S+ on the node: .*`openssl crl2pkcs7 -nocrl -certfile \S+ca\.crt \| openssl pkcs7 -print_certs -noout`/,
  },
  'an empty CA of the kubeconfig starts, by the authorities of the system or none': {
    ...kubeadm({
      files: [{ ...file('authority', CA), size: 0 }],
      authorities: [{ path: CA, of: 'kubeconfig', problem: 'no certificate in it', damaged: true }],
    }),
    flags: {},
    status: 'pass',
    reason: /would start again/,
  },
  'the client CA file holds no certificate': {
    ...kubeadm({ authorities: [{ path: CA, of: 'client-ca', problem: 'no certificate in it', damaged: true }] }),
    settings: { rotateCertificates: inFile(true), 'authentication.x509.clientCAFile': inFile(CA) },
    status: 'fail',
    reason: /the client CA file \S+ holds no certificate that can be read/,
  },
  'the client CA file is empty': {
    ...kubeadm({ files: [{ ...file('client-ca', CA), size: 0 }] }),
    settings: { rotateCertificates: inFile(true), 'authentication.x509.clientCAFile': inFile(CA) },
    status: 'fail',
    reason: /the client CA file \S+ holds no certificate that can be read/,
  },
  'the serving certificate is gone': {
    ...kubeadm({ files: [file('serving-certificate', '/pki/tls.crt', 'missing')] }),
    settings: tls,
    status: 'fail',
    reason: /the serving certificate \/pki\/tls\.crt does not exist/,
  },
  'the key of the serving certificate is gone': {
    ...kubeadm({ files: [file('serving-key', '/pki/tls.key', 'missing')] }),
    settings: tls,
    status: 'fail',
    reason: /the serving key \/pki\/tls\.key does not exist/,
  },
  'from 1.36 on a kubelet that rotates its serving certificate does not open the pair': {
    ...kubeadm({ files: [file('serving-key', '/pki/tls.key', 'missing')] }),
    settings: { ...tls, serverTLSBootstrap: inFile(true) },
    version: { text: 'v1.36.3', minor: 36, known: true },
    status: 'pass',
    reason: /would start again/,
  },
  'before, it does': {
    ...kubeadm({ files: [file('serving-key', '/pki/tls.key', 'missing')] }),
    settings: { ...tls, serverTLSBootstrap: inFile(true) },
    version: { text: 'v1.35.4', minor: 35, known: true },
    status: 'fail',
    reason: /the serving key \/pki\/tls\.key does not exist/,
  },
  'a certificate without its key ends a kubelet before 1.36': {
    ...kubeadm(),
    settings: { ...kubeadm().settings, tlsCertFile: inFile('/pki/tls.crt') },
    status: 'fail',
    reason: /the serving certificate \/pki\/tls\.crt is named without what belongs to it/,
  },
  'a self-signed certificate whose key is gone': {
    ...kubeadm({
      files: [
        file('serving-certificate', '/var/lib/kubelet/pki/kubelet.crt'),
        file('serving-key', '/var/lib/kubelet/pki/kubelet.key', 'missing'),
      ],
    }),
    status: 'fail',
    reason: /the serving key \S+kubelet\.key does not exist/,
  },
  'both gone: they are made anew': {
    ...kubeadm({
      files: [
        file('serving-certificate', '/var/lib/kubelet/pki/kubelet.crt', 'missing'),
        file('serving-key', '/var/lib/kubelet/pki/kubelet.key', 'missing'),
      ],
    }),
    status: 'pass',
    reason: /would start again/,
  },
  'a rotated serving certificate that is damaged': {
    ...kubeadm({
      servingCertificates: [
        { path: '/var/lib/kubelet/pki/kubelet-server-current.pem', problem: 'no certificate in it', damaged: true },
      ],
    }),
    settings: { ...kubeadm().settings, serverTLSBootstrap: inFile(true) },
    status: 'fail',
    reason: /the serving certificate \S+kubelet-server-current\.pem holds no certificate/,
  },
  'a folder in the place of the rotated serving certificate': {
    ...kubeadm({
      files: [file('serving-certificate', '/var/lib/kubelet/pki/kubelet-server-current.pem', 'directory')],
    }),
    settings: { ...kubeadm().settings, serverTLSBootstrap: inFile(true) },
    status: 'fail',
    reason: /the serving certificate \S+kubelet-server-current\.pem is no file/,
  },
  'what the evidence does not have is not said to be missing': {
    ...kubeadm(),
    settings: { ...tls, 'authentication.x509.clientCAFile': inFile(CA) },
    status: 'pass',
    reason: /would start again/,
  },
  'a file that changed after the start is no failure by itself': {
    ...kubeadm({ startedAt: NOW - DAY }),
    changedAfterStart: [CONFIG],
    status: 'pass',
    reason: /would start again/,
  },
});

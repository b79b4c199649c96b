/**
 * Situations of real nodes, from their files to their findings: the real collector reads a root directory, and what it
 * answers is judged. Long because each is a node of its own.
 */
import {
  administratorCertificate,
  clientCertificate,
  type KeyPair,
  selfSignedCertificate,
  servingCertificate,
} from '../../simulator/fleet/certificate.ts';
import { configuration, eksAl2023, type KubeadmOptions, kubeadm } from '../../simulator/fleet/images.ts';
import type { SimulatedRoot } from '../../simulator/fleet/root.ts';
import { type Change, changed, type Expected, NOW, situations } from './roots.ts';

const DAY = 86_400;
const HOST = 'ip-10-0-7-8.eu-central-1.compute.internal';
const IMAGE = { host: HOST, version: 'v1.31.6', startedAt: NOW - 20 * DAY };
const PKI = '/var/lib/kubelet/pki';
const KUBECONFIG = '/etc/kubernetes/kubelet.conf';
const BOOTSTRAP = '/etc/kubernetes/bootstrap-kubelet.conf';
const ROTATING = ['authentication:', '  anonymous:', '    enabled: false', 'rotateCertificates: true'];

/** A node as kubeadm makes it, and what is different on this one. */
function node(change: Change = {}, options: KubeadmOptions = {}): SimulatedRoot {
  return changed(kubeadm(IMAGE, options), change);
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const dates = (from: number, to: number): [number, number] => [NOW + from * DAY, NOW + to * DAY];
const client = (from: number, to: number): KeyPair => clientCertificate(HOST, ...dates(from, to));

/** A kubeconfig in block style. */
const kubeconfig = (user: string[], name = 'kubelet') =>
  [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- cluster:',
    '    certificate-authority: /etc/kubernetes/pki/ca.crt',
    '    server: https://10.0.0.10:6443',
    '  name: payments',
    'contexts:',
    '- context:',
    '    cluster: payments',
    `    user: ${name}`,
    '  name: main',
    'current-context: main',
    'users:',
    `- name: ${name}`,
    '  user:',
    ...user.map((line) => `    ${line}`),
    '',
  ].join('\n');
const embedded = ({ certificate, key }: KeyPair, name?: string) =>
  kubeconfig([`client-certificate-data: ${base64(certificate)}`, `client-key-data: ${base64(key)}`], name);
const linked = [
  `client-certificate: ${PKI}/kubelet-client-current.pem`,
  `client-key: ${PKI}/kubelet-client-current.pem`,
];
/** For CN=bob+O=system:masters, two attributes in one part (X.501), until 2126; its key is gone. */
const MULTIPLE = `-----BEGIN CERTIFICATE-----
MIIBoTCCAUegAwIBAgIUAqlEGaPO90Zud0MJ5bqyqr73pYMwCgYIKoZIzj0EAwIw
JTEjMAoGA1UEAwwDYm9iMBUGA1UECgwOc3lzdGVtOm1hc3RlcnMwIBcNMjYxMTI3
MTcyMTUzWhgPMjEyNjExMDMxNzIxNTNaMCUxIzAKBgNVBAMMA2JvYjAVBgNVBAoM
DnN5c3RlbTptYXN0ZXJzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIFHPr5lQ
1LBOqeBKmOrqAYprQyHnhD264VTLGwf5GGeVckrz8fqbtc8lDBNxUUeTT203w6Ts
aNK93ZYUOytjQqNTMFEwHQYDVR0OBBYEFPcY83+/wlnsyQjuM0BHIhAIVesjMB8G
A1UdIwQYMBaAFPcY83+/wlnsyQjuM0BHIhAIVesjMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSAAwRQIhAKEf5FPP9M+npvjECY3lNU+sJ8gnAhdN0BgmqK1W
12cRAiBafak+o32L5UHBqWfZskKrVk2RQ+IMHHfdj64ml8QKug==
-----END CERTIFICATE-----
`;
const STILL = configuration('rotateCertificates: false');
const token = kubeconfig(['token: abcdef.0123456789abcdef']);
const own = client(-30, 335);
const block = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
const administrator = (from: number, to: number) => administratorCertificate(...dates(from, to));
const withoutFlag = (root: SimulatedRoot, flag: string): SimulatedRoot => ({
  ...root,
  processes: root.processes.map((each) => ({
    ...each,
    argv: each.argv.filter((argument) => !argument.startsWith(flag)),
  })),
});

/** A node whose certificate comes from an issuer that nobody here knows. */
function external(from: number, to: number): SimulatedRoot {
  const path = '/etc/vault/node.pem';
  const { certificate, key } = client(from, to);
  const config = configuration('cgroupDriver: systemd');
  return changed(kubeadm(IMAGE, { certificate: path, bootstraps: false, config }), {
    files: { [path]: certificate + key },
  });
}

const restartFails = (reason: RegExp): Expected => ({ 'kubelet-restart': ['fail', reason] });
const starts: Expected = { 'kubelet-restart': ['pass', /would start again/] };
const renews: Expected = { 'client-certificate-expiry': ['pass', /the kubelet renews it/] };

const SITUATIONS: Record<string, Record<string, [SimulatedRoot, Expected]>> = {
  // kubernetes/kubernetes issue 99645, kubernetes/kubeadm issue 2054.
  'a kubeconfig whose certificate is not the one in use': {
    'embedded and expired, the bootstrap kubeconfig gone': [
      node({ files: { [KUBECONFIG]: embedded(client(-400, -35)) } }),
      { ...restartFails(/has expired, so it would need the bootstrap kubeconfig, and .* does not exist/), ...renews },
    ],
    'the same, the bootstrap kubeconfig still there': [
      node({ files: { [KUBECONFIG]: embedded(client(-400, -35)), [BOOTSTRAP]: token } }),
      { 'kubelet-restart': ['pass', /write the kubeconfig anew/], ...renews },
    ],
    'the same, no --bootstrap-kubeconfig': [
      withoutFlag(node({ files: { [KUBECONFIG]: embedded(client(-400, -35)) } }), '--bootstrap-kubeconfig'),
      { ...starts, ...renews },
    ],
    'embedded and valid': [node({ files: { [KUBECONFIG]: embedded(client(-5, 360)) } }), { ...starts, ...renews }],
    'embedded, expired, and nothing rotates': [
      node(
        { files: { [KUBECONFIG]: embedded(client(-400, -35)) } },
        { config: configuration('rotateCertificates: false') },
      ),
      {
        ...restartFails(/has expired, so it would need the bootstrap kubeconfig/),
        'client-certificate-expiry': ['fail', /kubelet\.conf expired on/],
      },
    ],
    'its own removed under a running kubelet': [
      node({ without: [`${PKI}/kubelet-client-current.pem`] }),
      restartFails(/the client certificate \S+kubelet-client-current\.pem does not exist, so it would need/),
    ],
    'the link of its own leads nowhere': [
      node({ links: { [`${PKI}/kubelet-client-current.pem`]: `${PKI}/gone.pem` } }),
      restartFails(/the client certificate \S+kubelet-client-current\.pem does not exist, so it would need/),
    ],
  },
  'a kubeconfig as people write it': {
    'in flow style': [
      node({
        files: {
          [KUBECONFIG]: `apiVersion: v1
kind: Config
clusters: [{name: payments, cluster: {certificate-authority: /etc/kubernetes/pki/ca.crt, server: "https://10.0.0.10:6443"}}]
contexts: [{name: main, context: {cluster: payments, user: kubelet}}]
current-context: main
users: [{name: kubelet, user: {client-certificate: ${PKI}/kubelet-client-current.pem, client-key: ${PKI}/kubelet-client-current.pem}}]
`,
        },
      }),
      { ...starts, ...renews },
    ],
    'with a user called n, which YAML takes for a boolean': [
      withoutFlag(node({ files: { [KUBECONFIG]: kubeconfig(linked, 'n') } }), '--bootstrap-kubeconfig'),
      { ...restartFails(/cannot be used .*is bool/), 'rotate-client-certificates': ['pass', /true/] },
    ],
    'with a user called "n"': [node({ files: { [KUBECONFIG]: kubeconfig(linked, '"n"') } }), starts],
    'with a certificate and no key': [
      withoutFlag(node({ files: { [KUBECONFIG]: kubeconfig(linked.slice(0, 1)) } }), '--bootstrap-kubeconfig'),
      restartFails(/cannot be used .*a client certificate without a key/),
    ],
    'with a key that is not there': [
      withoutFlag(
        node({ files: { [KUBECONFIG]: kubeconfig([linked[0] ?? '', `client-key: ${PKI}/gone.key`]) } }),
        '--bootstrap-kubeconfig',
      ),
      restartFails(/the client key \S+gone\.key does not exist/),
    ],
    'with a token in a file that is not there': [
      withoutFlag(
        node({ files: { [KUBECONFIG]: kubeconfig(['tokenFile: /run/token']) } }, { config: STILL }),
        '--bootstrap-kubeconfig',
      ),
      restartFails(/the token file \/run\/token does not exist/),
    ],
    'with two users of one name': [
      withoutFlag(
        node({ files: { [KUBECONFIG]: `${kubeconfig(linked)}- name: kubelet\n  user: {token: abcdef}\n` } }),
        '--bootstrap-kubeconfig',
      ),
      restartFails(/cannot be used .*users has two entries of the name "kubelet"/),
    ],
    'with a user that is not there, and its own certificate valid': [
      withoutFlag(
        node({ files: { [KUBECONFIG]: kubeconfig(linked).replace('- name: kubelet', '- name: other') } }),
        '--bootstrap-kubeconfig',
      ),
      { ...starts, ...renews },
    ],
    'with a certificate by value that cannot be parsed': [
      withoutFlag(
        node({ files: { [KUBECONFIG]: embedded({ certificate: block('AAAA'), key: 'k' }) } }, { config: STILL }),
        '--bootstrap-kubeconfig',
      ),
      restartFails(/start of this kubelet would fail: the client certificate \S+kubelet\.conf holds no certificate/),
    ],
    'with a certificate by path that cannot be parsed': [
      changed(external(-5, 360), { files: { '/etc/vault/node.pem': block('AAAA') } }),
      restartFails(/cannot authenticate .*: the client certificate \/etc\/vault\/node\.pem holds no certificate/),
    ],
  },
  // kubernetes/website pull request 28312; client-go, updateSymlink.
  'a certificate that should be a link': {
    'is a file': [
      node({
        without: [`${PKI}/kubelet-client-current.pem`],
        files: { [`${PKI}/kubelet-client-current.pem`]: own.certificate + own.key },
      }),
      { ...starts, 'client-certificate-expiry': ['fail', /a file of its own instead of a link/] },
    ],
    'is a file, and nothing rotates': [
      node(
        {
          without: [`${PKI}/kubelet-client-current.pem`],
          files: { [`${PKI}/kubelet-client-current.pem`]: own.certificate + own.key },
        },
        { config: configuration('rotateCertificates: false') },
      ),
      { 'client-certificate-expiry': ['pass', /in 33\d days/] },
    ],
    'is a link': [node(), { ...starts, ...renews }],
    'is a link, past 90 % of its life': [
      node({}, { issuedDaysBefore: 3000, expiresDaysAfter: 120 }),
      { 'client-certificate-expiry': ['fail', /the renewal was due by/] },
    ],
    'is not valid before the day after tomorrow': [
      node({}, { issuedDaysBefore: -22, expiresDaysAfter: 387 }),
      { 'client-certificate-expiry': ['fail', /is not valid before/] },
    ],
    'holds nothing': [
      withoutFlag(
        node({
          without: [`${PKI}/kubelet-client-current.pem`],
          files: { [`${PKI}/kubelet-client-current.pem`]: 'nothing\n', [KUBECONFIG]: embedded(client(-5, 360)) },
        }),
        '--bootstrap-kubeconfig',
      ),
      restartFails(/kubelet-client-current\.pem holds no certificate/),
    ],
  },
  // kubernetes/kops issues 15970 and 17409; kubernetes/kubernetes issue 73356.
  'the certificate that callers see': {
    'of tlsCertFile, expired': [
      node(
        { files: pair('/srv/kubernetes/kubelet-server', servingCertificate(HOST, ...dates(-465, -9), [HOST])) },
        {
          config: configuration(
            'rotateCertificates: true',
            'tlsCertFile: /srv/kubernetes/kubelet-server.crt',
            'tlsPrivateKeyFile: /srv/kubernetes/kubelet-server.key',
          ),
        },
      ),
      { ...starts, 'serving-certificate-expiry': ['fail', /kubelet-server\.crt expired on/] },
    ],
    'of tlsCertFile, and its key is gone': [
      node(
        {
          files: {
            '/srv/kubernetes/kubelet-server.crt': servingCertificate(HOST, ...dates(-5, 360), [HOST]).certificate,
          },
        },
        {
          config: configuration(
            'rotateCertificates: true',
            'tlsCertFile: /srv/kubernetes/kubelet-server.crt',
            'tlsPrivateKeyFile: /srv/kubernetes/kubelet-server.key',
          ),
        },
      ),
      restartFails(/the serving key \/srv\/kubernetes\/kubelet-server\.key does not exist/),
    ],
    'self-signed, and its key is gone': [
      node({ without: [`${PKI}/kubelet.key`] }),
      restartFails(/the serving key \S+kubelet\.key does not exist/),
    ],
    'self-signed, a year ago': [
      node({ files: pair(`${PKI}/kubelet`, selfSignedCertificate(HOST, NOW - 370 * DAY)) }),
      { ...starts, 'serving-certificate-expiry': ['fail', /kubelet\.crt expired on/] },
    ],
    'asked for, and never given': [
      node({}, { config: configuration('rotateCertificates: true', 'serverTLSBootstrap: true') }),
      { ...starts, 'serving-certificate-expiry': ['fail', /its signing requests are not approved/] },
    ],
    'rotated, for the address that this node has': [
      changed(eksAl2023(IMAGE), { files: addresses('10.0.7.8') }),
      { 'serving-certificate-expiry': ['pass', /the kubelet renews it/] },
    ],
    // aws/containers-roadmap issue 1947.
    'rotated, for an address that this node had once': [
      changed(eksAl2023(IMAGE), { files: addresses('10.0.9.9') }),
      { 'serving-certificate-expiry': ['fail', /is for 10\.0\.7\.8, and this node is .*10\.0\.9\.9/] },
    ],
    'of an issuer, for another machine': [
      node(
        {
          files: {
            ...pair('/srv/tls', servingCertificate(HOST, ...dates(-5, 360), ['old-node.example.org'])),
            '/proc/sys/kernel/hostname': 'new-node\n',
          },
        },
        {
          config: configuration(
            'rotateCertificates: true',
            'tlsCertFile: /srv/tls.crt',
            'tlsPrivateKeyFile: /srv/tls.key',
          ),
        },
      ),
      { 'serving-certificate-expiry': ['fail', /is for old-node\.example\.org, and this node is new-node/] },
    ],
    'rotated on EKS': [eksAl2023(IMAGE), { 'serving-certificate-expiry': ['pass', /the kubelet renews it/] }],
    'rotated on EKS, as a file instead of a link': [
      (() => {
        const { certificate, key } = servingCertificate(HOST, ...dates(-5, 360), [HOST]);
        const path = `${PKI}/kubelet-server-current.pem`;
        return changed(eksAl2023(IMAGE), { without: [path], files: { [path]: certificate + key } });
      })(),
      { 'serving-certificate-expiry': ['fail', /a file of its own instead of a link/] },
    ],
  },
  'a certificate of somebody else': {
    'an administrator in the kubeconfig': [
      node({ files: { [KUBECONFIG]: embedded(administrator(-5, 360)) } }),
      { 'kubelet-identity': ['fail', /is that of an administrator .*group system:masters/] },
    ],
    'an administrator by the second attribute of one part of the name': [
      node({ files: { [KUBECONFIG]: embedded({ certificate: MULTIPLE, key: 'k' }) } }),
      { 'kubelet-identity': ['fail', /is that of an administrator \(O=system:masters\+CN=bob, group system:masters/] },
    ],
    'of an issuer, for a day, six hours old': [
      external(-0.25, 0.75),
      { 'client-certificate-expiry': ['pass', /is 6 hours old and lives for 1 day/] },
    ],
    'of an issuer, for a day, nearly over': [
      external(-0.95, 0.05),
      { 'client-certificate-expiry': ['fail', /its issuer has let 90 %/] },
    ],
    'of an issuer, for ninety days, fifteen of them left': [
      external(-75, 15),
      { 'client-certificate-expiry': ['manual', /a person must make sure that its issuer replaces it/] },
    ],
  },
  'what a start must open, and who may write it': {
    'the client CA file is gone': [
      node(
        {},
        {
          config: configuration('rotateCertificates: true', 'authentication:', '  x509: {clientCAFile: /etc/gone.crt}'),
        },
      ),
      restartFails(/the client CA file \/etc\/gone\.crt does not exist/),
    ],
    'a client CA file that is larger than is read': [
      node({ files: { '/etc/kubernetes/pki/ca.crt': `${own.certificate}${'#\n'.repeat(140_000)}` } }),
      {
        'kubelet-restart': [
          'error',
          /the certificates in \/etc\/kubernetes\/pki\/ca\.crt were not judged: larger than is read/,
        ],
      },
    ],
    'a client CA file with one certificate that is none': [
      node({ files: { '/etc/kubernetes/pki/ca.crt': own.certificate + block('AAAA') } }),
      restartFails(/the client CA file \/etc\/kubernetes\/pki\/ca\.crt holds a certificate that cannot be parsed/),
    ],
    'a client CA file with a block that is no base64, which Go passes over': [
      node({ files: { '/etc/kubernetes/pki/ca.crt': own.certificate + block('AAAAA') } }),
      starts,
    ],
    'the configuration of the image credential providers is gone': [
      changed(eksAl2023(IMAGE), { without: ['/etc/eks/image-credential-provider/config.json'] }),
      restartFails(/the configuration of the image credential providers \S+config\.json does not exist/),
    ],
    'an environment file that everybody may write': [
      node({ files: { '/etc/default/kubelet': { text: 'KUBELET_EXTRA_ARGS=--v=2\n', mode: '666' } } }),
      { ...starts, 'command-line-files': ['fail', /\/etc\/default\/kubelet may be written by everybody \(mode 666\)/] },
    ],
    'exec credentials and rotation on': [
      eksAl2023({ ...IMAGE, version: 'v1.32.3-eks-473151a' }, { rotateCertificates: true }),
      restartFails(/with rotation on the kubelet drops the exec plugin aws/),
    ],
    'the kubelet of every day': [
      node(),
      {
        ...starts,
        ...renews,
        'kubelet-identity': ['pass', /system:node:ip-10-0-7-8/],
        'command-line-files': ['pass', /Only root/],
        'trusted-authority-expiry': ['pass', /CN=kubernetes until 2045-01-01/],
        'serving-certificate-expiry': ['pass', /in 34\d days/],
        'node-clock': ['pass', /agrees/],
      },
    ],
    'a configuration that was broken: told once': [
      node({}, { config: configuration(...ROTATING, 'readOnlyPort: "x"') }),
      {
        ...restartFails(/would not start/),
        'rotate-client-certificates': ['error', /^Not judged because of what the rule kubelet-restart tells/],
        'read-only-port': ['error', /^Not judged because of what the rule kubelet-restart tells/],
      },
    ],
  },
};

/** What the kernel says of the machine's own addresses (proc_net(5)). */
function addresses(address: string): SimulatedRoot['files'] {
  const trie = `Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- ${address}\n        /32 host LOCAL\n     |-- 127.0.0.1\n        /32 host LOCAL\n`;
  return { '/proc/net/fib_trie': trie };
}

function pair(path: string, { certificate, key }: KeyPair): SimulatedRoot['files'] {
  return { [`${path}.crt`]: certificate, [`${path}.key`]: { text: key, mode: '600' } };
}

situations(SITUATIONS);

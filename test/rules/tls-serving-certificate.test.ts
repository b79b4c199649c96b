import { tlsServingCertificate } from '../../lambda/rules/tls-serving-certificate.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(tlsServingCertificate, {
  'certificate and key pass': {
    settings: {
      tlsCertFile: inFile('/pki/k.crt'),
      tlsPrivateKeyFile: byFlag('/pki/k.key', '--tls-private-key-file=/pki/k.key'),
    },
    status: 'pass',
    audit: 'pass',
    reason: /tlsCertFile is \/pki\/k\.crt from \/var.* and tlsPrivateKeyFile is \/pki\/k\.key from flag/,
    remediation: false,
  },
  // kube-bench fails every EKS node here: the API server's CA signs their serving certificates.
  'a certificate from the API server passes; the audit knows only files': {
    settings: { serverTLSBootstrap: inFile(true) },
    status: 'pass',
    audit: 'fail',
    reason: /serverTLSBootstrap is true from \/var.*API server's CA signs/,
    remediation: false,
  },
  'nothing set means self-signed': {
    status: 'fail',
    audit: 'fail',
    reason: /signed itself/,
    remediation: /^First make sure that something in the cluster approves .* Set `serverTLSBootstrap: true`/,
  },
  'on EKS the requests are approved': {
    version: { text: 'v1.32.3-eks-473151a', minor: 32, known: true },
    status: 'fail',
    audit: 'fail',
    reason: /signed itself/,
    remediation: /serverTLSBootstrap: true/,
    never: /approve/,
  },
  'a standalone kubelet has no API server to sign for it': {
    credentials: { kind: 'none' },
    status: 'fail',
    audit: 'fail',
    reason: /signed itself/,
    remediation: /^Set tlsCertFile and tlsPrivateKeyFile .*\. Restart the kubelet: `systemctl/,
    never: /serverTLSBootstrap: true|rotate-server-certificates/,
  },
  'with its gate off serverTLSBootstrap alone would stop the kubelet': {
    gates: { RotateKubeletServerCertificate: inFile(false) },
    status: 'fail',
    audit: 'fail',
    reason: /signed itself/,
    remediation: /Set the feature gate RotateKubeletServerCertificate to true .* Set `serverTLSBootstrap: true`/,
  },
  // kube-bench tests for either of them.
  'a certificate without a key is no use': {
    settings: { tlsCertFile: inFile('/pki/k.crt') },
    status: 'fail',
    audit: 'fail',
    reason: /tlsCertFile is \/pki\/k\.crt .*, but tlsPrivateKeyFile is "" from the kubelet's default: one is of no use/,
    // With a path left over serverTLSBootstrap would not help: the port could not be opened.
    remediation:
      /^Set tlsPrivateKeyFile to the file that belongs to \/pki\/k\.crt, or .*Restart the kubelet: `systemctl/,
    never: /^Set `serverTLSBootstrap/,
  },
  'Bottlerocket has a setting for it': {
    evidence: { os: { id: 'bottlerocket' } },
    status: 'fail',
    audit: 'fail',
    reason: /signed itself/,
    remediation: /server-tls-bootstrap = true/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});
